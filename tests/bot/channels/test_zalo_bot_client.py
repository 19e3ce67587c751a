"""Our fake Zalo Bot Platform as a client that others wrote (python-zalo-bot) sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import zalo_bot
from aiohttp import ClientSession, FormData
from zalo_bot.error import BadRequest, InvalidToken, NetworkError

from tests.fakes import Sticker, Trouble
from tests.fakes.zalo_bot import BOT, TOKEN, FakeZaloBot


async def test_it_knows_the_bot() -> None:
    async with FakeZaloBot() as zalo, zalo_bot.Bot(TOKEN, base_url=zalo.url) as bot:
        me = await bot.get_me()
        assert (me.id, me.account_name, me.account_type) == (
            BOT["id"],
            BOT["account_name"],
            BOT["account_type"],
        )


async def test_it_polls_and_answers() -> None:
    async with FakeZaloBot() as zalo, zalo_bot.Bot(TOKEN, base_url=zalo.url) as bot:
        await zalo.say("dan", "làm khai sinh cần gì")
        await zalo.send("dan", Sticker.PHOTO, b"jpeg")
        update = await bot.get_update(timeout=5)
        assert update.message is not None
        assert update.message.text == "làm khai sinh cần gì"
        assert update.message.chat.id == "dan"
        sent_at: datetime = update.message.date
        assert abs(datetime.now() - sent_at) < timedelta(minutes=5)  # noqa: DTZ005 - the client's
        picture = await bot.get_update(timeout=5)
        assert picture.message is not None
        assert picture.message.photo_url.startswith(zalo.url)
        sent = await bot.send_message("dan", "Cần giấy chứng sinh.")
        (bubble,) = zalo.bubbles
        assert (bubble.id, bubble.text) == (sent.message_id, "Cần giấy chứng sinh.")
        await bot.send_chat_action("dan", "typing")
        assert zalo.actions == [("dan", "typing")]


async def test_an_empty_poll_as_http_status() -> None:
    async with (
        FakeZaloBot(statuses=True, longest_poll=0.02) as zalo,
        zalo_bot.Bot(TOKEN, base_url=zalo.url) as bot,
    ):
        with pytest.raises(NetworkError, match="408"):
            await bot.get_update(timeout=1)


async def test_an_empty_poll_in_the_body_only() -> None:
    async with (
        FakeZaloBot(statuses=False, longest_poll=0.02) as zalo,
        zalo_bot.Bot(TOKEN, base_url=zalo.url) as bot,
    ):
        assert await bot.get_update(timeout=1) is None


async def test_it_is_refused_like_anybody() -> None:
    async with FakeZaloBot() as zalo:
        with pytest.raises(InvalidToken):
            await zalo_bot.Bot("1:sai", base_url=zalo.url).initialize()
        async with zalo_bot.Bot(TOKEN, base_url=zalo.url) as bot:
            await zalo.say("dan", "chào")
            for text in ("", "x" * 2_001):
                with pytest.raises(BadRequest, match=r"(?i)text"):
                    await bot.send_message("dan", text)
            await bot.send_message("dan", "x" * 2_000)
            zalo.trouble(Trouble.BUSY)
            with pytest.raises(NetworkError, match="429"):
                await bot.send_message("dan", "nữa")
            zalo.hook("https://mot-cua.example.vn/hooks")
            with pytest.raises(BadRequest, match=r"(?i)webhook"):
                await bot.get_update(timeout=1)
    assert len(zalo.bubbles) == 1


async def test_every_documented_way_to_pass_parameters_is_taken() -> None:
    given = {"chat_id": "dan", "text": "Dạ"}
    form = FormData()
    for key, value in given.items():
        form.add_field(key, value, content_type="text/plain")
    async with FakeZaloBot() as zalo, ClientSession() as client:
        await zalo.say("dan", "chào")
        url = f"{zalo.url}/bot{TOKEN}/sendMessage"
        for body in ({"json": given}, {"data": given}, {"data": form}, {"params": given}):
            async with client.post(url, **body) as answer:  # type: ignore[arg-type]
                assert (await answer.json())["ok"] is True
        async with client.post(url, data=b"{", headers={"Content-Type": "application/json"}) as no:
            assert (no.status, (await no.json())["error_code"]) == (400, 400)
    assert [bubble.text for bubble in zalo.bubbles] == ["Dạ"] * 4
