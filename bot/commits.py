"""Writes of many messages in one commit: a commit costs more than what it holds."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from knowledge.store import Store, UnitOfWork

T = TypeVar("T")
Item = TypeVar("Item")

MOST = 64
"""Writes in one commit; more would make the first ones wait."""
GATHER = 0.03
"""Seconds a write that nobody waits for lets others join it."""


@dataclass(frozen=True, slots=True)
class _Write:
    do: Callable[[UnitOfWork, Sequence[Any]], Sequence[Any]]
    item: Any
    due: float
    done: asyncio.Future[Any]


@dataclass
class GroupCommit:
    """Writes that come together share a transaction; while it commits the next ones gather.

    Writes of one kind are done together, so that a statement serves many messages. When a
    transaction fails, each write is done again in one of its own, and fails alone. So a write may
    run twice and must touch nothing but the database.

    On SQLite the statements run in the event loop, see :mod:`knowledge.parted`. ``executor`` is for
    commits alone: what waited there for the write lock would wait for itself.
    """

    store: Store
    executor: Executor
    _waiting: list[_Write] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(
        self,
        do: Callable[[UnitOfWork, Sequence[Item]], Sequence[T]],
        item: Item,
        *,
        within: float = 0.0,
    ) -> T:
        """What ``do`` returned for ``item``, once it is committed. Raises what it raised.

        Begun within so many seconds, together with others of its kind.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Write(do, item, loop.time() + within, done))
        self._more.set()
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write_all(), name="commits")
        return await done

    async def write_one(self, do: Callable[[UnitOfWork], T]) -> T:
        """What ``do`` returned, once it is committed with what others write just now."""
        return await self.write(lambda work, _: (do(work),), None)

    async def drained(self) -> None:
        """Return when nothing is being written any more."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write_all(self) -> None:
        while self._waiting:
            batch = await self._due()
            outcomes = await self._committed(batch)
            for each, (result, error) in zip(batch, outcomes, strict=True):
                if each.done.done():
                    continue
                if error is None:
                    each.done.set_result(result)
                else:
                    each.done.set_exception(error)

    async def _due(self) -> list[_Write]:
        """What is to be written now, waiting for it."""
        clock = asyncio.get_running_loop().time
        while (wait := min(each.due for each in self._waiting) - clock()) > 0:
            self._more.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._more.wait()
        # What would soon be due by itself goes along.
        soon = clock() + GATHER / 2
        kinds = {each.do for each in self._waiting if each.due <= soon}
        batch = [each for each in self._waiting if each.do in kinds][:MOST]
        chosen = set(map(id, batch))
        self._waiting = [each for each in self._waiting if id(each) not in chosen]
        return batch

    async def _committed(self, batch: list[_Write]) -> list[tuple[Any, BaseException | None]]:
        """What each write returned or raised."""
        try:
            results = await self._commit(batch)
        except Exception as error:
            if len(batch) == 1:
                return [(None, error)]
            return [(await self._committed([each]))[0] for each in batch]
        return [(result, None) for result in results]

    async def _commit(self, batch: list[_Write]) -> list[Any]:
        waiting = asyncio.get_running_loop().run_in_executor
        if not self.store.one_writer:
            return await waiting(self.executor, self._commit_in_thread, batch)
        with self.store.parted_work() as (parted, work):
            if not parted.lock_at_once():
                await waiting(self.executor, parted.lock)
            results = _done(work, batch)
            parted.flush()
            await waiting(self.executor, parted.commit)
        return results

    def _commit_in_thread(self, batch: list[_Write]) -> list[Any]:
        with self.store.work() as work:
            return _done(work, batch)


def _done(work: UnitOfWork, batch: Sequence[_Write]) -> list[Any]:
    """What each write returned; those of one kind are done together."""
    kinds: dict[Any, list[int]] = {}
    for place, each in enumerate(batch):
        kinds.setdefault(each.do, []).append(place)
    results: list[Any] = [None] * len(batch)
    for do, places in kinds.items():
        found = do(work, [batch[place].item for place in places])
        for place, result in zip(places, found, strict=True):
            results[place] = result
    return results
