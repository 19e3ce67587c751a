"""Calls to the Zalo Bot Platform: what is sent, what a refusal means, pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.channels import (
    MAX_PICTURE,
    ChannelError,
    Event,
    Misconfigured,
    Outgoing,
    Rejected,
    TryLater,
    Unreachable,
)
from bot.channels.zalo_bot import ZaloBotChannel
from handlers.conversation import Button, Incoming, Reply
from tests.fakes import Sticker, Trouble
from tests.fakes.zalo_bot import SECRET, TOKEN, FakeZaloBot, NoForms

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


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


def message(contact: str = "dan", text: str = "Dạ") -> Outgoing:
    return Outgoing(contact=contact, call="sendMessage", body={"chat_id": contact, "text": text})


BUTTONS = Reply(
    lead="Anh/chị cần thủ tục nào?",
    buttons=(Button(label="Khai sinh", action="a"), Button(label="Kết hôn", action="b")),
)


# Sending


async def test_what_is_sent_is_seen(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.say("dan", "chào")
    for call in bot.render(await event_of(zalo, bot), (BUTTONS,)):
        sent = await bot.send(call)
    (bubble,) = zalo.bubbles
    assert sent.id == bubble.id
    assert "1) Khai sinh" in bubble.text


async def test_a_number_is_what_a_citizen_types(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.say("dan", "chào")
    for call in bot.render(await event_of(zalo, bot), (BUTTONS,)):
        await bot.send(call)
    await zalo.press("dan", "Kết hôn")
    said = bot.read(await event_of(zalo, bot), at=AT)
    assert isinstance(said, Incoming)
    assert said.text == "2"


REFUSED: list[tuple[Trouble, type[ChannelError]]] = [
    (Trouble.BUSY, TryLater),
    (Trouble.DOWN, TryLater),
    (Trouble.SILENT, TryLater),
    (Trouble.WRONG, Rejected),
    (Trouble.TOKEN, Misconfigured),
    (Trouble.LEFT, Unreachable),
]


@pytest.mark.parametrize("statuses", [True, False])
@pytest.mark.parametrize(("trouble", "error"), REFUSED)
async def test_a_refusal_says_what_to_do_next(
    trouble: Trouble, error: type[ChannelError], statuses: bool
) -> None:
    async with FakeZaloBot(statuses=statuses) as zalo:
        bot = zalo.channel(patience=0.2)
        await bot.open()
        await zalo.say("dan", "chào")
        zalo.trouble(trouble)
        with pytest.raises(error) as refused:
            await bot.send(message())
        assert type(refused.value) is error
        assert TOKEN not in str(refused.value)
        assert not zalo.bubbles
        await bot.send(message())
        await bot.close()


async def test_an_exhausted_quota_rests_the_whole_bot(
    zalo: FakeZaloBot, bot: ZaloBotChannel
) -> None:
    await zalo.say("dan", "chào")
    zalo.quota = 0
    with pytest.raises(TryLater) as refused:
        await bot.send(message())
    assert refused.value.everyone
    assert refused.value.after >= 30


async def test_an_unknown_method_is_our_bug(bot: ZaloBotChannel) -> None:
    with pytest.raises(Rejected):
        await bot.send(Outgoing(contact="dan", call="sendmessage"))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>proxy</html>", TryLater),
        (200, "[]", TryLater),
        (200, '{"ok": "yes"}', TryLater),
        (502, "", TryLater),
        (403, "", TryLater),
        (429, "", TryLater),
        (302, "", TryLater),
        (401, "", Misconfigured),
        (404, "nginx", Misconfigured),
        (200, '{"ok": false, "error_code": "400"}', Rejected),
        (500, '{"ok": false, "description": 5}', TryLater),
    ],
)
async def test_rubbish_in_place_of_the_platform(
    status: int, body: str, error: type[ChannelError]
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/{any:.*}", answer)
    async with TestServer(app) as server:
        bot = channel(api_url=str(server.make_url("/")))
        await bot.open()
        with pytest.raises(error) as refused:
            await bot.send(message())
        assert type(refused.value) is error
        await bot.close()


async def test_nobody_there_is_for_later_and_tells_no_token(zalo: FakeZaloBot) -> None:
    bot = channel(api_url="http://127.0.0.1:1")
    await bot.open()
    with capture_logs() as logs, pytest.raises(TryLater) as refused:
        await bot.send(message())
    await bot.working(Event(id="1", contact="dan", body={}))
    findings = [*await bot.check(), *await bot.register("https://mot-cua.example.vn/hooks")]
    await bot.close()
    assert TOKEN not in f"{refused.value!r} {refused.value.__cause__!r} {logs} {findings}"
    assert [finding.ok for finding in findings] == [False, False]


async def test_working_is_shown(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.say("dan", "chào")
    await bot.working(await event_of(zalo, bot))
    await bot.working(Event(id="1", contact="nguoi-la", body={}))
    assert zalo.actions == [("dan", "typing")]


# Pictures


@pytest.mark.parametrize("key", ["photo", "photo_url"])
async def test_a_picture_is_fetched(key: str) -> None:
    async with FakeZaloBot(photo_key=key) as zalo:
        bot = zalo.channel()
        await bot.open()
        await zalo.send("dan", Sticker.PHOTO, b"\xff\xd8 picture")
        assert await bot.picture(await event_of(zalo, bot)) == b"\xff\xd8 picture"
        await bot.close()


@pytest.mark.parametrize(("size", "fits"), [(MAX_PICTURE, True), (MAX_PICTURE + 1, False)])
async def test_a_picture_that_is_too_large_is_not_read(
    zalo: FakeZaloBot, bot: ZaloBotChannel, size: int, fits: bool
) -> None:
    await zalo.send("dan", Sticker.PHOTO, b"x" * size)
    found = await bot.picture(await event_of(zalo, bot))
    assert (found is not None) is fits


async def test_a_picture_without_a_stated_size_is_cut_off_too(zalo: FakeZaloBot) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(MAX_PICTURE // 1_000_000 + 2):
            await response.write(b"x" * 1_000_000)
        return response

    await _picture_at(endless, None)


async def test_a_redirect_stays_within_its_host() -> None:
    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("http://localhost:1/inside")

    async def near(request: web.Request) -> web.Response:
        if request.path == "/near":
            return web.Response(body=b"jpeg")
        raise web.HTTPFound("/near")

    async def around(_: web.Request) -> web.Response:
        raise web.HTTPFound("/around")

    for handler in (away, around):
        with pytest.raises(Rejected):
            await _picture_at(handler, None)
    await _picture_at(near, b"jpeg")


async def _picture_at(handler: Any, expected: bytes | None) -> None:
    app = web.Application()
    app.router.add_get("/{any:.*}", handler)
    async with TestServer(app) as server:
        origin = str(server.make_url("")).rstrip("/")
        bot = channel(pictures_from=(origin,))
        await bot.open()
        try:
            assert await bot.picture(_photo(f"{origin}/a.jpg")) == expected
        finally:
            await bot.close()


def _photo(url: object) -> Event:
    body = {"event_name": "message.image.received", "message": {"photo_url": url}}
    return Event(id="1", contact="dan", body=body)


@pytest.mark.parametrize(
    "url",
    [
        "http://f6.photo.talk.zdn.vn/a.jpg",
        "https://zdn.vn.example.com/a.jpg",
        "https://xzdn.vn/a.jpg",
        "https://f6.zdn.vn:8080/a.jpg",
        "https://evil.com#.zdn.vn",
        "https://[::1/a",
        "https://127.0.0.1/a.jpg",
        "file:///etc/passwd",
    ],
)
async def test_no_other_host_is_asked(url: str) -> None:
    bot = channel()
    await bot.open()
    with pytest.raises(Rejected):
        await bot.picture(_photo(url))
    await bot.close()


@pytest.mark.parametrize("url", ["", 7, None, ["https://f6.zdn.vn/a.jpg"]])
async def test_a_picture_without_an_address_is_none(url: object) -> None:
    assert await channel().picture(_photo(url)) is None


async def test_zalos_own_hosts_are_asked() -> None:
    for url in ("https://f6.photo.talk.zdn.vn/a", "https://A.ZADN.vn/a", "https://x.zalo.me/a"):
        with pytest.raises(RuntimeError, match="not open"):
            await channel().picture(_photo(url))


async def test_a_text_has_no_picture(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.say("dan", "chào")
    assert await bot.picture(await event_of(zalo, bot)) is None


async def test_a_picture_that_is_gone_is_none(zalo: FakeZaloBot, bot: ZaloBotChannel) -> None:
    await zalo.send("dan", Sticker.PHOTO, b"x")
    zalo.pictures.clear()
    assert await bot.picture(await event_of(zalo, bot)) is None
