"""Signs of life of one process: ready or not, figures for Prometheus, reasons to alarm somebody."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog
from aiohttp import web

from knowledge.onestop.breaker import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from bot.delivery import Delivery
    from knowledge.onestop import Desk as Sources
    from knowledge.queue_figures import QueueFigures
    from knowledge.store import UnitOfWork

PATIENCE = 2.0
"""Seconds a database may take to answer before it counts as down."""
LATELY = timedelta(hours=24)
"""How long a call that was given up counts."""

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """How the service is at one moment. Without a database there are no ``queues``."""

    queues: QueueFigures | None
    procedures: int
    working: bool
    spooling: bool
    disk_free: int
    disk_total: int
    misconfigured: tuple[str, ...]
    sources_down: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether citizens' messages may be sent here."""
        return self.queues is not None and self.working and self.procedures > 0


@dataclass(frozen=True, kw_only=True)
class Doctor:
    """Takes the vitals. ``folder`` is on the disk that must not fill up."""

    delivery: Delivery
    sources: Sources
    folder: Path
    clock: Callable[[], datetime] = field()

    async def look(self) -> Vitals:
        """How everything is; never raises for what is wrong."""
        delivery = self.delivery
        disk = shutil.disk_usage(self.folder if self.folder.exists() else ".")
        health = await self.sources.health()
        return Vitals(
            queues=await self._read(
                lambda work: work.queue_figures(now=self.clock(), dead_within=LATELY)
            ),
            procedures=len(delivery.services.index.procedures),
            working=delivery.working,
            spooling=delivery.spooling,
            disk_free=disk.free,
            disk_total=disk.total,
            misconfigured=delivery.misconfigured,
            sources_down=tuple(each.name for each in health if each.state is not State.CLOSED),
        )

    async def readiness(self) -> dict[str, bool]:
        """What an answer needs, by name; costs little, for a monitor asks every few seconds."""
        return {
            "database": await self._read(lambda work: work.queues.waiting()) is not None,
            "knowledge": bool(self.delivery.services.index.procedures),
            "workers": self.delivery.working,
        }

    async def _read(self, do: Callable[[UnitOfWork], T]) -> T | None:
        """What the database says; ``None`` when it does not answer in time."""

        def read() -> T:
            with self.delivery.store.work() as work:
                return do(work)

        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(read)
        except Exception as error:
            log.warning("database_down", error=type(error).__name__)
            return None


def add_routes(app: web.Application, doctor: Doctor) -> None:
    """``/healthz``: the process serves. ``/readyz``: it can also answer."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_request: web.Request) -> web.Response:
        found = await doctor.readiness()
        well = all(found.values())
        told = {"status": "ready" if well else "not ready", **found}
        return web.json_response(told, status=200 if well else 503)

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
