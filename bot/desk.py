"""One office at work: reads a message, answers it, logs it, remembers."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bot.app import now, stored_services, today
from handlers import memory as remembered
from handlers.dispatch import apology, converse
from knowledge.masking import mask
from knowledge.store import InquiryRecord, Memorandum
from knowledge.switches import NOTHING, Board
from knowledge.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from handlers.conversation import Answer, HandOver, Incoming, Rating, Reply
    from handlers.services import Services
    from knowledge.store import Store, UnitOfWork

log = structlog.get_logger()


PRIVATE = "[tra cứu hồ sơ]"
"""Stands in the log for a message about somebody's own dossier."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Answers to one message, not written down yet."""

    incoming: Incoming
    contact: str
    answers: tuple[Answer, ...]
    milliseconds: float

    @property
    def replies(self) -> tuple[Reply, ...]:
        """What the citizen gets."""
        return tuple(reply for answer in self.answers for reply in answer.replies)

    @property
    def erases(self) -> bool:
        """The citizen wants everything kept of them to go."""
        return any(answer.erases for answer in self.answers)

    @property
    def private(self) -> bool:
        """Not even the masked words may be kept."""
        return any(answer.private for answer in self.answers)

    @property
    def ratings(self) -> tuple[Rating, ...]:
        """What the citizen says of an answer they got before."""
        return tuple(each.rates for each in self.answers if each.rates)

    @property
    def hands_over(self) -> HandOver | None:
        """What the answers mean for the conversation with officers."""
        return next((each.hands_over for each in self.answers if each.hands_over), None)

    def logged(self) -> list[InquiryRecord]:
        """Lines of the log, masked."""
        incoming = self.incoming
        text = mask(clean(incoming.text)) or (f"[{incoming.action}]" if incoming.action else "")
        if not text and incoming.attachment:
            text = f"[{incoming.attachment}]"
        if self.private:
            text = PRIVATE
        return [
            InquiryRecord(
                at=incoming.received_at,
                channel=incoming.contact.channel,
                contact="" if self.erases else self.contact,
                text=text,
                intent=answer.intent,
                status=answer.status,
                milliseconds=self.milliseconds,
                procedure=answer.procedure,
                aspect=answer.aspect,
                score=answer.score,
                revision=answer.revision,
            )
            for answer in self.answers
        ]

    def memorandum(self) -> Memorandum:
        """What is remembered for the next message."""
        at = self.incoming.received_at
        return Memorandum(
            channel=self.incoming.contact.channel,
            contact=self.contact,
            memory=remembered.dump(replace(self.answers[-1].memory, updated_at=at)),
            updated_at=at,
        )


def write_down(work: UnitOfWork, answered: Sequence[Answered]) -> None:
    """The log, and what is remembered; what a citizen wants erased goes before."""
    for each in answered:
        if each.erases:
            work.contacts.erase(each.incoming.contact.channel, each.contact)
    for each in answered:
        for rating in each.ratings:
            work.ratings.rate(
                each.incoming.contact.channel,
                each.contact,
                rating.procedure,
                good=rating.good,
                at=each.incoming.received_at,
            )
    work.log([line for each in answered for line in each.logged()])
    work.remember([each.memorandum() for each in answered if not each.erases])


Equip = Callable[["Services"], "Services"]


def _plain(services: Services) -> Services:
    return services


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a desk answers with, and of which knowledge and day that is."""

    version: int
    day: date | None
    services: Services


@dataclass(kw_only=True)
class Desk:
    """Answers over the records in force, which it takes anew when knowledge or the day changes.

    ``today`` is the day in Vietnam: at midnight there records begin and end.
    """

    store: Store
    services: Services
    salt: bytes
    equip: Equip = _plain
    today: Callable[[], date] = today
    board: Board = NOTHING
    _version: int = 0
    _day: date | None = None

    @classmethod
    def open(
        cls,
        store: Store,
        salt: bytes,
        equip: Equip = _plain,
        today: Callable[[], date] = today,
    ) -> Desk:
        """A desk over the records in force today; ``equip`` adds what is not in the database."""
        day = today()
        with store.work() as work:
            work.revisions.take_effect(day, now())
            version = work.version()
            services = equip(stored_services(work, today=day))
            board = work.switches.board(now())
        return cls(
            store=store,
            services=services,
            salt=salt,
            equip=equip,
            today=today,
            board=board,
            _version=version,
            _day=day,
        )

    @property
    def known(self) -> Known:
        """What it answers with now; a version read before its services is at worst too old."""
        version, day = self._version, self._day
        return Known(version=version, day=day, services=self.services)

    def contact_hash(self, channel: str, contact: str) -> str:
        """The salted hash that stands for a contact in the database."""
        text = f"{channel}:{contact}".encode()
        return hashlib.blake2b(text, key=self.salt, digest_size=16).hexdigest()

    async def converse(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Replies to one message, logged; an own failure becomes an apology, never silence."""
        contact = self.contact_hash(incoming.contact.channel, incoming.contact.id)
        stored = await asyncio.to_thread(self.remembered, incoming.contact.channel, contact)
        answered = await self.answer(incoming, contact, stored)
        await asyncio.to_thread(self._write, answered)
        return answered.replies

    def remembered(self, channel: str, contact: str) -> dict[str, object] | None:
        """What is stored of a conversation."""
        with self.store.work() as work:
            return work.memory(channel, contact)

    async def answer(
        self, incoming: Incoming, contact: str, stored: dict[str, object] | None
    ) -> Answered:
        """Answers to one message over the stored memory; the caller writes them down."""
        started = time.perf_counter()
        memory = remembered.load(stored)
        try:
            services = replace(self.services, board=self.board)
            answers = await converse(incoming, memory, services)
        except Exception:
            log.exception("answer_failed", channel=incoming.contact.channel)
            answers = [apology(memory, self.services)]
        milliseconds = round((time.perf_counter() - started) * 1000, 2)
        return Answered(
            incoming=incoming,
            contact=contact,
            answers=tuple(answers),
            milliseconds=milliseconds,
        )

    def _write(self, answered: Answered) -> None:
        with self.store.work() as work:
            write_down(work, (answered,))

    def look_at_board(self) -> None:
        """Take over what is switched off and what is announced.

        Apart from :meth:`refresh`: building an index takes seconds, and a switch must not wait.
        """
        with self.store.work() as work:
            self.board = work.switches.board(now())

    def refresh(self) -> bool:
        """Rebuild the index when knowledge or the day changed; True when it did.

        Every process asks every few seconds, so what is due today takes force in all of them.
        """
        day = self.today()
        with self.store.work() as work:
            work.revisions.take_effect(day, now())
        with self.store.work() as work:
            version = work.version()
            if version == self._version and day == self._day:
                return False
            services = stored_services(work, today=day)
        # In this order: see «known».
        self.services = self.equip(services)
        self._version, self._day = version, day
        return True
