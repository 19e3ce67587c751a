"""Followed dossiers: every change and reminder told once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from bot.app import build_services, open_store
from bot.channels import Limits
from bot.channels.pickup import PickupChannel, reply_of
from bot.channels.zalo_oa_templates import status_template
from bot.desk import Desk as Answers
from bot.following import Following
from bot.news import Office
from bot.sealing import Seal
from handlers.conversation import Reply
from knowledge.onestop import Desk, Dossier, Route, Stage
from knowledge.onestop.demo import DemoSource
from knowledge.onestop.demo_lives import Lives
from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from knowledge.store import Store, migrate, open_engine
from tests.fakes import Platform, Trouble
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_oa import FakeZaloOa
from tests.knowledge.onestop.schemas import CODE, one, touch, write_provincial, writer
from tests.rig import KEY, SALT, Rig, copied

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OTHER = "H32.215-261118-0043"
AN, BINH = "7001", "7002"
SERVICES = build_services([])
MINUTE = timedelta(minutes=1)


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now


def mapping(*, tells_changes: bool = True) -> SqlMapping:
    found = read_mapping(shipped("provincial"))
    assert isinstance(found, SqlMapping)
    return found if tells_changes else found.model_copy(update={"changes": None})


class World:
    """An office's database, our own, and a channel whose citizens collect."""

    def __init__(self, store: Store, home: Path, clock: Any, **channels: Any) -> None:
        self.store, self.clock = store, clock
        self.address = f"sqlite:///{home / 'onestop.db'}"
        self.engine: Engine = writer(self.address)
        write_provincial(self.engine, *(one(code) for code in (CODE, OTHER)))
        self.answers = Answers(store=store, services=SERVICES, salt=SALT)
        self.channels = channels or {"web": PickupChannel("web", Limits(max_text=4000))}
        self.templates: dict[str, Any] = {}
        self.sources: list[SqlSource] = []
        self.restart()

    def restart(self, *, tells_changes: bool = True) -> Following:
        """A new process over the same databases."""
        source = SqlSource(
            "x", self.address, mapping(tells_changes=tells_changes), clock=self.clock
        )
        self.sources.append(source)
        self.desk = Desk([Route(source=source, prefixes=("H32",))])
        self.following = self.over(self.desk)
        return self.following

    def over(self, desk: Any) -> Following:
        office = Office(
            store=self.store,
            seal=Seal([KEY]),
            channels=self.channels,
            services=lambda: SERVICES,
            contact_hash=self.answers.contact_hash,
            code_hash=lambda code: self.answers.contact_hash("dossier", code),
            clock=self.clock,
            templates=self.templates,
        )
        return Following(desk, office)

    async def follow(self, contact: str = AN, code: str = CODE, channel: str = "web") -> None:
        found = await self.desk.find(code)
        assert isinstance(found, Dossier)
        await self.following.begin(channel, contact, found)
        for _ in range(3):
            # Until the source is sure that no transaction of before is still coming.
            await self.following.poll()
            self.clock.now += 10 * MINUTE

    def change(self, code: str = CODE, **changes: Any) -> None:
        """The office's program writes."""
        local = self.clock().astimezone(ZONE).replace(tzinfo=None, microsecond=0)
        touch(self.engine, code, local, **changes)

    async def later(self, by: timedelta = MINUTE) -> int:
        """Time passes, then a poll; how much was told."""
        self.clock.now += by
        return (await self.following.poll()).told

    def got(self, contact: str = AN, channel: str = "web") -> list[Reply]:
        """What waits for a citizen."""
        hashed = self.answers.contact_hash(channel, contact)
        with self.store.work() as work:
            parcels = work.queues.collect(channel, hashed, after=0, at=self.clock())
        replies = [reply_of(Seal([KEY]).open(each.sealed)[2]) for each in parcels]
        return [each for each in replies if each]

    def watches(self, contact: str = AN, channel: str = "web") -> int:
        hashed = self.answers.contact_hash(channel, contact)
        with self.store.work() as work:
            return len(work.dossiers.watched_by(channel, hashed))

    async def close(self) -> None:
        for source in self.sources:
            await source.close()
        self.engine.dispose()


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


