"""The Zalo Bot channel against a loopback platform that keeps the documented rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels import (
    Event,
    Forged,
    Malformed,
    Notice,
    Rejected,
)
from bot.channels.zalo_bot import ZaloBotChannel
from handlers.conversation import Attachment, Button, File, Incoming, Reply, Section, Shape
from tests.fakes import Sticker
from tests.fakes.zalo_bot import SECRET, TOKEN, FakeZaloBot, NoForms

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HEADERS = {"x-bot-api-secret-token": SECRET}
KEYS = ["from", "id", "text", "caption", "photo_url", "is_bot", "message_id", "message"]
EVENTS = [f"message.{kind}.received" for kind in ("text", "image", "unsupported", "reaction")]
TEXT = {
    "event_name": "message.text.received",
    "message": {
        "from": {"id": "6ede9afa66b88fe6d6a9", "display_name": "Ted", "is_bot": False},
        "chat": {"id": "6ede9afa66b88fe6d6a9", "chat_type": "PRIVATE"},
        "text": "Xin chào",
        "message_id": "2d758cb5e222177a4e35",
        "date": 1750316131602,
        "message_type": "CHAT_MESSAGE",
    },
}
"""The sample of the documents."""


class Published(NoForms):
    """An office with a public address."""

    def address(self, name: str) -> str | None:
        return f"https://mot-cua.example.vn/mau/{name}"


def channel(**options: Any) -> ZaloBotChannel:
    return ZaloBotChannel(TOKEN, **{"secret": SECRET, "forms": NoForms(), **options})


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloBot]:
    async with FakeZaloBot() as fake:
        yield fake


@pytest.fixture
async def bot(zalo: FakeZaloBot) -> AsyncIterator[ZaloBotChannel]:
    found = zalo.channel()
    await found.open()
    yield found
    await found.close()


async def event_of(zalo: FakeZaloBot, bot: ZaloBotChannel) -> Event:
    (event,) = await bot.fetch()
    return event


# Receiving


@pytest.mark.parametrize("body", [TEXT, {"ok": True, "result": TEXT}])
def test_wrapped_and_flat_bodies_are_the_same_event(body: dict[str, Any]) -> None:
    (event,) = channel().receive(HEADERS, json.dumps(body).encode())
    assert (event.id, event.contact) == ("2d758cb5e222177a4e35", "6ede9afa66b88fe6d6a9")
    said = channel().read(event, at=AT)
    assert isinstance(said, Incoming)
    assert (said.text, said.received_at, said.contact.channel) == ("Xin chào", AT, "zalo_bot")


@pytest.mark.parametrize("headers", [{}, {"X-Bot-Api-Secret-Token": SECRET[:-1]}, {"X-A": SECRET}])
def test_without_the_secret_nothing_is_read(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        channel().receive(headers, b"not even JSON")


def test_a_secret_of_other_letters_is_refused_not_an_error() -> None:
    with pytest.raises(Forged):
        channel().receive({"X-Bot-Api-Secret-Token": "bí mật\udcff"}, b"{}")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a"', b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        channel().receive(HEADERS, body)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ok": True, "result": None},
        {"message": "Success"},
        {"event_name": "message.text.received", "message": {"text": "a"}},
        {"event_name": "message.text.received", "message": {"chat": {"id": True}}},
    ],
)
def test_what_nobody_can_be_answered_on_is_not_kept(body: dict[str, Any]) -> None:
    assert channel().receive(HEADERS, json.dumps(body).encode()) == ()


def test_an_event_without_id_is_known_again_by_what_it_says() -> None:
    bare = {"event_name": "message.unsupported.received", "message": {"chat": {"id": "dan"}}}
    raw = json.dumps(bare).encode()
    (first,), (second,) = channel().receive(HEADERS, raw), channel().receive(HEADERS, raw)
    assert first.id == second.id
    other = json.dumps(bare | {"message": {"chat": {"id": "khac"}}}).encode()
    assert channel().receive(HEADERS, other)[0].id != first.id


@pytest.mark.parametrize("secret", ["ngan", "x" * 257, "bí-mật-dài", "xuong\ndong"])
def test_a_secret_the_platform_does_not_take_is_refused_at_once(secret: str) -> None:
    with pytest.raises(ValueError, match="8 to 256"):
        channel(secret=secret)


# Reading


@pytest.mark.parametrize(
    ("kind", "attachment"),
    [
        (Sticker.PHOTO, Attachment.PHOTO),
        (Sticker.STICKER, Attachment.STICKER),
        (Sticker.VOICE, Attachment.VOICE),
        (Sticker.LOCATION, Attachment.OTHER),
        (Sticker.FILE, Attachment.OTHER),
    ],
)
async def test_what_is_no_text_is_told_by_its_kind(
    zalo: FakeZaloBot, bot: ZaloBotChannel, kind: Sticker, attachment: Attachment
) -> None:
    await zalo.send("dan", kind)
    said = bot.read(await event_of(zalo, bot), at=AT)
    assert isinstance(said, Incoming)
    assert (said.attachment, said.text) == (attachment, "")


@pytest.mark.parametrize(("text", "read"), [("https://a.vn", "https://a.vn"), (None, "")])
def test_a_kind_the_documents_do_not_know_is_answered(text: str | None, read: str) -> None:
    body = {"event_name": "message.link.received", "message": {"text": text}}
    said = channel().read(Event(id="1", contact="dan", body=body), at=AT)
    assert isinstance(said, Incoming)
    assert (said.text, said.attachment) == (read, None if text else Attachment.OTHER)


async def test_the_caption_of_a_picture_is_its_question(
    zalo: FakeZaloBot, bot: ZaloBotChannel
) -> None:
    await zalo.send("dan", Sticker.PHOTO, b"jpeg", caption="giấy này là gì")
    said = bot.read(await event_of(zalo, bot), at=AT)
    assert isinstance(said, Incoming)
    assert said.text == "giấy này là gì"


async def test_in_a_group_the_group_is_answered(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.say("nhom", "khai sinh cần gì", group=True)
    event = await event_of(zalo, bot)
    assert event.contact == "nhom"
    assert event.body["message"]["from"]["id"] != "nhom"


def test_decomposed_letters_and_broken_text_are_read_as_text() -> None:
    for sent, read in [
        ("Khai sinh\u0323", "Khai sinḥ"),
        ("a\ud83d\0b", "a?b"),
        (7, ""),
        (None, ""),
    ]:
        body = TEXT | {"message": TEXT["message"] | {"text": sent}}  # type: ignore[operator]
        (event,) = channel().receive(HEADERS, json.dumps(body).encode())
        said = channel().read(event, at=AT)
        assert isinstance(said, Incoming)
        assert said.text == read


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_name": "user.left", "message": {}},
        {"event_name": 5, "message": {}},
        {"event_name": "message.reaction.received", "message": {"chat": {"id": "dan"}}},
        {"event_name": "message.text.received", "message": {"from": {"is_bot": True}, "text": "a"}},
    ],
)
def test_what_no_citizen_said_is_ignored(body: dict[str, Any]) -> None:
    event = Event(id="1", contact="dan", body=body)
    assert channel().read(event, at=AT) is Notice.IGNORED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud83d\0"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
    max_leaves=12,
)
CHATS = st.fixed_dictionaries({"id": st.text(min_size=1) | JSON}) | JSON
UPDATES = st.fixed_dictionaries(
    {
        "event_name": st.sampled_from(EVENTS) | JSON,
        "message": st.fixed_dictionaries({"chat": CHATS}, optional=dict.fromkeys(KEYS, JSON)),
    }
)


@given(body=JSON | UPDATES | st.fixed_dictionaries({"result": UPDATES}))
def test_whatever_comes_signed_is_refused_or_read(body: Any) -> None:
    bot = channel()
    try:
        events = bot.receive(HEADERS, json.dumps(body).encode())
    except Malformed:
        assert not isinstance(body, dict)
        return
    for event in events:
        assert event.contact.encode()
        assert event.id.encode()
        kept = Event(**json.loads(json.dumps(asdict(event))))
        said = bot.read(kept, at=AT)
        if isinstance(said, Incoming):
            # What a database takes: no NUL, no half of a surrogate pair.
            assert b"\0" not in said.text.encode()


# Rendering

LONG = Reply(
    lead="Anh/chị cần thủ tục nào?",
    buttons=(Button(label="Khai sinh", action="a"), Button(label="Kết hôn", action="b")),
    files=(File(name="Mẫu CT01.docx", title="Mẫu CT01"),),
    source="QĐ 163",
)


def texts(replies: tuple[Reply, ...], **options: Any) -> list[str]:
    calls = channel(**options).address("dan", replies)
    assert all(call.call == "sendMessage" and call.contact == "dan" for call in calls)
    assert all(set(call.body) == {"chat_id", "text"} for call in calls)
    return [call.body["text"] for call in calls]


def test_buttons_are_numbers_and_forms_are_addresses() -> None:
    assert texts((LONG,), forms=Published()) == [
        """Anh/chị cần thủ tục nào?

