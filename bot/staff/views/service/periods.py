"""The days a page of figures covers, as its address tells them, and the days before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.staff.views.service.filters import NoFilter, read_days
from bot.staff.words import day as spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL = "30"
PERIODS = {
    "7": "7 ngày",
    "30": "30 ngày",
    "90": "90 ngày",
    "month": "Tháng này",
    "last-month": "Tháng trước",
    "365": "Một năm",
}
"""What can be had with one click, by its name in the address."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days, the last one included; ``name`` is that of the address, empty for chosen days."""

    since: date
    until: date
    name: str = ""

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """The period to compare with: the month before a month, else as many days before.

        A month that still runs is compared with the same days of the month before.
        """
        last = self.since - timedelta(days=1)
        if self.name in ("month", "last-month"):
            first = last.replace(day=1)
            whole = self.name == "last-month"
            until = last if whole else min(last, first + timedelta(days=self.days - 1))
            return Period(since=first, until=until)
        return Period(since=last - timedelta(days=self.days - 1), until=last)

    @property
    def said(self) -> str:
        """«Từ 01/11/2026 đến hết 30/11/2026»."""
        if self.since == self.until:
            return f"Ngày {spoken(self.since)}"
        return f"Từ {spoken(self.since)} đến hết {spoken(self.until)}"


def period_of(asked: Mapping[str, str], today: date) -> tuple[Period, str]:
    """The period of an address, or the usual one and what is wrong with the address."""
    name = asked.get("period", "")
    if asked.get("since") or asked.get("until"):
        try:
            since, until = read_days(asked, today)
        except NoFilter as nonsense:
            return named(USUAL, today), str(nonsense)
        return Period(since=since, until=until), ""
    if name and name not in PERIODS:
        return named(USUAL, today), f"Không có khoảng «{name[:40]}»."
    return named(name or USUAL, today), ""


def named(name: str, today: date) -> Period:
    """The period of a name."""
    first = today.replace(day=1)
    if name == "month":
        return Period(since=first, until=today, name=name)
    if name == "last-month":
        last = first - timedelta(days=1)
        return Period(since=last.replace(day=1), until=last, name=name)
    return Period(since=today - timedelta(days=int(name) - 1), until=today, name=name)


def month_of(text: str, today: date) -> Period | None:
    """The whole month «2026-10»; ``None`` for nonsense and for months that have not begun."""
    year, _, month = text.partition("-")
    if not (year.isascii() and month.isascii() and year.isdecimal() and month.isdecimal()):
        return None
    if len(year) != 4 or not 1 <= int(month) <= 12 or not 2000 <= int(year) <= today.year:
        return None
    since = date(int(year), int(month), 1)
    after = (since + timedelta(days=31)).replace(day=1)
    if since > today:
        return None
    return Period(since=since, until=after - timedelta(days=1), name="last-month")
