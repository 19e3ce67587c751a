"""Writes of many messages in one commit: a commit costs more than what it holds."""

from __future__ import annotations

import asyncio
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


@dataclass(frozen=True, slots=True)
class _Write:
    do: Callable[[UnitOfWork, Sequence[Any]], Sequence[Any]]
    item: Any
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

    async def write(self, do: Callable[[UnitOfWork, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """What ``do`` returned for ``item``, once it is committed. Raises what it raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Write(do, item, done))
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
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            outcomes = await self._committed(batch)
            for each, (result, error) in zip(batch, outcomes, strict=True):
                if each.done.done():
                    continue
                if error is None:
                    each.done.set_result(result)
                else:
                    each.done.set_exception(error)

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
