"""What an operator is told, and what Telegram is told about the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels import Finding
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_menu import MENU
from bot.channels.telegram_reading import ALLOWED_UPDATES
from bot.channels.telegram_setup import MAX_CONNECTIONS
from tests.fakes.telegram import SECRET, TOKEN, FakeTelegram, NoForms

URL = "https://motcua.example.vn/hooks/telegram"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def channel(fake: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    made = fake.channel(office="UBND phường Thử")
    await made.open()
    yield made
    await made.close()


def said(found: tuple[Finding, ...], *, ok: bool) -> str:
    return "\n".join(each.text for each in found if each.ok is ok)


async def test_polling(fake: FakeTelegram, channel: TelegramChannel) -> None:
    await fake.say("5", "x")
    found = await channel.check()
    assert said(found, ok=False) == ""
    assert "@HoiMotCua_bot" in said(found, ok=True)
    assert "Đang chờ: 1 tin" in said(found, ok=True)


async def test_registered(fake: FakeTelegram, channel: TelegramChannel) -> None:
    found = await channel.register(URL)
    assert [each.ok for each in found] == [True, True, True]
    assert (fake.webhook, fake.webhook_secret) == (URL, SECRET)
    assert tuple(fake.allowed) == ALLOWED_UPDATES
    assert fake.max_connections == MAX_CONNECTIONS
    for language in ("", "vi"):
        private = fake.commands["all_private_chats", language]
        assert [each["command"] for each in private] == [each.name for each in MENU]
        group = [each["command"] for each in fake.commands["all_group_chats", language]]
        assert group == ["thutuc", "canbo", "trogiup"]
        assert fake.commands["default", language] == fake.commands["all_group_chats", language]
        assert "UBND phường Thử" in fake.descriptions["description", language]
        assert "Không phải cán bộ" in fake.descriptions["short_description", language]
    assert fake.menu_button == {"type": "commands"}
    checked = await channel.check()
    assert said(checked, ok=False) == ""
    assert "motcua.example.vn" in said(checked, ok=True)


async def test_a_long_name_of_an_office_is_cut(fake: FakeTelegram) -> None:
    channel = fake.channel(office="Trung tâm Phục vụ hành chính công " * 20)
    await channel.open()
    found = await channel.register(URL)
    await channel.close()
    assert [each.ok for each in found] == [True, True, True]


async def test_a_webhook_that_fails(fake: FakeTelegram, channel: TelegramChannel) -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=500)

    app = web.Application()
    app.router.add_post("/hook", refuse)
    async with TestServer(app) as server:
        await channel.register(str(server.make_url("/hook")))
        assert await fake.say("5", "x") == 500
    wrong = said(await channel.check(), ok=False)
    assert "500" in wrong
    # Delivered in the end: the error stays in Telegram's answer but troubles nobody.
    fake.pending.clear()
    assert said(await channel.check(), ok=False) == ""


async def test_a_webhook_set_by_hand(fake: FakeTelegram, channel: TelegramChannel) -> None:
    fake.hook(URL)
    fake.allowed = ["message"]
    wrong = said(await channel.check(), ok=False)
    assert "callback_query, edited_message, my_chat_member" in wrong


async def test_a_bot_that_hears_everything_in_groups(
    fake: FakeTelegram, channel: TelegramChannel
) -> None:
    fake.reads_groups = True
    assert "Privacy Mode" in said(await channel.check(), ok=False)


async def test_an_address_telegram_does_not_take(
    fake: FakeTelegram, channel: TelegramChannel
) -> None:
    found = await channel.register("http://motcua.example.vn/hooks/telegram")
    assert [each.ok for each in found] == [False, True, True]
    assert "https" in found[0].text


async def test_a_wrong_token(fake: FakeTelegram, channel: TelegramChannel) -> None:
    fake.token = "123456789:changed"
    for found in (await channel.check(), await channel.register(URL)):
        assert not any(each.ok for each in found)
        assert "@BotFather" in found[0].text
        assert TOKEN not in str(found)


async def test_telegram_out_of_reach() -> None:
    channel = TelegramChannel(
        token=TOKEN,
        api_url=f"http://127.0.0.1:{unused_port()}",
        secret=SECRET,
        forms=NoForms(),
    )
    for found in (await channel.check(), await channel.register(URL)):
        assert not any(each.ok for each in found)
        assert "HMC_TELEGRAM_API_URL" in found[0].text
        assert TOKEN not in str(found)
    await channel.close()
