"""The channel against a server that keeps Zalo's rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.channels import (
    ChannelError,
    Event,
    Forged,
    Malformed,
    Misconfigured,
    Outgoing,
    OutsideWindow,
    Rejected,
    TryLater,
    Unreachable,
)
from bot.channels.zalo_oa import ZaloOaChannel
from bot.channels.zalo_oa_api import Urls
from bot.channels.zalo_signature import mac
from handlers.conversation import Attachment, Button, Incoming, Reply
from tests.fakes import Sticker, Trouble
from tests.fakes.zalo_oa import FakeZaloOa

CONTACT = "246845883529197922"


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        fake.person(CONTACT).interact(fake.clock())
        yield fake


@asynccontextmanager
async def opened(zalo: FakeZaloOa, **options: Any) -> AsyncIterator[ZaloOaChannel]:
    channel = zalo.channel(**options)
    await channel.open()
    yield channel
    await channel.close()


@pytest.fixture
async def channel(zalo: FakeZaloOa) -> AsyncIterator[ZaloOaChannel]:
    async with opened(zalo) as found:
        yield found


def one(channel: ZaloOaChannel, reply: Reply, contact: str = CONTACT) -> Outgoing:
    [call] = channel.address(contact, (reply,))
    return call


def hello(channel: ZaloOaChannel) -> Outgoing:
    return one(channel, Reply(lead="Dạ, em nghe."))


def signed(zalo: FakeZaloOa, body: bytes, secret: str | None = None) -> CIMultiDict[str]:
    timestamp = zalo.timestamp()
    proof = mac(zalo.app_id, body, timestamp, zalo.oa_secret if secret is None else secret)
    return CIMultiDict({"X-ZEvent-Signature": f"mac={proof}", "X-ZEvent-Timestamp": timestamp})


class Offline:
    """A channel that receives only."""

    def __init__(self) -> None:
        self.zalo = FakeZaloOa()
        self.channel = ZaloOaChannel(
            app_id=self.zalo.app_id,
            app_secret="",
            oa_secret=self.zalo.oa_secret,
            tokens=self.zalo.tokens,
            forms=self.zalo.shelf,
            clock=self.zalo.clock,
        )


def test_the_probe_and_nothing_else_comes_unsigned() -> None:
    channel = Offline().channel
    assert channel.receive(CIMultiDict(), b"{}") == ()
    assert channel.receive(CIMultiDict(), b" {}\n") == ()
    for body in (b"", b"[]", b"{ }x", b'{"event_name":"follow","follower":{"id":"1"}}'):
        with pytest.raises(Forged):
            channel.receive(CIMultiDict(), body)


def test_signed_but_not_readable() -> None:
    offline = Offline()
    for body in (b"{", b"[]", b'"text"', b"\xff"):
        with pytest.raises(Malformed):
            offline.channel.receive(signed(offline.zalo, body), body)
        with pytest.raises(Forged):
            offline.channel.receive(signed(offline.zalo, body, "guessed"), body)


async def test_a_request_played_back_has_the_same_id_and_later_is_refused() -> None:
    offline = Offline()
    zalo, channel = offline.zalo, offline.channel
    event = zalo.event("user_send_text", "1", message={"msg_id": "9", "text": "khai sinh"})
    delivery = zalo.hooks.written(event)
    headers = CIMultiDict(delivery.headers)
    first = channel.receive(headers, delivery.body)
    zalo._ahead = timedelta(hours=2)
    assert channel.receive(headers, delivery.body) == first
    zalo._ahead = timedelta(hours=25)
    with pytest.raises(Forged):
        channel.receive(headers, delivery.body)


async def test_a_message_with_buttons(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    reply = Reply(
        lead="Anh/chị cần gì?",
        buttons=(
            Button(label="Khai sinh", action="show:1.001193"),
            Button(label="Cổng", url="https://dichvucong.gov.vn"),
            Button(label="Gọi", url="tel:0912345678"),
        ),
    )
    sent = await channel.send(one(channel, reply))
    [bubble] = zalo.bubbles
    assert sent.id == bubble.id
    assert sent.remaining == 7
    assert (bubble.contact, bubble.text) == (CONTACT, "Anh/chị cần gì?")
    assert bubble.buttons == ("Khai sinh", "Cổng", "Gọi")


async def test_a_press_comes_back_as_the_action(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await channel.send(one(channel, Reply(lead="?", buttons=(Button(label="A", action="a:1"),))))
    await zalo.press(CONTACT, "A")
    delivery = zalo.told[-1]
    [event] = channel.receive(CIMultiDict(delivery.headers), delivery.body)
    found = channel.read(event, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert (found.action, found.text) == ("a:1", "")


async def test_the_window_and_the_quota(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    call = hello(channel)
    assert [(await channel.send(call)).remaining for _ in range(8)] == [7, 6, 5, 4, 3, 2, 1, 0]
    with pytest.raises(OutsideWindow, match="-211"):
        await channel.send(call)
    await zalo.advance(timedelta(days=3))
    # Paid messages count the whole office's quota, which says nothing about this citizen.
    assert (await channel.send(call)).remaining is None
    assert zalo.people[CONTACT].billed == 1
    await zalo.advance(timedelta(days=5))
    with pytest.raises(OutsideWindow, match="-230"):
        await channel.send(call)
    await zalo.say(CONTACT, "em ơi")
    assert (await channel.send(call)).remaining == 7


async def test_who_left_is_unreachable(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await zalo.unfollow(CONTACT)
    with pytest.raises(Unreachable):
        await channel.send(hello(channel))
    with pytest.raises(Unreachable):
        await channel.send(one(channel, Reply(lead="?"), "999"))
    assert zalo.bubbles == []


@pytest.mark.parametrize(
    ("trouble", "expected", "everyone"),
    [
        (Trouble.BUSY, TryLater, True),
        (Trouble.DOWN, TryLater, False),
        (Trouble.SILENT, TryLater, False),
        (Trouble.LEFT, Unreachable, None),
        (Trouble.CLOSED, OutsideWindow, None),
        (Trouble.WRONG, Rejected, None),
        (Trouble.TOKEN, Misconfigured, None),
    ],
)
async def test_troubles(
    zalo: FakeZaloOa, trouble: Trouble, expected: type[ChannelError], everyone: bool | None
) -> None:
    zalo.trouble(trouble)
    async with opened(zalo, patience=0.2) as channel:
        with pytest.raises(expected) as caught:
            await channel.send(hello(channel))
        if isinstance(caught.value, TryLater):
            assert caught.value.everyone is everyone
        assert zalo.oauth.access not in str(caught.value)
        # Over: the same call passes.
        await channel.send(hello(channel))
    assert len(zalo.bubbles) == 1


async def test_nobody_listens(zalo: FakeZaloOa) -> None:
    async with opened(zalo, urls=Urls(api="http://127.0.0.1:1")) as channel:
        with pytest.raises(TryLater):
            await channel.send(hello(channel))


async def test_a_token_renewed_elsewhere_is_taken_over(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    await channel.send(hello(channel))
    zalo.oauth._issue()
    zalo.give_pair()
    await channel.send(hello(channel))
    assert zalo.oauth.renewals == 0
    assert len(zalo.bubbles) == 2


async def test_an_expired_token_is_renewed_and_the_message_goes(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    # As if our clock went wrong: the stored pair looks good, the platform says -220.
    await channel.send(hello(channel))
    zalo.oauth.issued_at -= timedelta(hours=26)
    await channel.send(hello(channel))
    assert zalo.oauth.renewals == 1
    assert len(zalo.bubbles) == 2


async def test_a_token_that_stays_refused_needs_a_person(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    zalo.oauth.judge = lambda token: -216  # type: ignore[method-assign]
    with pytest.raises(Misconfigured):
        await channel.send(hello(channel))
    assert zalo.oauth.renewals == 1


async def test_the_proof_of_the_secret_goes_along(zalo: FakeZaloOa) -> None:
    async with opened(zalo, app_secret="another") as channel:
        with pytest.raises(Misconfigured, match="HMC_ZALO_APP_SECRET"):
            await channel.send(hello(channel))
    async with opened(zalo, app_secret="") as channel:
        await channel.send(hello(channel))


async def test_a_call_nobody_knows(channel: ZaloOaChannel) -> None:
    with pytest.raises(Rejected):
        await channel.send(Outgoing(contact=CONTACT, call="dance"))


async def test_a_visitor_of_a_website(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    contact = "anonymous:77:88"
    reply = Reply(lead="?", buttons=(Button(label="A", action="a"), Button(label="B", action="b")))
    await channel.send(one(channel, reply, contact))
    [bubble] = zalo.bubbles
    assert (bubble.contact, bubble.text, bubble.buttons) == (contact, "?\n\n1) A\n2) B", ())
    await zalo.press(contact, "B")
    [event] = channel.receive(CIMultiDict(zalo.told[-1].headers), zalo.told[-1].body)
    found = channel.read(event, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert (found.contact.id, found.text) == (contact, "2")


async def test_many_calls_with_an_expired_token_renew_it_once(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    citizens = [f"30{number:02}" for number in range(20)]
    for each in citizens:
        zalo.person(each)
    await zalo.advance(timedelta(hours=26))
    for each in citizens:
        zalo.people[each].interact(zalo.clock())
    zalo.oauth.slow = 0.05
    calls = [one(channel, Reply(lead="Dạ"), each) for each in citizens]
    await asyncio.gather(*(channel.send(call) for call in calls))
    assert zalo.oauth.renewals == 1
    assert sorted(bubble.contact for bubble in zalo.bubbles) == citizens


async def test_a_form_that_is_refused_is_no_failure(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    [_, form] = channel.address(CONTACT, (Reply(lead="?", asks_phone=True),))
    zalo.trouble(Trouble.WRONG)
    with capture_logs() as logs:
        assert (await channel.send(form)).id == ""
    assert [each["event"] for each in logs] == ["zalo_form_refused"]
    zalo.trouble(Trouble.DOWN)
    with pytest.raises(TryLater):
        await channel.send(form)


async def test_the_form_for_the_number(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    [_, form] = channel.address(CONTACT, (Reply(lead="?", asks_phone=True),))
    await channel.send(form)
    await zalo.submit_info(CONTACT, {"name": "A", "phone": "84912345678"})
    [event] = channel.receive(CIMultiDict(zalo.told[-1].headers), zalo.told[-1].body)
    found = channel.read(event, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert found.phone == "84912345678"


async def test_pictures(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await zalo.send(CONTACT, Sticker.PHOTO, b"\xff\xd8")
    await zalo.send_picture(CONTACT, "https://evil.example/a.jpg")
    await zalo.say(CONTACT, "không có ảnh")
    ours, theirs, none = (
        channel.receive(CIMultiDict(each.headers), each.body)[0] for each in zalo.told[-3:]
    )
    found = channel.read(ours, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert found.attachment is Attachment.PHOTO
    assert await channel.picture(ours) == b"\xff\xd8"
    with pytest.raises(Rejected):
        await channel.picture(theirs)
    assert await channel.picture(none) is None


async def test_working_says_nothing(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await channel.working(Event(id="1", contact=CONTACT, body={}))
    assert zalo.calls == 0


async def test_no_secret_in_any_log_line(zalo: FakeZaloOa) -> None:
    with capture_logs() as logs:
        async with opened(zalo, patience=0.2) as channel:
            for trouble in Trouble:
                zalo.trouble(trouble)
                with pytest.raises(ChannelError):
                    await channel.send(hello(channel))
            await zalo.advance(timedelta(hours=21))
            await channel.oauth.renew()
            await channel.check()
    said = json.dumps(logs, default=str)
    for secret in (zalo.app_secret, zalo.oa_secret, zalo.oauth.access, zalo.oauth.refresh, CONTACT):
        assert secret not in said
