"""While something is off citizens get its sentence, people and emergencies apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import open_store
from bot.desk import Desk
from handlers.conversation import Contact, Incoming
from knowledge.handovers import Standing
from knowledge.switches import Announcement, AnnouncementKind, Board, Scope, Switch

AT = datetime.fromisoformat("2026-11-25T09:00:00+07:00")
SENTENCE = "Em đang tạm nghỉ."
BIRTH = "làm giấy khai sinh cho con cần gì"


class Citizen:
    """One citizen at a desk of their own; ``standing`` is how things stand with officers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.at = AT
        self.standing: Standing | None = None

    def board(self, *switches: Switch, announcements: tuple[Announcement, ...] = ()) -> None:
        self.desk.board = Board(switches, announcements)

    async def say(self, text: str = "", action: str | None = None) -> list[str]:
        """The leads of the replies."""
        contact = Contact(channel="zalo_oa", id="an")
        incoming = Incoming(contact=contact, received_at=self.at, text=text, action=action)
        replies = await self.desk.converse(replace(incoming, officers=self.standing))
        return [reply.lead for reply in replies]

    def statuses(self) -> list[str]:
        with self.desk.store.work() as work:
            return [row.status for row in work.inquiries(5)][::-1]


def off(scope: Scope, key: str = "", until: datetime | None = None) -> Switch:
    return Switch(
        scope=scope,
        key=key,
        sentence=SENTENCE,
        reason="thử",
        author="boss",
        since=AT,
        until=until,
    )


def storm(number: int = 1, **hours: int) -> Announcement:
    return Announcement(
        id=number,
        kind=AnnouncementKind.STORM,
        text=f"Bão số {number}: nghỉ chiều nay.",
        begins_at=AT,
        ends_at=AT + timedelta(hours=hours.get("ends", 5)),
        author="boss",
    )


@pytest.fixture
def citizen(tmp_path: Path) -> Iterator[Citizen]:
    store = open_store(f"sqlite:///{tmp_path / 'office.db'}")
    yield Citizen(Desk.open(store, b"a salt for tests"))
    store.close()


@pytest.mark.parametrize("switch", [off(Scope.BOT), off(Scope.CHANNEL, "zalo_oa")])
async def test_every_message_gets_the_sentence_once(citizen: Citizen, switch: Switch) -> None:
    citizen.board(switch)
    for text in (BIRTH, "chào em", "khai sinh cần gì và sao y hết bao nhiêu"):
        assert await citizen.say(text) == [SENTENCE]
    assert await citizen.say(action="fields") == [SENTENCE]
    assert set(citizen.statuses()) == {"unanswered_switched_off"}


async def test_another_channel_goes_on(citizen: Citizen) -> None:
    citizen.board(off(Scope.CHANNEL, "telegram"))
    assert await citizen.say(BIRTH) != [SENTENCE]


async def test_a_switch_ends_by_itself(citizen: Citizen) -> None:
    citizen.board(off(Scope.BOT, until=AT + timedelta(hours=1)))
    assert await citizen.say(BIRTH) == [SENTENCE]
    citizen.at = AT + timedelta(hours=1)
    assert await citizen.say(BIRTH) != [SENTENCE]


async def test_people_emergencies_and_own_data_are_there_all_the_same(citizen: Citizen) -> None:
    citizen.board(off(Scope.BOT))
    assert "114" in (await citizen.say("cháy nhà, cứu với"))[0]
    assert "giữ gì" in (await citizen.say(action="my_data"))[0]
    citizen.standing = Standing()
    assert SENTENCE not in await citizen.say("gặp cán bộ")
    assert citizen.statuses() == ["answered_emergency", "answered_privacy", "handed_over"]


async def test_what_belongs_to_an_officer_goes_to_the_officer(citizen: Citizen) -> None:
    citizen.board(off(Scope.BOT))
    citizen.standing = Standing(id=1, taken=True, acknowledged=True, opened_at=AT)
    assert SENTENCE not in await citizen.say("em gửi thêm giấy nhé")
    assert citizen.statuses() == ["handed_over_message"]


async def test_one_procedure_is_off_however_it_is_reached(citizen: Citizen) -> None:
    citizen.board(off(Scope.PROCEDURE, "1.001193"))
    assert await citizen.say(BIRTH) == [SENTENCE]
    assert await citizen.say(action="show:1.001193:fee") == [SENTENCE]
    assert await citizen.say(action="start:tt_1_001193") == [SENTENCE]
    assert await citizen.say("đăng ký kết hôn cần giấy tờ gì") != [SENTENCE]
    assert citizen.statuses() == [*["unanswered_switched_off"] * 3, "answered"]
    with citizen.desk.store.work() as work:
        assert work.inquiries(2)[1].procedure == "1.001193"


async def test_two_questions_of_which_one_is_off(citizen: Citizen) -> None:
    before = await citizen.say("khai sinh cần giấy gì? kết hôn mất bao lâu?")
    citizen.board(off(Scope.PROCEDURE, "1.001193"))
    after = await citizen.say("khai sinh cần giấy gì? kết hôn mất bao lâu?")
    assert len(before) == len(after) == 2
    assert after == [SENTENCE, before[1]]


async def test_an_announcement_is_told_once_before_the_answer(citizen: Citizen) -> None:
    citizen.board(announcements=(storm(),))
    first = await citizen.say(BIRTH)
    assert first[0].startswith("Thông báo của")
    assert len(first) == 2
    assert len(await citizen.say("lệ phí")) == 1
    citizen.board(announcements=(storm(), storm(2)))
    assert len(await citizen.say("mất bao lâu")) == 2
    assert len(await citizen.say("nộp ở đâu")) == 1


async def test_an_announcement_that_is_over_is_forgotten(citizen: Citizen) -> None:
    citizen.board(announcements=(storm(ends=1), storm(2)))
    assert len(await citizen.say(BIRTH)) == 3
    citizen.at = AT + timedelta(hours=2)
    assert len(await citizen.say("lệ phí")) == 1
    contact = citizen.desk.contact_hash("zalo_oa", "an")
    memory = citizen.desk.remembered("zalo_oa", contact)
    assert memory is not None
    assert memory["announced"] == [2]


async def test_an_emergency_is_not_held_up_by_an_announcement(citizen: Citizen) -> None:
    citizen.board(announcements=(storm(),))
    [lead] = await citizen.say("cháy nhà, cứu với")
    assert "114" in lead
