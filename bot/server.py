"""The web server: routes, background refresh of knowledge, graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import click
import structlog
from aiohttp import web

from bot.channels import webchat
from bot.desk import Desk

REFRESH_SECONDS = 2.0

log = structlog.get_logger()


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def build(
    desk: Desk, *, chat_secret: bytes, embed_origins: tuple[str, ...] = ()
) -> web.Application:
    """The application over one desk."""
    app = web.Application(client_max_size=1024 * 1024)
    app.router.add_get("/healthz", _health)
    webchat.add_routes(
        app,
        desk.converse,
        secret=chat_secret,
        office_name=desk.services.office.name,
        embed_origins=embed_origins,
    )

    async def refreshing(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(_refresh(desk))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        desk.store.close()

    app.cleanup_ctx.append(refreshing)
    return app


async def _refresh(desk: Desk) -> None:
    """Look for changed knowledge every two seconds; a failing look is logged and tried again."""
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            await asyncio.to_thread(desk.refresh)
        except Exception:
            log.exception("refresh_failed")


def run(
    desk: Desk, *, host: str, port: int, chat_secret: bytes, embed_origins: tuple[str, ...]
) -> None:
    """Serve until stopped. A port in use is one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Không mở được {host}:{port} ({error.strerror}). Đổi cổng bằng HMC_PORT."
            ) from error
    click.echo(f"Hỏi Một Cửa: http://{host}:{port}")
    app = build(desk, chat_secret=chat_secret, embed_origins=embed_origins)
    web.run_app(app, host=host, port=port, print=None)
