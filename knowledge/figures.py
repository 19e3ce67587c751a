"""Figures of each day, counted from the log and the hand-overs, and summed over periods."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, func, insert, select, update

from knowledge.bulk import insert_new
from knowledge.tables import DailyFigure, FigureDay, HandoverRow, InquiryRow, RatingRow, core
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    Counts = Mapping["Kind", Mapping[str, int]]
    """How often by kind and key; what never happened is missing."""

SPEEDS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000, 2000, 5000)
"""Milliseconds up to which answers are counted together; slower ones are ``SLOWER``."""
SLOWER = "slower"


class Kind(StrEnum):
    """What is counted, and by what."""

    STATUS = "status"
    """Lines of the log by their status."""
    CHANNEL = "channel"
    HOUR = "hour"
    """«00» to «23», in Vietnam."""
    PROCEDURE = "procedure"
    """Lines of the log that ended with a procedure, by its code."""
    SPEED = "speed"
    """Lines of the log by the milliseconds of their answer, see :data:`SPEEDS`."""
    PEOPLE = "people"
    """Contacts that wrote; erased ones are not known any more. The key is ``ALL``."""
    RATING = "rating"
    """What citizens said of answers on the day they said it: ``GOOD`` or ``BAD``."""
    HANDOVER = "handover"
    """Steps of hand-overs on the day they happened, see :class:`Step`."""


ALL = "all"
GOOD, BAD = "good", "bad"


class Step(StrEnum):
    """A step of a hand-over."""

    OPENED = "opened"
    TAKEN = "taken"
    TAKEN_LATE = "taken_late"
    """Taken by an officer after the promised time; counted in ``TAKEN`` too."""
    CLOSED = "closed"


def begin_of(day: date) -> datetime:
    """The first moment of a day in Vietnam."""
    return datetime.combine(day, time(), VIETNAM)


class Figures:
    """Counting days and summing them, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def stale(self, now: datetime) -> list[date]:
        """Days that are to be counted, the oldest first: never counted, or before they ended.

        Today always is. Days before the first line of the log are not.
        """
        first = self._session.scalar(select(func.min(InquiryRow.at)))
        today = now.astimezone(VIETNAM).date()
        if first is None:
            return [today]
        counted = {row.day: row.counted_at for row in self._session.scalars(select(FigureDay))}
        day, found = min(first.astimezone(VIETNAM).date(), today), []
        while day <= today:
            at = counted.get(day)
            if at is None or at < begin_of(day + timedelta(days=1)):
                found.append(day)
            day += timedelta(days=1)
        return found

    def count(self, day: date, *, at: datetime) -> None:
        """Count one day anew; whoever counts the same day at once waits."""
        insert_new(self._session, FigureDay, [{"day": day, "counted_at": at}])
        self._session.execute(
            update(FigureDay)
            .where(FigureDay.day == day)
            .values(counted_at=at)
            .execution_options(synchronize_session=False)
        )
        since, until = begin_of(day), begin_of(day + timedelta(days=1))
        rows = [
            {"day": day, "kind": kind, "key": key, "count": count}
            for kind, key, count in self._counted(since, until)
            if count
        ]
        self._session.execute(delete(DailyFigure).where(DailyFigure.day == day))
        if rows:
            self._session.execute(insert(core(DailyFigure)), rows)

    def totals(self, since: date, until: date) -> Counts:
        """Sums over days, the last one included."""
        rows = self._session.execute(
            select(DailyFigure.kind, DailyFigure.key, func.sum(DailyFigure.count))
            .where(DailyFigure.day >= since, DailyFigure.day <= until)
            .group_by(DailyFigure.kind, DailyFigure.key)
        )
        found: dict[Kind, dict[str, int]] = {kind: {} for kind in Kind}
        for kind, key, count in rows:
            found[Kind(kind)][key] = int(count)
        return found

    def by_day(self, since: date, until: date, kind: Kind) -> dict[date, dict[str, int]]:
        """One kind day by day, the last day included; every day is there."""
        found: dict[date, dict[str, int]] = {
            since + timedelta(days=number): {} for number in range((until - since).days + 1)
        }
        # The whole key in the condition: the day alone would lead through all kinds.
        for row in self._session.execute(
            select(DailyFigure.day, DailyFigure.key, DailyFigure.count).where(
                DailyFigure.day.in_(list(found)), DailyFigure.kind == kind
            )
        ):
            found[row.day][row.key] = row[2]
        return found

    def _counted(self, since: datetime, until: datetime) -> Iterator[tuple[Kind, str, int]]:
        row = InquiryRow
        for kind, key in (
            (Kind.STATUS, row.status),
            (Kind.CHANNEL, row.channel),
            (Kind.PROCEDURE, row.procedure),
            (Kind.HOUR, _hour(since)),
            (Kind.SPEED, _speed()),
        ):
            grouped = select(key, func.count()).where(row.at >= since, row.at < until).group_by(key)
            for found, count in self._session.execute(grouped):
                if found is not None:
                    yield kind, found, count
        people = func.count(
            func.nullif(row.channel + ":" + row.contact, row.channel + ":").distinct()
        )
        yield (
            Kind.PEOPLE,
            ALL,
            self._session.scalar(select(people).where(row.at >= since, row.at < until)) or 0,
        )
        rated = (
            select(RatingRow.good, func.count())
            .where(RatingRow.at >= since, RatingRow.at < until)
            .group_by(RatingRow.good)
        )
        for good, count in self._session.execute(rated):
            yield Kind.RATING, GOOD if good else BAD, count
        yield from self._handed_over(since, until)

    def _handed_over(self, since: datetime, until: datetime) -> Iterator[tuple[Kind, str, int]]:
        row = HandoverRow
        for step, moment, which in (
            (Step.OPENED, row.opened_at, ()),
            (Step.TAKEN, row.taken_at, ()),
            (Step.TAKEN_LATE, row.taken_at, (row.taken_at > row.expected_by,)),
            (Step.CLOSED, row.closed_at, ()),
        ):
            counted = select(func.count()).where(moment >= since, moment < until, *which)
            yield Kind.HANDOVER, step.value, self._session.scalar(counted) or 0


def _hour(since: datetime) -> ColumnElement[str]:
    """The hour in Vietnam, by comparing moments: databases name zones differently."""
    return case(
        *((InquiryRow.at < since + timedelta(hours=hour + 1), f"{hour:02}") for hour in range(23)),
        else_="23",
    )


def _speed() -> ColumnElement[str]:
    return case(*((InquiryRow.milliseconds <= most, f"{most}") for most in SPEEDS), else_=SLOWER)


def in_weeks(days: Mapping[date, int]) -> dict[date, int]:
    """Days summed into weeks that begin on Monday; a cut week counts the days it has."""
    found: dict[date, int] = defaultdict(int)
    for day, count in days.items():
        found[day - timedelta(days=day.weekday())] += count
    return dict(found)
