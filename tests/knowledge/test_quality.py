"""Drawing, labelling and the interval of accuracy."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from knowledge.figures import begin_of
from knowledge.metrics import Outcome
from knowledge.quality import WEEK, Accuracy, Label, monday_of, wilson
from knowledge.store import Store
from knowledge.tables import QualitySample
from tests.staffing import inquiry

MONDAY = date(2026, 11, 16)
OVER = begin_of(MONDAY + WEEK)
NONE = {"procedure": None, "aspect": None, "score": None, "revision": None}


class Undone(Exception):
    """Ends a transaction without a trace."""


def at(day: int, hour: int = 9) -> datetime:
    return begin_of(MONDAY + timedelta(days=day)) + timedelta(hours=hour)


@pytest.fixture
def asked(store: Store) -> Store:
    """Forty questions of the week that may be drawn, and what may not."""
    with store.work() as work:
        work.log([inquiry(f"câu {number}", at=at(number % 7)) for number in range(38)])
        work.log(
            [
                inquiry("không rõ", at=at(0, 0), status="clarify_procedure", **NONE),
                inquiry("trời mưa", at=at(6, 23), status="unanswered_no_match", **NONE),
                inquiry("[show:1.001193:fee]", at=at(1)),
                inquiry("[tra cứu hồ sơ]", at=at(1), status="answered_dossier", **NONE),
                inquiry("chào em", at=at(1), status="answered_smalltalk", **NONE),
                inquiry("", at=at(1), status="unanswered_empty", **NONE),
                inquiry("tuần trước", at=at(-1, 23)),
                inquiry("tuần sau", at=at(7, 0)),
            ]
        )
    return store


def test_a_week_is_drawn_once_when_it_is_over(asked: Store) -> None:
    with asked.work() as work:
        assert work.quality.draw(MONDAY, at=OVER - timedelta(seconds=1)) == 0
        assert work.quality.draw(MONDAY, at=OVER, size=10) == 10
        assert work.quality.draw(MONDAY, at=OVER, size=10) == 0
        [week] = work.quality.weeks()
    assert (week.week, week.population, week.overall.waiting) == (MONDAY, 40, 10)


def test_only_questions_that_could_be_answered_are_drawn(asked: Store) -> None:
    with asked.work() as work:
        assert work.quality.draw(MONDAY, at=OVER, size=100) == 40
        texts = set()
        for number in range(1, 41):
            sample = work.quality.get(number)
            assert sample is not None
            line = work.inquiry_log.get(sample.inquiry)
            assert line is not None
            texts.add(line.text)
    assert texts == {f"câu {number}" for number in range(38)} | {"không rõ", "trời mưa"}


def test_every_question_has_a_chance(asked: Store) -> None:
    """Thirty draws of ten out of forty: three left out, or one drawn 25 times, is no chance."""
    seen: Counter[int] = Counter()
    for _ in range(30):
        with contextlib.suppress(Undone), asked.work() as work:
            work.quality.draw(MONDAY, at=OVER, size=10)
            seen.update(work._session.scalars(select(QualitySample.inquiry)))
            raise Undone
    assert len(seen) >= 38
    assert max(seen.values()) < 25


def test_an_empty_week_is_drawn_too(store: Store) -> None:
    with store.work() as work:
        assert work.quality.draw(MONDAY, at=OVER) == 0
        [week] = work.quality.weeks()
    assert (week.population, week.overall.share, week.overall.interval) == (0, None, None)


def test_labels_are_counted_by_hand(asked: Store) -> None:
    labels = [Label.RIGHT] * 4 + [Label.PARTLY, Label.WRONG, Label.SHOULD_ASK, Label.UNCLEAR]
    with asked.work() as work:
        work.quality.draw(MONDAY, at=OVER, size=40)
        answered = [
            number
            for number in range(1, 41)
            if (sample := work.quality.get(number)) and sample.outcome == Outcome.ANSWERED
        ]
        for number, label in zip(answered, labels, strict=False):
            work.quality.label(number, label, by="lan", note="", at=OVER)
        # A second thought.
        work.quality.label(answered[0], Label.WRONG, by="minh", note="nhầm", at=OVER)
        found = work.quality.accuracy(MONDAY, MONDAY + timedelta(days=6))
        assert found.labels == {
            Label.RIGHT: 3,
            Label.PARTLY: 1,
            Label.WRONG: 2,
            Label.SHOULD_ASK: 1,
            Label.UNCLEAR: 1,
        }
        assert (found.judged, found.right, found.waiting) == (7, 3, 30)
        assert found.share == pytest.approx(3 / 7)
        assert work.quality.waiting() == 32
        later = MONDAY + timedelta(days=7)
        assert work.quality.accuracy(later, later) == Accuracy({})


def test_the_next_one_waits_and_is_not_the_one_put_off(asked: Store) -> None:
    with asked.work() as work:
        assert work.quality.next() is None
        work.quality.draw(MONDAY, at=OVER, size=2)
        first = work.quality.next()
        assert first in (1, 2)
        assert work.quality.next(but=1) == 2
        work.quality.label(2, Label.RIGHT, by="lan", note="", at=OVER)
        assert work.quality.next() == 1
        assert work.quality.next(but=1) is None


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_intervals_as_published(hits: int, tries: int, low: float, high: float) -> None:
    found = wilson(hits, tries)
    assert found == pytest.approx((low, high), abs=0.00006)


def test_weeks_begin_on_monday() -> None:
    assert monday_of(MONDAY) == monday_of(MONDAY + timedelta(days=6)) == MONDAY
