"""From «gặp cán bộ» to the officer's bubble, once, on the citizen's own channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.delivery import Delivery
from bot.desk import Desk
from bot.handover import HandoverDesk, NoSuchColleague, Unwritable
from bot.handover_views import Conversation, Line
from bot.intake import Spool
from bot.sealing import Seal
from bot.talk import Talk
from handlers.conversation import Contact, Incoming
from handlers.services import Services
from handlers.wording import SEED, Wording
from knowledge.accounts import Role
from knowledge.handover_messages import DeliveryState, Sender
from knowledge.handovers import HeldByAnother, Moved
from knowledge.store import Store, open_engine
from knowledge.tables import HandoverState
from tests.fakes import Trouble
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa
from tests.rig import KEY, QUICK, SALT, Rig, copied

AN = "7001"
MORNING = datetime.fromisoformat("2026-11-25T09:00:00+07:00")


class Office(Rig):
    """An office with officers, on a Wednesday morning."""

    @property
    def officers(self) -> HandoverDesk:
        assert self.delivery
        return HandoverDesk(self.delivery)

    def hire(self, *logins: str) -> None:
        """Officers with an account."""
        with self.store.work() as work:
            for login in logins:
                work.accounts.add(
                    login,
                    name=f"Chị {login}",
                    roles=[Role.OFFICER],
                    password="",
                    must_change=False,
                    at=self.now(),
                )

    async def later(self, span: timedelta) -> None:
        """The clock jumps while nobody works: a lease taken across the jump would be over."""
        await self.stop()
        self.ahead += span
        await self.start()

    async def asked(self, *words: str) -> int:
        """A citizen writes and is handed over."""
        for each in (*words, "gặp cán bộ"):
            assert await self.platform.say(AN, each) == 200
            await self.idle()
        [entry] = await self.officers.listed()
        return entry.id


async def opened(
    platform: Any, template: Path, services: Services, tmp_path: Path
) -> AsyncIterator[Office]:
    async with cast("AbstractAsyncContextManager[Any]", platform()) as fake:
        office = Office(fake, copied(template, tmp_path), services, tmp_path)
        office.ahead = MORNING - datetime.now(UTC)
        await office.start()
        yield office
        await office.close()


@pytest.fixture(params=(FakeTelegram, FakeZaloOa, FakeZaloBot), ids=lambda each: str(each.__name__))
async def anywhere(
    request: pytest.FixtureRequest, template: Path, services: Services, tmp_path: Path
) -> AsyncIterator[Office]:
    async for office in opened(request.param, template, services, tmp_path):
        yield office


@pytest.fixture
async def office(template: Path, services: Services, tmp_path: Path) -> AsyncIterator[Office]:
    async for found in opened(FakeTelegram, template, services, tmp_path):
        yield found


def by(conversation: Conversation, sender: Sender) -> list[Line]:
    return [line for line in conversation.lines if line.sender is sender]


async def test_a_citizen_gets_the_officers_answer_once(anywhere: Office) -> None:
    handover = await anywhere.asked("làm giấy khai sinh cho con cần gì")
    before = len(anywhere.said(AN))
    officers = anywhere.officers
    read = await officers.read(handover)
    assert [line.text for line in by(read, Sender.BEFORE)] == ["làm giấy khai sinh cho con cần gì"]
    assert read.reach.open
    for _ in range(2):
        line = await officers.answer(handover, "lan", "Chào chị.\nMai chị ghé.", token="form-1")
    await anywhere.idle()
    [bubble] = anywhere.said(AN)[before:]
    for part in ("Cán bộ trả lời", "Chào chị.", "Mai chị ghé."):
        assert part in bubble.text
    await anywhere.stop()
    await anywhere.start()
    await anywhere.officers.answer(handover, "lan", "Chào chị.\nMai chị ghé.", token="form-1")
    await anywhere.idle()
    assert len(anywhere.said(AN)) == before + 1
    [told] = by(await anywhere.officers.read(handover), Sender.OFFICER)
    assert (told.id, told.delivery, told.author) == (line.id, DeliveryState.DELIVERED, "lan")


async def test_an_answer_written_before_a_crash_goes_out_after_it(office: Office) -> None:
    handover = await office.asked()
    before = len(office.said(AN))
    await office.stop()
    await office.start(workers=False)
    await office.officers.answer(handover, "lan", "Chào chị", token="1")
    [line] = by(await office.officers.read(handover), Sender.OFFICER)
    assert line.delivery is DeliveryState.WAITING
    await office.stop()
    await office.start()
    await office.idle()
    assert len(office.said(AN)) == before + 1


async def test_the_bot_keeps_silent_until_it_is_over(office: Office) -> None:
    handover = await office.asked()
    await office.officers.answer(handover, "lan", "Chị cần gì ạ", token="1")
    await office.idle()
    before = len(office.said(AN))
    await office.platform.say(AN, "đăng ký kết hôn cần gì")
    await office.idle()
    assert len(office.said(AN)) == before
    [entry] = await office.officers.listed(unanswered=True)
    assert entry.preview == "đăng ký kết hôn cần gì"
    await office.officers.close(handover, "lan")
    await office.officers.close(handover, "lan")
    await office.idle()
    assert "kết thúc trao đổi" in office.said(AN)[-1].text
    assert len(office.said(AN)) == before + 1
    await office.platform.say(AN, "đăng ký kết hôn cần gì")
    await office.idle()
    assert "kết hôn" in office.said(AN)[-1].text
    assert len(office.said(AN)) == before + 2


async def test_closed_silently_the_bot_says_so_with_its_next_answer(office: Office) -> None:
    handover = await office.asked()
    await office.officers.take(handover, "lan")
    before = len(office.said(AN))
    await office.officers.close(handover, "lan", silently=True)
    await office.idle()
    assert len(office.said(AN)) == before
    for count in (2, 3):
        await office.platform.say(AN, "đăng ký kết hôn cần gì")
        await office.idle()
        assert len(office.said(AN)) == before + count
    assert "kết thúc trao đổi" in office.said(AN)[before].text


async def test_a_button_is_answered_by_the_bot_and_seen_by_the_officer(office: Office) -> None:
    await office.platform.say(AN, "đăng ký kết hôn cần gì")
    await office.idle()
    handover = await office.asked()
    await office.platform.press(AN, "Lệ phí")
    await office.idle()
    assert "lệ phí" in office.said(AN)[-1].text
    read = await office.officers.read(handover)
    assert any("bấm nút: Đăng ký kết hôn" in line.text for line in by(read, Sender.CITIZEN))
    assert any("Máy trả lời" in line.text for line in by(read, Sender.SYSTEM))


async def test_the_second_officer_is_told_who_has_it(office: Office) -> None:
    handover = await office.asked()
    officers = office.officers
    office.hire("lan", "minh", "hoa")
    took = await asyncio.gather(
        *(officers.take(handover, who) for who in ("lan", "minh", "hoa")), return_exceptions=True
    )
    refused = [each for each in took if isinstance(each, HeldByAnother)]
    assert len(refused) == 2
    [entry] = await officers.listed()
    assert {str(each) for each in refused} == {entry.holder}
    other = "lan" if entry.holder != "lan" else "minh"
    for act in (
        officers.answer(handover, other, "Chào", token="2"),
        officers.close(handover, other),
        officers.hand_on(handover, other, to="hoa"),
    ):
        with pytest.raises(HeldByAnother):
            await act
    with pytest.raises(NoSuchColleague):
        await officers.hand_on(handover, str(entry.holder), to="nobody")
    await officers.note(handover, other, "Việc này của phòng đất đai", token="3")
    await officers.hand_on(handover, str(entry.holder), to=other)
    await officers.answer(handover, other, "Chào", token="2")
    read = await officers.read(handover)
    assert read.entry.holder == other
    assert [line.text for line in by(read, Sender.NOTE)] == ["Việc này của phòng đất đai"]
    await office.idle()
    assert not any("đất đai" in bubble.text for bubble in office.said(AN))


async def test_personal_data_is_masked_and_seen_only_by_the_holder(office: Office) -> None:
    handover = await office.asked()
    await office.platform.say(AN, "tôi tên Nguyễn Văn An, số 0912345678")
    await office.idle()
    await office.officers.take(handover, "lan")
    line = by(await office.officers.read(handover), Sender.CITIZEN)[-1]
    assert line.hidden
    assert "0912345678" not in line.text
    assert "An" not in line.text.split()
    with pytest.raises(HeldByAnother):
        await office.officers.reveal(handover, line.id, "minh")
    assert "0912345678" in await office.officers.reveal(handover, line.id, "lan")
    read = await office.officers.read(handover)
    assert by(read, Sender.SYSTEM)[-1].text == "xem phần bị che"
    for file in office.home.glob("office.db*"):
        assert b"0912345678" not in file.read_bytes()
    await office.officers.close(handover, "lan")
    with pytest.raises(KeyError):
        await office.officers.reveal(handover, line.id, "lan")


async def test_a_blocked_citizen_is_seen_as_such(office: Office) -> None:
    handover = await office.asked()
    office.platform.trouble(Trouble.LEFT)
    await office.officers.answer(handover, "lan", "Chào chị", token="1")
    await office.idle()
    read = await office.officers.read(handover)
    [line] = by(read, Sender.OFFICER)
    assert line.delivery is DeliveryState.FAILED
    assert "chặn" in (line.error or "")
    assert (read.reach.left, read.reach.open) == (True, False)


async def test_a_closed_window_waits_for_the_citizen(
    template: Path, services: Services, tmp_path: Path
) -> None:
    async for office in opened(FakeZaloOa, template, services, tmp_path):
        handover = await office.asked()
        office.platform.trouble(Trouble.CLOSED)
        await office.officers.answer(handover, "lan", "Chào chị Hoa", token="1")
        await office.idle()
        [line] = by(await office.officers.read(handover), Sender.OFFICER)
        assert line.delivery is DeliveryState.FAILED
        assert "ngoài khung giờ" in (line.error or "")
        await office.officers.look()
        await office.idle()
        assert not any("Chào chị Hoa" in bubble.text for bubble in office.said(AN))
        await office.platform.say(AN, "alo em ơi")
        await office.idle()
        for _ in range(2):
            await office.officers.look()
            await office.idle()
        assert sum("Chào chị Hoa" in bubble.text for bubble in office.said(AN)) == 1
        [line] = by(await office.officers.read(handover), Sender.OFFICER)
        assert line.delivery is DeliveryState.DELIVERED


async def test_nobody_took_it_in_time(office: Office) -> None:
    handover = await office.asked()
    before = len(office.said(AN))
    await office.later(timedelta(hours=2))
    await office.officers.look()
    await office.idle()
    assert len(office.said(AN)) == before
    await office.later(timedelta(hours=5))
    for _ in range(2):
        await office.officers.look()
        await office.idle()
    assert "chưa có cán bộ nào nhận" in office.said(AN)[-1].text
    assert len(office.said(AN)) == before + 1
    [entry] = await office.officers.listed()
    assert (entry.id, entry.late) == (handover, True)
    # 9 to 11:30, 13:30 to 16.
    assert timedelta(hours=4, minutes=59) < entry.waited < timedelta(hours=5, minutes=1)


async def test_a_citizen_may_end_it_and_erase_it(office: Office) -> None:
    handover = await office.asked()
    await office.platform.say(AN, "thôi")
    await office.idle()
    read = await office.officers.read(handover)
    assert (read.entry.state, read.entry.closed_by) == (HandoverState.CLOSED, "người dân")
    with pytest.raises(Moved):
        await office.officers.take(handover, "lan")
    await office.officers.reopen(handover, "lan")
    await office.platform.say(AN, "alo")
    await office.idle()
    assert by(await office.officers.read(handover), Sender.CITIZEN)[-1].text == "alo"
    contact = office.delivery.contact_hash("telegram", AN) if office.delivery else ""
    with office.store.work() as work:
        work.contacts.erase("telegram", contact)
    with pytest.raises(KeyError):
        await office.officers.read(handover)
    with pytest.raises(KeyError):
        await office.officers.answer(handover, "lan", "Chào", token="9")


class Meanwhile(Wording):
    """Wording during whose search an officer closes the hand-over, once."""

    def __init__(self, store: Store, handover: int) -> None:
        super().__init__(yaml.safe_load(SEED.read_text(encoding="utf-8")))
        self.store = store
        self.handover = handover

    def __call__(self, key: str, **values: object) -> str:
        if key == "handover.passed_on":
            with self.store.work() as work:
                work.handovers.close(self.handover, "lan", at=datetime.now(UTC), told=True)
        return super().__call__(key, **values)


async def test_a_message_that_meets_a_closing_is_understood_anew(office: Office) -> None:
    handover = await office.asked()
    before = len(office.said(AN))
    await office.stop()
    office.services = replace(office.services, wording=Meanwhile(office.store, handover))
    await office.start()
    await office.platform.say(AN, "đăng ký kết hôn cần gì")
    await office.idle()
    [bubble] = office.said(AN)[before:]
    assert "kết hôn" in bubble.text
    assert (await office.officers.read(handover)).entry.state is HandoverState.CLOSED


@pytest.mark.parametrize("wrong", ["", "  \n ", "x" * 4001])
async def test_an_empty_or_endless_answer_is_refused(office: Office, wrong: str) -> None:
    handover = await office.asked()
    with pytest.raises(Unwritable):
        await office.officers.answer(handover, "lan", wrong, token="1")
    [entry] = await office.officers.listed()
    assert entry.state is HandoverState.OPEN


async def test_canned_replies_come_with_the_office(office: Office) -> None:
    titles = [each.title for each in await office.officers.canned()]
    assert "Xin mã hồ sơ" in titles


async def test_the_web_chat_collects_the_officers_answer(
    template: Path, services: Services, tmp_path: Path
) -> None:
    store = Store(open_engine(copied(template, tmp_path)))
    web = PickupChannel("web", Limits(max_text=1000))
    delivery = Delivery(
        Desk(store=store, services=services, salt=SALT),
        (web,),
        Seal([KEY]),
        Spool(tmp_path / "spool"),
        clock=lambda: datetime.now(UTC),
        pace=QUICK,
    )
    delivery.start()
    talk, officers = Talk(web, delivery), HandoverDesk(delivery)
    an = Contact(channel="web", id="an")

    def said(words: str) -> Incoming:
        return Incoming(contact=an, received_at=datetime.now(UTC), text=words)

    heard = await talk.ask(said("gặp cán bộ"), after=0)
    heard = await talk.ask(said("con tôi sinh ở Lào"), after=heard.last)
    assert len(heard.replies) == 1
    silent = await talk.ask(said("alo"), after=heard.last)
    assert (silent.replies, silent.pending, silent.silent) == ((), False, True)
    [entry] = await officers.listed()
    await officers.answer(entry.id, "lan", "Chị mang giấy khai sinh Lào nhé", token="1")
    heard = await talk.hear(an, after=silent.last)
    [reply] = heard.replies
    assert reply.sections[0].lines == ("Chị mang giấy khai sinh Lào nhé",)
    [line] = by(await officers.read(entry.id), Sender.OFFICER)
    assert line.delivery is DeliveryState.WAITING
    assert (await talk.hear(an, after=heard.last)).replies == ()
    [line] = by(await officers.read(entry.id), Sender.OFFICER)
    assert line.delivery is DeliveryState.DELIVERED
    await delivery.stop(5)
    store.close()
