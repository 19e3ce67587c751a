"""Followed dossiers: every change and reminder told once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.following import Following
from bot.news import Office
from bot.sealing import Seal
from knowledge.onestop import Desk, Route, Stage
from knowledge.onestop.demo import DemoSource
from knowledge.onestop.demo_lives import Lives
from knowledge.store import Store, migrate, open_engine
from tests.watching import AN, BINH, CODE, MINUTE, OTHER, ZONE, Clock, World


@pytest.fixture
async def world(store: Store, tmp_path: Path) -> AsyncIterator[World]:
    """On SQLite and on PostgreSQL."""
    made = World(store, tmp_path, Clock())
    yield made
    await made.close()


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[World]:
    """On SQLite only, for what has nothing to do with our database."""
    engine = open_engine(f"sqlite:///{tmp_path / 'own.db'}")
    migrate(engine)
    store = Store(engine)
    made = World(store, tmp_path, Clock())
    yield made
    await made.close()
    store.close()


async def test_a_change_is_told_once_to_everybody_who_follows(world: World) -> None:
    await world.follow(AN)
    await world.follow(BINH)
    world.clock.now += MINUTE
    world.change(TrangThaiHoSoId=9, NgayKetThucXuLy=datetime(2026, 11, 25, 12))  # noqa: DTZ001
    polled = await world.following.poll()
    assert (polled.looks, polled.told) == (1, 2)
    assert await world.later() == 0
    assert await world.later(timedelta(minutes=40)) == 0
    for contact in (AN, BINH):
        [reply] = world.got(contact)
        assert reply.lead.startswith("Tin mới về hồ sơ …0042")
        assert "Đã có kết quả" in reply.sections[0].lines[0]


async def test_what_is_not_followed_is_not_looked_up(world: World) -> None:
    await world.follow()
    world.clock.now += MINUTE
    world.change(OTHER, TrangThaiHoSoId=9)
    polled = await world.following.poll()
    assert (polled.changes, polled.looks, polled.told) == (1, 0, 0)


async def test_a_state_that_comes_back_is_told_again(world: World) -> None:
    await world.follow()
    for stage in (9, 4, 9, 4):
        world.clock.now += MINUTE
        world.change(TrangThaiHoSoId=stage)
        assert await world.later() == 1
    assert len(world.got()) == 4


async def test_a_touch_without_change_is_no_news(world: World) -> None:
    await world.follow()
    world.clock.now += MINUTE
    world.change(NguoiDangXuLy="Người khác")
    polled = await world.following.poll()
    assert (polled.changes, polled.looks, polled.told) == (1, 1, 0)


class Killed(BaseException):
    """The process dies."""


@pytest.mark.parametrize("dies_at", range(12))
async def test_killed_anywhere_it_is_told_exactly_once(
    world: World, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    await world.follow()
    world.clock.now += MINUTE
    world.change(TrangThaiHoSoId=9)
    count = 0
    write = Office.write

    async def dying(self: Office, do: Any) -> Any:
        nonlocal count
        count += 1
        if count == dies_at + 1:
            # Even numbers die before the transaction ends, odd ones right after it.
            def broken(work: Any) -> None:
                do(work)
                raise Killed

            await write(self, broken if dies_at % 2 == 0 else do)
            raise Killed
        return await write(self, do)

    with monkeypatch.context() as patched:
        patched.setattr(Office, "write", dying)
        try:
            await world.following.poll()
        except Killed:
            pass
        else:
            assert dies_at >= 7
    world.restart()
    await world.later()
    await world.later()
    assert len(world.got()) == 1


async def test_a_failing_database_loses_no_change_of_a_living_process(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await small.follow()
    small.clock.now += MINUTE
    small.change(TrangThaiHoSoId=9)
    noting = Following._noting

    def broken(*_given: Any) -> Any:
        def write(_work: Any) -> None:
            raise OSError("disk full")

        return write

    monkeypatch.setattr(Following, "_noting", broken)
    with pytest.raises(OSError, match="disk full"):
        await small.following.poll()
    monkeypatch.setattr(Following, "_noting", noting)
    # The source's reader has told it already and tells it no more.
    assert await small.later() == 1


async def test_two_processes_tell_once(world: World) -> None:
    await world.follow()
    other = world.over(world.desk)
    world.clock.now += MINUTE
    world.change(TrangThaiHoSoId=9)
    await asyncio.gather(world.following.poll(), other.poll())
    await world.later()
    assert len(world.got()) == 1


async def test_what_happened_while_nothing_ran_is_told_at_the_start(world: World) -> None:
    await world.follow()
    world.clock.now += timedelta(hours=2)
    world.change(TrangThaiHoSoId=9)
    world.restart()
    assert await world.later() == 1


async def test_at_night_nothing_is_told_and_in_the_morning_once(world: World) -> None:
    await world.follow()
    world.clock.now = datetime(2026, 11, 25, 22, tzinfo=ZONE)
    world.change(TrangThaiHoSoId=9)
    assert await world.later() == 0
    world.restart()
    assert await world.later(timedelta(hours=8)) == 0
    assert world.got() == []
    world.clock.now = datetime(2026, 11, 26, 7, tzinfo=ZONE)
    assert await world.later() == 1
    assert len(world.got()) == 1


async def test_a_source_without_changes_is_asked_every_half_hour(small: World) -> None:
    small.restart(tells_changes=False)
    await small.follow()
    small.change(TrangThaiHoSoId=9)
    looks = 0
    for _ in range(60):
        small.clock.now += MINUTE
        looks += (await small.following.poll()).looks
    assert looks in (1, 2)
    assert len(small.got()) == 1


async def test_a_source_that_is_down_loses_nothing(small: World) -> None:
    await small.follow()
    small.clock.now += MINUTE
    small.change(TrangThaiHoSoId=9)
    with small.engine.begin() as connection:
        connection.exec_driver_sql('ALTER TABLE "HoSoBoSung" RENAME TO gone')
    assert await small.later() == 0
    assert small.watches() == 1
    with small.engine.begin() as connection:
        connection.exec_driver_sql('ALTER TABLE gone RENAME TO "HoSoBoSung"')
    small.restart()
    assert await small.later(timedelta(minutes=15)) == 1


async def test_a_dossier_that_vanished_is_no_news_and_ends_in_a_month(small: World) -> None:
    await small.follow()
    small.clock.now += MINUTE
    small.change(DeletedOn=datetime(2026, 11, 25))  # noqa: DTZ001
    with small.engine.begin() as connection:
        connection.exec_driver_sql('DELETE FROM "HoSos"')
    assert await small.later(timedelta(days=2)) == 0
    assert await small.later(timedelta(days=29)) == 0
    assert small.watches() == 1
    await small.later(timedelta(days=2))
    assert small.watches() == 0
    assert small.got() == []


async def test_reminders_come_once_over_restarts(small: World) -> None:
    # Due on Wednesday the 2nd of December.
    await small.follow()
    leads = []
    for day in range(14):
        for hour in (8, 9, 15):
            small.clock.now = datetime(2026, 11, 26, hour, tzinfo=ZONE) + timedelta(days=day)
            if await small.following.poll():
                small.restart()
            new = small.got()[len(leads) :]
            leads += [(f"{small.clock.now:%d/%m}", each.lead) for each in new]
    assert [(day, lead.split(".")[0][:20]) for day, lead in leads] == [
        ("01/12", "Nhắc anh/chị: hồ sơ "),
        ("03/12", "Hồ sơ …0042 đã quá n"),
    ]


async def test_the_citizen_is_told_that_following_ends_and_nothing_more(small: World) -> None:
    await small.follow()
    small.clock.now += MINUTE
    small.change(TrangThaiHoSoId=10, NgayTra=datetime(2026, 11, 25))  # noqa: DTZ001
    assert await small.later() == 1
    assert "đến ngày 25/12/2026" in small.got()[-1].sections[-1].lines[-1]
    await small.later(timedelta(days=29))
    assert small.watches() == 1
    await small.later(timedelta(days=2))
    assert small.watches() == 0
    assert len(small.got()) == 1


async def test_begin_end_and_mine(world: World) -> None:
    await world.follow()
    await world.follow(code=OTHER)
    await world.follow()
    assert await world.following.mine("web", AN) == [(CODE, "1.012784"), (OTHER, "1.012784")]
    assert await world.following.mine("web", BINH) == []
    assert await world.following.end("web", AN, CODE) == 1
    assert await world.following.end("web", AN) == 1
    assert await world.following.end("web", AN) == 0
    # A channel that nothing can be told through.
    await world.follow(channel="terminal")
    assert not world.following.reaches("terminal")
    assert await world.following.mine("terminal", AN) == []


def _bytes(home: Path) -> list[bytes]:
    return [file.read_bytes() for file in home.glob("own.db*")]


async def test_nothing_readable_is_kept(small: World, tmp_path: Path) -> None:
    await small.follow("0912345678")
    small.change(TrangThaiHoSoId=9)
    await small.later()
    small.store.close()
    for kept in _bytes(tmp_path):
        assert CODE.encode() not in kept
        assert b"0912345678" not in kept


async def test_another_key_ends_the_watch(small: World) -> None:
    await small.follow()
    with small.store.work() as work:
        [watch] = work.dossiers.watched_by("web", small.answers.contact_hash("web", AN))
        known = vars(watch) | {"sealed": Seal([Seal.new_key()]).close({})}
        work.dossiers.watch(type(watch)(**known))
    small.change(TrangThaiHoSoId=9)
    assert await small.later() == 0
    assert small.watches() == 0


async def test_a_life_of_the_demo_is_told_step_by_step(small: World, tmp_path: Path) -> None:
    lives = Lives()._of_day(small.clock().date() - timedelta(days=1))
    life = next(
        each for each in lives
        if {Stage.SUPPLEMENT, Stage.STOPPED} <= {step.stage for step in each.steps}
        or {Stage.FINISHED, Stage.RETURNED} <= {step.stage for step in each.steps}
    )  # fmt: skip
    source = DemoSource(tmp_path / "demo.db", clock=small.clock)
    small.sources.append(source)
    small.desk = Desk([Route(source=source, prefixes=("H32",))])
    small.following = small.over(small.desk)
    small.clock.now = life.steps[0].at + MINUTE
    await small.follow(code=life.code)
    expected: list[Stage] = []
    shown = life.steps[0].stage
    while small.clock.now < life.steps[-1].at + timedelta(days=2):
        small.clock.now += timedelta(hours=6)
        await small.following.poll()
    for step in life.steps[1:]:
        if step.stage != shown:
            expected.append(step.stage)
            shown = step.stage
    news = [each for each in small.got() if each.lead.startswith("Tin mới")]
    # Steps of the same few hours may come as one.
    assert 2 <= len(news) <= len(expected)
    assert "thôi" in news[-1].sections[-1].lines[-1]


async def test_a_source_on_postgresql(store: Store, tmp_path: Path, postgresql: Any) -> None:
    world = World(store, tmp_path, Clock(), address=postgresql())
    await world.follow()
    world.change(TrangThaiHoSoId=9)
    assert await world.later() == 1
    assert await world.later() == 0
    await world.close()
