"""The missed questions of the last months, grouped beside the pages and kept for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import documents
from bot.aside import aside
from bot.staff.beside import Beside
from knowledge.missed import Asked, Group, Verdict, grouped, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from knowledge.store import Store
    from knowledge.vocabulary import Vocabulary

SINCE = timedelta(days=90)
"""How far back is looked."""
KEPT = 60
"""Seconds for which groups are shown before the log is read again."""
KEPT_MANY = 900
"""The same for a log so long that gathering takes half a minute of a processor."""
FEW = 1500
"""Distinct questions that are grouped in this process; more would hold up the answers."""
MOST = 1000
"""Groups that are shown; who has worked through so many sees the next ones."""


class MissedBoard:
    """Groups of missed questions; reading a million lines of log happens beside the pages."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._groups = Beside(self._gather)
        self._round = 0
        self._kept = KEPT

    async def groups(self, *, patience: float = 1.0) -> list[Group] | None:
        """The groups, the most frequent first, with what was decided up to now.

        Older ones while new ones are gathered; ``None`` while there are none at all and gathering
        takes longer than ``patience`` (seconds).
        """
        found = await self._groups.look(self._now())
        if found is None:
            found = await self._groups.look(self._now(), patience=patience)
        return None if found is None else await asyncio.to_thread(self._judged, found)

    async def anew(self) -> None:
        """Read the log again, now; waits a little for it."""
        self._round += 1
        await self._groups.look(self._now(), patience=5)

    def _now(self) -> tuple[int, int]:
        return self._round, int(self._clock().timestamp() / self._kept)

    async def group(self, key: str) -> Group | None:
        """The group that holds a question, by the question's key."""
        groups = await self.groups(patience=30) or []
        return next(
            (each for each in groups if any(asked.key == key for asked in each.members)), None
        )

    def _judged(self, groups: Sequence[Sequence[Asked]]) -> list[Group]:
        with self._store.work() as work:
            decisions = work.missed.decisions()
        return judged(groups, decisions)

    async def _gather(self) -> list[list[Asked]]:
        def read() -> tuple[list[Asked], Vocabulary]:
            with self._store.work() as work:
                body = documents.stored(work, documents.VOCABULARY)
                asked = work.missed.asked(since=self._clock() - SINCE)
            return asked, documents.read_vocabulary(body)

        asked, vocabulary = await asyncio.to_thread(read)
        if len(asked) <= FEW:
            self._kept = KEPT
            return await asyncio.to_thread(most_missed, asked, vocabulary)
        self._kept = KEPT_MANY
        return await aside(most_missed, asked, vocabulary)


def most_missed(asked: Sequence[Asked], vocabulary: Vocabulary) -> list[list[Asked]]:
    """The most frequent groups, their keys made already."""
    found = sorted(
        grouped(asked, vocabulary), key=lambda group: -sum(each.count for each in group)
    )[:MOST]
    for group in found:
        for each in group:
            _ = each.key
    return found


def still_open(groups: Sequence[Group]) -> list[Group]:
    """Those on which nobody decided."""
    return [each for each in groups if each.verdict is Verdict.OPEN]
