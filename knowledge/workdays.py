"""The working-day calendar: holidays, make-up days, half days, and when something is due."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self, cast
from zoneinfo import ZoneInfo

import holidays
from pydantic import ConfigDict, Field, model_validator

from knowledge.model import Record, Text, TimeLimit, Unit
from knowledge.yaml_reading import read_yaml

SEED = Path(__file__).parent / "data" / "workdays.yaml"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

SAME_DAY_UNTIL = time(15)
"""What comes later and cannot be settled at once may wait for the next working day (Luật Hộ tịch
2014 Điều 5; Nghị định 23/2015/NĐ-CP Điều 7)."""
FURTHEST = 3_660
"""Days over which dates are counted; further ones in databases stand for «no date»."""
_NOON = time(12)


class TooFar(ValueError):
    """Two dates lie so far apart that one of them is no real date."""


class Hours(Record):
    """A stretch of opening time."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError("hours end before they begin")
        return self

    def spoken(self) -> str:
        """«7 giờ – 11 giờ 30»."""
        return f"{clock(self.start)} – {clock(self.end)}"


class DayKind(StrEnum):
    """How a day differs from what weekends and holidays tell."""

    OFF = "off"
    WORKED = "worked"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class Override(Record):
    """One day that is worked otherwise, by a notice."""

    day: date
    kind: DayKind
    notice: Text
    confirmed: bool = False


class Overrides(Record):
    """The table that the office edits; the document ``workdays`` of the database."""

    overrides: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def _each_day_once(self) -> Self:
        days = [each.day for each in self.overrides]
        if twice := {str(day) for day in days if days.count(day) > 1}:
            raise ValueError(f"days stand twice: {sorted(twice)}")
        return self


class Pause(Record):
    """Time that does not count: from the request for papers or money until it was met."""

    since: datetime
    until: datetime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.until < self.since:
            raise ValueError("a pause ends before it begins")
        return self


DEFAULT_HOURS = (
    Hours(start=time(7), end=time(11, 30)),
    Hours(start=time(13, 30), end=time(17)),
)
"""Eight hours a day, as the systems in use count them when an office states none."""


