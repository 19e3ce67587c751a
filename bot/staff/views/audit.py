"""The audit, for admins: who did what, found by filters and taken along as CSV."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from bot.staff.rendering import PER_PAGE
from bot.staff.words import ACTIONS, when
from knowledge.audit import Entry, Filter
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork

BATCH = 1000
HEADER = ("Số", "Lúc", "Ai", "Việc", "Đối tượng", "Trước", "Sau")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    # Excel takes UTF-8 for what it is only after this mark.
    await response.write("\ufeff".encode() + _lines([HEADER]))
    before: int | None = None

    def read(work: UnitOfWork) -> list[Entry]:
        return work.audit.entries(wanted, before=before, limit=BATCH)

    while True:
        entries = await exchange.work(read)
        if entries:
            await response.write(await asyncio.to_thread(_lines, map(_cells, entries)))
        if len(entries) < BATCH:
            break
        before = entries[-1].id
    await response.write_eof()
    return response


def _wanted(exchange: Exchange) -> Filter:
    last = _day(exchange.asked("until"))
    return Filter(
        actor=exchange.asked("actor"),
        action=exchange.asked("action"),
        target=exchange.asked("target"),
        since=_day(exchange.asked("since")),
        until=last + timedelta(days=1) if last else None,
    )


def _day(text: str) -> datetime | None:
    """The beginning of a day in Vietnam; nonsense is no filter."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # At the ends of the calendar neither the next day nor UTC can be reckoned.
    return datetime.combine(found, time(), VIETNAM) if 1900 < found.year < 9000 else None


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


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: Iterable[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue().encode()
