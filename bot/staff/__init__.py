"""The officers' and admins' pages under /staff: plain forms, drawn on the server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.jobs import Job
from knowledge.offices import VIETNAM
from knowledge.quality import WEEK, monday_of
from knowledge.uploads import KEPT_FOR

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiohttp import web

    from bot.anchors import Anchors
    from bot.delivery import Delivery
    from bot.desk import Desk
    from bot.sealing import Seal
    from bot.staff.exchange import Outside
    from bot.staff.passwords import Passwords
    from knowledge.store import Store

NOTED_EVERY = 60.0
COUNTED_EVERY = 60.0
SWEPT_EVERY = 3600.0
DRAWN_EVERY = 900.0


def add_routes(
    app: web.Application,
    *,
    desk: Desk,
    delivery: Delivery,
    seal: Seal,
    clock: Callable[[], datetime],
    passwords: Passwords | None = None,
    outside: Outside | None = None,
) -> None:
    """Put the staff pages under ``/staff`` of ``app``; ``passwords`` sets the price of a guess."""
    # The command line also imports this package, and does without a web server.
    from bot.handover import HandoverDesk
    from bot.protection import headers, protect
    from bot.staff.exchange import Outside, Site
    from bot.staff.gate import guarded
    from bot.staff.imports import Imports
    from bot.staff.missed import MissedBoard
    from bot.staff.passwords import Passwords
    from bot.staff.rehearsal import Rehearsals
    from bot.staff.rendering import Pages
    from bot.staff.review import ReviewBoard
    from bot.staff.routes import ROUTES

    # Forms say where they come from only with this policy; «no-referrer» makes it «null».
    added = headers(referrer="same-origin")
    site = Site(
        desk=desk,
        officers=HandoverDesk(delivery),
        seal=seal,
        passwords=passwords or Passwords(),
        pages=Pages(ROUTES),
        clock=clock,
        headers=added,
        missed=MissedBoard(desk.store, clock),
        review=ReviewBoard(desk, lambda: clock().astimezone(VIETNAM).date()),
        imports=Imports(desk.store, clock),
        rehearsals=Rehearsals(desk.store, clock),
        outside=outside or Outside(),
    )
    app.on_cleanup.append(lambda _app: site.imports.close())
    app.on_cleanup.append(site.rehearsals.close)
    protected = protect(added)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, protected(guarded(route, site)))


def jobs(store: Store, anchors: Anchors, clock: Callable[[], datetime]) -> tuple[Job, ...]:
    """What staff pages need by the clock: the audit's head noted, old sessions dropped."""

    def sweep() -> None:
        with store.work() as work:
            work.accounts.sweep(clock())
            work.attempts.sweep(clock())
            work.uploads.sweep(clock() - KEPT_FOR)

    def count() -> None:
        """Count today's figures, and those of days that are over and were not."""
        with store.work() as work:
            days = work.figures.stale(clock())
        for day in days:
            # Each for itself: a year of them must not hold up who writes.
            with store.work() as work:
                work.figures.count(day, at=clock())

    def draw() -> None:
        """Draw last week's questions to be judged, once the week is over."""
        with store.work() as work:
            today = clock().astimezone(VIETNAM).date()
            work.quality.draw(monday_of(today) - WEEK, at=clock())

    return (
        Job(name="draw_sample", every=DRAWN_EVERY, do=lambda: asyncio.to_thread(draw)),
        Job(name="count_figures", every=COUNTED_EVERY, do=lambda: asyncio.to_thread(count)),
        Job(
            name="note_audit", every=NOTED_EVERY, do=lambda: asyncio.to_thread(anchors.note, store)
        ),
        Job(name="sweep_sessions", every=SWEPT_EVERY, do=lambda: asyncio.to_thread(sweep)),
    )
