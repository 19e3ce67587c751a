"""From a platform's event to a durable copy of it: the database, or the disk while that is down."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from knowledge.queues import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from bot.commits import GroupCommit
    from knowledge.store import Store, UnitOfWork

log = structlog.get_logger()

SOON = 0.01
"""Seconds an event lets others join it before it is kept."""
REPLAY_SECONDS = 1.0
"""How often a database that was down is tried again."""


class Unavailable(Exception):
    """No durable copy could be made: the platform must deliver again."""


class Spool:
    """Events on disk while the database is down, one sealed JSON object a line, in order.

    Everything is synchronous and durable when a method returns. A line cut by a crash was never
    acknowledged and is left out.
    """

    def __init__(self, path: Path, *, most: int = 64 * 1024 * 1024) -> None:
        self._path = path
        self._most = most

    @property
    def empty(self) -> bool:
        """True when nothing waits."""
        try:
            return self._path.stat().st_size == 0
        except FileNotFoundError:
            return True

    def append(self, arrivals: Sequence[Arrival]) -> None:
        """Keep events. Raises ``OSError``, also when the spool is full."""
        lines = b"".join(_line(each) for each in arrivals)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(self._path, flags, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size + len(lines) > self._most:
                raise OSError("the spool is full")
            try:
                written = os.write(handle, lines)
                if written < len(lines):
                    raise OSError("the disk is full")
                os.fsync(handle)
            except OSError:
                # Half a line must not swallow the next one.
                os.ftruncate(handle, size)
                raise
        finally:
            os.close(handle)

    def read(self) -> list[Arrival]:
        """What waits, in order."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return [_arrival(line) for line in data.split(b"\n")[:-1] if line]

    def clear(self) -> None:
        """Forget what was replayed."""
        self._path.unlink(missing_ok=True)


def _line(each: Arrival) -> bytes:
    value = {
        "channel": each.channel,
        "event": each.event,
        "contact": each.contact,
        "sealed": base64.b64encode(each.sealed).decode(),
        "received_at": each.received_at.isoformat(),
    }
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _arrival(line: bytes) -> Arrival:
    value = json.loads(line)
    return Arrival(
        channel=value["channel"],
        event=value["event"],
        contact=value["contact"],
        sealed=base64.b64decode(value["sealed"]),
        received_at=datetime.fromisoformat(value["received_at"]),
    )


@dataclass
class _Batch:
    arrivals: Sequence[Arrival]
    kept: asyncio.Future[None]


class Intake:
    """Keeps events; requests that come together share one commit."""

    def __init__(
        self,
        store: Store,
        spool: Spool,
        *,
        commits: GroupCommit,
        executor: Executor,
        arrived: Callable[[], None],
    ) -> None:
        self._store = store
        self._spool = spool
        self._commits = commits
        self._executor = executor
        self._arrived = arrived
        self._waiting: list[_Batch] = []
        self._something = asyncio.Event()

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Return when there is a durable copy. Raises :class:`Unavailable`."""
        if not arrivals:
            return
        batch = _Batch(arrivals, asyncio.get_running_loop().create_future())
        self._waiting.append(batch)
        self._something.set()
        await batch.kept

    async def run(self) -> None:
        """Write what arrives; ends only by cancellation."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(REPLAY_SECONDS):
                    await self._something.wait()
            except TimeoutError:
                if not self._spool.empty:
                    await loop.run_in_executor(self._executor, self._replay)
                continue
            self._something.clear()
            batches, self._waiting = self._waiting, []
            arrivals = [each for batch in batches for each in batch.arrivals]
            try:
                await self._write(arrivals)
            except Exception as error:
                log.error("intake_failed", error=type(error).__name__)
                for batch in batches:
                    if not batch.kept.done():
                        batch.kept.set_exception(Unavailable())
                continue
            for batch in batches:
                if not batch.kept.done():
                    batch.kept.set_result(None)
            self._arrived()

    async def _write(self, arrivals: list[Arrival]) -> None:
        loop = asyncio.get_running_loop()
        if not self._spool.empty:
            await loop.run_in_executor(self._executor, self._write_behind, arrivals)
            return
        try:
            await self._commits.write(_receive, arrivals, within=SOON)
        except Exception as error:
            log.warning("intake_spooled", error=type(error).__name__, events=len(arrivals))
            await loop.run_in_executor(self._executor, self._spool.append, arrivals)

    def _write_behind(self, arrivals: list[Arrival]) -> None:
        """Behind what waits on disk, or a citizen's messages would change places."""
        self._spool.append(arrivals)
        self._replay()

    def _replay(self) -> None:
        """Move the spool into the database; what is there already is left out there."""
        try:
            arrivals = self._spool.read()
            with self._store.work() as work:
                work.queues.receive(arrivals)
        except Exception as error:
            log.warning("replay_failed", error=type(error).__name__)
            return
        self._spool.clear()
        log.info("replayed", events=len(arrivals))
        self._arrived()


def _receive(work: UnitOfWork, batches: Sequence[list[Arrival]]) -> list[None]:
    work.queues.receive([each for batch in batches for each in batch])
    return [None] * len(batches)
