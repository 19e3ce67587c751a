"""Figures for Prometheus, on a port of their own that only this machine reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.vitals import Doctor, Vitals

NAMESPACE = "hmc"


class Metrics:
    """Gauges filled at each scrape from what the database and this process say."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace=NAMESPACE, registry=self.registry)
        gauge, by_channel = self._gauge, ("channel",)
        self._up = gauge("ready", "1 when this process can answer, else 0")
        self._waiting = gauge("inbox_waiting", "Messages not answered yet", by_channel)
        self._unsent = gauge("outbox_waiting", "Calls not made yet", by_channel)
        self._dead = gauge("outbox_dead", "Calls given up in the last 24 hours", by_channel)
        self._oldest = gauge("inbox_oldest_seconds", "Age of the oldest message not answered yet")
        self._twice = gauge("outbox_maybe_twice", "Calls that may have been made twice")
        self._handovers = gauge("handovers_open", "Conversations that wait for or have an officer")
        self._procedures = gauge("procedures", "Procedures this process answers from")
        self._spooling = gauge("spooling", "1 when messages are kept on disk, database down")
        self._misconfigured = gauge(
            "channel_misconfigured", "1 when a channel refuses our token", by_channel
        )
        self._source_down = gauge("source_down", "1 when a dossier source is down", ("source",))
        self._disk_free = gauge("disk_free_bytes", "Room left on the disk of var/")

    def _gauge(self, name: str, told: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(name, told, labels, namespace=NAMESPACE, registry=self.registry)

    def render(self, vitals: Vitals) -> bytes:
        """The figures in Prometheus's text format."""
        self._up.set(vitals.ready)
        self._procedures.set(vitals.procedures)
        self._spooling.set(vitals.spooling)
        self._disk_free.set(vitals.disk_free)
        _fill(self._misconfigured, dict.fromkeys(vitals.misconfigured, 1))
        _fill(self._source_down, dict.fromkeys(vitals.sources_down, 1))
        if queues := vitals.queues:
            _fill(self._waiting, queues.waiting)
            _fill(self._unsent, queues.unsent)
            _fill(self._dead, queues.dead)
            self._oldest.set(queues.oldest_seconds)
            self._twice.set(queues.maybe_twice)
            self._handovers.set(queues.open_handovers)
        return generate_latest(self.registry)


def _fill(gauge: Gauge, values: dict[str, int]) -> None:
    gauge.clear()
    for label, value in values.items():
        gauge.labels(label).set(value)


def serving(doctor: Doctor, port: int) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context that serves ``/metrics`` on loopback for as long as the application runs.

    A port of its own, since behind a proxy every request to the main one comes from this machine.
    """

    async def beside(_app: web.Application) -> AsyncIterator[None]:
        metrics = Metrics()

        async def show(_request: web.Request) -> web.Response:
            body = metrics.render(await doctor.look())
            return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

        inner = web.Application()
        inner.router.add_get("/metrics", show)
        runner = web.AppRunner(inner, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
        await runner.cleanup()

    return beside
