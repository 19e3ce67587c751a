"""Questions as people mistype them: slips of the finger and abbreviations, the same every time."""

from __future__ import annotations

import random

from knowledge.text import clean, fold

TYPED_SHORT = {
    "không": "ko", "được": "dc", "gì": "j", "giấy tờ": "gt", "làm": "lm", "muốn": "mún",
    "vậy": "z", "với": "vs", "bao nhiêu": "bn", "đăng ký": "đk", "hộ khẩu": "hk",
    "khai sinh": "ks", "kết hôn": "kh", "căn cước": "cccd", "kinh doanh": "kd",
    "nước ngoài": "nn", "bảo hiểm y tế": "bhyt", "bảo hiểm xã hội": "bhxh",
    "chứng thực": "ct", "xây dựng": "xd", "giấy phép": "gp", "người": "ng", "xác nhận": "xn",
    "tạm trú": "tt", "sổ đỏ": "sđ", "sử dụng đất": "sdđ", "giấy chứng nhận": "gcn",
    "chồng": "ck", "vợ": "vk", "hồ sơ": "hs", "ủy ban": "ubnd", "bằng lái": "blx",
    "hộ chiếu": "hc",
}  # fmt: skip
NEIGHBOURS = {
    "a": "sqwz", "b": "vn", "c": "xvd", "d": "sfe", "e": "wr", "g": "fht", "h": "gjy",
    "i": "uo", "k": "jl", "l": "ko", "m": "n", "n": "mb", "o": "ip", "p": "o", "q": "wa",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}  # fmt: skip


def _slip(word: str, chance: random.Random) -> str:
    """One letter lost, two swapped, one doubled, or its neighbour on the keyboard."""
    place, kind = chance.randrange(len(word)), chance.randrange(4)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    if kind == 0:
        return before + after
    if kind == 1 and after:
        return before + after[0] + letter + after[1:]
    if kind == 2:
        return before + letter + letter + after
    return before + chance.choice(NEIGHBOURS.get(fold(letter), "e")) + after


def noisy(text: str, slips: float = 0.2, short: float = 0.5, seed: int = 0) -> str:
    """The text with this share of words mistyped and of known words abbreviated."""
    chance = random.Random(f"{text}{seed}")
    said = clean(text).lower()
    for whole, typed in TYPED_SHORT.items():
        if whole in said and chance.random() < short:
            said = said.replace(whole, typed)
    return " ".join(
        _slip(word, chance) if len(word) > 1 and chance.random() < slips else word
        for word in said.split()
    )
