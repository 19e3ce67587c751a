"""Cleans text of official sources: marks, invisible characters, tags, numbering."""

from __future__ import annotations

import html
import re
import unicodedata

from knowledge.importers.legacy_fonts import modern

_TAGS = (
    "p|br|div|span|b|i|u|s|strong|em|ul|ol|li|table|tr|td|th|tbody|thead|a|font|h[1-6]|sup|sub|"
    "img|o:p|style|script|center|small|label"
)
_BLOCK = re.compile(r"<\s*/?\s*(?:p|br|div|li|tr|table|ul|ol|h[1-6])\b[^<>]{0,2000}>", re.I)
_TAG = re.compile(rf"<\s*/?\s*(?:{_TAGS})\b[^<>]{{0,2000}}>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]")
# Private-use glyphs are bullets of Symbol and Wingdings; NUL stands for them in some crawls.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufffc-\uffff]")
_NEWLINE = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_BLANKS = re.compile(r"[^\S\n]+")
_SEVERAL = re.compile(r" ?\n[ \n]*")

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_VOWELS = "aăâeêioôơuưy"
_STRAY = re.compile(rf"(\w+) ([{_TONES}])")
_ODD = re.compile(rf"[{_TONES}ṭṇṃḥṕńǹḿẗñćḱ]", re.I)
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ch|th|tr|ph|qu|[bcdđghklmnpqrstvx])?"
    rf"([{_VOWELS}]{{1,3}})(ch|ng|nh|[cmnpt])?"
)

_BULLET = re.compile(r"^(?:[\s\-–—+*•·●○▪◦■□➢►✓o§ü]{1,6}(?=\s|[^\w\s]|[A-ZĐÀ-Ỹ])|[-–+*•·]+)\s*")
_NUMBERING = re.compile(r"^(?:\d{1,3}(?:\.\d{1,2}){0,3}[.)]|\d{1,3}\.|[IVX]{1,5}[.)])(?:\s+|$)")
_LETTER = re.compile(r"^\(?(?:[a-zđ]|[a-zđ]?\d{1,2}|[ivx]{1,4})(?:\.\d{1,2})?\)\s*(?=\S)")


def _bare(text: str) -> tuple[str, list[str]]:
    """A word without tone marks (â, ơ … kept), and the marks taken off."""
    decomposed = unicodedata.normalize("NFD", text)
    tones = [mark for mark in decomposed if mark in _TONES]
    return unicodedata.normalize(
        "NFC", "".join(mark for mark in decomposed if mark not in _TONES)
    ), tones


def _with_tone(word: str, tone: str) -> str | None:
    """The toneless syllable with its tone where it belongs; None when it is no syllable."""
    found = _SYLLABLE.fullmatch(word.lower())
    if not found:
        return None
    start, vowels = found.start(1), found.group(1)
    marked = [i for i, letter in enumerate(vowels) if letter in "ăâêôơư"]
    if marked:
        spot = marked[-1]
    elif found.group(2) or len(vowels) == 1:
        spot = len(vowels) - 1
    else:
        spot = len(vowels) // 2 if len(vowels) == 3 else 0
    at = start + spot + 1
    return unicodedata.normalize("NFC", word[:at] + tone + word[at:])


def _repaired(match: re.Match[str]) -> str:
    word = match.group()
    if not _ODD.search(word):
        return word
    bare, tones = _bare(word)
    # Two tones, or a word that is no Vietnamese syllable («España»): not ours to guess.
    return (_with_tone(bare, tones[0]) if len(tones) == 1 else None) or word


def _rejoined(match: re.Match[str]) -> str:
    """«dư ̣án» → «dự án»: a mark behind a space belongs to the word before it."""
    word, tone = match.groups()
    return (_with_tone(word, tone) or word) + " "


def mended(text: str) -> str:
    """NFC text with tone marks on the wrong letter put right where that is unambiguous."""
    text = unicodedata.normalize("NFC", text)
    if not _ODD.search(text):
        return text
    return _WORD.sub(_repaired, _STRAY.sub(_rejoined, text))


def tidy(text: str) -> str:
    """Clean text that keeps its line breaks; no tags, invisible characters or double spaces."""
    text = modern(text)
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", _NEWLINE.sub("\n", text)))
    text = mended(_BLANKS.sub(" ", text))
    return _SEVERAL.sub("\n", text).strip()


def line(text: str) -> str:
    """The same on one line."""
    return tidy(text).replace("\n", " ")


def unbulleted(text: str) -> str:
    """Without the bullet at its start: «- », «+ », «* »."""
    return _BULLET.sub("", text, count=1).lstrip()


def unlettered(text: str) -> str:
    """Without bullet and letter at its start: «a) », «(ii) », «- »."""
    return _LETTER.sub("", unbulleted(text), count=1)


def unnumbered(text: str) -> str:
    """Without the number at its start: «1. », «II) »."""
    return _NUMBERING.sub("", text, count=1)


def title(text: str) -> str:
    """A name without leading numbering and trailing punctuation; no word is lost."""
    text = line(text)
    text = unnumbered(unbulleted(text))
    return text.rstrip(" .;:,").strip()


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut behind a word and then ending in «…»."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if not text[limit - 1].isspace():
        head, _, tail = cut.rpartition(" ")
        cut = head if head and len(tail) < 40 else cut
    return cut.rstrip(" ,;:-–") + "…"
