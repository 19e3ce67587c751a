"""Figures of days and the metrics over them, against data counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from handlers.conversation import Status
from knowledge.bulk import upsert_all
from knowledge.figures import ALL, BAD, GOOD, Figures, Kind, Step, begin_of, in_weeks
from knowledge.handovers import Opening, Why
from knowledge.metrics import Metrics, Outcome, change, measured, outcome_of, within
from knowledge.store import Store
from knowledge.tables import RatingRow
from tests.staffing import inquiry

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
"""Two days in Vietnam; Monday begins on Sunday at 17:00 UTC."""
NONE = {"procedure": None, "aspect": None, "score": None, "revision": None}


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return begin_of(day) + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def told(store: Store) -> Store:
    """Eleven lines of two days and two hand-overs; whatever is expected was counted on these."""
    with store.work() as work:
        work.log(
            [
                # Monday: seven lines of three contacts.
                inquiry("a", at=at(MONDAY, 0), milliseconds=1.0),
                inquiry("b", at=at(MONDAY, 8, 59), milliseconds=2.5, procedure="2.000815"),
                inquiry("c", at=at(MONDAY, 9), milliseconds=2.5, contact="xyz"),
                inquiry(
                    "d", at=at(MONDAY, 9, 1), status="clarify_procedure", channel="web", **NONE
                ),
                inquiry("e", at=at(MONDAY, 23, 59), status="unanswered_no_match", **NONE),
                inquiry("f", at=at(MONDAY, 23, 59), status="answered_smalltalk", **NONE),
                inquiry(
                    "[tra cứu hồ sơ]",
                    at=at(MONDAY, 23, 59),
                    status="answered_dossier_overdue",
                    milliseconds=9_000.0,
                    **NONE,
                ),
                # Tuesday: four lines of one contact and one that was erased.
                inquiry("g", at=at(TUESDAY, 0), status="handed_over", **NONE),
                inquiry("h", at=at(TUESDAY, 1), status="handed_over_message", **NONE),
                inquiry("[tra cứu hồ sơ]", at=at(TUESDAY, 2), status="answered_dossier", **NONE),
                inquiry("k", at=at(TUESDAY, 3), contact="", status="error_internal", **NONE),
            ]
        )
        for contact, opened, taken in (
            ("one", at(MONDAY, 9), at(MONDAY, 10)),
            ("two", at(MONDAY, 9), at(TUESDAY, 8)),
        ):
            opening = Opening(
                channel="web",
                contact=contact,
                sealed_contact=b"x",
                why=Why.ASKED,
                at=opened,
                expected_by=at(MONDAY, 11),
            )
            number = work.handovers.open(opening)
            work.handovers.take(number, "lan", at=taken)
        # Three ratings on Tuesday, one of them a second thought about the same answer.
        for number, good in ((1, True), (2, True), (2, False)):
            row = {"inquiry": number, "good": good, "at": at(TUESDAY, 4)}
            upsert_all(work._session, RatingRow, ("inquiry",), [row])
    return store


def counted(store: Store, *days: date) -> Figures:
    with store.work() as work:
        for day in days:
            work.figures.count(day, at=at(TUESDAY, 12))
        return work.figures


def test_a_day_is_counted_by_kind(told: Store) -> None:
    counted(told, MONDAY, TUESDAY)
    with told.work() as work:
        monday = work.figures.totals(MONDAY, MONDAY)
        both = work.figures.totals(MONDAY, TUESDAY)
    assert monday[Kind.STATUS] == {
        "answered": 3,
        "clarify_procedure": 1,
        "unanswered_no_match": 1,
        "answered_smalltalk": 1,
        "answered_dossier_overdue": 1,
    }
    assert monday[Kind.CHANNEL] == {"zalo_oa": 6, "web": 1}
    assert monday[Kind.HOUR] == {"00": 1, "08": 1, "09": 2, "23": 3}
    assert monday[Kind.PROCEDURE] == {"1.001193": 2, "2.000815": 1}
    assert monday[Kind.SPEED] == {"1": 1, "3": 2, "5": 3, "slower": 1}
    assert monday[Kind.PEOPLE] == {ALL: 3}
    assert monday[Kind.HANDOVER] == {Step.OPENED: 2, Step.TAKEN: 1}
    assert monday[Kind.RATING] == {}
    assert both[Kind.RATING] == {GOOD: 1, BAD: 1}
    assert both[Kind.PEOPLE] == {ALL: 4}
    assert both[Kind.HANDOVER] == {Step.OPENED: 2, Step.TAKEN: 2, Step.TAKEN_LATE: 1}


def test_metrics_of_both_days(told: Store) -> None:
    counted(told, MONDAY, TUESDAY)
    with told.work() as work:
        found = measured(work.figures.totals(MONDAY, TUESDAY))
    assert found == Metrics(
        inquiries=11,
        outcomes={
            Outcome.ANSWERED: 5,
            Outcome.ASKED_BACK: 1,
            Outcome.UNANSWERED: 2,
            Outcome.HANDED_OVER: 1,
            Outcome.ASIDE: 2,
        },
        visits=4,
        missed=2,
        lookups=2,
        overdue=1,
        opened=2,
        taken=2,
        taken_late=1,
        closed=0,
        good=1,
        bad=1,
        median=5,
        slow=None,
    )
    assert found.counted == 9
    assert found.share(Outcome.ANSWERED) == pytest.approx(5 / 9)
    assert found.in_time == 0.5
    assert found.satisfied == 0.5


def test_nothing_has_no_shares(store: Store) -> None:
    with store.work() as work:
        found = measured(work.figures.totals(MONDAY, TUESDAY))
    assert found.inquiries == 0
    assert found.share(Outcome.ANSWERED) is None
    assert found.in_time is None
    assert found.satisfied is None
    assert found.median is None


def test_counting_again_counts_nothing_twice(told: Store) -> None:
    counted(told, MONDAY)
    with told.work() as work:
        before = work.figures.totals(MONDAY, MONDAY)
        work.log([inquiry("m", at=at(MONDAY, 5), channel="telegram")])
    counted(told, MONDAY)
    with told.work() as work:
        after = work.figures.totals(MONDAY, MONDAY)
    assert after[Kind.CHANNEL] == {**before[Kind.CHANNEL], "telegram": 1}


def test_days_that_are_to_be_counted(told: Store) -> None:
    wednesday = TUESDAY + timedelta(days=1)
    with told.work() as work:
        assert work.figures.stale(at(wednesday, 1)) == [MONDAY, TUESDAY, wednesday]
        work.figures.count(MONDAY, at=at(TUESDAY, 0))
        # Counted while it was not over: once more.
        work.figures.count(TUESDAY, at=at(TUESDAY, 23))
        assert work.figures.stale(at(wednesday, 1)) == [TUESDAY, wednesday]
        # A clock set back finds no days that have not come yet.
        assert work.figures.stale(at(MONDAY, 1)) == []


def test_an_office_nobody_wrote_to_counts_today(store: Store) -> None:
    with store.work() as work:
        assert work.figures.stale(datetime(2026, 11, 23, 17, tzinfo=UTC)) == [TUESDAY]


def test_day_by_day_has_every_day(told: Store) -> None:
    counted(told, MONDAY)
    with told.work() as work:
        found = work.figures.by_day(MONDAY, TUESDAY, Kind.CHANNEL)
    assert found == {MONDAY: {"zalo_oa": 6, "web": 1}, TUESDAY: {}}


def test_every_status_has_an_outcome() -> None:
    for status in Status:
        aside = outcome_of(status) is Outcome.ASIDE
        assert aside == (status in (Status.ANSWERED_SMALLTALK, *_said_to_somebody())), status
    assert outcome_of("answered_of_next_year") is Outcome.ANSWERED
    assert outcome_of("?") is Outcome.ASIDE


def _said_to_somebody() -> tuple[Status, ...]:
    """To an officer, or of an answer."""
    officer = (Status.HANDED_OVER_MESSAGE, Status.HANDED_OVER_ENDED)
    return *officer, Status.RATED_GOOD, Status.RATED_BAD


@pytest.mark.parametrize(
    ("speeds", "part", "bound"),
    [
        ({"1": 50, "2": 50}, 0.5, 1),
        ({"1": 49, "2": 51}, 0.5, 2),
        ({"1": 95, "5000": 5}, 0.95, 1),
        ({"1": 94, "5000": 6}, 0.95, 5000),
        ({"1": 1, "slower": 9}, 0.5, None),
        ({}, 0.5, None),
    ],
)
def test_bounds(speeds: dict[str, int], part: float, bound: int | None) -> None:
    assert within(speeds, part) == bound


def test_changes() -> None:
    assert change(5, 4) == 0.25
    assert change(5, 0) is None
    assert change(None, 4) is None


def test_weeks_begin_on_monday() -> None:
    sunday = MONDAY - timedelta(days=1)
    assert in_weeks({sunday: 1, MONDAY: 2, TUESDAY: 3}) == {date(2026, 11, 16): 1, MONDAY: 5}
