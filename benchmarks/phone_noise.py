"""Questions as thumbs type them on a phone: keys of telex and VNI left over, lost spaces, slips.

Independent of ``noise.py``: other slips in other shares, other abbreviations.
"""

from __future__ import annotations

import random
import re
import unicodedata

from knowledge.text import clean

SHORT = {
    "giấy tờ": ("giấy tờ", "gtờ"), "không": ("k", "kg", "hem", "hok"), "được": ("đc", "dk"),
    "bao nhiêu": ("bao nhiu", "bnhiu"), "đăng ký": ("đky", "dki"), "hộ khẩu": ("hkhẩu", "shk"),
    "khai sinh": ("gks", "ksinh"), "kết hôn": ("kếthôn", "đkkh"), "căn cước": ("cc", "ccuoc"),
    "kinh doanh": ("kdoanh", "kd"), "bảo hiểm": ("bh", "bhiểm"), "nhà": ("nhà", "nha`"),
    "giấy phép": ("gphép", "gpxd"), "xây dựng": ("xdựng", "xd"), "vợ": ("vk",), "chồng": ("ck",),
    "tạm trú": ("ttrú", "tt"), "bây giờ": ("bh", "bi h"), "giờ": ("h", "gio"), "rồi": ("r", "ròi"),
    "làm": ("lm",), "con": ("con", "kon"), "mất": ("mất", "mat"), "vô": ("zô",), "gì": ("j",),
    "quyền sử dụng đất": ("qsdđ",), "hồ sơ": ("hs", "hsơ"), "phường": ("p",), "nước": ("nc",),
}  # fmt: skip
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
TONES = {"\u0301": "s1", "\u0300": "f2", "\u0309": "r3", "\u0303": "x4", "\u0323": "j5"}
SHAPES = {"\u0302": "=6", "\u031b": "w7", "\u0306": "w8"}
"""Combining mark to its key in telex (= repeats the letter) and in VNI."""
KINDS = (
    ("lost", 22), ("doubled", 12), ("swapped", 14), ("neighbour", 22),
    ("telex", 10), ("vni", 4), ("joined", 10), ("tone", 6),
)  # fmt: skip
"""What goes wrong, and how often of a hundred."""


def _keys(word: str, vni: bool) -> str:
    """The keys pressed for a word, when the keyboard did not put them together."""
    letters, tone = "", ""
    for letter in unicodedata.normalize("NFD", word.replace("đ", "d9" if vni else "dd")):
        if letter in TONES:
            tone = TONES[letter][vni]
        elif letter in SHAPES:
            key = SHAPES[letter][vni]
            letters += letters[-1] if key == "=" else key
        else:
            letters += letter
    return letters + tone


def _other_tone(word: str, chance: random.Random) -> str:
    """Another tone on the same vowel; the word without it when it had one."""
    decomposed = unicodedata.normalize("NFD", word)
    marks = [mark for mark in decomposed if mark in TONES]
    if not marks:
        return word
    other = chance.choice(["", *TONES])
    return unicodedata.normalize("NFC", decomposed.replace(marks[0], other))


def _beside(letter: str, chance: random.Random) -> str:
    for row in ROWS:
        if (place := row.find(letter)) >= 0:
            return chance.choice(row[max(place - 1, 0) : place] + row[place + 1 : place + 2])
    return letter


def _mistyped(word: str, kind: str, chance: random.Random) -> str:
    if kind in ("telex", "vni"):
        return _keys(word, kind == "vni")
    if kind == "tone":
        return _other_tone(word, chance)
    place = chance.randrange(len(word))
    if kind == "lost":
        return word[:place] + word[place + 1 :]
    if kind == "doubled":
        return word[: place + 1] + word[place:]
    if kind == "swapped":
        place = min(place, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    plain = unicodedata.normalize("NFD", word[place])[0]
    return word[:place] + _beside(plain, chance) + word[place + 1 :]


def thumbed(text: str, share: float = 0.2, short: float = 0.4, seed: int = 0) -> str:
    """The text with this share of words mistyped and of known words shortened; same every time."""
    chance = random.Random(f"{seed} {text}")
    said = clean(text).lower()
    for whole, forms in SHORT.items():
        pattern = re.compile(rf"(?<!\w){whole}(?!\w)")
        if pattern.search(said) and chance.random() < short:
            said = pattern.sub(chance.choice(forms), said)
    kinds, shares = zip(*KINDS, strict=True)
    typed = ""
    for word in said.split():
        kind = chance.choices(kinds, shares)[0] if chance.random() < share else ""
        if kind == "joined":
            typed += word
        else:
            changed = kind and len(word) > 1
            typed += (_mistyped(word, kind, chance) if changed else word) + " "
    return typed.strip()