class Live(Rig):
    """The rig on the clock of a test."""

    time: Any

    def now(self) -> datetime:
        found: datetime = self.time()
        return found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded database to copy."""
    file = tmp_path_factory.mktemp("seeded") / "office.db"
    open_store(f"sqlite:///{file}").close()
    return file


async def lived(platform: Platform, template: Path, home: Path, clock: Any) -> tuple[Live, World]:
    """An office on a platform, and a dossier to follow there."""
    rig = Live(platform, copied(template, home), SERVICES, home)
    rig.time = clock
    await rig.start()
    assert rig.channel
    world = World(rig.store, home, clock, **{platform.name: rig.channel})
    await platform.say(AN, "xin chào")
    await rig.idle()
    platform.bubbles.clear()
    await world.follow(channel=platform.name)
    return rig, world


async def test_a_change_becomes_one_bubble_on_telegram(template: Path, tmp_path: Path) -> None:
    async with FakeTelegram() as telegram:
        rig, world = await lived(telegram, template, tmp_path, Clock())
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 1
        await rig.idle()
        world.restart()
        await world.later()
        await rig.idle()
        [bubble] = rig.said(AN)
        assert "…0042" in bubble.text
        assert CODE not in bubble.text
        assert bubble.buttons == ("Xem quá trình", "Dừng theo dõi")
        await world.close()
        await rig.close()


async def test_a_citizen_who_blocked_is_followed_no_longer(template: Path, tmp_path: Path) -> None:
    async with FakeTelegram() as telegram:
        rig, world = await lived(telegram, template, tmp_path, Clock())
        telegram.trouble(Trouble.LEFT)
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 1
        await rig.idle()
        world.change(TrangThaiHoSoId=4)
        assert await world.later() == 0
        assert world.watches(channel="telegram") == 0
        assert rig.said(AN) == []
        await world.close()
        await rig.close()


class Movable:
    """The clock of the fake Zalo, which is moved by its own means."""

    def __init__(self, zalo: FakeZaloOa) -> None:
        self.zalo = zalo

    def __call__(self) -> datetime:
        return self.zalo.clock()

    @property
    def now(self) -> datetime:
        return self.zalo.clock()

    @now.setter
    def now(self, moment: datetime) -> None:
        self.zalo._ahead += moment - self.zalo.clock()


async def zalo_office(zalo: FakeZaloOa, template: Path, home: Path) -> tuple[Live, World]:
    await zalo.advance_to(9)
    return await lived(zalo, template, home, Movable(zalo))


async def test_outside_the_window_news_wait_for_the_citizen(template: Path, tmp_path: Path) -> None:
    async with FakeZaloOa() as zalo:
        rig, world = await zalo_office(zalo, template, tmp_path)
        await zalo.advance(timedelta(hours=50))
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 0
        await zalo.say(AN, "xin chào")
        await rig.idle()
        zalo.bubbles.clear()
        assert await world.later(timedelta(hours=1)) == 1
        await rig.idle()
        [bubble] = rig.said(AN)
        assert "…0042" in bubble.text
        await zalo.settle()
        await world.close()
        await rig.close()


async def test_outside_the_window_a_template_tells_it(template: Path, tmp_path: Path) -> None:
    async with FakeZaloOa() as zalo:
        zalo.templates["st1"] = {"ma_ho_so": 30, "trang_thai": 30, "ngay": 20}
        rig, world = await zalo_office(zalo, template, tmp_path)
        world.templates["zalo_oa"] = status_template("st1")
        await zalo.advance(timedelta(hours=50))
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 1
        await rig.idle()
        assert rig.said(AN) == []
        [bubble] = rig.said(f"template:{AN}")
        assert "Đã có kết quả" in str(bubble.raw)
        assert CODE not in str(bubble.raw)
        assert await world.later(timedelta(hours=1)) == 0
        await zalo.settle()
        await world.close()
        await rig.close()


async def test_a_window_that_closed_on_the_way_is_made_good(template: Path, tmp_path: Path) -> None:
    async with FakeZaloOa() as zalo:
        rig, world = await zalo_office(zalo, template, tmp_path)
        zalo.trouble(Trouble.CLOSED)
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 1
        await rig.idle()
        assert rig.said(AN) == []
        # Nothing is tried while the citizen keeps silent.
        assert await world.later(timedelta(hours=1)) == 0
        await zalo.say(AN, "xin chào")
        await rig.idle()
        zalo.bubbles.clear()
        assert await world.later(timedelta(hours=1)) == 1
        await rig.idle()
        world.restart()
        assert await world.later(timedelta(hours=1)) == 0
        await rig.idle()
        assert len(rig.said(AN)) == 1
        await zalo.settle()
        await world.close()
        await rig.close()
