"""What the figures of a period mean: each metric defined once, for pages and reports alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.figures import ALL, BAD, GOOD, SLOWER, SPEEDS, Kind, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knowledge.figures import Counts


class Outcome(StrEnum):
    """What an inquiry came to for the citizen."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    UNANSWERED = "unanswered"
    HANDED_OVER = "handed_over"
    ASIDE = "aside"
    """Greetings, thanks, what is said of an answer or to an officer: nothing to be answered."""


_ASIDE = frozenset(
    ["answered_smalltalk", "rated_good", "rated_bad", "handed_over_message", "handed_over_ended"]
)
_BEGINNINGS = {
    "answered": Outcome.ANSWERED,
    "clarify": Outcome.ASKED_BACK,
    "unanswered": Outcome.UNANSWERED,
    "error": Outcome.UNANSWERED,
    "handed_over": Outcome.HANDED_OVER,
}
COUNTED = (Outcome.ANSWERED, Outcome.ASKED_BACK, Outcome.UNANSWERED, Outcome.HANDED_OVER)
"""Outcomes of what could be answered; shares are shares of these."""
MISSED = frozenset(["unanswered_no_match", "clarify_procedure"])
"""Statuses of questions the knowledge has no place for, or more than one."""
LOOKED_UP = frozenset(["answered_dossier", "answered_dossier_overdue"])
OVERDUE = "answered_dossier_overdue"


def outcome_of(status: str) -> Outcome:
    """What a status of the log comes to; one of an older version by its beginning."""
    if status in _ASIDE:
        return Outcome.ASIDE
    beginning = next((each for each in _BEGINNINGS if status.startswith(each)), None)
    return _BEGINNINGS[beginning] if beginning else Outcome.ASIDE


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The figures of one period."""

    inquiries: int
    outcomes: Mapping[Outcome, int]
    visits: int
    """Contacts day by day: who writes on two days counts twice."""
    missed: int
    lookups: int
    overdue: int
    opened: int
    taken: int
    taken_late: int
    closed: int
    good: int
    bad: int
    median: int | None
    """Milliseconds up to which half of the answers took; ``None`` without any or beyond."""
    slow: int | None
    """The same for 95 of a hundred."""

    @property
    def counted(self) -> int:
        """Inquiries that could be answered."""
        return sum(self.outcomes[each] for each in COUNTED)

    def share(self, outcome: Outcome) -> float | None:
        """The share of an outcome among :attr:`counted`; ``None`` of nothing."""
        return self.outcomes[outcome] / self.counted if self.counted else None

    @property
    def satisfied(self) -> float | None:
        """The share of good ratings among all ratings; ``None`` without any."""
        rated = self.good + self.bad
        return self.good / rated if rated else None

    @property
    def in_time(self) -> float | None:
        """The share of hand-overs that an officer took before the promised time."""
        return 1 - self.taken_late / self.taken if self.taken else None


def measured(counts: Counts) -> Metrics:
    """The metrics of summed figures."""
    statuses, steps = counts[Kind.STATUS], counts[Kind.HANDOVER]
    outcomes = dict.fromkeys(Outcome, 0)
    for status, count in statuses.items():
        outcomes[outcome_of(status)] += count
    return Metrics(
        inquiries=sum(statuses.values()),
        outcomes=outcomes,
        visits=counts[Kind.PEOPLE].get(ALL, 0),
        missed=sum(statuses.get(each, 0) for each in MISSED),
        lookups=sum(statuses.get(each, 0) for each in LOOKED_UP),
        overdue=statuses.get(OVERDUE, 0),
        opened=steps.get(Step.OPENED, 0),
        taken=steps.get(Step.TAKEN, 0),
        taken_late=steps.get(Step.TAKEN_LATE, 0),
        closed=steps.get(Step.CLOSED, 0),
        good=counts[Kind.RATING].get(GOOD, 0),
        bad=counts[Kind.RATING].get(BAD, 0),
        median=within(counts[Kind.SPEED], 0.5),
        slow=within(counts[Kind.SPEED], 0.95),
    )


def within(speeds: Mapping[str, int], part: float) -> int | None:
    """The bound (ms) below which at least a part of the answers stayed; ``None`` if none is."""
    total, seen = sum(speeds.values()), 0
    if not total:
        return None
    for bound in SPEEDS:
        seen += speeds.get(f"{bound}", 0)
        if seen >= part * total:
            return bound
    assert speeds.get(SLOWER)
    return None


def change(now: float | None, before: float | None) -> float | None:
    """How much more than before, 0.25 for a quarter more; ``None`` where nothing was before."""
    if now is None or not before:
        return None
    return now / before - 1