→ Mẫu CT01: https://mot-cua.example.vn/mau/Mẫu CT01.docx

Gõ số bên dưới để chọn.

1) Khai sinh
2) Kết hôn

Nguồn: QĐ 163"""
    ]


def test_what_says_itself_that_numbers_are_typed_is_left_alone() -> None:
    own = Section(lines=("Gõ số, hoặc bấm nút.",))
    (text,) = texts((replace(LONG, sections=(own,)),))
    assert text.count("Gõ số") == 1
    assert "Gõ số" not in texts((replace(LONG, buttons=()),))[0]


def test_a_form_without_address_is_fetched_at_the_office() -> None:
    assert "→ Mẫu CT01: xin tại bộ phận một cửa" in texts((LONG,))[0]


def test_short_replies_share_a_message() -> None:
    assert texts((Reply(lead="Một"), Reply(), Reply(lead="Hai"))) == ["Một\n\nHai"]


@pytest.mark.parametrize(("second", "messages"), [(998, 1), (999, 2)])
def test_replies_share_a_message_only_as_far_as_it_holds(second: int, messages: int) -> None:
    assert len(texts((Reply(lead="a" * 1_000), Reply(lead="b" * second)))) == messages


@pytest.mark.parametrize("count", [1, 40, 41, 400])
def test_no_message_is_longer_than_the_platform_takes(count: int) -> None:
    lines = tuple(f"{number}: " + "chữ " * 12 for number in range(count))
    parts = texts((Reply(sections=(Section(lines=lines, shape=Shape.BULLETS),)), LONG))
    assert max(map(len, parts)) <= 2_000
    assert all(f"– {number}:" in "\n".join(parts) for number in range(count))


def test_nothing_to_say_is_no_message() -> None:
    assert texts((Reply(),)) == []


# Polling


@pytest.mark.parametrize("statuses", [True, False])
async def test_an_empty_poll_is_no_event(statuses: bool) -> None:
    async with FakeZaloBot(statuses=statuses, longest_poll=0.02) as zalo:
        bot = zalo.channel()
        await bot.open()
        assert await bot.fetch() == ()
        await bot.close()


async def test_events_come_one_by_one_in_order(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    for text in ("một", "hai"):
        await zalo.say("dan", text)
    said = [(await event_of(zalo, bot)).body["message"]["text"] for _ in range(2)]
    assert said == ["một", "hai"]


async def test_polling_takes_the_webhook_away_once(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    zalo.hook("http://127.0.0.1:1/hooks/zalo-bot")
    with capture_logs() as logs:
        assert await bot.fetch() == ()
    assert zalo.webhook is None
    assert [line["event"] for line in logs] == ["webhook_taken_away"]
    zalo.hook("http://127.0.0.1:1/hooks/zalo-bot")
    with pytest.raises(Rejected):
        await bot.fetch()
    assert zalo.webhook is not None


async def test_polling_with_a_wrong_token_is_refused(zalo: FakeZaloBot) -> None:
    bot = ZaloBotChannel("1:sai", secret=SECRET, forms=NoForms(), api_url=zalo.url)
    await bot.open()
    with pytest.raises(Rejected, match="401"):
        await bot.fetch()
    await bot.close()


# Webhook


@pytest.mark.parametrize("wrapped", [True, False])
async def test_webhook_requests_are_taken_and_forged_ones_are_not(wrapped: bool) -> None:
    kept: list[Event] = []
    async with FakeZaloBot(wrapped=wrapped) as zalo:
        bot = zalo.channel()

        async def hook(request: web.Request) -> web.Response:
            try:
                kept.extend(bot.receive(request.headers, await request.read()))
            except Forged:
                return web.Response(status=401)
            return web.json_response({"message": "Success"})

        app = web.Application()
        app.router.add_post("/hooks/zalo-bot", hook)
        async with TestServer(app) as server:
            zalo.hook(str(server.make_url("/hooks/zalo-bot")))
            assert await zalo.say("dan", "chào") == 200
            assert await zalo.forge() == 401
            assert await zalo.redeliver() == [200]
        assert await zalo.say("dan", "không ai nghe") == 0
    assert len(kept) == 2
    assert kept[0] == kept[1]


async def test_register_sets_the_webhook_with_our_secret(
    zalo: FakeZaloBot, bot: ZaloBotChannel
) -> None:
    (before,) = [each for each in await bot.check() if "webhook" in each.text]
    assert "channels register" in before.text
    url = "https://mot-cua.example.vn/hooks/zalo-bot"
    assert [each.ok for each in await bot.register(url)] == [True]
    assert zalo.webhook is not None
    assert (zalo.webhook.url, zalo.webhook.secret) == (url, SECRET)
    said = " ".join(each.text for each in await bot.check())
    assert url in said
    assert "50 người" in said
    assert "3.000 tin" in said


@pytest.mark.parametrize("url", ["http://mot-cua.example.vn/hooks", "https://127.0.0.1/hooks"])
async def test_an_address_the_platform_refuses_is_told(bot: ZaloBotChannel, url: str) -> None:
    assert [each.ok for each in await bot.register(url)] == [False]


async def test_an_address_the_platform_did_not_keep_is_told() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"url": "https://cu.example.vn/hooks"}})

    app = web.Application()
    app.router.add_post("/{any:.*}", answer)
    async with TestServer(app) as server:
        bot = channel(api_url=str(server.make_url("/")))
        await bot.open()
        (finding,) = await bot.register("https://mot-cua.example.vn/hooks")
        await bot.close()
    assert not finding.ok
    assert "https://cu.example.vn/hooks" in finding.text


async def test_check_tells_a_wrong_token(zalo: FakeZaloBot) -> None:
    bot = ZaloBotChannel("1:sai", secret=SECRET, forms=NoForms(), api_url=zalo.url)
    await bot.open()
    (finding,) = await bot.check()
    await bot.close()
    assert not finding.ok
    assert "HMC_ZALO_BOT_TOKEN" in finding.text


async def test_an_empty_poll_takes_its_time_even_when_the_platform_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    async with FakeZaloBot(longest_poll=0.0) as zalo:
        bot = zalo.channel(idle=30.0)
        await bot.open()
        await zalo.say("dan", "chào")
        monkeypatch.setattr(asyncio, "sleep", rest)
        assert len(await bot.fetch()) == 1
        assert rests == []
        assert await bot.fetch() == ()
        await bot.close()
    assert rests[0] > 20
