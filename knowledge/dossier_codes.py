"""A dossier code: its parts, the ways it may be written, and what loose digits may mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EARLIEST = date(2010, 1, 1)
"""No one-stop system numbered dossiers in this way before."""
MOST_CANDIDATES = 16
"""Codes worth looking up for one that was typed."""

AGENCY = r"(?:\d{3}\.\d{2}\.\d{2,3}\.)?[A-Z]\d{2}(?:\.\d{1,3}){0,4}"
_CODE = re.compile(rf"({AGENCY})-(\d{{8}}|\d{{6}})-(\d{{4,7}})")
_OLD = re.compile(r"(\d{3})\.(\d{2})\.(\d{2,3})\.([A-Z]\d{2})")
_NEW = re.compile(r"([A-Z]\d{2})\.(\d{2,3})(?:\.(\d{2})(?:\.(\d{3}))?)?")
_LONGEST_AGENCY = 7
"""Digits of an agency's lower levels when the dots between them are missing."""


@dataclass(frozen=True, slots=True)
class DossierCode:
    """``{agency}-{date}-{sequence}`` (QĐ 20/2020/QĐ-TTg for the agency)."""

    agency: str
    day: str
    """Six digits ``yyMMdd``, or eight ``yyyyMMdd`` on some ministries' portals."""
    sequence: str

    def __str__(self) -> str:
        return f"{self.agency}-{self.day}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> DossierCode | None:
        """A code in its canonical form; anything else is ``None``."""
        found = _CODE.fullmatch(text) if text.isascii() else None
        return cls(*found.groups()) if found else None

    @property
    def received_on(self) -> date | None:
        """The date in the code when it is a real one."""
        return real_date(self.day)


@dataclass(frozen=True, slots=True)
class Digits:
    """A run of digits, what stood before it, and where it ends in the text."""

    text: str
    gap: str
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand the digits behind an agency's letter."""

    groups: tuple[tuple[str, ...], ...]
    """Lower levels of the agency, the likeliest way to cut them first."""
    day: str
    sequence: str
    end: int
    dashes: int
    """How many sides of an unbroken date have a dash."""
    cost: int
    """How much had to be assumed; the least wins."""


def real_date(digits: str) -> date | None:
    """``yyMMdd`` or ``yyyyMMdd`` as a date, ``None`` when there is no such day."""
    full = digits if len(digits) == len("yyyyMMdd") else f"20{digits}"
    try:
        found = date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return None
    return found if found >= EARLIEST else None


def readings(tokens: Sequence[Digits]) -> Iterator[Reading]:
    """Every way to read an agency, a date and a sequence out of some digits.

    The first two digits of the first token are the agency's first level. Dots may be missing,
    a date may be torn by spaces or glued to its neighbours; dates are not checked here.
    """
    for start in range(len(tokens)):
        for stop in range(start + 1, min(start + 4, len(tokens)) + 1):
            torn = tokens[start + 1 : stop]
            if torn and not torn[-1].gap.isspace():
                break
            yield from _dated(tokens, start, stop)


def _dated(tokens: Sequence[Digits], start: int, stop: int) -> Iterator[Reading]:
    joined = "".join(each.text for each in tokens[start:stop])
    if start == 0:
        own, joined, most = "", joined[2:], _LONGEST_AGENCY
    else:
        own, most = tokens[0].text[2:], 0
    middle = _mended(tokens[1:start])
    for glued in range(min(most, len(joined)) + 1):
        cut = _cuts([*filter(None, (own, joined[:glued])), *middle])
        body = joined[glued:]
        for width in (6, 8):
            if not cut or len(body) < width:
                continue
            found = _sequence(tokens, stop, body[width:])
            if found is None:
                continue
            sequence, end, gap = found
            torn = stop - start - 1
            before = tokens[start].gap if start else ""
            yield Reading(
                groups=cut,
                day=body[:width],
                sequence=sequence,
                end=end,
                dashes=0 if torn else ("-" in before) + ("-" in gap),
                cost=4 * torn + 2 * bool(body[width:]) + 2 * bool(glued or own) + (width == 8),
            )


def _sequence(tokens: Sequence[Digits], at: int, tail: str) -> tuple[str, int, str] | None:
    """The sequence, where it ends, and what stands before it; empty when there is none."""
    if tail:
        return (tail, tokens[at - 1].end, "") if 4 <= len(tail) <= 7 else None
    if at == len(tokens):
        return "", tokens[at - 1].end, ""
    digits, end = tokens[at].text, tokens[at].end
    for following in tokens[at + 1 : at + 3]:
        # Leading zeros were not dropped, so fewer than four digits are a torn number.
        torn = digits.startswith("0") and len(digits) < 4 and following.gap.isspace()
        if not torn or len(digits + following.text) > 7:
            break
        digits, end = digits + following.text, following.end
    if len(digits) > 7:
        return "", tokens[at - 1].end, ""
    return digits, end, tokens[at].gap


