"""What could not be sent to citizens, and why, for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.staff.words import CHANNELS

if TYPE_CHECKING:
    from aiohttp import web

    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork

MOST = 100


async def show(exchange: Exchange) -> web.StreamResponse:
    """The newest calls that were given up, and what waits. Their text is erased."""

    def read(work: UnitOfWork) -> dict[str, Any]:
        questions, calls = work.queues.waiting()
        return {
            "dead": work.queues.dead(MOST),
            "questions": questions,
            "calls": calls,
            "twice": work.queues.maybe_sent_twice(),
        }

    return await exchange.page(
        "undelivered.html", channels=CHANNELS, most=MOST, **await exchange.work(read)
    )
