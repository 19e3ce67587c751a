"""From an event in the inbox to its answer in the outbox, in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels import Event, Notice
from bot.sealing import Unsealable
from knowledge.queues import AlreadySettled, Claimed, Departure
from knowledge.tables import QueueState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.channels import Channel
    from bot.desk import Answered
    from bot.workers import Surroundings
    from handlers.conversation import Incoming, Reply
    from knowledge.store import UnitOfWork

    Stored = dict[str, object] | None

log = structlog.get_logger()

LEFT = "người dân đã chặn hoặc rời cuộc trò chuyện"


class Answering:
    """Claims events and answers them. ``posted`` is called when there is something to send."""

    def __init__(self, around: Surroundings, posted: Callable[[str, str], None]) -> None:
        self._around = around
        self._posted = posted
        self._aside: set[asyncio.Task[None]] = set()

    async def claim(self, free: int) -> Sequence[Coroutine[Any, Any, None]]:
        """Jobs that answer the oldest event of as many contacts as there is room for."""
        around = self._around
        now = around.clock()

        def claimed() -> list[tuple[Claimed, Stored, bool]]:
            with around.desk.store.work() as work:
                rows = work.queues.claim_inbox(
                    around.channels, now=now, until=now + around.pace.lease, limit=free
                )
                return [
                    (row, work.memory(row.channel, row.contact), _silent(work, row, now))
                    for row in rows
                ]

        rows = await around.threaded(claimed)
        return [self._answer(row, stored, silent=silent) for row, stored, silent in rows]

    async def close(self) -> None:
        """Break off what only shows that work is going on."""
        for task in self._aside:
            task.cancel()
        await asyncio.gather(*self._aside, return_exceptions=True)

    async def _answer(self, row: Claimed, stored: Stored, *, silent: bool) -> None:
        try:
            await self._try_to_answer(row, stored, silent=silent)
        except AlreadySettled:
            log.warning("answered_by_another", channel=row.channel)
        except Exception:
            log.exception("inbox_failed", channel=row.channel, attempts=row.attempts)
            # When even this fails the lease runs out and the event is claimed again.
            with contextlib.suppress(Exception):
                await self._around.threaded(lambda: self._answer_later(row))
                self._posted(row.channel, row.contact)

    async def _try_to_answer(self, row: Claimed, stored: Stored, *, silent: bool) -> None:
        around = self._around
        try:
            identity, contact, body = around.seal.open(row.sealed)
        except Unsealable:
            log.error("unreadable", queue="inbox", channel=row.channel)
            await around.threaded(lambda: self._settle(row, QueueState.DEAD))
            return
        event = Event(id=identity, contact=contact, body=body)
        channel = around.channels[row.channel]
        said = channel.read(event, at=row.since)
        if isinstance(said, Notice):
            await around.threaded(lambda: self._take_notice(row, said))
            return
        if silent:
            await around.threaded(lambda: self._settle(row, QueueState.DONE))
            return
        self._show_working(channel, event)
        answered = await around.desk.answer(said, row.contact, stored)
        departures = self._departures(channel, event, row, answered.replies)
        await around.threaded(lambda: self._write(row, said, answered, departures))
        self._posted(row.channel, row.contact)

    def _show_working(self, channel: Channel, event: Event) -> None:
        task = asyncio.create_task(channel.working(event), name="working")
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def _departures(
        self, channel: Channel, event: Event, row: Claimed, replies: tuple[Reply, ...]
    ) -> list[Departure]:
        try:
            calls = channel.render(event, replies)
        except Exception:
            log.exception("render_failed", channel=channel.name)
            return self._around.apologies(row, f"{row.id}", event.contact)
        return [
            self._around.departure(row, f"{row.id}:{number}", call)
            for number, call in enumerate(calls)
        ]

    def _write(
        self, row: Claimed, said: Incoming, answered: Answered, departures: list[Departure]
    ) -> None:
        """One transaction: log, memory, outbox, and the event settled."""
        now = self._around.clock()
        with self._around.desk.store.work() as work:
            # First of all: an answer may erase everything, and what another settled ends here.
            work.queues.settle_inbox(row.id, at=now)
            answered.write(work)
            work.queues.post(departures, at=now)
            work.queues.note(
                row.channel, row.contact, last_seen=said.received_at, left_at=None, remaining=None
            )

    def _settle(self, row: Claimed, state: QueueState) -> None:
        with self._around.desk.store.work() as work:
            work.queues.settle_inbox(row.id, at=self._around.clock(), state=state)

    def _take_notice(self, row: Claimed, notice: Notice) -> None:
        now = self._around.clock()
        with self._around.desk.store.work() as work:
            queues = work.queues
            queues.settle_inbox(row.id, at=now)
            match notice:
                case Notice.JOINED:
                    queues.note(row.channel, row.contact, last_seen=row.since, left_at=None)
                case Notice.LEFT:
                    queues.note(row.channel, row.contact, left_at=row.since)
                    queues.drop_outgoing(row.channel, row.contact, at=now, why=LEFT)
                case Notice.ERASE:
                    queues.erase(row.channel, row.contact)
                case Notice.TAKEN_OVER:
                    until = row.since + self._around.pace.takeover
                    queues.note(row.channel, row.contact, silent_until=until)
                case Notice.IGNORED:
                    pass

    def _answer_later(self, row: Claimed) -> None:
        """Try again soon; after too many tries the citizen at least hears that it failed."""
        around = self._around
        now = around.clock()
        with around.desk.store.work() as work:
            if row.attempts < around.pace.most_attempts:
                wait = timedelta(seconds=min(2 ** (row.attempts - 1), 60))
                work.queues.hold_inbox(row.id, until=now + wait)
                return
            _, contact, _ = around.seal.open(row.sealed)
            work.queues.post(around.apologies(row, f"{row.id}", contact), at=now)
            work.queues.settle_inbox(row.id, at=now, state=QueueState.DEAD)


def _silent(work: UnitOfWork, row: Claimed, now: Any) -> bool:
    state = work.queues.contact(row.channel, row.contact)
    return bool(state and state.silent_until and state.silent_until > now)
