"""Durable intake, answering and sending of one process for all its channels."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.answering import Answering
from bot.channels import Collected
from bot.commits import GroupCommit
from bot.intake import Intake, Spool
from bot.sending import Sending
from bot.workers import Pace, Surroundings, Worker
from knowledge.queues import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.channels import Channel, Event
    from bot.desk import Desk
    from bot.receipts import ReceiptReader
    from bot.sealing import Seal
    from handlers.conversation import Reply
    from handlers.services import Services
    from knowledge.store import Store

T = TypeVar("T")

KNOWN_FOR = timedelta(days=8)
"""How long a settled event is known, so that its repeat is harmless; Zalo asks again for hours,
Telegram for a day, and a citizen may press «Gửi lại» after a weekend."""
UNCOLLECTED_FOR = timedelta(days=2)
"""How long a reply waits for a citizen who closed the page."""


class Delivery:
    """Keeps what platforms tell, answers it and sends the answers.

    A message whose keeping was acknowledged is answered whatever is killed in between; it is
    answered twice only when the process dies between a call and writing down that it was made.
    """

    def __init__(
        self,
        desk: Desk,
        channels: Sequence[Channel],
        seal: Seal,
        spool: Spool,
        *,
        clock: Callable[[], datetime],
        pace: Pace | None = None,
        receipts: ReceiptReader | None = None,
    ) -> None:
        one_writer = desk.store.one_writer
        # One thread where writers exclude each other anyway.
        self._threads = ThreadPoolExecutor(1 if one_writer else 4, "delivery")
        self._committers = ThreadPoolExecutor(1 if one_writer else 2, "commits")
        commits = GroupCommit(desk.store, self._committers)
        # Where writers do not exclude each other, an event waits for no answer's commit.
        receiving = commits if one_writer else GroupCommit(desk.store, self._committers)
        self._commits = (commits, receiving)
        self._around = Surroundings(
            desk=desk,
            channels={each.name: each for each in channels},
            seal=seal,
            clock=clock,
            pace=pace or Pace(),
            threads=self._threads,
            commits=commits,
            receipts=receipts,
        )
        self._sending = Sending(self._around, posted=self._posted)
        self._answering = Answering(self._around, posted=self._posted)
        self._answerer = Worker("answering", self._answering.claim, self._around.pace)
        self._sender = Worker("sending", self._sending.claim, self._around.pace)
        self._intake = Intake(
            desk.store,
            spool,
            commits=receiving,
            executor=self._threads,
            arrived=self._answerer.wake,
        )
        self._spool = spool
        self._loops: list[asyncio.Task[None]] = []

    @property
    def store(self) -> Store:
        """The database that holds the queues."""
        return self._around.desk.store

    @property
    def working(self) -> bool:
        """Whether everything that was started still runs."""
        return bool(self._loops) and not any(each.done() for each in self._loops)

    @property
    def spooling(self) -> bool:
        """Whether messages wait on disk for a database that was down."""
        return not self._spool.empty

    @property
    def misconfigured(self) -> tuple[str, ...]:
        """Channels that refused our token at the last call."""
        return tuple(sorted(self._sending.misconfigured))

    def now(self) -> datetime:
        """The time by the clock delivery goes by."""
        return self._around.clock()

    def contact_hash(self, channel: str, contact: str) -> str:
        """What stands for a contact in the queues."""
        return self._around.desk.contact_hash(channel, contact)

    def open(self, sealed: bytes) -> Any:
        """Something sealed, such as a call. Raises ``Unsealable``."""
        return self._around.seal.open(sealed)

    def close(self, value: Any) -> bytes:
        """Something to be kept readable for a while, sealed."""
        return self._around.seal.close(value)

    @property
    def services(self) -> Services:
        """The knowledge that answers go by just now."""
        return self._around.desk.services

    def channel(self, name: str) -> Channel | None:
        """A channel of this office; ``None`` for one that is not configured."""
        return self._around.channels.get(name)

    def calls(self, channel: Channel, contact: str, replies: tuple[Reply, ...]) -> list[bytes]:
        """Sealed calls that say something nobody asked for; no apology when one is refused."""
        return [
            self.close([each.contact, each.call, each.body, True])
            for each in channel.address(contact, replies)
        ]

    def posted(self, channel: str, contact: str) -> None:
        """There is something to send to a contact (its hash)."""
        if channel in self._around.channels:
            self._posted(channel, contact)

    async def threaded(self, do: Callable[[], T]) -> T:
        """Run something that touches the database where delivery does."""
        return await self._around.threaded(do)

    def _posted(self, channel: str, contact: str) -> None:
        found = self._around.channels[channel]
        if isinstance(found, Collected):
            found.posted(contact)
        else:
            self._sender.wake()

    async def accept(self, channel: str, events: Sequence[Event]) -> None:
        """Keep events durably before returning. Raises ``Unavailable``."""
        around = self._around
        at = around.clock()
        await self._intake.keep(
            [
                Arrival(
                    channel=channel,
                    event=event.id[:120],
                    contact=around.desk.contact_hash(channel, event.contact),
                    sealed=around.seal.close([event.id, event.contact, event.body]),
                    received_at=at,
                )
                for event in events
            ]
        )

    def start(self, *, workers: bool = True) -> None:
        """Begin to work; needs a running loop. Without workers it only keeps what arrives.

        On SQLite there is no other process, so what the one before had begun is taken up at once.
        """
        if self.store.one_writer:
            with self.store.work() as work:
                work.queues.take_over(list(self._around.channels), now=self.now())
        self._loops = [asyncio.create_task(self._intake.run(), name="intake")]
        if workers:
            self._loops += [
                asyncio.create_task(self._answerer.run(), name="answering"),
                asyncio.create_task(self._sender.run(), name="sending"),
            ]

    async def tidy(self) -> None:
        """Delete what is settled and too old to be asked for; called by the clock."""
        now = self.now()
        collected = [
            name for name, each in self._around.channels.items() if isinstance(each, Collected)
        ]

        def sweep() -> None:
            with self.store.work() as work:
                work.queues.sweep(now - KNOWN_FOR, collected=collected, stale=now - UNCOLLECTED_FOR)

        await self.threaded(sweep)

    async def stop(self, within: float = 10.0) -> None:
        """Take no more work and finish what was begun, within so many seconds.

        What is left is in the database and goes on at the next start.
        """
        await self._answerer.drain(within)
        await self._sender.drain(within)
        await self._answering.close()
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for commits in self._commits:
            await commits.drained()
        for threads in (self._threads, self._committers):
            threads.shutdown(wait=True)
