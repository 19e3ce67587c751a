"""Vietnamese text: one form for equal writing, folding, tone placement, words, telex leftovers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARACTERS = 2_000
"""Characters of a question that are read; what follows adds cost, not meaning."""

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ue000-\uf8ff]")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:/[^\W_]+)*", re.UNICODE)
_NUMBER = re.compile(r"\d+")
_DATE = re.compile(r"\d+(?:/\d+)+")
_MARKS = re.compile(r"[\u0300-\u036f]")
_VOWEL = "aăâeêioôơuưy"

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TELEX_TONE = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TELEX = re.compile(r"^[a-z]{2,9}$")
_SYLLABLE = re.compile(
    r"^(?:b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|q|qu|r|s|t|th|tr|v|x)?"
    r"(?:[aeiouy]{1,3})(?:c|ch|m|n|ng|nh|p|t)?$"
)


def clean(text: str) -> str:
    """NFC, without control, invisible and private-use characters; runs of spaces become one."""
    text = unicodedata.normalize("NFC", text[: MAX_CHARACTERS * 2])
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text).strip()


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without diacritics, đ as d; what people type on a keyboard without accents."""
    # Lower again behind NFKD: mathematical letters become plain capitals there.
    decomposed = unicodedata.normalize("NFKD", text).lower().replace("đ", "d")
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))


@lru_cache(maxsize=65_536)
def canonical(word: str) -> str:
    """A lower-case word with its tone mark in one fixed place, so «hoà» equals «hòa».

    The tone goes to the end as a combining mark: both spellings then compare equal, and marks
    set on the wrong letter by converted documents do too.
    """
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in decomposed if mark in _TONES]
    if not tones:
        return unicodedata.normalize("NFC", decomposed)
    bare = "".join(mark for mark in decomposed if mark not in _TONES)
    return unicodedata.normalize("NFC", bare) + tones[0]


def accented(word: str) -> bool:
    """True when the word carries any Vietnamese mark."""
    return fold(word) != word.lower()


def numberless(word: str) -> str:
    """«0» for a number, «0/0» for a date; every other word as it is."""
    if _NUMBER.fullmatch(word):
        return "0"
    return "0/0" if _DATE.fullmatch(word) else word


def is_abbreviation(word: str) -> bool:
    """True for letters that no syllable has in this order, as «cccd»; «moto» is just foreign."""
    folded = fold(word)
    return sum(letter in _VOWEL for letter in folded) <= 1 and not _SYLLABLE.match(folded)


@lru_cache(maxsize=65_536)
def _from_telex(word: str) -> str | None:
    """«ddawng» → «đăng»; None when the word is not a telex leftover."""
    if not _TELEX.match(word):
        return None
    text, tone = word, ""
    if len(text) > 2 and text[-1] in _TELEX_TONE and not _SYLLABLE.match(text):
        tone, text = _TELEX_TONE[text[-1]], text[:-1]
    marked = text.replace("dd", "đ", 1) if text.startswith("dd") else text
    for keys, letter in (
        ("aa", "â"),
        ("aw", "ă"),
        ("ee", "ê"),
        ("oo", "ô"),
        ("ow", "ơ"),
        ("uw", "ư"),
    ):
        marked = marked.replace(keys, letter)
    if not tone and marked == word:
        return None
    if not _SYLLABLE.match(fold(marked)):
        return None
    if not tone:
        return marked
    spots = [i for i, letter in enumerate(marked) if fold(letter) in _VOWEL]
    spot = next((i for i in reversed(spots) if accented(marked[i])), spots[0])
    composed = marked[: spot + 1] + tone + marked[spot + 1 :]
    return unicodedata.normalize("NFC", composed)


def words(text: str) -> list[str]:
    """Lower-case words of a question in order; telex leftovers are composed."""
    return list(_words(text))


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[str, ...]:
    """Kept for a moment: one message is taken into words by each who reads it."""
    found = _WORD.findall(clean(text)[:MAX_CHARACTERS].lower())
    return tuple(_from_telex(word) or word for word in found)
