"""How good the answers are: questions drawn at random each week, judged by staff."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from knowledge.bulk import insert_new
from knowledge.figures import begin_of
from knowledge.metrics import Outcome, outcome_of
from knowledge.tables import InquiryRow, QualitySample, QualityWeek
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

SAMPLE = 60
"""Questions of a week: at nine right of ten the interval is ±8 points, over four weeks ±4."""
Z = 1.959964
"""Quantile of the normal distribution for 95 %."""
WEEK = timedelta(days=7)


class Label(StrEnum):
    """What staff say of what the bot did."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    SHOULD_ASK = "should_ask"
    """It answered and should have asked back."""
    UNCLEAR = "unclear"
    """Nobody could tell from the words alone; counts neither way."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many drawn questions got which label; ``waiting`` have none yet."""

    labels: Mapping[Label, int]
    waiting: int = 0

    @property
    def judged(self) -> int:
        """Those that say something."""
        return sum(count for label, count in self.labels.items() if label is not Label.UNCLEAR)

    @property
    def right(self) -> int:
        """Those where the bot did right."""
        return self.labels.get(Label.RIGHT, 0)

    @property
    def share(self) -> float | None:
        """The share that is right; partly right is not right. ``None`` of nothing."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the share of all questions lies with 95 % confidence."""
        return wilson(self.right, self.judged) if self.judged else None


@dataclass(frozen=True, slots=True)
class Week:
    """A drawn week: of how many questions, how all did, and how those that were answered did."""

    week: date
    population: int
    overall: Accuracy
    answered: Accuracy


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Wilson's interval for a share at 95 % (Wilson 1927), sound for few tries and near 0 and 1."""
    share, z2 = hits / tries, Z * Z
    middle = (share + z2 / (2 * tries)) / (1 + z2 / tries)
    half = Z * math.sqrt(share * (1 - share) / tries + z2 / (4 * tries * tries)) / (1 + z2 / tries)
    # At the ends rounding would leave a rest of 1e-17.
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == tries else middle + half
    return low, high


def monday_of(day: date) -> date:
    """The week of a day."""
    return day - timedelta(days=day.weekday())


class Quality:
    """Drawing, labelling and counting inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def draw(self, week: date, *, at: datetime, size: int = SAMPLE) -> int:
        """Draw questions of a week that is over, once whoever asks; how many were drawn.

        Only words of citizens that could be answered: no buttons, no greetings, nothing that is
        kept private. Each has the same chance, or the interval would mean nothing.
        """
        if begin_of(week + WEEK) > at or self._session.get(QualityWeek, week) is not None:
            return 0
        fresh = {"week": week, "population": None, "drawn_at": at}
        insert_new(self._session, QualityWeek, [fresh])
        which = self._drawable(week)
        population = self._session.scalar(select(func.count()).where(*which)) or 0
        mine = self._session.execute(
            update(QualityWeek)
            .where(QualityWeek.week == week, QualityWeek.population.is_(None))
            .values(population=population)
            .execution_options(synchronize_session=False)
        )
        if not mine.rowcount:  # type: ignore[attr-defined]
            return 0
        drawn = self._session.execute(
            select(InquiryRow.id, InquiryRow.at, InquiryRow.status)
            .where(*which)
            .order_by(func.random())
            .limit(size)
        ).all()
        rows = [
            {
                "week": week,
                "day": row.at.astimezone(VIETNAM).date(),
                "inquiry": row.id,
                "outcome": outcome_of(row.status).value,
                "label": None,
                "note": "",
                "labeller": None,
                "labelled_at": None,
            }
            for row in drawn
        ]
        insert_new(self._session, QualitySample, rows)
        return len(rows)

    def get(self, sample: int) -> QualitySample | None:
        """One drawn question."""
        return self._session.get(QualitySample, sample)

    def next(self, *, but: int = 0) -> int | None:
        """A question that waits, the oldest week first, at random within it: two people who
        label at once seldom meet. ``but`` is one to leave for later.
        """
        waiting = select(QualitySample.id).where(
            QualitySample.label.is_(None), QualitySample.id != but
        )
        found: int | None = self._session.scalar(
            waiting.order_by(QualitySample.week, func.random()).limit(1)
        )
        return found

    def waiting(self) -> int:
        """How many wait for a label."""
        counted = select(func.count()).where(QualitySample.label.is_(None))
        return self._session.scalar(counted) or 0

    def label(self, sample: int, label: Label, *, by: str, note: str, at: datetime) -> None:
        """Say how the bot did; a later word takes the place of an earlier one."""
        self._session.execute(
            update(QualitySample)
            .where(QualitySample.id == sample)
            .values(label=label, labeller=by, note=note, labelled_at=at)
        )

    def accuracy(
        self, since: date, until: date, *, outcome: Outcome | None = Outcome.ANSWERED
    ) -> Accuracy:
        """How questions asked in a period did, the last day included; ``None``: all of them."""
        which: list[Any] = [QualitySample.day >= since, QualitySample.day <= until]
        if outcome is not None:
            which.append(QualitySample.outcome == outcome)
        rows = self._session.execute(
            select(QualitySample.label, func.count()).where(*which).group_by(QualitySample.label)
        )
        return _accuracy({row[0]: row[1] for row in rows})

    def weeks(self, limit: int = 26) -> list[Week]:
        """Drawn weeks, the newest first."""
        weeks = self._session.scalars(
            select(QualityWeek).order_by(QualityWeek.week.desc()).limit(limit)
        )
        found = []
        for row in weeks:
            last = row.week + WEEK - timedelta(days=1)
            overall = self.accuracy(row.week, last, outcome=None)
            answered = self.accuracy(row.week, last)
            found.append(Week(row.week, row.population or 0, overall, answered))
        return found

    def _drawable(self, week: date) -> list[Any]:
        row = InquiryRow
        since, until = begin_of(week), begin_of(week + WEEK)
        statuses = self._session.scalars(
            select(row.status).where(row.at >= since, row.at < until).distinct()
        )
        counted = [each for each in statuses if outcome_of(each) is not Outcome.ASIDE]
        return [
            row.at >= since,
            row.at < until,
            row.status.in_(counted),
            row.text != "",
            ~row.text.like("[%]"),
        ]


def _accuracy(counts: Mapping[str | None, int]) -> Accuracy:
    labels = {label: counts[label] for label in Label if counts.get(label)}
    return Accuracy(labels, counts.get(None, 0))
