"""A dossier source that hangs, on every channel: told as such, and nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from bot.lookups import Lookups
from bot.sealing import Seal
from handlers.conversation import Contact, Incoming
from handlers.services import Services
from knowledge.onestop import Desk, Route
from knowledge.onestop.http import HttpSource
from knowledge.onestop.mapping import HttpMapping, read_mapping, shipped
from knowledge.store import Store, open_engine
from tests.channels.test_stories import Waiting
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa
from tests.loopback import answering
from tests.rig import KEY, SALT, Rig, copied

CODE = "H32.215-261118-0042"
SLOW, OTHER = "đang chậm", "kết hôn"
HALF_AN_HOUR = 1800.0

Say = Callable[[str, str], Awaitable[None]]
Heard = Callable[[str], list[str]]


class Hanging:
    """A service on loopback that answers nothing until it lets go, then hangs up."""

    def __init__(self) -> None:
        self.asked = 0
        self.lets_go = asyncio.Event()
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        await self.lets_go.wait()
        assert request.transport
        request.transport.abort()
        raise web.HTTPInternalServerError

    async def questions(self, count: int) -> None:
        await _until(lambda: self.asked >= count)


@pytest.fixture
async def hanging() -> AsyncIterator[Hanging]:
    found = Hanging()
    async with answering(found.handle) as found.url:
        yield found
        found.lets_go.set()


@pytest.fixture
async def sources(hanging: Hanging) -> AsyncIterator[Desk]:
    """Patient beyond any test: what ends the wait here is the source, never the clock."""
    mapping = read_mapping(shipped("igate"))
    assert isinstance(mapping, HttpMapping)
    source = HttpSource("Tỉnh Ví Dụ", hanging.url, mapping, seconds=HALF_AN_HOUR)
    desk = Desk([Route(source=source, prefixes=("H32",))], seconds=HALF_AN_HOUR)
    yield desk
    await desk.close()


async def _until(done: Callable[[], bool]) -> None:
    """Wait for something; a minute is only for what hangs."""
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110 - what is waited for is seen from outside only
            await asyncio.sleep(0.01)


async def _through(hanging: Hanging, say: Say, heard: Heard, settle: Say) -> None:
    """One citizen waits for the source, another asks something else meanwhile."""
    await say("an", f"{CODE} 1234")
    await hanging.questions(1)
    await say("binh", "đăng ký kết hôn cần gì")
    await settle("binh", OTHER)
    assert not any(SLOW in said for said in heard("an"))
    hanging.lets_go.set()
    await settle("an", SLOW)
    # A failure of the source is no try of the citizen; the breaker opens after three of them.
    for _ in range(4):
        before = len(heard("an"))
        await say("an", f"{CODE} 1234")
        await _until(lambda count=before: len(heard("an")) > count)
        assert SLOW in heard("an")[-1]
    asked = hanging.asked
    await say("an", f"{CODE} 1234")
    await say("binh", "đăng ký kết hôn cần gì")
    await _until(lambda: len(heard("binh")) == 2)
    assert hanging.asked == asked


@pytest.mark.parametrize("platform", [FakeTelegram, FakeZaloOa, FakeZaloBot])
async def test_on_a_platform(
    platform: Callable[[], Any],
    hanging: Hanging,
    sources: Desk,
    template: Path,
    services: Services,
    tmp_path: Path,
) -> None:
    ids = {"an": "7001", "binh": "7002"}
    async with cast("AbstractAsyncContextManager[Any]", platform()) as opened:
        rig = Rig(opened, copied(template, tmp_path), services, tmp_path)
        rig.services = _connected(services, sources, rig.store)
        await rig.start()

        async def say(who: str, text: str) -> None:
            assert await opened.say(ids[who], text) == 200

        def heard(who: str) -> list[str]:
            return [bubble.text for bubble in rig.said(ids[who])]

        async def settle(who: str, part: str) -> None:
            await rig.until(lambda: any(part in said for said in heard(who)), within=60)

        await _through(hanging, say, heard, settle)
        await rig.close()


@pytest.mark.parametrize("channel", ["web", "terminal"])
async def test_where_the_citizen_waits(
    channel: str,
    hanging: Hanging,
    sources: Desk,
    template: Path,
    services: Services,
    tmp_path: Path,
) -> None:
    store = Store(open_engine(copied(template, tmp_path)))
    waiting = Waiting(channel, store, services, sources, tmp_path)
    waiting.delivery.start()
    told: dict[str, list[str]] = {"an": [], "binh": []}
    under_way: set[asyncio.Task[None]] = set()

    async def ask(who: str, text: str) -> None:
        contact = Contact(channel=channel, id=who)
        incoming = Incoming(contact=contact, received_at=datetime.now(UTC), text=text)
        for reply in (await waiting.talk.ask(incoming)).replies:
            told[who].append(f"{reply.lead} {reply.sections}")

    async def say(who: str, text: str) -> None:
        under_way.add(asyncio.create_task(ask(who, text)))

    async def settle(who: str, part: str) -> None:
        await _until(lambda: any(part in said for said in told[who]))

    await _through(hanging, say, lambda who: told[who], settle)
    for task in under_way:
        with suppress(asyncio.CancelledError):
            await task
    await waiting.delivery.stop(5)
    store.close()


def _connected(services: Services, sources: Desk, store: Store) -> Services:
    found = Lookups(
        sources=sources,
        store=store,
        seal=Seal([KEY]),
        salt=SALT,
        clock=lambda: datetime.now(UTC),
    )
    return replace(services, dossiers=found)
