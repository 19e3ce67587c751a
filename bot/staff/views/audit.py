"""The audit, for admins: who did what, found by filters and taken along as CSV."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.staff.rendering import PER_PAGE
from bot.staff.sheets import MARK, csv_lines
from bot.staff.words import ACTIONS, day_begins, read_day, when
from knowledge.audit import Entry, Filter
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from aiohttp import web

    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork

BATCH = 1000
HEADER = ("Số", "Lúc", "Ai", "Việc", "Đối tượng", "Trước", "Sau")


async def show(exchange: Exchange) -> web.StreamResponse:
    """Rows, the newest first."""
    wanted, before = _wanted(exchange), exchange.number("before", 0) or None

    def read(work: UnitOfWork) -> dict[str, Any]:
        entries = work.audit.entries(wanted, before=before, limit=PER_PAGE + 1)
        return {
            "entries": entries[:PER_PAGE],
            "older": entries[PER_PAGE - 1].id if len(entries) > PER_PAGE else 0,
            "total": work.audit.count(wanted),
            "known": work.audit.actions(),
            "people": [account.login for account in work.accounts.all()],
            "head": work.audit.head(),
        }

    return await exchange.page(
        "audit.html",
        words=ACTIONS,
        wanted=wanted,
        since=exchange.asked("since"),
        until=exchange.asked("until"),
        **await exchange.work(read),
    )


async def export(exchange: Exchange) -> web.StreamResponse:
    """All rows of a filter as CSV for Excel, batch by batch; the export itself is recorded."""
    wanted, now, admin = _wanted(exchange), exchange.now, exchange.me.login
    asked = {name: value for name, value in exchange.request.query.items() if value}
    await exchange.work(
        lambda work: work.audit.record(admin, "audit.export", "audit", None, asked, at=now)
    )
    name = f"nhat-ky-{now.astimezone(VIETNAM):%Y%m%d}.csv"
    response = await exchange.download(name, "text/csv")
    await response.write(MARK + csv_lines([HEADER]))
    before: int | None = None

    def read(work: UnitOfWork) -> list[Entry]:
        return work.audit.entries(wanted, before=before, limit=BATCH)

    while True:
        entries = await exchange.work(read)
        if entries:
            await response.write(await asyncio.to_thread(csv_lines, map(_cells, entries)))
        if len(entries) < BATCH:
            break
        before = entries[-1].id
    await response.write_eof()
    return response


def _wanted(exchange: Exchange) -> Filter:
    since, last = read_day(exchange.asked("since")), read_day(exchange.asked("until"))
    return Filter(
        actor=exchange.asked("actor"),
        action=exchange.asked("action"),
        target=exchange.asked("target"),
        since=day_begins(since) if since else None,
        until=day_begins(last + timedelta(days=1)) if last else None,
    )


def _cells(entry: Entry) -> tuple[str, ...]:
    states = (
        json.dumps(each, ensure_ascii=False) if each is not None else ""
        for each in (entry.before, entry.after)
    )
    return (
        str(entry.id),
        when(entry.at),
        entry.actor,
        ACTIONS.get(entry.action, entry.action),
        entry.target,
        *states,
    )
