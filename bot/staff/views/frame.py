"""What belongs to no page: the stylesheet, and addresses that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.rendering import HERE

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange

SCRIPT = "text/javascript; charset=utf-8"
ASSETS = {
    "staff.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "inbox.js": SCRIPT,
    "edit.js": SCRIPT,
    "replay.js": SCRIPT,
    "again.js": SCRIPT,
}


async def asset(exchange: Exchange) -> web.StreamResponse:
    """A file of the frame."""
    name = exchange.request.match_info["name"]
    if name not in ASSETS:
        raise web.HTTPNotFound
    kept = {"Content-Type": ASSETS[name], "Cache-Control": "no-cache"}
    return web.FileResponse(HERE / "static" / name, headers=kept)


async def to_home(_exchange: Exchange) -> web.StreamResponse:
    """The address as people type it."""
    raise web.HTTPFound(f"{ROOT}/")


async def nothing_here(_exchange: Exchange) -> web.StreamResponse:
    """No such page."""
    raise web.HTTPNotFound
