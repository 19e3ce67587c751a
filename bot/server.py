"""The web server: doors of the channels, the web chat, what runs beside them, graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog
from aiohttp import web

from bot import gateway, jobs, ports, prometheus, vitals
from bot.alerts import AlertDesk
from bot.channels import Limits, Polled, webchat
from bot.channels.pickup import PickupChannel
from bot.delivery import Delivery
from bot.handover import HandoverDesk
from bot.staff_chat import StaffChat
from bot.talk import Talk
from bot.vitals import Doctor
from knowledge.onestop import Desk as Sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from bot.channels import Channel
    from bot.desk import Desk
    from bot.intake import Spool
    from bot.jobs import Job
    from bot.receipts import ReceiptReader
    from bot.sealing import Seal
    from bot.workers import Pace

REFRESH_SECONDS = 2.0
BOARD_SECONDS = 1.0
"""A switch is known to every process within two of these; five seconds are promised."""
TIDY_SECONDS = 600.0
STOP_SECONDS = 10.0
"""How long a stop waits for what was begun; the rest goes on at the next start."""

TURN_SECONDS = 0.0005
"""How long the thread that writes may keep the one that serves waiting for the interpreter; with
Python's 5 ms a request that only wants to be acknowledged waits several times as long."""

WEB_LIMITS = Limits(max_text=100_000)
"""The page shows whole replies."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What a server is made of. Channels are polled when platforms have no address of ours."""

    desk: Desk
    seal: Seal
    spool: Spool
    clock: Callable[[], datetime]
    chat_secret: bytes
    page: PickupChannel = field(default_factory=lambda: PickupChannel("web", WEB_LIMITS))
    embed_origins: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    polling: bool = True
    zalo_verifier: str = ""
    jobs: tuple[Job, ...] = ()
    pace: Pace | None = None
    receipts: ReceiptReader | None = None
    sources: Sources = field(default_factory=lambda: Sources([]))
    home: Path = Path("var")
    """The folder whose disk must not fill up."""
    metrics_port: int = 0
    alert_chat: str = ""
    """``channel:chat`` that is told when something is wrong."""
    closing: tuple[Callable[[], Awaitable[object]], ...] = ()
    """Done last at a stop."""
    routes: tuple[Callable[[web.Application, Delivery], None], ...] = field(default=())


def build(serving: Serving) -> web.Application:
    """The application; everything beside it starts and stops with it."""
    app = web.Application(client_max_size=gateway.MAX_BODY)
    desk, web_channel = serving.desk, serving.page
    delivery = Delivery(
        desk,
        (web_channel, *serving.channels),
        serving.seal,
        serving.spool,
        clock=serving.clock,
        pace=serving.pace,
        receipts=serving.receipts,
    )
    doctor = Doctor(
        delivery=delivery, sources=serving.sources, folder=serving.home, clock=serving.clock
    )
    vitals.add_routes(app, doctor)
    gateway.add_routes(app, serving.channels, delivery)
    if serving.zalo_verifier:
        gateway.add_zalo_verifier(app, serving.zalo_verifier)
    webchat.add_routes(
        app,
        Talk(web_channel, delivery),
        secret=serving.chat_secret,
        office_name=lambda: desk.services.office.name,
        embed_origins=serving.embed_origins,
    )
    for add in serving.routes:
        add(app, delivery)

    async def beside(_app: web.Application) -> AsyncIterator[None]:
        async with _working(serving, delivery, _alerts(serving, doctor)):
            yield
        for close in serving.closing:
            await close()
        desk.store.close()

    app.cleanup_ctx.append(beside)
    if serving.metrics_port:
        app.cleanup_ctx.append(prometheus.serving(doctor, serving.metrics_port))
    return app


def _alerts(serving: Serving, doctor: Doctor) -> tuple[Job, ...]:
    chat = StaffChat.of(serving.alert_chat)
    return (AlertDesk(doctor, chat).job(),) if chat else ()


@contextlib.asynccontextmanager
async def _working(
    serving: Serving, delivery: Delivery, alerts: tuple[Job, ...]
) -> AsyncIterator[None]:
    for channel in serving.channels:
        await channel.open()
    delivery.start()
    polled = [
        asyncio.create_task(gateway.poll(each.name, each, delivery), name=f"poll {each.name}")
        for each in serving.channels
        if serving.polling and isinstance(each, Polled)
    ]
    regular = (
        jobs.Job(
            name="refresh",
            every=REFRESH_SECONDS,
            do=lambda: asyncio.to_thread(_refresh, serving.desk),
        ),
        jobs.Job(
            name="board",
            every=BOARD_SECONDS,
            do=lambda: asyncio.to_thread(serving.desk.look_at_board),
        ),
        jobs.Job(name="tidy", every=TIDY_SECONDS, do=delivery.tidy),
        HandoverDesk(delivery).job(),
    )
    try:
        async with jobs.running((*regular, *serving.jobs, *alerts)):
            yield
    finally:
        for task in polled:
            task.cancel()
        await asyncio.gather(*polled, return_exceptions=True)
        await delivery.stop(STOP_SECONDS)
        for channel in serving.channels:
            await channel.close()


def _refresh(desk: Desk) -> None:
    if desk.refresh():
        _set_aside()


def _set_aside() -> None:
    """Garbage is looked for only among what comes later: the index is large and it stays.

    Looking through all of it would stop every message for a tenth of a second, several times a
    minute under load.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def run(serving: Serving, *, host: str, port: int) -> None:
    """Serve until stopped. A port in use is one clear line."""
    if why := ports.refusal(host, port):
        raise click.ClickException(f"Không mở được {host}:{port} ({why}). Đổi cổng bằng HMC_PORT.")
    click.echo(f"Hỏi Một Cửa: http://{host}:{port}")
    app = build(serving)
    _set_aside()
    sys.setswitchinterval(TURN_SECONDS)
    web.run_app(app, host=host, port=port, print=None, shutdown_timeout=STOP_SECONDS)
