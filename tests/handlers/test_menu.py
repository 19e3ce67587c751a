"""Commands of a menu, deep links, and a citizen's own data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.app import open_store
from bot.desk import Desk
from handlers.conversation import Contact, Incoming, Reply
from knowledge.contacts import ERASED

AT = datetime.fromisoformat("2026-11-25T09:00:00+07:00")


class Citizen:
    """One citizen at a desk of their own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.contact = Contact(channel="terminal", id="an")

    async def say(self, text: str = "", action: str | None = None) -> tuple[Reply, ...]:
        return await self.desk.converse(
            Incoming(contact=self.contact, received_at=AT, text=text, action=action)
        )

    async def press(self, action: str) -> Reply:
        [reply] = await self.say(action=action)
        return reply

    def status(self) -> str:
        with self.desk.store.work() as work:
            return work.inquiries(1)[0].status


@pytest.fixture
def citizen(tmp_path: Path) -> Iterator[Citizen]:
    store = open_store(f"sqlite:///{tmp_path / 'office.db'}")
    yield Citizen(Desk.open(store, b"a salt for tests"))
    store.close()


async def test_the_chat_opens_with_a_greeting_or_a_procedure(citizen: Citizen) -> None:
    assert "trợ lý tự động" in (await citizen.press("start:")).lead
    assert citizen.status() == "answered_smalltalk"
    assert "khai sinh" in (await citizen.press("start:tt_1_001193")).lead
    assert citizen.status() == "answered"
    assert "không đúng" in (await citizen.press("start:tt_9_999999")).lead
    assert "trợ lý tự động" in (await citizen.press("start:tt_1_999999")).lead


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("help", "giấy tờ cần mang"),
        ("fields", "lĩnh vực"),
        ("dossier", "hồ sơ"),
        ("human", "cán bộ"),
        ("my_data", "giữ gì"),
    ],
)
async def test_every_command_of_the_menu_is_answered(
    citizen: Citizen, action: str, says: str
) -> None:
    assert says in (await citizen.press(action)).lead
    assert "error" not in citizen.status()


async def test_data_is_erased_only_after_a_second_word(citizen: Citizen) -> None:
    await citizen.say("đăng ký kết hôn cần gì")
    asked = await citizen.press("erase_data")
    assert [button.action for button in asked.buttons] == ["erase_data:yes", "erase_data:no"]
    assert "không xoá" in (await citizen.say("2"))[0].lead
    await citizen.press("erase_data")
    assert "đã xoá" in (await citizen.say("Xoá hết"))[0].lead
    with citizen.desk.store.work() as work:
        rows = work.inquiries(10)
        assert {row.contact for row in rows} == {""}
        assert {row.text for row in rows[1:]} == {ERASED}
        contact = citizen.desk.contact_hash("terminal", "an")
        assert work.memory("terminal", contact) is None


async def test_a_tick_changes_its_bubble(citizen: Citizen) -> None:
    asked = await citizen.press("case:1.001193")
    assert not asked.replaces
    answered = await citizen.press(asked.buttons[0].action)
    assert answered.replaces
