"""A desk follows what takes force and what ends at midnight, without a word from anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from bot.desk import Desk
from knowledge.store import Store
from tests.bot.test_replay import BIRDS, KITES

NOW = datetime(2026, 6, 24, 2, 0, tzinfo=UTC)
JULY = date(2026, 7, 1)


@dataclass
class Calendar:
    """The day as a test wants it."""

    day: date = date(2026, 6, 30)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


def test_every_process_switches_on_the_day(store: Store, calendar: Calendar) -> None:
    with store.work() as work:
        work.write(KITES, publish=True, author="seed", reason="x", at=NOW)
        new = KITES.model_copy(update={"notes": ("luật mới",)})
        body = new.model_dump(mode="json", exclude_defaults=True)
        revisions = work.revisions
        revisions.save(KITES.code, "lan", body, base=1, expects=0, at=NOW)
        waiting = revisions.submit(
            KITES.code, "lan", reason="luật mới", at=NOW, effective_from=JULY
        )
        revisions.approve(KITES.code, waiting.number, reviewer="minh", at=NOW, today=calendar.day)
    desks = [Desk.open(store, b"salt", today=calendar) for _ in range(2)]
    assert [desk.refresh() for desk in desks] == [False, False]
    assert {desk.services.index.procedures[KITES.code].notes for desk in desks} == {()}
    calendar.day = JULY
    assert [desk.refresh() for desk in desks] == [True, True]
    assert [desk.refresh() for desk in desks] == [False, False]
    shown = [desk.services.index.procedures[KITES.code] for desk in desks]
    assert {(each.notes, each.revision) for each in shown} == {(("luật mới",), waiting.number)}


def test_a_record_begins_and_ends_with_its_dates(store: Store, calendar: Calendar) -> None:
    with store.work() as work:
        ending = KITES.model_copy(update={"valid_until": date(2026, 6, 30)})
        beginning = BIRDS.model_copy(update={"valid_from": JULY})
        for each in (ending, beginning):
            work.write(each, publish=True, author="seed", reason="x", at=NOW)
    desk = Desk.open(store, b"salt", today=calendar)
    assert list(desk.services.index.procedures) == [KITES.code]
    calendar.day = JULY
    assert desk.refresh() is True
    assert list(desk.services.index.procedures) == [BIRDS.code]
