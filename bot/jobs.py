"""What happens by the clock: each job again and again, a failure logged and tried again."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something done every so many seconds, counted from the end of the time before."""

    name: str
    every: float
    do: Callable[[], Awaitable[object]]


async def repeat(job: Job) -> None:
    """Do a job for ever; ends only by cancellation."""
    while True:
        await asyncio.sleep(job.every)
        try:
            await job.do()
        except Exception:
            log.exception("job_failed", job=job.name)


@asynccontextmanager
async def running(jobs: Iterable[Job]) -> AsyncIterator[None]:
    """The jobs run as long as the context is open."""
    tasks = [asyncio.create_task(repeat(job), name=job.name) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
