"""News of followed dossiers from the source's change to the bubble, on real queues."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_store
from bot.channels.zalo_oa_templates import status_template
from tests.fakes import Platform, Trouble
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_oa import FakeZaloOa
from tests.rig import Rig, copied
from tests.watching import AN, CODE, SERVICES, Clock, World


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


async def test_news_wait_while_a_channel_is_off(template: Path, tmp_path: Path) -> None:
    async with FakeTelegram() as telegram:
        rig, world = await lived(telegram, template, tmp_path, Clock())
        world.silent = {"telegram"}
        world.change(TrangThaiHoSoId=9)
        assert await world.later() == 0
        world.silent = set()
        assert await world.later(timedelta(hours=1)) == 1
        await rig.idle()
        assert len(rig.said(AN)) == 1
        await world.close()
        await rig.close()