def _mended(tokens: Sequence[Digits]) -> list[str]:
    """Groups of an agency; one torn by a line break is one again."""
    found: list[str] = []
    for each in tokens:
        if found and len(found[-1]) == 1 and each.gap.isspace() and len(each.text) <= 2:
            found[-1] += each.text
        else:
            found.append(each.text)
    return found


def _cuts(runs: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The ways to cut runs of digits into levels of two or three digits, at most four levels."""
    if len(runs) > 4:
        return ()
    ways = [_cut(run) for run in runs]
    if not all(ways):
        return ()
    found = (tuple(group for way in each for group in way) for each in product(*ways))
    return tuple(each for each in found if len(each) <= 4)[:6]


def _cut(run: str) -> list[tuple[str, ...]]:
    if len(run) == 1:
        return [(f"0{run}",), (run,)]  # Some systems write a level without its zero.
    if len(run) > _LONGEST_AGENCY:
        return []
    if len(run) in (2, 3):
        return [(run,)]
    found = [(run[:size], *rest) for size in (2, 3) for rest in _cut(run[size:]) if run[size + 1 :]]
    # Communes are numbered from 201, departments below 100.
    return sorted(found, key=lambda way: (run[0] == "2") != (len(way[0]) == 3))


def codes_of(
    letter: str, level: str, old: tuple[str, ...], reading: Reading
) -> tuple[DossierCode, ...]:
    """The code meant, the likeliest first, then what else it may be in a database.

    Paper copies and spreadsheets lose leading zeros of the sequence; systems still hold codes of
    the old agency form ``000.00.NN.Hxx`` and of the reversed one.
    """
    first = f"{letter}{level}"
    if old and not any(reading.groups):
        agencies = [".".join((*_old_levels(old), first))]
    else:
        agencies = [".".join((first, *groups)) for groups in reading.groups]
    others = [other for each in agencies if (other := _other_form(each))]
    days = [reading.day, *([reading.day[2:]] if len(reading.day) == 8 else [])]
    found = [
        DossierCode(agency, day, sequence)
        for day in days
        for agency in (*agencies, *others)
        for sequence in _padded(reading.sequence, letter, day)
    ]
    return tuple(dict.fromkeys(found))[:MOST_CANDIDATES]


def _old_levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Levels before the letter in the old form, missing ones as zeros."""
    padded = ("000", "00", "00")[: 3 - len(levels)] + levels
    return padded[0].zfill(3), padded[1].zfill(2), padded[2].zfill(2)


def reversed_form(agency: str) -> str | None:
    """``Hxx.NN…`` of an old ``000.00.NN.Hxx``; ``None`` for anything else."""
    old = _OLD.fullmatch(agency)
    if old is None:
        return None
    levels = [old[3], old[2], old[1]]
    while levels and not int(levels[-1]):
        levels.pop()
    return ".".join((old[4], *levels))


def same_dossier(code: str) -> str:
    """One spelling for every way to write a dossier's code: form of agency, year, zeros.

    For counting tries, not for looking up: whoever writes a code otherwise tries the same dossier.
    """
    found = DossierCode.parse(code)
    if found is None:
        return code
    agency = reversed_form(found.agency) or found.agency
    return f"{agency}-{found.day[-6:]}-{int(found.sequence)}"


def _other_form(agency: str) -> str | None:
    """The same agency in the other of the two forms."""
    if old := reversed_form(agency):
        return old
    if (new := _NEW.fullmatch(agency)) and len(new[2]) == 2:
        return f"{new[4] or '000'}.{new[3] or '00'}.{new[2]}.{new[1]}"
    return None


def _padded(sequence: str, letter: str, day: str) -> list[str]:
    """The sequence with as many digits as its kind of system writes, then other widths."""
    if len(day) == 8:
        widths = (7, 6, 4, 5)
    elif letter == "G":
        widths = (6, 7, 4, 5)
    else:
        widths = (4, 5, 6, 7)
    if len(sequence) >= 4 and sequence.startswith("0"):
        return [sequence]  # Zeros are there, so none was lost.
    bare = sequence.lstrip("0") or "0"
    padded = [bare.zfill(width) for width in widths]
    typed = [bare] if letter == "H" and len(bare) >= 4 and len(day) == 6 else []
    return list(dict.fromkeys([*typed, *padded]))
