"""The Telegram channel against Telegram on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from structlog.testing import capture_logs

from bot.channels import (
    MAX_PICTURE,
    Channel,
    ChannelError,
    Event,
    Forged,
    Malformed,
    Misconfigured,
    Notice,
    Polled,
    TryLater,
)
from bot.channels import telegram as module
from bot.channels.telegram import SECRET_HEADER, TelegramChannel
from bot.channels.telegram_reading import ALLOWED_UPDATES
from handlers.conversation import Attachment, Button, Incoming, Reply
from tests.fakes import Platform, Sticker
from tests.fakes.telegram import SECRET, TOKEN, FakeTelegram, NoForms
from tests.fakes.telegram_desk import ME, answer, one, say, unreachable_channel, until

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
SIGNED = {SECRET_HEADER: SECRET}


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


def test_it_is_a_channel_that_can_be_polled(channel: TelegramChannel, fake: FakeTelegram) -> None:
    as_channel: Channel = channel
    platform: Platform = fake
    assert as_channel.name == platform.name == "telegram"
    assert isinstance(channel, Polled)


@pytest.mark.parametrize("token", ["", "abc", "123456", "12:", "12:a b", " 12:ab"])
def test_a_token_that_is_none(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        TelegramChannel(token=token, api_url="http://x", secret=SECRET, forms=NoForms())


@pytest.mark.parametrize("secret", ["", "bí mật", "a b", "x" * 257])
def test_a_secret_that_telegram_would_refuse(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        TelegramChannel(token=TOKEN, api_url="http://x", secret=secret, forms=NoForms())


class TestReceive:
    @pytest.mark.parametrize(
        "headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "sai\udcff"}]
    )
    def test_forged(self, channel: TelegramChannel, headers: dict[str, str]) -> None:
        with pytest.raises(Forged):
            channel.receive(headers, b"not even JSON")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"7",
            b"{}",
            b'{"update_id": "7"}',
            b'{"update_id": true}',
            b'{"update_id": -1}',
            b'{"update_id": 1e3}',
            b'{"update_id": 9223372036854775808}',
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"update_id": ' + b"9" * 5000 + b"}",
        ],
    )
    def test_malformed(self, channel: TelegramChannel, body: bytes) -> None:
        with pytest.raises(Malformed):
            channel.receive(SIGNED, body)

    @pytest.mark.parametrize(
        "update",
        [
            {"update_id": 7},
            {"update_id": 7, "poll": {"id": "1"}},
            {"update_id": 7, "message": {"text": "x"}},
            {"update_id": 7, "message": {"chat": {"id": 2**63}}},
        ],
    )
    def test_nothing_to_keep(self, channel: TelegramChannel, update: dict[str, Any]) -> None:
        assert channel.receive(SIGNED, json.dumps(update).encode()) == ()

    def test_an_event_can_be_kept_and_read(self, channel: TelegramChannel) -> None:
        update = {
            "update_id": 7,
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": 5, "type": "private"},
                "text": "nửa \ud800 chữ",
                "added_in_a_later_version": {"x": [1]},
            },
        }
        (event,) = channel.receive(SIGNED, json.dumps(update).encode())
        assert (event.id, event.contact) == ("7", "5")
        kept = json.loads(json.dumps(event.body, ensure_ascii=False).encode())
        said = channel.read(Event(id="7", contact="5", body=kept), at=NOW)
        assert isinstance(said, Incoming)
        assert said.text == "nửa ? chữ"

    async def test_over_http(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        got: list[Event] = []

        async def door(request: web.Request) -> web.Response:
            try:
                got.extend(channel.receive(request.headers, await request.read()))
            except Forged:
                return web.Response(status=401)
            return web.Response()

        app = web.Application()
        app.router.add_post("/hook", door)
        async with TestServer(app) as server:
            found = await channel.register(str(server.make_url("/hook")))
            assert all(each.ok for each in found)
            assert await fake.say(ME, "khai sinh") == 200
            assert await fake.redeliver() == [200]
            assert await fake.forge() == 401
            assert await fake.block(ME) == 200
        assert [event.id for event in got] == [got[0].id, got[0].id, got[2].id]
        assert channel.read(got[2], at=NOW) is Notice.LEFT


class TestConversation:
    async def test_a_pressed_choice_changes_its_bubble(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say(ME, "/start")
        first = Reply(lead="Chọn:", buttons=(Button(label="Rồi", action="opt:x"),))
        await answer(channel, await one(channel), first)
        await fake.press(ME, "Rồi")
        event = await one(channel)
        said = channel.read(event, at=NOW)
        assert isinstance(said, Incoming)
        assert said.action == "opt:x"
        await answer(channel, event, Reply(lead="Câu 2", replaces=True))
        assert [each.text for each in fake.bubbles] == ["Chọn:", "Câu 2"]
        assert fake.bubbles[1].edits == fake.bubbles[0].id
        # Sent again after a crash: Telegram says «not modified», which is what was wanted.
        await answer(channel, event, Reply(lead="Câu 2", replaces=True))
        assert len(fake.bubbles) == 2

    async def test_a_bubble_that_is_gone_is_said_anew(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say(ME, "x")
        await answer(
            channel,
            await one(channel),
            Reply(lead="Chọn:", buttons=(Button(label="Rồi", action="a"),)),
        )
        await fake.press(ME, "Rồi")
        event = await one(channel)
        del fake.messages[5, int(fake.bubbles[0].id)]
        reply = Reply(lead="Câu 2", buttons=(Button(label="Tiếp", action="b"),), replaces=True)
        await answer(channel, event, reply)
        assert (fake.bubbles[1].text, fake.bubbles[1].buttons) == ("Câu 2", ("Tiếp",))
        assert fake.bubbles[1].edits is None

    async def test_the_phone_number(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.say(ME, "x")
        await answer(channel, await one(channel), Reply(lead="Số nào?", asks_phone=True))
        assert 5 in fake.keyboards
        await fake.press(ME, fake.bubbles[-1].buttons[0])
        event = await one(channel)
        said = channel.read(event, at=NOW)
        assert isinstance(said, Incoming)
        assert said.phone == "+84900000000"
        await answer(channel, event, Reply(lead="Hồ sơ"))
        assert fake.keyboards == {}
        await fake.share_phone(ME, owner=6)
        stranger = channel.read(await one(channel), at=NOW)
        assert isinstance(stranger, Incoming)
        assert stranger.phone is None

    async def test_a_group_quotes_and_stays_in_its_topic(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        fake.topics.add(4)
        more = {"message_thread_id": 4, "is_topic_message": True}
        await fake.say("-1001", "@HoiMotCua_bot khai sinh", **more)
        event = await one(channel)
        said = channel.read(event, at=NOW)
        assert isinstance(said, Incoming)
        assert said.text == "khai sinh"
        await answer(channel, event, Reply(lead="a"))
        sent = fake.bubbles[-1].raw["message"]
        assert sent["reply_to_message"]["text"] == "@HoiMotCua_bot khai sinh"
        assert sent["message_thread_id"] == 4
        fake.topics.clear()
        await answer(channel, event, Reply(lead="b"))
        assert "message_thread_id" not in fake.bubbles[-1].raw["message"]

    async def test_a_group_that_became_a_supergroup(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say("-9", "/thutuc")
        event = await one(channel)
        fake.migrate("-9", "-1009")
        await answer(channel, event, Reply(lead="a"))
        assert fake.bubbles[-1].contact == "-1009"
        # The number of the message in the old group may be another message's in the new.
        assert "reply_parameters" not in fake.calls[-1][1]

    @pytest.mark.parametrize(
        ("kind", "read"),
        [
            (Sticker.PHOTO, Attachment.PHOTO),
            (Sticker.VOICE, Attachment.VOICE),
            (Sticker.STICKER, Attachment.STICKER),
            (Sticker.LOCATION, Attachment.LOCATION),
            (Sticker.FILE, Attachment.FILE),
        ],
    )
    async def test_what_is_no_text(
        self, fake: FakeTelegram, channel: TelegramChannel, kind: Sticker, read: Attachment
    ) -> None:
        await fake.send(ME, kind, b"data")
        said = channel.read(await one(channel), at=NOW)
        assert isinstance(said, Incoming)
        assert said.attachment is read

    async def test_an_edited_question(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.say(ME, "khai sin")
        await one(channel)
        await fake.edit(ME, "khai sinh")
        event = await one(channel)
        said = channel.read(event, at=NOW)
        assert isinstance(said, Incoming)
        assert said.text == "khai sinh"
        await answer(channel, event, Reply(lead="a"))
        assert fake.bubbles[-1].raw["message"]["reply_to_message"]["text"] == "khai sinh"

    async def test_a_payload_typed_or_forged(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say(ME, "show:1.001193:fee")
        typed = channel.read(await one(channel), at=NOW)
        assert isinstance(typed, Incoming)
        assert (typed.text, typed.action) == ("show:1.001193:fee", None)
        await say(channel, Reply(lead="x", buttons=(Button(label="a", action="a"),)))
        bubble = fake.bubbles[-1].raw["message"]
        await fake.press_data(ME, "'; DROP TABLE\n" * 9, bubble)
        forged = channel.read(await one(channel), at=NOW)
        assert isinstance(forged, Incoming)
        assert forged.action == "stale"


class TestFetch:
    async def test_the_next_call_acknowledges(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say(ME, "một")
        await fake.say(ME, "hai")
        events = await channel.fetch()
        assert [event.body["message"]["text"] for event in events] == ["một", "hai"]
        assert len(fake.pending) == 2
        waiting = asyncio.create_task(channel.fetch())
        await until(lambda: fake.pending == [])
        await fake.say(ME, "ba")
        assert [event.body["message"]["text"] for event in await waiting] == ["ba"]
        assert tuple(fake.allowed) == ALLOWED_UPDATES

    async def test_after_a_restart_what_was_not_acknowledged_comes_again(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.say(ME, "một")
        first = await channel.fetch()
        again = fake.channel()
        await again.open()
        assert await again.fetch() == first
        await again.close()

    async def test_one_odd_update_does_not_stop_the_others(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        await fake.write(ME, {"photo": "hỏng"})
        await fake.say(ME, "lành")
        odd, fine = await channel.fetch()
        assert channel.read(odd, at=NOW) is Notice.IGNORED
        assert isinstance(channel.read(fine, at=NOW), Incoming)

    async def test_a_webhook_in_the_way_is_deleted_once(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        fake.hook("http://127.0.0.1:9/hook")
        with capture_logs() as logs:
            assert await channel.fetch() == ()
        assert [each["event"] for each in logs] == ["telegram_webhook_deleted"]
        assert fake.webhook == ""
        await fake.say(ME, "x")
        assert len(await channel.fetch()) == 1
        fake.hook("http://127.0.0.1:9/hook")
        with pytest.raises(Misconfigured):
            await channel.fetch()
        assert fake.webhook

    async def test_another_process_polls(
        self, fake: FakeTelegram, channel: TelegramChannel
    ) -> None:
        other = fake.channel()
        await other.open()
        waiting = asyncio.create_task(channel.fetch())
        await until(lambda: fake.calls[-1][0] == "getupdates")
        second = asyncio.create_task(other.fetch())
        with pytest.raises(TryLater, match="terminated"):
            await waiting
        await fake.say(ME, "x")
        assert len(await second) == 1
        await other.close()

    async def test_a_wrong_token(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        fake.token = "123456789:changed"
        with pytest.raises(Misconfigured) as raised:
            await channel.fetch()
        assert TOKEN not in str(raised.value)


class TestWorking:
    async def test_a_pressed_button_stops_spinning_and_a_quick_answer_needs_no_typing(
        self, fake: FakeTelegram, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TYPING_AFTER", (60.0,))
        await fake.say(ME, "x")
        event = await one(channel)
        reply = Reply(lead="a", buttons=(Button(label="b", action="b"),))
        await answer(channel, event, reply)
        await fake.press(ME, "b")
        event = await one(channel)
        showing = asyncio.create_task(channel.working(event))
        await until(lambda: len(fake.answered) == 1)
        await answer(channel, event, Reply(lead="c", replaces=True))
        await showing
        assert fake.actions == []
        # Told twice, as after a crash: the second time it is too old, which matters to nobody.
        again = asyncio.create_task(channel.working(event))
        await until(lambda: ME in channel._working)
        await answer(channel, event, Reply(lead="d"))
        await again

    async def test_a_slow_answer_shows_typing_until_it_comes(
        self, fake: FakeTelegram, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TYPING_AFTER", (0.05, 0.05, 60.0))
        await fake.say(ME, "x")
        event = await one(channel)
        showing = asyncio.create_task(channel.working(event))
        await until(lambda: fake.actions == [ME, ME])
        await answer(channel, event, Reply(lead="a"))
        await showing
        assert fake.actions == [ME, ME]

    async def test_it_ends_by_itself_and_never_raises(
        self, fake: FakeTelegram, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "TYPING_AFTER", (0.01, 0.01))
        await fake.say(ME, "x")
        event = await one(channel)
        await channel.working(event)
        assert fake.actions == [ME, ME]
        fake.blocked.add(5)
        await channel.working(event)
        await channel.working(Event(id="1", contact=ME, body={"message": {"chat": 5}}))
        assert channel._working == {}


class TestPicture:
    async def test_the_largest_photo(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.send(ME, Sticker.PHOTO, b"jpeg")
        assert await channel.picture(await one(channel)) == b"jpeg"

    async def test_no_picture(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.send(ME, Sticker.FILE, b"%PDF")
        assert await channel.picture(await one(channel)) is None

    async def test_too_large(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.send(ME, Sticker.PHOTO, bytes(MAX_PICTURE + 1))
        # The small size of the same picture is read instead.
        assert await channel.picture(await one(channel)) == b"small"
        # A document that does not say how large it is turns out to be too large.
        scan = {"file_id": fake.store(bytes(MAX_PICTURE + 1)), "file_unique_id": "u"}
        await fake.write(ME, {"document": {**scan, "mime_type": "image/png"}})
        event = await one(channel)
        assert await channel.picture(event) is None
        fake.tells_size = False
        assert await channel.picture(event) is None

    async def test_gone(self, fake: FakeTelegram, channel: TelegramChannel) -> None:
        await fake.send(ME, Sticker.PHOTO, b"jpeg")
        event = await one(channel)
        fake.files.clear()
        with pytest.raises(ChannelError):
            await channel.picture(event)


class TestOpening:
    async def test_telegram_comes_later(
        self, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, fake.token = fake.token, "123456789:not-yet"
        monkeypatch.setattr(fake, "me", {**fake.me, "username": None})
        port = unused_port()
        channel = TelegramChannel(
            token=token, api_url=f"http://127.0.0.1:{port}", secret=SECRET, forms=NoForms()
        )
        with capture_logs() as logs:
            await channel.open()
        assert [each["event"] for each in logs] == ["telegram_not_reached"]
        asked = asyncio.Event()

        async def get_me(_request: web.Request) -> web.Response:
            asked.set()
            me = {"id": 1, "is_bot": True, "first_name": "B", "username": "Hai_bot"}
            return web.json_response({"ok": True, "result": me})

        app = web.Application()
        app.router.add_post("/bot{token}/getMe", get_me)
        async with TestServer(app, port=port):
            async with asyncio.timeout(10):
                await asked.wait()
                assert channel._identifying
                await channel._identifying
            assert channel._reader.username == "Hai_bot"
            await channel.close()

    async def test_a_wrong_token_does_not_stop_the_start(self, fake: FakeTelegram) -> None:
        fake.token = "123456789:changed"
        channel = fake.channel()
        with capture_logs() as logs:
            await channel.open()
        await channel.close()
        assert [each["event"] for each in logs] == ["misconfigured"]
        assert TOKEN not in str(logs)

    async def test_a_silent_telegram_does_not_hold_the_start(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "OPENING", 0.1)
        asked = asyncio.Event()

        async def never(_request: web.Request) -> web.Response:
            asked.set()
            await asyncio.sleep(3600)
            raise AssertionError

        app = web.Application()
        app.router.add_post("/bot{token}/getMe", never)
        async with TestServer(app) as server:
            url = str(server.make_url("")).rstrip("/")
            channel = TelegramChannel(token=TOKEN, api_url=url, secret=SECRET, forms=NoForms())
            await channel.open()
            assert asked.is_set()
            assert channel._identifying
            assert not channel._identifying.done()
            await channel.close()

    async def test_closed_while_still_asking(self) -> None:
        channel = unreachable_channel()
        await channel.open()
        await channel.close()
        assert channel._identifying
        assert channel._identifying.cancelled()
