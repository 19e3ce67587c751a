"""The week's summary goes to the administrators' chat once, on Monday or the first day after it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.desk import Desk
from bot.sealing import Seal
from bot.staff_chat import StaffChat
from bot.weekly import Weekly
from knowledge.store import Store
from tests.bot.test_replay import record

CHAT = StaffChat(channel="web", id="-100")
MONDAY = datetime.fromisoformat("2026-11-23T08:00:00+07:00")
KEY = Seal.new_key()


class Office:
    """A desk with one record that is overdue, and a clock."""

    def __init__(self, store: Store, *, overdue: bool = True) -> None:
        self.store, self.at = store, MONDAY
        kites = record("1.000001", "Cấp giấy phép thả diều", "xin thả diều")
        confirmed = kites.source.model_copy(
            update={"confirmed": True, "check_by": date(2027, 6, 1), "decision": "QĐ 1"}
        )
        with store.work() as work:
            each = kites if overdue else kites.model_copy(update={"source": confirmed})
            work.write(each, publish=True, author="seed", reason="x", at=MONDAY)

    def weekly(self) -> Weekly:
        """A process of its own."""
        return Weekly(
            desk=Desk.open(self.store, b"salt", today=lambda: self.at.date()),
            seal=Seal([KEY]),
            channels={"web": PickupChannel("web", Limits(max_text=4000))},
            chat=CHAT,
            clock=lambda: self.at,
        )

    def told(self) -> list[str]:
        contact = Desk.open(self.store, b"salt").contact_hash("web", CHAT.id)
        with self.store.work() as work:
            parcels = work.queues.collect("web", contact, after=0, at=self.at)
        return [Seal([KEY]).open(each.sealed)[2]["lead"] for each in parcels]


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


async def test_told_once_over_all_processes(office: Office) -> None:
    first, second = office.weekly(), office.weekly()
    assert await first.tell() is True
    assert await first.tell() is False
    await second.tell()
    [text] = office.told()
    assert text.startswith("Tuần từ 23/11/2026, thủ tục cần anh/chị xem lại:")
    assert "cán bộ chưa xác nhận: 1" in text


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (timedelta(hours=-1), 0),
        (timedelta(days=1), 1),
        (timedelta(days=4, hours=12), 1),
        (timedelta(days=5), 0),
        (timedelta(days=7), 1),
    ],
)
async def test_its_time(office: Office, later: timedelta, told: int) -> None:
    office.at = MONDAY + later
    await office.weekly().tell()
    assert len(office.told()) == told


async def test_next_week_is_another(office: Office) -> None:
    weekly = office.weekly()
    await weekly.tell()
    office.at = MONDAY + timedelta(days=7)
    assert await weekly.tell() is True
    assert len(office.told()) == 2


async def test_nothing_to_look_at_is_not_told(store: Store) -> None:
    office = Office(store, overdue=False)
    assert await office.weekly().tell() is False
    assert office.told() == []


async def test_a_channel_that_is_off(office: Office) -> None:
    weekly = office.weekly()
    weekly.channels = {}
    assert await weekly.tell() is False


@pytest.mark.parametrize(
    ("setting", "chat"),
    [
        ("", None),
        ("telegram:-1001", StaffChat(channel="telegram", id="-1001")),
        ("telegram:", None),
    ],
)
def test_the_setting(setting: str, chat: StaffChat | None) -> None:
    assert StaffChat.of(setting) == chat
