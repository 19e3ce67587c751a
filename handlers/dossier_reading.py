"""What a message says of a dossier: codes, digits that prove it, other numbers to be explained."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from knowledge.codes import CodeKind, Found, find_codes
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from handlers.conversation import Incoming, Memory

FRESH = timedelta(minutes=30)
"""How long the question for digits stands; later a lone number means something else."""

_DOSSIER = (
    CodeKind.DOSSIER,
    CodeKind.DOSSIER_FUTURE,
    CodeKind.DOSSIER_WRONG_DATE,
    CodeKind.DOSSIER_INCOMPLETE,
)
NOT_A_DOSSIER = (CodeKind.RESULT, CodeKind.SOCIAL_INSURANCE)
_DIGITS = re.compile(r"(?<![\w./-])(\d{4})(?![\w./-]*\d)(?! *(?:đồng|đ|vnđ|m2|m²)\b)", re.I)
_YEAR = re.compile(r"\b(?:năm|nam|tháng|thang|/) *$", re.I)
_BARE = re.compile(r"[\d .-]{1,16}")
_DIGIT_TALK = frozenset(
    [
        "so", "cuoi", "bon", "can", "cuoc", "cccd", "cmnd", "cmt", "dien", "thoai", "sdt", "dt",
        "cua", "la", "em", "toi", "tui", "minh", "anh", "chi", "con", "chau", "ba", "me", "vo",
        "chong", "day", "ne", "nha", "nhe", "a", "da", "vang", "u", "ok", "oke", "thi", "ma",
        "pin", "dung", "day", "cho", "gui", "cai", "the", "chung", "minh", "nhan", "dan", "tel",
    ]
)  # fmt: skip
"""Words around the digits of a proof."""
_PIN = re.compile(r"(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{4,10}")
_SEPARATED = re.compile(r"\d(?:[ .-]\d){3}")


@dataclass(frozen=True)
class Read:
    """What was found in one message; personal numbers are told by kind only."""

    dossiers: tuple[Found, ...]
    doubtful: tuple[CodeKind, ...]
    others: tuple[Found, ...]
    factor: str | None
    identity: bool


def read(text: str, today: date) -> Read:
    """Read a message once."""
    found = find_codes(text, today)
    rest = list(text)
    for each in found:
        rest[each.start : each.end] = " " * (each.end - each.start)
    phone = next((text[f.start : f.end] for f in found if f.kind is CodeKind.PHONE), None)
    return Read(
        dossiers=_each_once(f for f in found if f.kind is CodeKind.DOSSIER),
        doubtful=tuple(f.kind for f in found if f.kind in _DOSSIER[1:]),
        others=tuple(f for f in found if f.kind not in (*_DOSSIER, CodeKind.PHONE)),
        factor=_factor("".join(rest), phone),
        identity=any(f.kind is CodeKind.IDENTITY for f in found),
    )


def _each_once(found: Iterable[Found]) -> tuple[Found, ...]:
    kept: dict[str, Found] = {}
    for each in found:
        kept.setdefault(each.code, each)
    return tuple(kept.values())


def _factor(rest: str, phone: str | None) -> str | None:
    """Four digits, a PIN alone, or the end of a phone number sent whole."""
    for lone in _DIGITS.finditer(rest):
        if not _YEAR.search(rest, 0, lone.start()):
            return lone[1]
    words = rest.split()
    if len(words) == 1 and _PIN.fullmatch(words[0]):
        return words[0]
    if spread := _SEPARATED.fullmatch(rest.strip()):
        return re.sub(r"\D", "", spread[0])
    return re.sub(r"\D", "", phone)[-4:] if phone else None


def topic_of(incoming: Incoming, memory: Memory, text: str, today: date) -> str | None:
    """The topic of a message that goes on with a dossier; ``None`` when it does not."""
    found = read(text, today)
    if found.dossiers or found.doubtful:
        return "code"
    if any(each.kind in NOT_A_DOSSIER for each in found.others):
        return "other_code"
    if not (memory.dossier and memory.dossier.codes):
        return None
    proof = found.factor and _about_digits(text, found.factor)
    if not (proof or found.identity or incoming.phone or _BARE.fullmatch(text)):
        return None
    return "digits" if awaits_digits(memory, incoming.received_at) else "late"


def _about_digits(text: str, factor: str) -> bool:
    """True when a message gives digits; «hộ nghèo 2026 cần gì» asks something else."""
    said = [fold(word) for word in words(text)]
    if factor.isdecimal() and len(factor) == len("1234"):
        said = [word for word in said if not word.isdecimal()]
    return len([word for word in said if word not in _DIGIT_TALK]) <= 1


def awaits_digits(memory: Memory, now: datetime) -> bool:
    """True while the last thing asked for was the proof of a dossier."""
    talk = memory.dossier
    return bool(talk and talk.codes and talk.at and now - talk.at <= FRESH)
