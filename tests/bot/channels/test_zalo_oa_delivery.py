"""An office that answers on Zalo OA, from the webhook to the bubble, over real queues."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_store, stored_services
from bot.channels.zalo_oa_templates import template_message
from bot.sealing import Seal
from handlers.services import Services
from knowledge.queues import Departure
from tests.fakes.zalo_oa import TEMPLATE, FakeZaloOa
from tests.rig import KEY, Rig, copied

AN = "246845883529197922"
DATA = {
    "ho_ten": "Nguyễn Thị A",
    "ma_ho_so": "H32.215-261118-0042",
    "trang_thai": "Đã có kết quả",
    "ngay": "24/11/2026",
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Services]:
    """A seeded database to copy, and what is read out of it."""
    file = tmp_path_factory.mktemp("seeded") / "office.db"
    store = open_store(f"sqlite:///{file}")
    with store.work() as work:
        services = stored_services(work)
    store.close()
    return file, services


class Office(Rig):
    """A rig whose clock is the platform's."""

    platform: Any

    def now(self) -> Any:
        return self.platform.clock()


@pytest.fixture(params=["body", "header"])
async def office(
    request: pytest.FixtureRequest, seeded: tuple[Path, Services], tmp_path: Path
) -> AsyncIterator[Office]:
    template, services = seeded
    async with FakeZaloOa(signs=request.param) as zalo:
        made = Office(zalo, copied(template, tmp_path), services, tmp_path)
        await made.start()
        yield made
        await zalo.settle()
        await made.close()


async def test_a_conversation_by_buttons(office: Office) -> None:
    zalo = office.platform
    assert await zalo.probe() == 200
    await zalo.say(AN, "lam giay khai sinh cho con can gi")
    await office.idle()
    [first] = office.said(AN)
    assert "Giấy chứng sinh" in first.text
    assert 1 <= len(first.buttons) <= 5
    label = next(
        each["title"]
        for each in first.raw["attachment"]["payload"]["buttons"]
        if each["payload"].startswith("#a:show:")
    )
    await zalo.press(AN, label)
    await office.idle()
    assert len(office.said(AN)) == 2
    # Our own echoes, receipts and what was seen are answered by nobody.
    await zalo.settle()
    await office.idle()
    assert len(office.said(AN)) == 2
    with office.store.work() as work:
        logged = work.inquiries(10)
    assert [each.status for each in logged] == ["answered"] * 2
    assert all(AN not in f"{each.contact}{each.text}" for each in logged)


async def test_an_officer_who_answers_silences_the_bot_for_a_while(office: Office) -> None:
    zalo = office.platform
    await zalo.say(AN, "xin chào")
    await office.idle()
    before = len(office.said(AN))
    assert await zalo.officer_answers(AN, "Chào anh, em Hoa ở bộ phận một cửa") == 200
    await zalo.say(AN, "đăng ký kết hôn lệ phí")
    await office.idle()
    assert len(office.said(AN)) == before
    await zalo.say("2002", "đăng ký kết hôn lệ phí")
    await office.idle()
    assert len(office.said("2002")) == 1
    await zalo.advance(office.pace.takeover + timedelta(minutes=1))
    await zalo.say(AN, "đăng ký kết hôn lệ phí")
    await office.idle()
    assert len(office.said(AN)) == before + 1


async def test_a_withdrawal_leaves_nothing_readable(office: Office) -> None:
    zalo = office.platform
    await zalo.say(AN, "đăng ký kết hôn lệ phí")
    await office.idle()
    await zalo.withdraw(AN)
    await office.idle()
    with office.store.work() as work:
        assert [(each.contact, each.text) for each in work.inquiries(5)] == [
            ("", "[đã xóa theo yêu cầu]")
        ]


async def test_a_server_that_was_down_for_an_hour_answers_in_the_end(office: Office) -> None:
    zalo = office.platform
    hook = zalo.hooks.url
    zalo.hook("http://127.0.0.1:1/gone")
    assert await zalo.say(AN, "đăng ký kết hôn lệ phí") == 599
    assert await zalo.advance(timedelta(minutes=6)) == [599]
    zalo.hook(hook)
    assert await zalo.advance(timedelta(minutes=55)) == [200]
    await office.idle()
    assert len(office.said(AN)) == 1
    assert await zalo.redeliver() == [200]
    await office.idle()
    assert len(office.said(AN)) == 1


async def test_the_tokens_are_renewed_in_the_middle(office: Office) -> None:
    zalo = office.platform
    await zalo.say(AN, "đăng ký kết hôn lệ phí")
    await office.idle()
    await zalo.advance(timedelta(hours=26))
    await zalo.say(AN, "đăng ký khai tử ở đâu")
    await office.idle()
    assert "khai tử" in office.said(AN)[-1].text
    assert zalo.oauth.renewals == 1


async def test_a_template_that_waits_for_the_morning_holds_back_no_answer(office: Office) -> None:
    zalo = office.platform
    await zalo.advance_to(23)
    zalo.phones["84912345678"] = 0
    call = template_message(TEMPLATE, DATA, phone="0912345678", tracking="hs-0001-done")
    assert office.delivery
    departure = Departure(
        channel="zalo_oa",
        contact=office.delivery.contact_hash("zalo_oa", call.contact),
        key="dossier:1",
        sealed=Seal([KEY]).close([call.contact, call.call, call.body, True]),
    )
    with office.store.work() as work:
        work.queues.post([departure], at=office.now())
    await zalo.say(AN, "đăng ký kết hôn lệ phí")
    await office.until(lambda: len(office.said(AN)) == 1)
    assert office.said("phone:84912345678") == []
    await zalo.advance(timedelta(hours=7, minutes=1))
    await office.idle()
    assert "Đã có kết quả" in office.said("phone:84912345678")[0].text


async def test_a_visitor_of_a_website_is_answered(office: Office) -> None:
    contact = "anonymous:77:88"
    await office.platform.say(contact, "đăng ký kết hôn lệ phí")
    await office.idle()
    [bubble] = office.said(contact)
    assert "kết hôn" in bubble.text
    assert bubble.buttons == ()
