"""The dashboard: how the service does, in figures and charts, beside the period before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.staff.drawn import charts
from bot.staff.exchange import ROOT
from bot.staff.overview import overview
from bot.staff.tiles import tiles
from bot.staff.views.service.periods import PERIODS, named, period_of

if TYPE_CHECKING:
    from aiohttp import web

    from bot.staff.exchange import Exchange

HOME = f"{ROOT}/figures"


async def show(exchange: Exchange) -> web.StreamResponse:
    """Figures of a period; nonsense in the address is said, and the usual period shown."""
    asked = {name: exchange.asked(name) for name in ("period", "since", "until")}
    period, problem = period_of(asked, exchange.today)
    found = await overview(exchange, period)
    return await exchange.page(
        "figures.html",
        status=422 if problem else 200,
        problem=problem,
        period=period,
        periods=PERIODS,
        tiles=tiles(found),
        charts=charts(found),
        waiting=found.waiting,
        month=f"{named('last-month', exchange.today).since:%Y-%m}",
    )
