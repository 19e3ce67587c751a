"""Calls that fail, and what a failure means for whoever made them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TimedOut,
)

from bot.channels import (
    ChannelError,
    Misconfigured,
    Outgoing,
    Rejected,
    TryLater,
    Unreachable,
)
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_client import Client, failure
from bot.channels.telegram_pace import Rate, Rates
from handlers.conversation import File, Reply
from tests.fakes import Trouble, telegram_api
from tests.fakes.telegram import TOKEN, FakeTelegram, NoForms
from tests.fakes.telegram_desk import ME, answer, one, say, unreachable_channel
from tests.loopback import answering


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def channel(fake: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    made = fake.channel()
    await made.open()
    yield made
    await made.close()


class Cabinet:
    def read(self, name: str) -> bytes:
        return {"ks/Tờ khai.pdf": b"%PDF-1.7"}[name]

    def address(self, name: str) -> str | None:
        return None


class TestForms:
    async def test_a_form_is_sent(self, fake: FakeTelegram) -> None:
        channel = fake.channel(Cabinet())
        await channel.open()
        await fake.say(ME, "x")
        file = File(name="ks/Tờ khai.pdf", title="Tờ khai")
        await say(channel, Reply(lead="Mẫu", files=(file,)))
        with pytest.raises(Rejected):
            await say(channel, Reply(files=(File(name="khác.pdf", title="x"),)))
        await channel.close()
        bubble = fake.bubbles[-1]
        assert (bubble.file, bubble.text) == ("Tờ khai.pdf", "Tờ khai")
        document = bubble.raw["message"]["document"]
        assert document["mime_type"] == "application/pdf"
        assert fake.files[document["file_id"]] == b"%PDF-1.7"


class TestProxy:
    @pytest.fixture
    async def asked(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
        """What a proxy named by the environment is asked for."""
        asked: list[str] = []

        async def answer(request: web.Request) -> web.Response:
            asked.append(f"{request.headers.get('Proxy-Authorization')} {request.raw_path}")
            return web.json_response({"ok": True, "result": {"message_id": 5}})

        async with answering(answer) as url:
            for name in ("http_proxy", "no_proxy"):
                monkeypatch.delenv(name.upper(), raising=False)
                monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv("http_proxy", url.replace("http://", "http://me:secret@"))
            yield asked

    async def send(self, api_url: str) -> str:
        client = Client(TOKEN, api_url, timeout=1.0)
        await client.start()
        try:
            return await client.make("sendMessage", {"chat_id": 5, "text": "a"}, NoForms())
        finally:
            await client.stop()

    async def test_calls_go_through_it(self, asked: list[str]) -> None:
        assert await self.send("http://api.invalid") == "5"
        assert asked == [f"Basic bWU6c2VjcmV0 http://api.invalid/bot{TOKEN}/sendMessage"]

    async def test_but_not_to_addresses_left_out(
        self, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("no_proxy", "api.invalid")
        with pytest.raises(NetworkError):
            await self.send("http://api.invalid")
        assert not asked


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (InvalidToken(f"The token `{TOKEN}` was rejected by the server."), Misconfigured),
        (NetworkError(f"cannot reach /bot{TOKEN}/getMe"), TryLater),
        (TimedOut(), TryLater),
        # The library writes what follows in small letters.
        (BadRequest(f"Bad Request: what is {TOKEN}"), Rejected),
        (BadRequest("PEER_ID_INVALID"), Unreachable),
        (BadRequest("not enough rights to send text messages to the chat"), Unreachable),
        (Forbidden("Forbidden: user is deactivated"), Unreachable),
        (ChatMigrated(-1009), TryLater),
        (KeyError(TOKEN), Rejected),
        (Unreachable("x"), Unreachable),
    ],
)
def test_what_an_error_means_and_the_token_in_none(
    error: Exception, means: type[ChannelError]
) -> None:
    found = failure(error, TOKEN)
    assert type(found) is means
    assert TOKEN.lower() not in str(found).lower()


class TestFailures:
    @pytest.mark.parametrize(
        ("trouble", "error"),
        [
            (Trouble.BUSY, TryLater),
            (Trouble.DOWN, TryLater),
            (Trouble.LEFT, Unreachable),
            (Trouble.WRONG, Rejected),
            (Trouble.TOKEN, Misconfigured),
        ],
    )
    async def test_what_to_do_next(
        self,
        fake: FakeTelegram,
        channel: TelegramChannel,
        trouble: Trouble,
        error: type[ChannelError],
    ) -> None:
        await fake.say(ME, "x")
        fake.trouble(trouble)
        with pytest.raises(error) as raised:
            await say(channel, Reply(lead="a"))
        assert TOKEN not in repr(raised.value)
        assert raised.value.__suppress_context__

    async def test_silence(self, fake: FakeTelegram) -> None:
        channel = fake.channel(timeout=0.3)
        await channel.open()
        await fake.say(ME, "x")
        fake.trouble(Trouble.SILENT)
        with pytest.raises(TryLater):
            await say(channel, Reply(lead="a"))
        await say(channel, Reply(lead="a"))
        await channel.close()

    async def test_nobody_there(self) -> None:
        channel = unreachable_channel()
        await channel.open()
        with pytest.raises(TryLater):
            await say(channel, Reply(lead="a"))
        with pytest.raises(TryLater):
            await channel.fetch()
        await channel.close()

    async def test_chats_that_are_gone(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        with pytest.raises(Unreachable):
            await say(channel, Reply(lead="a"), contact="404")
        await fake.say("-1001", "x")
        await fake.block("-1001")
        with pytest.raises(Unreachable):
            await say(channel, Reply(lead="a"), contact="-1001")

    async def test_calls_nobody_knows(self, channel: TelegramChannel) -> None:
        with pytest.raises(Rejected):
            await channel.send(Outgoing(contact=ME, call="sendPoem", body={"chat_id": 5}))
        with pytest.raises(Rejected):
            await channel.send(Outgoing(contact=ME, call="sendMessage", body={"chat_id": 5}))
        with pytest.raises(Rejected):
            await channel.send(Outgoing(contact=ME, call="sendMessage"))

    async def test_a_form_that_is_too_large(
        self, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telegram_api, "MAX_UPLOAD", 4)
        channel = fake.channel(Cabinet())
        await channel.open()
        await fake.say(ME, "x")
        # Trying again would not make it smaller.
        with pytest.raises(Rejected):
            await say(channel, Reply(files=(File(name="ks/Tờ khai.pdf", title="x"),)))
        await channel.close()

    async def test_telegram_says_how_long(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        fake.retry_after = 7
        for person in ("5", "6", "7"):
            await fake.say(person, "x")
        fake.trouble(Trouble.BUSY, times=5)
        later: list[TryLater] = []
        for person in ("5", "5", "6", "7"):
            with pytest.raises(TryLater) as raised:
                await say(channel, Reply(lead="a"), contact=person)
            later.append(raised.value)
        assert {each.after for each in later} == {7}
        # One chat refused twice stops nobody else; three chats in a row are the whole bot.
        assert [each.everyone for each in later] == [False, False, False, True]
        fake.trouble(Trouble.BUSY, times=0)
        fake._troubles.clear()
        await say(channel, Reply(lead="a"))
        fake.trouble(Trouble.BUSY)
        with pytest.raises(TryLater) as raised:
            await say(channel, Reply(lead="a"))
        assert not raised.value.everyone

    async def test_its_turn_has_not_come(self, fake: FakeTelegram) -> None:
        slow = Rates(person=Rate(every=60, burst=2))
        channel = fake.channel(rates=slow)
        await channel.open()
        await fake.say(ME, "x")
        await fake.say("6", "x")
        await say(channel, Reply(lead="a"), Reply(lead="b"))
        with pytest.raises(TryLater) as raised:
            await say(channel, Reply(lead="c"))
        assert 50 < raised.value.after <= 60
        assert not raised.value.everyone
        await say(channel, Reply(lead="d"), contact="6")
        await channel.close()
        assert [each.text for each in fake.bubbles] == ["a", "b", "d"]

    async def test_our_pace_keeps_telegrams_limits(self, fake: FakeTelegram) -> None:
        channel = fake.channel()
        await channel.open()
        await fake.say(ME, "x")
        replies = tuple(Reply(lead=str(number)) for number in range(12))
        await say(channel, *replies)
        await channel.close()
        assert [each.text for each in fake.bubbles] == [each.lead for each in replies]


async def test_neither_the_token_nor_what_is_said_comes_into_the_log(
    fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = fake.channel()
    await channel.open()
    await fake.say(ME, "điều riêng tư")
    await answer(channel, await one(channel), Reply(lead="câu trả lời"))
    await channel.close()
    ours = [each for each in caplog.records if each.name != "aiohttp.access"]
    said = "\n".join(each.getMessage() for each in ours)
    assert TOKEN not in said
    assert "riêng tư" not in said
    assert "câu trả lời" not in said
