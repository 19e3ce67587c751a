"""What a monitor, Prometheus and the administrators' chat are told when something is wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bot import prometheus, vitals
from bot.alerts import AlertDesk
from bot.staff_chat import StaffChat
from bot.vitals import Doctor
from handlers.services import Services
from knowledge.onestop import Desk, Route, SourceDown
from knowledge.store import open_engine
from tests.bot.test_server import free_port
from tests.dossiers import CODE, Held
from tests.fakes import Trouble
from tests.fakes.telegram import FakeTelegram
from tests.rig import Rig, copied

AN, ADMINS = "7001", "7009"
CHAT = StaffChat(channel="telegram", id=ADMINS)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@dataclass
class Watched:
    """A working office, its doctor and the chat of its administrators."""

    rig: Rig
    sources: Desk = field(default_factory=lambda: Desk([]))

    @property
    def doctor(self) -> Doctor:
        assert self.rig.delivery
        return Doctor(
            delivery=self.rig.delivery,
            sources=self.sources,
            folder=self.rig.home,
            clock=self.rig.now,
        )

    def database(self, change: str) -> None:
        engine = open_engine(self.rig.url)
        with engine.begin() as connection:
            connection.execute(text(change))
        engine.dispose()

    def told(self) -> list[str]:
        return [each.text for each in self.rig.said(ADMINS)]


@pytest.fixture
async def office(template: Path, services: Services, tmp_path: Path) -> AsyncIterator[Watched]:
    async with FakeTelegram() as fake:
        rig = Rig(fake, copied(template, tmp_path), services, tmp_path)
        await rig.start()
        await fake.say(ADMINS, "/start")
        await rig.until(lambda: bool(rig.said(ADMINS)))
        yield Watched(rig)
        await rig.close()


@pytest.fixture
async def desk(office: Watched) -> AlertDesk:
    return AlertDesk(office.doctor, CHAT)


async def asked(office: Watched, path: str) -> tuple[int, dict[str, object]]:
    app = web.Application()
    vitals.add_routes(app, office.doctor)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get(path)
        return answer.status, json.loads(await answer.read())


async def test_ready_when_it_can_answer(office: Watched) -> None:
    assert (await asked(office, "/healthz"))[0] == 200
    status, told = await asked(office, "/readyz")
    assert status == 200
    assert told == {"status": "ready", "database": True, "knowledge": True, "workers": True}


async def test_not_ready_without_a_database(office: Watched) -> None:
    office.database("ALTER TABLE inbox RENAME TO gone")
    status, told = await asked(office, "/readyz")
    assert (status, told["database"], told["workers"]) == (503, False, True)
    assert (await asked(office, "/healthz"))[0] == 200
    office.database("ALTER TABLE gone RENAME TO inbox")


async def test_not_ready_when_the_workers_have_ended(office: Watched) -> None:
    doctor = office.doctor
    await doctor.delivery.stop()
    assert not (await doctor.look()).ready


async def test_prometheus_reads_figures_on_loopback(office: Watched) -> None:
    office.rig.platform.trouble(Trouble.WRONG)
    await office.rig.platform.say(AN, "đăng ký kết hôn lệ phí")
    await office.rig.idle()
    app, port = web.Application(), free_port()
    app.cleanup_ctx.append(prometheus.serving(office.doctor, port))
    async with (
        TestServer(app),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        told = (await answer.text()).splitlines()
    assert "hmc_ready 1.0" in told
    assert 'hmc_outbox_dead{channel="telegram"} 1.0' in told
    assert any(line.startswith("hmc_process_resident_memory_bytes ") for line in told)
    assert not any(AN in line or "kết hôn" in line for line in told)


async def until_told(office: Watched, desk: AlertDesk, count: int) -> list[str]:
    for _ in range(2):
        await desk.look()
    await office.rig.until(lambda: len(office.told()) >= count)
    await office.rig.idle()
    return office.told()[1:]


async def test_all_is_well_and_nobody_is_told(office: Watched, desk: AlertDesk) -> None:
    assert await until_told(office, desk, 1) == []


async def test_a_trouble_is_told_once_and_its_end(
    office: Watched, desk: AlertDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.vitals.shutil.disk_usage", lambda _: Usage(10**12, 0, 10**9))
    await desk.look()
    assert len(office.told()) == 1
    assert await until_told(office, desk, 2) == ["⚠️ Đĩa sắp đầy: còn 1.0 GB."]
    assert len(await until_told(office, desk, 2)) == 1
    monkeypatch.setattr("bot.vitals.shutil.disk_usage", lambda _: Usage(10**12, 0, 10**11))
    assert (await until_told(office, desk, 3))[1:] == ["✅ Đã hết: Đĩa sắp đầy: còn 1.0 GB."]


async def test_what_stays_is_told_again_the_next_day(
    office: Watched, desk: AlertDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.vitals.shutil.disk_usage", lambda _: Usage(10**12, 0, 10**9))
    await until_told(office, desk, 2)
    office.rig.ahead += timedelta(days=1)
    assert len(await until_told(office, desk, 3)) == 2


async def test_two_processes_tell_it_once(
    office: Watched, desk: AlertDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.vitals.shutil.disk_usage", lambda _: Usage(10**12, 0, 10**9))
    other = AlertDesk(office.doctor, CHAT)
    await until_told(office, desk, 2)
    assert len(await until_told(office, other, 2)) == 1


async def test_a_database_that_comes_back_soon_wakes_nobody(
    office: Watched, desk: AlertDesk
) -> None:
    office.database("ALTER TABLE inbox RENAME TO gone")
    await desk.look()
    office.database("ALTER TABLE gone RENAME TO inbox")
    assert await until_told(office, desk, 1) == []


def waiting_for_long(office: Watched) -> None:
    office.database(
        "INSERT INTO inbox (channel, event, contact, state, attempts, received_at) "
        "VALUES ('gone', 'x', 'x', 'waiting', 0, '2026-01-01 00:00:00')"
    )


def given_up(office: Watched) -> None:
    office.database(
        "INSERT INTO outbox (channel, contact, key, state, attempts, unsettled, created_at, "
        "settled_at) VALUES ('telegram', 'x', 'x', 'dead', 1, 0, '2026-01-01', '2999-01-01')"
    )


@pytest.mark.parametrize(
    ("happens", "words"),
    [(waiting_for_long, "chờ trả lời đã"), (given_up, "1 tin không gửi được")],
)
async def test_each_trouble_has_its_sentence(
    office: Watched, desk: AlertDesk, happens: Callable[[Watched], None], words: str
) -> None:
    happens(office)
    for _ in range(2):
        await desk.look()
    await office.rig.until(lambda: len(office.told()) == 2)
    assert words in office.told()[1]


async def test_a_token_that_is_refused_and_a_source_that_is_down(office: Watched) -> None:
    down = Held([], failure=SourceDown("unreachable"))
    office.sources = Desk([Route(source=down, prefixes=(CODE.split(".")[0],))])
    for _ in range(3):
        with pytest.raises(SourceDown):
            await office.sources.find(CODE)
    office.rig.platform.trouble(Trouble.TOKEN)
    await office.rig.platform.say(AN, "đăng ký kết hôn lệ phí")
    doctor = office.doctor
    await office.rig.until(lambda: doctor.delivery.misconfigured == ("telegram",))
    assert (await doctor.look()).sources_down == (down.name,)
    # It is taken again by itself.
    await office.rig.until(lambda: bool(office.rig.said(AN)))
    assert doctor.delivery.misconfigured == ()
