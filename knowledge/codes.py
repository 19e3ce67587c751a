"""Finds dossier codes in what people write, and tells other numbers apart from them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from knowledge.dossier_codes import Digits, Reading, codes_of, readings, real_date

if TYPE_CHECKING:
    from datetime import date

MAX_CHARACTERS = 10_000
"""Characters of a text that are read."""


class CodeKind(StrEnum):
    """What a number in a message is."""

    DOSSIER = "dossier"
    DOSSIER_FUTURE = "dossier_future"
    """Formed like a dossier code, received on a day that has not come yet."""
    DOSSIER_WRONG_DATE = "dossier_wrong_date"
    """Formed like a dossier code, of a day that does not exist."""
    DOSSIER_INCOMPLETE = "dossier_incomplete"
    """Agency and date of a dossier code without the number at its end."""
    PROCEDURE = "procedure"
    SERVICE = "service"
    """An online service: a procedure code with two more digits."""
    RESULT = "result"
    """The code of a paper or of a result, as records of procedures list them."""
    SOCIAL_INSURANCE = "social_insurance"
    """A dossier of the social insurance, which no one-stop database holds."""
    IDENTITY = "identity"
    """A full identity number, to be refused and forgotten; it is not carried on."""
    PHONE = "phone"
    """A phone number; it is not carried on."""


@dataclass(frozen=True, slots=True)
class Found:
    """One number in a text, its canonical form, and where it stands (``text[start:end]``)."""

    kind: CodeKind
    code: str
    """Canonical form; empty for somebody's personal number and for an incomplete code."""
    start: int
    end: int
    candidates: tuple[str, ...] = ()
    """What to look up, the likeliest first: of a dossier also with other zeros and agency forms,
    of a service or a province's copy the procedure."""
    received_on: date | None = None


_Hit = tuple[CodeKind, str, tuple[str, ...], int, int, "date | None"]
_Family = Callable[[str], Iterator[_Hit]]


def find_codes(text: str, today: date) -> tuple[Found, ...]:
    """Every code in a text, in order; in any writing that people paste.

    ``today`` tells a code of the future. The time taken grows with the length of the text only.
    """
    plain, places = _plain(text[:MAX_CHARACTERS])
    families: tuple[_Family, ...] = (
        _listed(CodeKind.RESULT, _RESULT),
        _procedures,
        _listed(CodeKind.SOCIAL_INSURANCE, _SOCIAL_INSURANCE),
        partial(_dossiers, today),
        _phones,
        _identities,
    )
    found: list[Found] = []
    for family in families:
        left = list(plain)
        for kind, code, candidates, start, end, on in family(plain):
            found.append(Found(kind, code, places[start], places[end - 1] + 1, candidates, on))
            left[start:end] = _TAKEN * (end - start)
        plain = "".join(left)
    return tuple(sorted(found, key=lambda each: each.start))


_TAKEN = "¦"
"""Stands where another number was found."""
_ACCENT = "Ǝ"
"""A letter in place of a combining mark, so that «o» with a mark is no zero."""
_DOTS = "·•‧∙。"
_DASHES = "_−⁃~"


@lru_cache(maxsize=4096)
def _sign(sign: str) -> str:
    """A sign as a keyboard has it: capitals, plain digits, one kind of dash, dot and space."""
    category = unicodedata.category(sign)
    if sign in "\t\n\v\f\r\x85" or category[0] == "Z":
        return " "
    if category in ("Cf", "Cc", "Me") or "\ufe00" <= sign <= "\ufe0f":
        return ""
    if category == "Mn":
        return _ACCENT
    if category == "Pd" or sign in _DASHES:
        return "-"
    if sign in _DOTS:
        return "."
    folded = unicodedata.normalize("NFKC", sign).upper()
    if len(folded) == 1:
        sign = folded
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in plain signs, and of each where it came from."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if plain := _sign(sign):
            signs.append(plain)
            places.append(place)
    return "".join(signs), places


# Letters that look like digits are digits unless a word begins with them. Counts are bounded and
# never given back, so that no text makes the search slow.
_DIGIT = r"(?:[0-9]|[OIL](?=[0-9OIL]{0,24}+(?![^\W\d_])))"
_RUN = rf"(?=[OIL]{{0,6}}+[0-9]){_DIGIT}{{1,24}}+"
_DOT = r" ?[.,]{1,3} ?"
_GAP = r"[ .,\-/:|]{1,6}+"
_DOSSIER = re.compile(
    rf"(?<!\w)(?P<old>(?:{_DIGIT}{{2,3}}{_DOT}){{1,3}}|{_DIGIT}{{7,8}} ?)?"
    rf"(?P<letter>[A-Z]) {{0,2}}(?P<head>{_RUN})"
    rf"(?P<rest>(?:{_GAP}{_RUN}){{0,12}}+)"
)
_DIGITS = re.compile(r"([ .,\-/:|]+)([0-9OIL]+)")
_ALIKE = str.maketrans("OIL", "011")


def _dossiers(today: date, plain: str) -> Iterator[_Hit]:
    at = 0
    while match := _DOSSIER.search(plain, at):
        at = match.end("head")
        if hit := _dossier(match, today):
            yield hit
            at = max(at, hit[4])


