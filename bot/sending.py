"""From the outbox to the platform: sent once, tried again, or given up where staff see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.answering import LEFT
from bot.channels import (
    ChannelError,
    Collected,
    Misconfigured,
    Outgoing,
    OutsideWindow,
    Rejected,
    TryLater,
    Unreachable,
)
from bot.commits import GATHER
from bot.sealing import Unsealable
from knowledge.queues import AlreadySettled, Claimed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.channels import Sent
    from bot.workers import Surroundings
    from knowledge.contacts import Allowance
    from knowledge.store import UnitOfWork

log = structlog.get_logger()

OUTSIDE_WINDOW = "ngoài khung giờ được nhắn"
TOO_OLD = "quá lâu không gửi được"
UNREADABLE = "không mở được nội dung (khóa đã đổi?)"


class Sending:
    """Claims calls and makes them. ``posted`` is called when there is something more to send."""

    def __init__(self, around: Surroundings, posted: Callable[[str, str], None]) -> None:
        self._around = around
        self._posted = posted
        self._paused: dict[str, datetime] = {}
        self.misconfigured: set[str] = set()
        """Channels that refused our token at the last call."""
        self._sent_through = [
            name for name, each in around.channels.items() if not isinstance(each, Collected)
        ]

    async def claim(self, free: int) -> Sequence[Coroutine[Any, Any, None]]:
        """Jobs that make the oldest call of as many contacts as there is room for."""
        around = self._around
        now = around.clock()
        ready = [name for name in self._sent_through if self._paused.get(name, now) <= now]
        if not ready:
            return ()

        def claimed(work: UnitOfWork) -> list[tuple[Claimed, bool]]:
            rows = work.queues.claim_outbox(
                ready, now=now, until=now + around.pace.lease, limit=free
            )
            states = work.contacts.states([(row.channel, row.contact) for row in rows])
            return [(row, _has_left(states.get((row.channel, row.contact)), row)) for row in rows]

        rows = await around.write(claimed)
        return [self._send(row, left=left) for row, left in rows]

    async def _send(self, row: Claimed, *, left: bool) -> None:
        if row.unsettled:
            log.warning("maybe_sent_twice", channel=row.channel, times=row.unsettled)
        try:
            if left:
                await self._bury(row, LEFT)
            else:
                await self._try_to_send(row)
        except AlreadySettled:
            log.warning("sent_by_another", channel=row.channel)
        except Exception:
            # The lease runs out and the call is made again: better twice than never.
            log.exception("outbox_failed", channel=row.channel)

    async def _try_to_send(self, row: Claimed) -> None:
        await self._around.gate.pass_through()
        try:
            contact, call, body, apology = self._around.seal.open(row.sealed)
        except Unsealable:
            log.error("unreadable", queue="outbox", channel=row.channel)
            await self._bury(row, UNREADABLE)
            return
        outgoing = Outgoing(contact=contact, call=call, body=body)
        try:
            sent = await self._around.channels[row.channel].send(outgoing)
        except ChannelError as error:
            await self._refused(row, contact, error, apology=apology)
        except Exception as error:
            log.exception("send_failed", channel=row.channel, call=call)
            why = type(error).__name__
            if row.attempts < self._around.pace.most_attempts:
                await self._postpone(row, self._around.pace.wait(row.attempts), why)
            else:
                await self._bury(row, why, apologise_to=None if apology else contact)
        else:
            self.misconfigured.discard(row.channel)
            commits = self._around.commits
            if not await commits.write(self._sent, (row, sent), within=GATHER):
                raise AlreadySettled

    def _sent(self, work: UnitOfWork, taken: Sequence[tuple[Claimed, Sent]]) -> list[bool]:
        """False for what another settled."""
        ids = {row.id: sent.id for row, sent in taken}
        mine = work.queues.settle_sent(ids, at=self._around.clock())
        for row, sent in taken:
            if sent.remaining is not None and row.id in mine:
                work.contacts.note(row.channel, row.contact, remaining=sent.remaining)
        return [row.id in mine for row, _ in taken]

    async def _refused(
        self, row: Claimed, contact: str, error: ChannelError, *, apology: bool
    ) -> None:
        pace = self._around.pace
        why = f"{type(error).__name__}: {error}"
        match error:
            case Unreachable():
                await self._around.write(lambda work: self._gone(work, row))
            case OutsideWindow():
                await self._bury(row, f"{OUTSIDE_WINDOW}: {error}")
                # Until they write, nothing more gets through.
                await self._around.write(
                    lambda work: work.contacts.note(row.channel, row.contact, remaining=0)
                )
            case Misconfigured():
                log.error("misconfigured", channel=row.channel, error=str(error))
                self.misconfigured.add(row.channel)
                self._pause(row.channel, pace.blocked)
                await self._postpone(row, pace.blocked, why)
            case TryLater():
                after = timedelta(seconds=error.after)
                if error.everyone:
                    self._pause(row.channel, after)
                await self._postpone(row, max(after, pace.wait(row.attempts)), why)
            case Rejected() | _:
                log.error("rejected", channel=row.channel, error=str(error))
                await self._bury(row, why, apologise_to=None if apology else contact)

    def _pause(self, channel: str, wait: timedelta) -> None:
        self._paused[channel] = self._around.clock() + wait

    async def _postpone(self, row: Claimed, wait: timedelta, why: str) -> None:
        now = self._around.clock()
        if now - row.since > self._around.pace.give_up:
            await self._bury(row, f"{TOO_OLD}: {why}")
            return
        await self._around.write(
            lambda work: work.queues.postpone(row.id, until=now + wait, error=why)
        )

    async def _bury(self, row: Claimed, why: str, *, apologise_to: str | None = None) -> None:
        """Give a call up; the citizen gets an apology in its place when there is whom to."""

        def write(work: UnitOfWork) -> None:
            now = self._around.clock()
            work.queues.bury(row.id, at=now, error=why)
            if apologise_to is not None:
                instead = self._around.apologies(row, f"instead:{row.id}", apologise_to)
                work.queues.post(instead, at=now)

        log.warning("given_up", channel=row.channel, why=why)
        await self._around.write(write)
        self._posted(row.channel, row.contact)

    def _gone(self, work: UnitOfWork, row: Claimed) -> None:
        now = self._around.clock()
        work.queues.bury(row.id, at=now, error=LEFT)
        work.contacts.note(row.channel, row.contact, left_at=now)
        work.queues.drop_outgoing(row.channel, row.contact, at=now, why=LEFT)


def _has_left(state: Allowance | None, row: Claimed) -> bool:
    """The citizen left after this was written for them."""
    return bool(state and state.left_at and state.left_at >= row.since)
