"""Durable intake, answering and sending of one process for all its channels."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot.answering import Answering
from bot.intake import Intake, Spool
from bot.sending import Sending
from bot.workers import Pace, Surroundings, Worker
from knowledge.queues import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.channels import Channel, Event
    from bot.desk import Desk
    from bot.sealing import Seal


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
    ) -> None:
        # One thread where writers exclude each other anyway.
        self._threads = ThreadPoolExecutor(1 if desk.store.one_writer else 4, "delivery")
        self._around = Surroundings(
            desk=desk,
            channels={each.name: each for each in channels},
            seal=seal,
            clock=clock,
            pace=pace or Pace(),
            threads=self._threads,
        )
        sending = Sending(self._around, posted=lambda: self._sender.wake())
        self._answering = Answering(self._around, posted=lambda: self._sender.wake())
        self._answerer = Worker("answering", self._answering.claim, self._around.pace)
        self._sender = Worker("sending", sending.claim, self._around.pace)
        self._intake = Intake(
            desk.store, spool, executor=self._threads, arrived=self._answerer.wake
        )
        self._loops: list[asyncio.Task[None]] = []

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

    def start(self) -> None:
        """Begin to work; needs a running loop."""
        self._loops = [
            asyncio.create_task(self._intake.run(), name="intake"),
            asyncio.create_task(self._answerer.run(), name="answering"),
            asyncio.create_task(self._sender.run(), name="sending"),
        ]

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
        self._threads.shutdown(wait=True)
