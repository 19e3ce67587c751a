"""Asking through the queues: once however often it is sent, late answers, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import open_store
from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.delivery import Delivery
from bot.desk import Desk
from bot.intake import Spool
from bot.sealing import Seal
from bot.talk import Talk
from handlers.conversation import Contact, Incoming
from tests.rig import QUICK

AN = Contact(channel="web", id="an")
KEY = Seal.new_key()


def asking(text: str) -> Incoming:
    return Incoming(contact=AN, received_at=datetime.now(UTC), text=text)


class Office:
    """One process after the other over one database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.desk = Desk.open(open_store(f"sqlite:///{home / 'office.db'}"), b"a salt for tests")
        self.channel = PickupChannel("web", Limits(max_text=1000))
        self.delivery: Delivery | None = None

    def start(self, *, workers: bool = True, patience: float = 10.0) -> Talk:
        self.delivery = Delivery(
            self.desk,
            (self.channel,),
            Seal([KEY]),
            Spool(self.home / "spool"),
            clock=lambda: datetime.now(UTC),
            pace=QUICK,
        )
        self.delivery.start(workers=workers)
        return Talk(self.channel, self.delivery, patience=patience)

    async def stop(self) -> None:
        if self.delivery:
            await self.delivery.stop(5)
        self.delivery = None

    def asked(self) -> int:
        with self.desk.store.work() as work:
            return len(work.inquiries(100))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    found = Office(tmp_path)
    yield found
    await found.stop()
    found.desk.store.close()


async def test_a_question_asked_again_is_answered_once(office: Office) -> None:
    talk = office.start()
    first = await talk.ask(asking("đăng ký kết hôn lệ phí"), message="m1", after=0)
    again = await talk.ask(asking("đăng ký kết hôn lệ phí"), message="m1", after=0)
    assert again == first
    assert "kết hôn" in first.replies[0].lead
    assert office.asked() == 1


async def test_what_was_shown_is_not_said_again(office: Office) -> None:
    talk = office.start()
    first = await talk.ask(asking("đăng ký kết hôn lệ phí"), after=0)
    second = await talk.ask(asking("đăng ký khai tử ở đâu"), after=first.last)
    assert [reply.lead.split(" –")[0] for reply in second.replies] == ["Đăng ký khai tử (báo tử)"]
    assert (await talk.hear(AN, after=second.last)).replies == ()


async def test_a_caller_who_counts_nothing_gets_only_the_new_answer(office: Office) -> None:
    talk = office.start()
    for question in ("đăng ký kết hôn lệ phí", "đăng ký khai tử ở đâu"):
        assert len((await talk.ask(asking(question))).replies) == 1


async def test_a_late_answer_is_collected_after_a_restart(office: Office) -> None:
    talk = office.start(workers=False, patience=0.1)
    heard = await talk.ask(asking("đăng ký kết hôn lệ phí"), message="m1", after=0)
    assert (heard.replies, heard.pending) == ((), True)
    await office.stop()
    talk = office.start()
    for _ in range(1000):
        heard = await talk.hear(AN, after=0)
        if not heard.pending:
            break
        await asyncio.sleep(0.01)
    assert "kết hôn" in heard.replies[0].lead


async def test_citizens_hear_only_their_own(office: Office) -> None:
    talk = office.start()
    await talk.ask(asking("đăng ký kết hôn lệ phí"), after=0)
    other = Contact(channel="web", id="binh")
    assert (await talk.hear(other, after=0)).replies == ()


async def test_many_at_once(office: Office) -> None:
    talk = office.start()

    async def one(number: int) -> str:
        contact = Contact(channel="web", id=f"c{number}")
        incoming = Incoming(
            contact=contact, received_at=datetime.now(UTC), text="sao y bao nhiêu tiền"
        )
        return (await talk.ask(incoming, after=0)).replies[0].lead

    assert len(set(await asyncio.gather(*(one(number) for number in range(40))))) == 1
    assert office.asked() == 40


async def test_what_was_kept_is_sealed(office: Office) -> None:
    talk = office.start(workers=False, patience=0.05)
    await talk.ask(asking("tên tôi là Nguyễn Văn An"))
    files = [file.read_bytes() for file in office.home.glob("office.db*")]
    assert not any("Nguyễn Văn An".encode() in each for each in files)