def _dossier(match: re.Match[str], today: date) -> _Hit | None:
    letter, old = match["letter"], _old_levels(match["old"] or "")
    tokens = _tokens(match)
    if len(tokens[0].text) < 2:
        return None
    known = [
        (_rank(kind), each.cost, kind, each)
        for each in readings(tokens)
        if (kind := _kind(each, letter, old, today))
    ]
    if not known:
        return None
    _, _, kind, best = min(known, key=lambda each: each[:2])
    # Levels before the letter belong to the old form, which has none behind it.
    start = match.start("letter") if any(best.groups) else match.start()
    on = real_date(best.day)
    if kind is CodeKind.DOSSIER_INCOMPLETE:
        return kind, "", (), start, best.end, on
    codes = codes_of(letter, tokens[0].text[:2], old, best)
    names = tuple(str(each) for each in codes)
    return kind, names[0], names if kind is CodeKind.DOSSIER else (), start, best.end, on


def _tokens(match: re.Match[str]) -> list[Digits]:
    """The digits behind the letter; one alone and torn off belongs to the next."""
    head = match["head"].translate(_ALIKE)
    found = [Digits(head, "", match.end("head"))]
    offset = match.start("rest")
    for each in _DIGITS.finditer(match["rest"]):
        digits, end = each[2].translate(_ALIKE), offset + each.end()
        if len(found[0].text) == 1 and each[1].isspace():
            found[0] = Digits(found[0].text + digits, "", end)
        else:
            found.append(Digits(digits, each[1], end))
    return found


def _old_levels(prefix: str) -> tuple[str, ...]:
    """The levels that the old form writes before the letter."""
    digits = re.sub(r"[^0-9]+", " ", prefix.translate(_ALIKE)).split()
    if len(digits) == 1 and len(digits[0]) > 3:
        whole = digits[0]
        return whole[:3], whole[3:5], whole[5:]
    return tuple(digits)


def _kind(reading: Reading, letter: str, old: tuple[str, ...], today: date) -> CodeKind | None:
    """What a reading is; ``None`` when it is too loosely written to be believed."""
    agency = bool(old) or any(reading.groups)
    on = real_date(reading.day)
    if not reading.sequence:
        whole = on and agency and reading.dashes and letter in "GH"
        return CodeKind.DOSSIER_INCOMPLETE if whole else None
    strict = reading.dashes == 2
    if on is None:
        return CodeKind.DOSSIER_WRONG_DATE if strict and agency else None
    glued = letter in "GH" and not reading.dashes and len(reading.sequence) == 4
    if not (strict or (letter in "GH" and (agency or glued))):
        return None
    return CodeKind.DOSSIER if on <= today else CodeKind.DOSSIER_FUTURE


def _rank(kind: CodeKind) -> int:
    order = (CodeKind.DOSSIER, CodeKind.DOSSIER_FUTURE, CodeKind.DOSSIER_INCOMPLETE)
    return order.index(kind) if kind in order else len(order)


_PROCEDURE = re.compile(
    r"(?<![\d.,])(?P<code>[1-6]\.{1,2}\d{6})(?!\d)(?P<service>\.\d{2}(?!\d))?"
    r"(?:\.{1,2}(?:000\.00\.00\.)?(?P<province>[GH]\d{2})(?:-\d{1,2})?)?(?![\w-]?\d)"
    r"(?! {0,2}(?:Đ|DONG|VN))"
)
_RESULT = re.compile(
    r"(?<![\w.])(?:(?:\d{3}\.\d{2}\.\d{2,3}\.)?[A-Z]\d{2} ?- ?KQ\.?\d{3,7}"
    r"|KQ\.[A-Z]\d{2}\.\d{3,7})(?!\w)"
)
_SOCIAL_INSURANCE = re.compile(r"(?<![\d/])\d{5} ?/ ?20\d{2} ?/ ?\d{5}(?![\d/])")
_IDENTITY = re.compile(r"(?<![\d.,/-])(?:\d(?:[ .\-]?\d){11}|(?<!\w)\d{9})(?![\d/]|[.,]\d)")
_PHONE = re.compile(r"(?<![\d.,/-])(?:\+?84|0)(?:[ .\-]{0,2}\d){9,10}(?![ .\-]?\d)")
_NATIONAL = re.compile(r"0[35789]\d{8}|02\d{9}")
_MONEY = re.compile(r"[1-9]\d{0,2}(?:([. -])\d{3})(?:\1\d{3})*")
_CURRENCY = re.compile(r" {0,2}(?:Đ|DONG|VN)")


def _procedures(plain: str) -> Iterator[_Hit]:
    for match in _PROCEDURE.finditer(plain):
        code = match["code"].replace("..", ".")
        start, end = match.span()
        if match["service"]:
            yield CodeKind.SERVICE, code + match["service"], (code,), start, end, None
        elif match["province"]:
            local = f"{code}.{match['province']}"
            yield CodeKind.PROCEDURE, local, (local, code), start, end, None
        else:
            yield CodeKind.PROCEDURE, code, (code,), start, end, None


def _listed(kind: CodeKind, pattern: re.Pattern[str]) -> _Family:
    """Codes that are what they look like."""

    def search(plain: str) -> Iterator[_Hit]:
        for match in pattern.finditer(plain):
            yield kind, match.group().replace(" ", ""), (), match.start(), match.end(), None

    return search


def _phones(plain: str) -> Iterator[_Hit]:
    for match in _PHONE.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        national = f"0{digits[2:]}" if digits.startswith("84") else digits
        if _NATIONAL.fullmatch(national):
            yield CodeKind.PHONE, "", (), match.start(), match.end(), None


def _identities(plain: str) -> Iterator[_Hit]:
    for match in _IDENTITY.finditer(plain):
        money = _MONEY.fullmatch(match.group()) or _CURRENCY.match(plain, match.end())
        if not money:
            yield CodeKind.IDENTITY, "", (), match.start(), match.end(), None
