"""The platforms' doors: webhook requests, and asking where a platform is asked instead."""

from __future__ import annotations

import asyncio
import html
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.channels import ChannelError, Forged, Malformed, TryLater
from bot.intake import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels import Channel, Event, Polled
    from bot.delivery import Delivery

log = structlog.get_logger()

MAX_BODY = 1024 * 1024
"""Bytes of a webhook request; real ones have a few thousand."""
KEEP_WITHIN = 1.5
"""Seconds; Zalo takes an answer after two for a failure."""
SLOWEST_RETRY = 60.0
PATHS = {"telegram": "/hooks/telegram", "zalo_oa": "/hooks/zalo-oa", "zalo_bot": "/hooks/zalo-bot"}


def add_routes(app: web.Application, channels: Sequence[Channel], delivery: Delivery) -> None:
    """A door for each channel."""
    for channel in channels:
        app.router.add_post(PATHS[channel.name], _Door(channel, delivery).receive)


def add_zalo_verifier(app: web.Application, code: str) -> None:
    """The file by which Zalo sees that the domain is ours, under the name Zalo gives it."""
    page = (
        "<!doctype html><html><head>"
        f'<meta name="zalo-platform-site-verification" content="{html.escape(code)}" />'
        f"</head><body>{html.escape(code)}</body></html>"
    )

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app.router.add_get(f"/zalo_verifier{code}.html", show)


class _Door:
    """Takes the webhook requests of one channel: verified, kept, acknowledged, in this order."""

    def __init__(self, channel: Channel, delivery: Delivery) -> None:
        self._channel = channel
        self._delivery = delivery

    async def receive(self, request: web.Request) -> web.Response:
        name = self._channel.name
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            log.warning("webhook_too_large", channel=name)
            return web.Response(status=413)
        try:
            events = self._channel.receive(request.headers, body)
        except Forged:
            log.warning("webhook_forged", channel=name)
            return web.Response(status=401)
        except Malformed:
            log.warning("webhook_malformed", channel=name)
            return web.Response(status=400)
        try:
            async with asyncio.timeout(KEEP_WITHIN):
                await self._delivery.accept(name, events)
        except (Unavailable, TimeoutError):
            # What was kept all the same is known by its id when it is delivered again.
            return web.Response(status=503, headers={"Retry-After": "5"})
        return web.json_response({"message": "Success"})


async def poll(name: str, channel: Polled, delivery: Delivery) -> None:
    """Ask a platform for events for ever; the next are asked for when these are kept."""
    failures = 0
    while True:
        try:
            events = await channel.fetch()
            failures = 0
        except TryLater as error:
            await asyncio.sleep(min(error.after, SLOWEST_RETRY))
            continue
        except ChannelError as error:
            failures += 1
            log.error("polling_failed", channel=name, error=str(error))
            await asyncio.sleep(min(2.0**failures, SLOWEST_RETRY))
            continue
        await _keep(name, events, delivery)


async def _keep(name: str, events: Sequence[Event], delivery: Delivery) -> None:
    while events:
        try:
            await delivery.accept(name, events)
        except Unavailable:
            await asyncio.sleep(1.0)
        else:
            return