class Workdays(Record):
    """When an office works. Moments may be in any time zone; dates are Vietnam's."""

    hours: tuple[Hours, ...] = DEFAULT_HOURS
    overrides: tuple[Override, ...] = ()

    def override(self, on: date) -> Override | None:
        """The row of the table about a day."""
        return next((each for each in self.overrides if each.day == on), None)

    def holiday(self, on: date) -> str | None:
        """The name of the public holiday, weekends apart (BLLĐ 2019 Đ112; NQ 28/2026/QH16)."""
        return cast("str | None", _holidays(on.year).get(on))

    def is_working_day(self, on: date) -> bool:
        """True when the office works that day, if only half of it; make-up days count."""
        if row := self.override(on):
            return row.kind is not DayKind.OFF
        return _holidays(on.year).is_working_day(on)

    def hours_on(self, on: date) -> tuple[Hours, ...]:
        """Opening hours of a day; none on a day off."""
        if not self.is_working_day(on):
            return ()
        row = self.override(on)
        if row is None or row.kind in (DayKind.OFF, DayKind.WORKED):
            return self.hours
        morning = row.kind is DayKind.MORNING
        return tuple(each for each in self.hours if (each.start < _NOON) is morning)

    def next_working_day(self, after: date) -> date:
        """The first working day after a date."""
        if after == date.max:
            raise TooFar(str(after))
        return self._first(after + timedelta(days=1))

    def add_working_days(self, on: date, days: int) -> date:
        """The ``days``-th working day after a date, the date itself not counted.

        With 0 the date itself, or the first working day after it. Raises ``ValueError`` for
        less than 0 and :class:`TooFar`.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        if days > FURTHEST:
            raise TooFar(f"{days} working days")
        if days == 0:
            return self._first(on)
        for _ in range(days):
            on = self.next_working_day(on)
        return on

    def working_days_until(self, due: date, today: date) -> int:
        """Working days left until a due date, today not counted; negative when overdue.

        0 on the due date, and as long as no working day has passed since. Raises
        :class:`TooFar`.
        """
        if abs((due - today).days) > FURTHEST:
            raise TooFar(f"{due} … {today}")
        first, last = sorted((due, today))
        days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
        count = sum(self.is_working_day(day) for day in days)
        return count if today <= due else -count

    def same_day(self, received: datetime) -> date:
        """When a same-day procedure is done: that day until 15:00, else the next working day."""
        local = received.astimezone(VIETNAM)
        day = local.date()
        if self.is_working_day(day) and local.time() < SAME_DAY_UNTIL:
            return day
        return self.next_working_day(day)

    def counted_from(self, moment: datetime) -> datetime:
        """The moment itself when the office is open, else its next opening.

        Raises ``ValueError`` for an office without hours.
        """
        if not self.hours:
            raise ValueError("no opening hours")
        local = moment.astimezone(VIETNAM)
        day = local.date()
        for hours in self.hours_on(day):
            if local.time() < hours.end:
                return max(local, _at(day, hours.start))
        while True:
            day = self.next_working_day(day)
            if opening := self.hours_on(day):
                return _at(day, opening[0].start)

    def add_working_time(self, moment: datetime, span: timedelta) -> datetime:
        """The moment when the office has been open for ``span`` since ``moment``.

        A time that ends at closing is due at that closing. Raises ``ValueError`` for an office
        without hours and :class:`TooFar`.
        """
        if span > timedelta(hours=8 * FURTHEST):
            raise TooFar(str(span))
        now = self.counted_from(moment)
        while True:
            closing = self._closing(now)
            if now + span <= closing:
                return now + span
            span -= closing - now
            now = self.counted_from(closing)

    def working_time(self, since: datetime, until: datetime) -> timedelta:
        """How long the office was open between two moments. Raises :class:`TooFar`."""
        start, end = since.astimezone(VIETNAM), until.astimezone(VIETNAM)
        if (end - start).days > FURTHEST:
            raise TooFar(f"{since} … {until}")
        total = timedelta()
        for number in range((end.date() - start.date()).days + 1):
            day = start.date() + timedelta(days=number)
            for hours in self.hours_on(day):
                opened = max(start, _at(day, hours.start))
                total += max(min(end, _at(day, hours.end)) - opened, timedelta())
        return total

    def after_pause(self, due: date, pause: Pause) -> date:
        """The due date moved by the working days of a pause; the day it began is not counted."""
        since, until = (each.astimezone(VIETNAM).date() for each in (pause.since, pause.until))
        return self.add_working_days(due, self.working_days_until(until, since))

    def moment_after_pause(self, due: datetime, pause: Pause) -> datetime:
        """The same for a limit in hours: moved by the opening time of the pause."""
        return self.add_working_time(due, self.working_time(pause.since, pause.until))

    def _first(self, day: date) -> date:
        for _ in range(FURTHEST):
            if self.is_working_day(day):
                return day
            if day == date.max:
                break
            day += timedelta(days=1)
        raise TooFar(f"no working day before {day}")

    def _closing(self, now: datetime) -> datetime:
        day = now.date()
        ends = (_at(day, each.end) for each in self.hours_on(day))
        return next(end for end in ends if now < end)


def expected(limit: TimeLimit, received: datetime, days: Workdays) -> date | datetime | None:
    """When something filed at ``received`` is due by a limit; ``None`` when no number is known.

    An estimate, to be called *dự kiến*; it never replaces the date a database has. The day of
    receipt is not counted (BLDS 2015 Điều 147), a limit in days or months that ends on a day off
    ends on the next working day (Điều 148), and what arrives while the office is closed counts
    as arriving at its next opening. Hours are opening hours, and give a moment.
    """
    if limit.amount is None:
        return None
    if limit.unit is Unit.HOUR:
        return days.add_working_time(received, timedelta(hours=limit.amount))
    start = (
        days.counted_from(received).date()
        if days.hours
        else days.add_working_days(received.astimezone(VIETNAM).date(), 0)
    )
    if limit.unit is Unit.WORKING_DAY:
        return days.add_working_days(start, limit.amount)
    if limit.unit is Unit.MONTH:
        return days.add_working_days(_months_later(start, limit.amount), 0)
    if limit.amount > FURTHEST:
        raise TooFar(f"{limit.amount} days")
    return days.add_working_days(start + timedelta(days=limit.amount), 0)


def clock(at: time) -> str:
    """«7 giờ», «11 giờ 30»."""
    return f"{at.hour} giờ" + (f" {at.minute:02d}" if at.minute else "")


def seed_overrides() -> Overrides:
    """The reviewed seed."""
    return Overrides.model_validate(read_yaml(SEED))


@lru_cache(maxsize=64)
def _holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year, language="vi")


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, VIETNAM)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    if months > FURTHEST // 28:
        raise TooFar(f"{months} months")
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
