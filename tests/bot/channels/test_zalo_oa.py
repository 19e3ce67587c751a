"""The channel against a server that keeps Zalo's rules."""

from __future__ import annotations

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
from bot.channels.zalo_oa import MOST_UPLOAD, ZaloOaChannel
from bot.channels.zalo_oa_templates import template_message
from bot.channels.zalo_signature import mac
from handlers.conversation import Attachment, Button, File, Incoming, Reply
from tests.fakes import Trouble
from tests.fakes.zalo_oa import TEMPLATE, FakeZaloOa

CONTACT = "246845883529197922"
DATA = {
    "ho_ten": "Nguyễn Thị A",
    "ma_ho_so": "H32.215-261118-0042",
    "trang_thai": "Đã có kết quả",
    "ngay": "24/11/2026",
}


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        fake._person(CONTACT).interact(fake.clock())
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


# Receiving


def signed(zalo: FakeZaloOa, body: bytes, secret: str | None = None) -> CIMultiDict[str]:
    timestamp = zalo.timestamp()
    proof = mac(zalo.app_id, body, timestamp, zalo.oa_secret if secret is None else secret)
    return CIMultiDict({"X-ZEvent-Signature": f"mac={proof}", "X-ZEvent-Timestamp": timestamp})


def test_the_probe_and_nothing_else_comes_unsigned() -> None:
    channel = FakeZaloOaOffline().channel
    assert channel.receive(CIMultiDict(), b"{}") == ()
    assert channel.receive(CIMultiDict(), b" {}\n") == ()
    for body in (b"", b"[]", b"{ }x", b'{"event_name":"follow","follower":{"id":"1"}}'):
        with pytest.raises(Forged):
            channel.receive(CIMultiDict(), body)


class FakeZaloOaOffline:
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


def test_signed_but_not_readable() -> None:
    offline = FakeZaloOaOffline()
    for body in (b"{", b"[]", b'"text"', b"\xff"):
        with pytest.raises(Malformed):
            offline.channel.receive(signed(offline.zalo, body), body)
        with pytest.raises(Forged):
            offline.channel.receive(signed(offline.zalo, body, "guessed"), body)


async def test_a_request_played_back_has_the_same_id_and_later_is_refused() -> None:
    offline = FakeZaloOaOffline()
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


