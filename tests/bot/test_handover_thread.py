"""A citizen without JavaScript reads what officers said: drawn from what is kept, never lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from bot.channels import webchat
from bot.channels.pickup import PickupChannel
from bot.delivery import Delivery
from bot.desk import Desk
from bot.handover import HandoverDesk
from bot.handover_thread import SHOWN_FOR
from bot.intake import Spool
from bot.sealing import Seal
from bot.server import WEB_LIMITS
from bot.talk import Talk
from knowledge.handover_messages import DeliveryState, Sender, is_handover_key, outbox_key
from knowledge.store import Store
from tests.rig import QUICK
from tests.staffing import services


@dataclass
class Clock:
    """The time, set forward by a test."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Plain:
    """A browser without JavaScript, and the officers behind it."""

    server: TestServer
    client: ClientSession
    delivery: Delivery
    officers: HandoverDesk
    clock: Clock

    async def ask(self, text: str) -> str:
        async with self.client.post(self.server.make_url("/hoi"), data={"text": text}) as response:
            assert response.status == 200
            return words(await response.text())

    async def look(self) -> str:
        async with self.client.get(self.server.make_url("/hoi")) as response:
            return words(await response.text())

    async def answer(self, text: str, token: str = "1") -> int:
        """An officer answers the newest hand-over; its id."""
        [entry] = await self.officers.listed()
        await self.officers.answer(entry.id, "lan", text, token=token)
        return entry.id

    async def sent(self, handover: int) -> list[DeliveryState | None]:
        """What officers see of their messages."""
        found = await self.officers.read(handover)
        return [line.delivery for line in found.lines if line.sender is Sender.OFFICER]


def words(page: str) -> str:
    assert page.startswith("<!doctype html>")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition('id="composer"')[0])).split())


@pytest.fixture
async def plain(store: Store, tmp_path: Path) -> AsyncIterator[Plain]:
    clock, page = Clock(), PickupChannel("web", WEB_LIMITS)
    delivery = Delivery(
        Desk(store=store, services=services(), salt=b"a salt for tests"),
        (page,),
        Seal([Seal.new_key()]),
        Spool(tmp_path / "spool"),
        clock=clock,
        pace=QUICK,
    )
    app = web.Application()
    talk = Talk(page, delivery)
    webchat.add_routes(app, talk, secret=b"a secret of this test", office_name=lambda: "Q")
    server = TestServer(app)
    await server.start_server()
    delivery.start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
        yield Plain(server, client, delivery, HandoverDesk(delivery), clock)
    await server.close()
    await delivery.stop(5)


async def test_the_officers_answer_is_there_however_often_the_page_is_loaded(plain: Plain) -> None:
    await plain.ask("gặp cán bộ")
    silent = await plain.ask("số tôi 0912345678, con sinh ở Lào")
    assert silent.count("con sinh ở Lào") == 1
    # Their own words, not as they are masked for others.
    assert "0912345678" in silent
    handover = await plain.answer("Chị mang giấy khai sinh Lào nhé.\nEm chờ.")
    assert await plain.sent(handover) == [DeliveryState.WAITING]
    for _ in range(3):
        page = await plain.look()
        assert page.count("Cán bộ trả lời: Chị mang giấy khai sinh Lào nhé. Em chờ.") == 1
        assert page.index("con sinh ở Lào") < page.index("Cán bộ trả lời")
    assert await plain.sent(handover) == [DeliveryState.DELIVERED]


async def test_what_came_before_the_next_question_is_not_swallowed(plain: Plain) -> None:
    await plain.ask("gặp cán bộ")
    handover = await plain.answer("Mai chị ghé nhé.")
    await plain.officers.note(handover, "lan", "Hỏi phòng tư pháp", token="2")
    page = await plain.ask("dạ mấy giờ ạ")
    assert page.count("Mai chị ghé nhé.") == 1
    assert page.count("dạ mấy giờ ạ") == 1
    assert "phòng tư pháp" not in page
    await plain.officers.close(handover, "lan")
    closed = await plain.ask("đăng ký kết hôn cần gì")
    assert "Cán bộ đã kết thúc trao đổi" in closed
    assert closed.index("kết thúc trao đổi") < closed.index("Đăng ký kết hôn")
    # Read once, it stands in nobody's way.
    assert "Mai chị ghé" not in await plain.ask("đăng ký khai sinh cần gì")
    assert "Mai chị ghé" in await plain.look()
    plain.clock.ahead = SHOWN_FOR + timedelta(minutes=1)
    assert "Mai chị ghé" not in await plain.look()


async def test_without_a_conversation_late_answers_are_shown(plain: Plain) -> None:
    async with plain.client.get(plain.server.make_url("/hoi")) as response:
        assert response.url.path == "/"
    await plain.ask("đăng ký kết hôn cần gì")
    assert "Đăng ký kết hôn" in await plain.look()


async def test_the_script_still_gets_each_answer_once(plain: Plain) -> None:
    await plain.ask("gặp cán bộ")
    await plain.answer("Mai chị ghé nhé.")
    url = plain.server.make_url("/api/chat/messages")
    async with plain.client.get(url, params={"after": "0"}) as response:
        heard = await response.json()
    assert [each["lead"] for each in heard["replies"]][-1] == "Cán bộ trả lời:"
    async with plain.client.get(url, params={"after": str(heard["last"])}) as response:
        assert (await response.json())["replies"] == []


def test_the_keys_of_officers_messages_are_known() -> None:
    assert is_handover_key(outbox_key("web", 7, 0, 0))
    assert not is_handover_key("web:7:0")
    assert not is_handover_key("handover:7")
