"""Replays of drafts beside the pages: begun when a page is drawn, shown once they are done."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.replay import Candidate, gather, replay_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from aiohttp import web

    from bot.replay import Material, Report
    from knowledge.model import Procedure
    from knowledge.store import Store

LOOKS_BACK = timedelta(days=90)
"""Questions asked since then are asked again."""
REMEMBERED = 24
"""Reports that are kept; an older one is made anew when somebody looks."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """How far a replay is: neither a report nor failed means it runs."""

    report: Report | None = None
    failed: bool = False

    @property
    def running(self) -> bool:
        """True while there is nothing to show yet."""
        return self.report is None and not self.failed


class Rehearsals:
    """One replay at a time, each for one text over one version of the knowledge."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._one = asyncio.Lock()
        self._tasks: OrderedDict[tuple[str, int, date], asyncio.Task[Report]] = OrderedDict()

    def of(
        self, procedure: Procedure, *, version: int, today: date, again: bool = False
    ) -> Rehearsal:
        """The replay of a text, begun now unless it was; ``again`` makes a failed one anew."""
        body = procedure.model_dump(mode="json", exclude={"revision"}, exclude_defaults=True)
        text = json.dumps(body, sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest(), version, today
        task = self._tasks.get(key)
        if task is None or (again and _failed(task)):
            task = asyncio.get_running_loop().create_task(self._run(procedure, today))
            self._tasks[key] = task
        self._tasks.move_to_end(key)
        while len(self._tasks) > REMEMBERED:
            self._tasks.popitem(last=False)[1].cancel()
        if not task.done():
            return Rehearsal()
        return Rehearsal(failed=True) if _failed(task) else Rehearsal(report=task.result())

    async def _run(self, procedure: Procedure, today: date) -> Report:
        async with self._one:
            try:
                material = await asyncio.to_thread(self._gather, today)
                return await replay_aside(material, Candidate(procedure=procedure))
            except Exception:
                log.exception("rehearsal_failed", procedure=procedure.code)
                raise

    def _gather(self, today: date) -> Material:
        with self._store.work() as work:
            return gather(work, today=today, since=self._clock() - LOOKS_BACK)

    async def close(self, _app: web.Application | None = None) -> None:
        """Stop what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _failed(task: asyncio.Task[Report]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
