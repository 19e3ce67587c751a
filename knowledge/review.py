"""Which records must be looked at again, and the summary of it for a week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from knowledge.lint import Problem
    from knowledge.model import Procedure

CHECK_EVERY = timedelta(days=180)
"""After so long without a look a record is overdue; portal and law change at the half-years."""
SOON = timedelta(days=14)
"""What is due within two weeks stands in the worklist already."""
LISTED = 10
"""Records named in a summary; the rest is a number."""


class Flag(StrEnum):
    """Why a record is in the worklist."""

    OVERDUE = "overdue"
    DUE = "due"
    CONTRADICTORY = "contradictory"
    FAULTY = "faulty"
    UNCONFIRMED = "unconfirmed"


FLAGS = {
    Flag.OVERDUE: "quá hạn xem lại",
    Flag.DUE: "sắp đến hạn xem lại",
    Flag.CONTRADICTORY: "cổng và văn bản nói khác nhau",
    Flag.FAULTY: "có lỗi khi soát",
    Flag.UNCONFIRMED: "cán bộ chưa xác nhận",
}
"""The flags in words."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A record of the worklist, its last day, and why it is there."""

    procedure: Procedure
    check_by: date
    flags: tuple[Flag, ...]


def check_by(procedure: Procedure, every: timedelta = CHECK_EVERY) -> date:
    """The last day on which a record counts as looked at."""
    return procedure.source.check_by or procedure.source.checked_on + every


def worklist(
    procedures: Iterable[Procedure],
    *,
    today: date,
    every: timedelta = CHECK_EVERY,
    problems: Collection[Problem] = (),
    wanted: Collection[Flag] = tuple(Flag),
) -> list[Item]:
    """Records with one of the wanted flags, what has waited longest first.

    ``problems`` are findings of the lint; errors among them flag their records.
    """
    faulty = {
        code for each in problems if each.severity == "error" for code in each.where.split(", ")
    }
    found = []
    for procedure in procedures:
        day = check_by(procedure, every)
        flags = (
            *((Flag.OVERDUE,) if day < today else (Flag.DUE,) if day <= today + SOON else ()),
            *((Flag.CONTRADICTORY,) if procedure.conflicts else ()),
            *((Flag.FAULTY,) if procedure.code in faulty else ()),
            *((Flag.UNCONFIRMED,) if not procedure.source.confirmed else ()),
        )
        if set(flags) & set(wanted):
            found.append(Item(procedure=procedure, check_by=day, flags=flags))
    return sorted(found, key=lambda each: (each.check_by, each.procedure.code))


def weekly_summary(items: Collection[Item], *, today: date) -> str:
    """What an office has to look at, as a message: numbers first, then the most urgent by name."""
    counts = Counter(flag for item in items for flag in item.flags)
    if not counts:
        return f"Tuần từ {today:%d/%m/%Y}: không có thủ tục nào phải xem lại."
    lines = [f"Tuần từ {today:%d/%m/%Y}, thủ tục cần anh/chị xem lại:"]
    lines += [f"– {FLAGS[flag]}: {counts[flag]}" for flag in Flag if counts[flag]]
    urgent = [item for item in items if {Flag.OVERDUE, Flag.DUE} & set(item.flags)]
    lines += [
        f"{item.check_by:%d/%m/%Y} · {item.procedure.code} · {item.procedure.title}"
        for item in urgent[:LISTED]
    ]
    if len(urgent) > LISTED:
        lines.append(f"… và {len(urgent) - LISTED} thủ tục nữa.")
    return "\n".join(lines)
