"""Invented dossiers are alive at any moment and nobody real."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.onestop.demo import DemoSource, demo_examples, write_demo
from knowledge.onestop.demo_lives import Lives
from knowledge.onestop.model import Stage
from knowledge.onestop.proof import proves

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
MOMENTS = [
    NOW,
    datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    datetime(2026, 11, 23, 0, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2027, 2, 8, 5, 0, tzinfo=UTC),
    datetime(2027, 5, 4, 1, 1, tzinfo=UTC),
]


INVENTED = ("Ví Dụ", "Minh Họa", "Thử Nghiệm", "Giả Định", "Làm Mẫu", "Bịa Tên", "Không Có Thật")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_every_stage_and_an_overdue_one_at_any_moment(moment: datetime) -> None:
    examples = demo_examples(moment)
    assert {each.stage for each in examples} == set(Stage)
    assert any(each.overdue for each in examples)
    lives = Lives().around(moment)
    assert 200 <= len(lives) <= 600
    assert len({life.code for life in lives}) == len(lives)
    assert {life.ward for life in lives} == {f"H32.{n}" for n in (202, 207, 208, 213, 215)}


def test_lives_go_on_and_never_change() -> None:
    before = {life.code: life for life in Lives().around(NOW)}
    after = {life.code: life for life in Lives().around(NOW + timedelta(days=3))}
    both = before.keys() & after.keys()
    assert len(both) > 200
    assert all(before[code] == after[code] for code in both)
    later = NOW + timedelta(days=3)
    assert any(before[code].until(NOW) != before[code].until(later) for code in both)
    for life in before.values():
        assert [step.at for step in life.steps] == sorted(step.at for step in life.steps)


async def test_every_example_opens_with_its_digits(tmp_path: Path) -> None:
    source = DemoSource(tmp_path / "demo.db", clock=Clock())
    for example in demo_examples(NOW):
        dossier = await source.find(example.code)
        assert dossier is not None
        assert dossier.stage is example.stage
        assert proves(dossier, example.digits)
        assert (dossier.procedure_name, dossier.office) != (None, None)
        assert dossier.timeline[-1].stage is example.stage
        if example.overdue:
            assert dossier.due_at is not None
            assert dossier.due_at < NOW
    await source.close()


async def test_what_the_citizen_must_do_is_there(tmp_path: Path) -> None:
    source = DemoSource(tmp_path / "demo.db", clock=Clock())
    by_stage = {each.stage: each for each in demo_examples(NOW)}
    asked = await source.find(by_stage[Stage.SUPPLEMENT].code)
    fee = await source.find(by_stage[Stage.PAYMENT].code)
    ready = await source.find(by_stage[Stage.FINISHED].code)
    refused = await source.find(by_stage[Stage.REFUSED].code)
    assert asked is not None
    assert fee is not None
    assert ready is not None
    assert refused is not None
    assert asked.papers
    assert asked.papers[0].done_at is None
    assert asked.paused_since is not None
    assert fee.fees
    assert fee.fees[0].amount
    assert fee.paused_since is not None
    assert ready.collect_at
    assert refused.refusal
    await source.close()


async def test_time_goes_by_and_followers_are_told(tmp_path: Path) -> None:
    clock = Clock()
    source = DemoSource(tmp_path / "demo.db", clock=clock)
    _, cursor = await source.changed_since(None, 1000)
    clock.now += timedelta(days=1)
    changes, _ = await source.changed_since(cursor, 1000)
    assert changes
    for change in changes[:5]:
        dossier = await source.find(change.code)
        assert dossier is not None
        assert dossier.updated_at == change.at
    await source.close()


def test_nobody_real_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    assert write_demo(path, NOW) > 200
    assert [each.name for each in tmp_path.iterdir()] == ["demo.db"]
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT ChuHoSo, SoGiayToChuHoSo, SoDienThoaiChuHoSo FROM HoSos")
        for name, identity, phone in rows:
            assert any(word in name for word in INVENTED)
            assert identity.startswith("00000000")
            assert phone.startswith("000000")
