"""Files and template messages against a server that keeps Zalo's rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.channels import ChannelError, Rejected, TryLater, Unreachable
from bot.channels.zalo_oa import MOST_UPLOAD, ZaloOaChannel
from bot.channels.zalo_oa_templates import template_message
from handlers.conversation import File, Reply
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
        fake.person(CONTACT).interact(fake.clock())
        yield fake


@pytest.fixture
async def channel(zalo: FakeZaloOa) -> AsyncIterator[ZaloOaChannel]:
    found = zalo.channel()
    await found.open()
    yield found
    await found.close()


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


async def test_a_file_zalo_does_not_know_any_more_is_uploaded_again(
    zalo: FakeZaloOa, channel: ZaloOaChannel
) -> None:
    zalo.shelf.forms["a.pdf"] = b"pdf"
    await hand_out(channel, "a.pdf")
    zalo.interface._uploads.clear()
    await hand_out(channel, "a.pdf")
    assert [bubble.file for bubble in zalo.bubbles] == ["a.pdf", "a.pdf"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_form_that_is_refused_becomes_an_address(
    zalo: FakeZaloOa, channel: ZaloOaChannel, times: int
) -> None:
    zalo.shelf.forms["a.pdf"] = b"pdf"
    if times == 2:
        await hand_out(channel, "a.pdf")
    zalo.trouble(Trouble.WRONG, times)
    await hand_out(channel, "a.pdf")
    assert zalo.bubbles[-1].file is None
    assert "https://xa.example.gov.vn/mau/a.pdf" in zalo.bubbles[-1].text


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
