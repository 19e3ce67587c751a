"""From an event in the inbox to its answer in the outbox, in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.agreements import note, word_of
from bot.channels import ChannelError, Event, Notice
from bot.commits import GATHER
from bot.desk import write_down
from bot.handover_steps import carry_out, step_of
from bot.receipts import Unread, UnreadablePicture
from bot.sealing import Unsealable
from handlers.conversation import Attachment, Scan, ScanKind
from knowledge.handovers import Moved, Standing
from knowledge.queues import AlreadySettled, Claimed, Departure
from knowledge.tables import QueueState
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from bot.agreements import Word
    from bot.channels import Channel
    from bot.desk import Answered
    from bot.handover_steps import Step
    from bot.workers import Surroundings
    from handlers.conversation import Incoming, Reply
    from knowledge.contacts import Allowance
    from knowledge.store import UnitOfWork

    Stored = dict[str, object] | None

log = structlog.get_logger()

LEFT = "người dân đã chặn hoặc rời cuộc trò chuyện"


@dataclass(frozen=True, kw_only=True)
class _Finished:
    """An event with its answer, to be written down."""

    row: Claimed
    answered: Answered
    departures: list[Departure]
    step: Step | None = None
    word: Word | None = None


@dataclass(frozen=True, kw_only=True)
class _Found:
    """An event as it was claimed, and what is known of its contact."""

    row: Claimed
    stored: Stored
    silent: bool
    standing: Standing


class Answering:
    """Claims events and answers them. ``posted`` is called when there is something to send."""

    def __init__(self, around: Surroundings, posted: Callable[[str, str], None]) -> None:
        self._around = around
        self._posted = posted
        self._aside: set[asyncio.Task[None]] = set()
        self._gate = around.gate

    async def claim(self, free: int) -> Sequence[Coroutine[Any, Any, None]]:
        """Jobs that answer the oldest event of as many contacts as there is room for."""
        around = self._around
        now = around.clock()

        def claimed(work: UnitOfWork) -> list[_Found]:
            rows = work.queues.claim_inbox(
                around.channels, now=now, until=now + around.pace.lease, limit=free
            )
            contacts = [(row.channel, row.contact) for row in rows]
            memories, states = work.memories(contacts), work.contacts.states(contacts)
            standings = work.handovers.standings(contacts)
            return [
                _Found(
                    row=row,
                    stored=memories.get(key),
                    silent=_silent(states.get(key), now),
                    standing=standings.get(key, Standing()),
                )
                for row, key in zip(rows, contacts, strict=True)
            ]

        return [self._answer(found) for found in await around.write(claimed)]

    async def close(self) -> None:
        """Break off what only shows that work is going on."""
        for task in self._aside:
            task.cancel()
        await asyncio.gather(*self._aside, return_exceptions=True)

    async def _answer(self, found: _Found) -> None:
        row = found.row
        try:
            await self._try_to_answer(found)
        except AlreadySettled:
            log.warning("answered_by_another", channel=row.channel)
        except Moved:
            # An officer closed or a citizen opened it meanwhile: understood anew, at once.
            now = self._around.clock()
            with contextlib.suppress(Exception):
                await self._around.write(lambda work: work.queues.hold_inbox(row.id, until=now))
        except Exception:
            log.exception("inbox_failed", channel=row.channel, attempts=row.attempts)
            # When even this fails the lease runs out and the event is claimed again.
            with contextlib.suppress(Exception):
                await self._around.write(lambda work: self._answer_later(work, row))
                self._posted(row.channel, row.contact)

    async def _try_to_answer(self, found: _Found) -> None:
        around, row = self._around, found.row
        await self._gate.pass_through()
        try:
            identity, contact, body = around.seal.open(row.sealed)
        except Unsealable:
            log.error("unreadable", queue="inbox", channel=row.channel)
            await around.write(lambda work: self._settle(work, row, QueueState.DEAD))
            return
        event = Event(id=identity, contact=contact, body=body)
        channel = around.channels[row.channel]
        said = channel.read(event, at=row.since)
        if isinstance(said, Notice):
            notice = said
            await around.write(lambda work: self._take_notice(work, row, notice))
            return
        if found.silent and not found.standing.in_course:
            await around.write(lambda work: self._settle(work, row, QueueState.DONE))
            return
        said = replace(said, officers=replace(found.standing, window=channel.limits.window))
        if not found.standing.in_course:
            self._show_working(channel, event)
        if said.attachment is Attachment.PHOTO and around.receipts:
            said = replace(said, scanned=await self._scan(channel, event, said))
        answered = await around.desk.answer(said, row.contact, found.stored)
        finished = _Finished(
            row=row,
            answered=answered,
            departures=self._departures(channel, event, row, answered.replies),
            step=step_of(answered, around.seal),
            word=word_of(answered, around.seal),
        )
        if not await around.commits.write(self._write, finished, within=GATHER):
            raise AlreadySettled
        self._posted(row.channel, row.contact)

    async def _scan(self, channel: Channel, event: Event, said: Incoming) -> tuple[Scan, ...]:
        """What the codes on a picture say; nothing when it cannot be had or read."""
        assert self._around.receipts
        try:
            picture = await channel.picture(event)
            if picture is None:
                return ()
            today = said.received_at.astimezone(VIETNAM).date()
            found = await self._around.receipts.read(picture, today)
        except (ChannelError, UnreadablePicture) as error:
            log.warning("picture_unread", channel=channel.name, reason=type(error).__name__)
            heic = isinstance(error, UnreadablePicture) and error.why is Unread.HEIC
            return (Scan(ScanKind.HEIC),) if heic else ()
        return tuple(Scan(each.kind, each.code) for each in found)

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

    def _write(self, work: UnitOfWork, finished: Sequence[_Finished]) -> list[bool]:
        """In one transaction: events settled, log, memory, outbox. False for what was another's."""
        now = self._around.clock()
        # First of all: an answer may erase everything, and what another settled ends here.
        mine = work.queues.settle_answered([each.row.id for each in finished], at=now)
        own = [each for each in finished if each.row.id in mine]
        for each in own:
            if each.step:
                carry_out(work, each.step)
            if each.word:
                note(work, each.word)
        write_down(work, [each.answered for each in own])
        work.queues.post([call for each in own for call in each.departures], at=now)
        work.contacts.heard_from(
            [((each.row.channel, each.row.contact), each.row.since) for each in own]
        )
        return [each.row.id in mine for each in finished]

    def _settle(self, work: UnitOfWork, row: Claimed, state: QueueState) -> None:
        work.queues.settle_inbox(row.id, at=self._around.clock(), state=state)

    def _take_notice(self, work: UnitOfWork, row: Claimed, notice: Notice) -> None:
        now = self._around.clock()
        queues, contacts = work.queues, work.contacts
        queues.settle_inbox(row.id, at=now)
        match notice:
            case Notice.JOINED:
                contacts.note(row.channel, row.contact, last_seen=row.since, left_at=None)
            case Notice.LEFT:
                contacts.note(row.channel, row.contact, left_at=row.since)
                queues.drop_outgoing(row.channel, row.contact, at=now, why=LEFT)
            case Notice.ERASE:
                contacts.erase(row.channel, row.contact)
            case Notice.TAKEN_OVER:
                until = row.since + self._around.pace.takeover
                contacts.note(row.channel, row.contact, silent_until=until)
            case Notice.IGNORED:
                pass

    def _answer_later(self, work: UnitOfWork, row: Claimed) -> None:
        """Try again soon; after too many tries the citizen at least hears that it failed."""
        around = self._around
        now = around.clock()
        if row.attempts < around.pace.most_attempts:
            wait = timedelta(seconds=min(2 ** (row.attempts - 1), 60))
            work.queues.hold_inbox(row.id, until=now + wait)
            return
        _, contact, _ = around.seal.open(row.sealed)
        work.queues.post(around.apologies(row, f"{row.id}", contact), at=now)
        work.queues.settle_inbox(row.id, at=now, state=QueueState.DEAD)


def _silent(state: Allowance | None, now: datetime) -> bool:
    return bool(state and state.silent_until and state.silent_until > now)
