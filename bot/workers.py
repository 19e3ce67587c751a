"""What both queues' workers share: their surroundings, their patience, the loop that claims."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from bot.channels import Outgoing
from handlers.conversation import Reply
from knowledge.queues import Departure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.channels import Channel
    from bot.commits import GroupCommit
    from bot.desk import Desk
    from bot.receipts import ReceiptReader
    from bot.sealing import Seal
    from knowledge.queues import Claimed
    from knowledge.store import UnitOfWork

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How patient delivery is. Times are of the given clock."""

    lease: timedelta = timedelta(seconds=60)
    """How long a row is one worker's; a killed worker's rows are taken over after it."""
    at_once: int = 64
    """Messages answered, and calls made, at the same time by one process."""
    together: float = 0.04
    """Seconds from one look for work to the next while there is some, so that a look finds more."""
    look: float = 0.5
    """Seconds between looks for work that another process left."""
    most_attempts: int = 5
    """Tries of a message whose answer cannot be written, and of a call our own code fails at."""
    give_up: timedelta = timedelta(hours=24)
    """Age at which a call that the platform does not take is given up."""
    first_wait: timedelta = timedelta(milliseconds=500)
    longest_wait: timedelta = timedelta(minutes=15)
    """Waits between tries of a call double from the first to the longest."""
    blocked: timedelta = timedelta(seconds=30)
    """Pause of a channel that refuses us altogether."""
    takeover: timedelta = timedelta(hours=1)
    """How long the bot keeps silent after an officer wrote in the platform's own window."""

    def wait(self, attempts: int) -> timedelta:
        """The pause after so many tries."""
        doubled: int = 2 ** min(max(attempts - 1, 0), 20)
        return min(self.first_wait * doubled, self.longest_wait)


TURNS = 3
"""Turns of the event loop between two pieces of work; an acknowledgement needs several of them."""


class Gate:
    """Lets one through every few turns of the event loop.

    Reading a question and making a call are work of a millisecond or two without a pause; many of
    them at once would keep requests waiting that only want to be acknowledged.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def pass_through(self) -> None:
        """Return when it is one's turn."""
        async with self._turn:
            for _ in range(TURNS):
                await asyncio.sleep(0)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a worker needs."""

    desk: Desk
    channels: Mapping[str, Channel]
    seal: Seal
    clock: Callable[[], datetime]
    pace: Pace
    threads: Executor
    commits: GroupCommit
    gate: Gate = field(default_factory=Gate)
    receipts: ReceiptReader | None = None

    async def write(self, do: Callable[[UnitOfWork], T]) -> T:
        """Write something, together with what others write just now."""
        return await self.commits.write_one(do)

    async def threaded(self, do: Callable[[], T]) -> T:
        """Run something that touches the database."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, do)

    def departure(
        self, row: Claimed, key: str, call: Outgoing, *, apology: bool = False
    ) -> Departure:
        """A call as the outbox keeps it; ``row`` names channel and contact."""
        return Departure(
            channel=row.channel,
            contact=row.contact,
            key=f"{row.channel}:{key}",
            sealed=self.seal.close([call.contact, call.call, call.body, apology]),
        )

    def apologies(self, row: Claimed, key: str, contact: str) -> list[Departure]:
        """What a citizen gets instead of an answer that cannot be made or sent."""
        reply = Reply(lead=self.desk.services.wording("error"))
        calls = self.channels[row.channel].address(contact, (reply,))
        return [
            self.departure(row, f"{key}:{number}", call, apology=True)
            for number, call in enumerate(calls)
        ]


class Worker:
    """Claims jobs whenever there may be some and runs a few of them at the same time."""

    def __init__(
        self,
        name: str,
        claim: Callable[[int], Awaitable[Sequence[Coroutine[Any, Any, None]]]],
        pace: Pace,
    ) -> None:
        self.name = name
        self._claim = claim
        self._pace = pace
        self._woken = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._looking: asyncio.Task[Any] | None = None

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def run(self) -> None:
        """Work until :meth:`drain`."""
        self._looking = asyncio.current_task()
        clock = asyncio.get_running_loop().time
        while not self._stopping:
            self._woken.clear()
            next_look = clock() + self._pace.together
            room = self._room()
            jobs = await self._claimed(room)
            for job in jobs:
                task = asyncio.create_task(job, name=self.name)
                self._busy.add(task)
                task.add_done_callback(self._done)
            if len(jobs) < room or not jobs:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look):
                        await self._woken.wait()
            if (wait := next_look - clock()) > 0:
                await asyncio.sleep(wait)

    def _room(self) -> int:
        """How many may be claimed; a few free places under load wait for more of them."""
        free = self._pace.at_once - len(self._busy)
        return free if free * 4 >= self._pace.at_once else 0

    async def _claimed(self, free: int) -> Sequence[Coroutine[Any, Any, None]]:
        if free <= 0:
            return ()
        try:
            return await self._claim(free)
        except Exception as error:
            log.error("claim_failed", worker=self.name, error=type(error).__name__)
            return ()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        # The next row of the same contact may go now, and there is room.
        self._woken.set()

    async def drain(self, within: float) -> None:
        """Claim no more; finish what was begun, for so many seconds, then break it off."""
        self._stopping = True
        self._woken.set()
        if self._looking:
            # What it is claiming just now is begun too.
            await asyncio.wait({self._looking}, timeout=within)
        if self._busy:
            await asyncio.wait(self._busy, timeout=within)
        left = tuple(self._busy)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
