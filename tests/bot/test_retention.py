"""Words and memories go when their time is over, in portions; figures and what is newer stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.retention import Retention
from knowledge import retention
from knowledge.retention import EXPIRED
from knowledge.store import InquiryRecord, Memorandum, Store

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def inquiry(days: int, text: str) -> InquiryRecord:
    return InquiryRecord(
        at=NOW - timedelta(days=days),
        channel="web",
        contact="hashed",
        text=text,
        intent="question",
        status="answered",
        milliseconds=1.0,
        procedure="1.000894",
    )


@pytest.fixture
def keeping(store: Store, monkeypatch: pytest.MonkeyPatch) -> Retention:
    monkeypatch.setattr(retention, "PORTION", 2)
    monkeypatch.setattr("bot.retention.BREATH", 0.0)
    with store.work() as work:
        work.log([inquiry(days, f"câu {days}") for days in (400, 390, 380, 370, 366, 364, 0)])
        work.remember(
            [
                Memorandum(
                    channel="web",
                    contact=f"c{days}",
                    memory={"topic": "x"},
                    updated_at=NOW - timedelta(days=days),
                )
                for days in (90, 60, 31, 29)
            ]
        )
    year, month = timedelta(days=365), timedelta(days=30)
    return Retention(store=store, clock=lambda: NOW, words=year, conversations=month)


async def test_what_is_due_goes_and_the_rest_stays(store: Store, keeping: Retention) -> None:
    await keeping.forget()
    with store.work() as work:
        rows = work.inquiries()
        left = [days for days in (90, 60, 31, 29) if work.memory("web", f"c{days}")]
    assert left == [29]
    assert [row.text for row in rows] == ["câu 0", "câu 364", *[EXPIRED] * 5]
    assert [row.contact for row in rows] == ["hashed"] * 2 + [""] * 5
    assert {row.procedure for row in rows} == {"1.000894"}
    with store.work() as work:
        assert work.questions(NOW - timedelta(days=999)) == [("câu 0", 1), ("câu 364", 1)]


async def test_it_ends_when_nothing_is_due(store: Store, keeping: Retention) -> None:
    await keeping.forget()
    await keeping.forget()
    with store.work() as work:
        assert len(work.inquiries()) == 7


async def test_a_clock_set_back_forgets_nothing(store: Store, keeping: Retention) -> None:
    back = Retention(
        store=store,
        clock=lambda: NOW - timedelta(days=3650),
        words=keeping.words,
        conversations=keeping.conversations,
    )
    await back.forget()
    with store.work() as work:
        assert EXPIRED not in {row.text for row in work.inquiries()}
