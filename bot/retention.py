"""Personal data that was kept long enough goes by itself, a portion at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from knowledge.store import Store, UnitOfWork

EVERY = 3600.0
BREATH = 0.1
"""Seconds between two portions, for whoever waits to write."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long words of the log and memories of conversations are kept."""

    store: Store
    clock: Callable[[], datetime]
    words: timedelta
    conversations: timedelta

    def job(self) -> Job:
        """The forgetting, by the clock."""
        return Job(name="retention", every=EVERY, do=self.forget)

    async def forget(self) -> None:
        """Forget everything that is due."""
        now = self.clock()
        words, conversations = now - self.words, now - self.conversations
        done = {
            "words": await self._all(lambda work: work.retention.forget_words(words)),
            "conversations": await self._all(
                lambda work: work.retention.forget_conversations(conversations)
            ),
        }
        if any(done.values()):
            log.info("retention", **done)

    async def _all(self, portion: Callable[[UnitOfWork], int]) -> int:
        def one() -> int:
            with self.store.work() as work:
                return portion(work)

        total = 0
        while done := await asyncio.to_thread(one):
            total += done
            await asyncio.sleep(BREATH)
        return total