# Sending


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
    delivery = zalo._said[-1]
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
    from bot.channels.zalo_oa_api import Urls

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
    [event] = channel.receive(CIMultiDict(zalo._said[-1].headers), zalo._said[-1].body)
    found = channel.read(event, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert (found.contact.id, found.text) == (contact, "2")


async def test_the_form_for_the_number(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    [_, form] = channel.address(CONTACT, (Reply(lead="?", asks_phone=True),))
    await channel.send(form)
    await zalo.submit_info(CONTACT, {"name": "A", "phone": "84912345678"})
    [event] = channel.receive(CIMultiDict(zalo._said[-1].headers), zalo._said[-1].body)
    found = channel.read(event, at=zalo.clock())
    assert isinstance(found, Incoming)
    assert found.phone == "84912345678"


# Files


async def hand_out(channel: ZaloOaChannel, name: str) -> None:
    for call in channel.address(CONTACT, (Reply(files=(File(name=name, title="Mẫu CT01"),)),)):
        await channel.send(call)


async def test_a_form_is_uploaded_once_while_zalo_keeps_it(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    zalo.shelf.forms["Mẫu CT01.docx"] = b"docx"
    await hand_out(channel, "Mẫu CT01.docx")
    await hand_out(channel, "Mẫu CT01.docx")
    assert zalo.interface.uploads == 1
    assert [bubble.file for bubble in zalo.bubbles] == ["Mẫu CT01.docx"] * 2
    zalo.shelf.forms["Mẫu CT01.docx"] = b"a newer one"
    await hand_out(channel, "Mẫu CT01.docx")
    assert zalo.interface.uploads == 2
    await zalo.advance(timedelta(days=6, minutes=1))
    await hand_out(channel, "Mẫu CT01.docx")
    assert zalo.interface.uploads == 3


async def test_a_file_zalo_lost_is_uploaded_again(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    zalo.shelf.forms["a.pdf"] = b"pdf"
    await hand_out(channel, "a.pdf")
    for token, (name, at) in zalo.interface._uploads.items():
        zalo.interface._uploads[token] = (name, at - timedelta(days=8))
    await hand_out(channel, "a.pdf")
    assert zalo.interface.uploads == 2
    assert [bubble.file for bubble in zalo.bubbles] == ["a.pdf", "a.pdf"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"x"), ("a.pdf", b"x" * (MOST_UPLOAD + 1)), ("a.pdf", b""), ("a.pdf", None)],
)
async def test_what_zalo_does_not_take_is_an_address(
    zalo: FakeZaloOa, channel: ZaloOaChannel, name: str, content: bytes | None
) -> None:
    if content is not None:
        zalo.shelf.forms[name] = content
    await hand_out(channel, name)
    [bubble] = zalo.bubbles
    assert bubble.file is None
    assert f"https://xa.example.gov.vn/mau/{name}" in bubble.text
    zalo.shelf.public = ""
    await hand_out(channel, name)
    assert "bộ phận một cửa" in zalo.bubbles[-1].text


async def test_the_largest_form_goes(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    zalo.shelf.forms["a.pdf"] = b"x" * MOST_UPLOAD
    await hand_out(channel, "a.pdf")
    assert zalo.bubbles[0].file == "a.pdf"


# Template messages


async def at_noon(zalo: FakeZaloOa) -> None:
    await zalo.advance_to(12)


async def test_a_template_by_phone_is_sent_once(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await at_noon(zalo)
    zalo.phones["84912345678"] = 0
    call = template_message(TEMPLATE, DATA, phone="0912 345 678", tracking="hs-0001-done")
    first = await channel.send(call)
    again = await channel.send(call)
    assert first.id == again.id != ""
    assert first.remaining is None
    [bubble] = zalo.bubbles
    assert bubble.contact == "phone:84912345678"
    assert "Đã có kết quả" in bubble.text
    assert zalo.template_quota == 499


async def test_a_template_by_user_id(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await zalo.advance(timedelta(days=20))
    sent = await channel.send(template_message(TEMPLATE, DATA, contact=CONTACT))
    assert sent.id == zalo.bubbles[0].id
    zalo.people[CONTACT].refuses_templates = True
    with pytest.raises(Unreachable, match="-139"):
        await channel.send(template_message(TEMPLATE, DATA, contact=CONTACT))


async def test_templates_sleep_at_night(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    await zalo.advance_to(23)
    zalo.phones["84912345678"] = 0
    with pytest.raises(TryLater) as caught:
        await channel.send(template_message(TEMPLATE, DATA, phone="0912345678", tracking="x"))
    assert caught.value.after == pytest.approx(7 * 3600, abs=60)
    await zalo.advance(timedelta(seconds=caught.value.after))
    await channel.send(template_message(TEMPLATE, DATA, phone="0912345678", tracking="x"))
    assert len(zalo.bubbles) == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [(-118, Unreachable), (-114, Unreachable), (-141, Unreachable), (-115, TryLater)],
)
async def test_numbers_that_get_no_template(
    zalo: FakeZaloOa, channel: ZaloOaChannel, code: int, expected: type[ChannelError]
) -> None:
    await at_noon(zalo)
    if code != -118:
        zalo.phones["84912345678"] = code
    with pytest.raises(expected, match=str(code)):
        await channel.send(template_message(TEMPLATE, DATA, phone="0912345678", tracking="x"))


async def test_a_wrong_template_pauses_nothing_else(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    await at_noon(zalo)
    for template, data in (("gone", DATA), (TEMPLATE, {"ho_ten": "A"})):
        with pytest.raises(Rejected):
            await channel.send(template_message(template, data, phone="0912345678", tracking="x"))
    zalo.template_quota = 0
    zalo.phones["84912345678"] = 0
    with pytest.raises(TryLater, match="-144"):
        await channel.send(template_message(TEMPLATE, DATA, phone="0912345678", tracking="x"))


async def test_a_refused_token_is_renewed_for_templates_too(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    await at_noon(zalo)
    zalo.oauth.issued_at = zalo.clock() - timedelta(hours=26)
    zalo.give_pair()
    assert zalo.tokens.kept is not None
    zalo.tokens.kept["expires_at"] = (zalo.clock() + timedelta(hours=1)).isoformat()
    zalo.phones["84912345678"] = 0
    await channel.send(template_message(TEMPLATE, DATA, phone="0912345678", tracking="x"))
    assert zalo.oauth.renewals == 1


# The rest


async def test_pictures(zalo: FakeZaloOa, channel: ZaloOaChannel) -> None:
    from tests.fakes import Sticker

    await zalo.send(CONTACT, Sticker.PHOTO, b"\xff\xd8")
    await zalo.send_picture(CONTACT, "https://evil.example/a.jpg")
    await zalo.say(CONTACT, "không có ảnh")
    ours, theirs, none = (
        channel.receive(CIMultiDict(each.headers), each.body)[0] for each in zalo._said[-3:]
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
