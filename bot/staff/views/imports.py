"""Bringing in: a file is uploaded, read beside the page, shown, and written as drafts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.imports import Import, State
from bot.staff.rendering import Paging
from knowledge.accounts import OFFICIALS
from knowledge.importing import PLANS, Plan

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange

PATH = f"{ROOT}/import"
MOST_FILE = 48 * 1024 * 1024
"""Bytes of an upload; the portal's whole list has five million."""
SEVERITIES = {"rejected": "bỏ", "doubtful": "ngờ"}
STATES = {
    State.READING: "đang đọc",
    State.REFUSED: "không nhập được",
    State.READY: "chờ anh/chị xem",
    State.WRITING: "đang ghi",
    State.WRITTEN: "đã ghi",
}
SOON = 0.7
"""Seconds in which a small file is read, so that its preview comes at once."""


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """The form, and the files that were brought in during the last days."""
    return await _form(exchange)


async def take(exchange: Exchange) -> web.StreamResponse:
    """Take a file and begin to read it."""
    found = exchange.files.get("file")
    if found is None or not found.filename:
        return await _form(exchange, status=422, problem="Anh/chị chọn một tệp.")
    taken = await exchange.site.imports.take(
        found.filename,
        found.file,
        author=exchange.me.login,
        today=exchange.today,
        at=exchange.now,
    )
    return await exchange.go(f"{PATH}/{taken.id}")


async def show(exchange: Exchange) -> web.StreamResponse:
    """How far it is, then what would change, field by field, and what is wrong in which row."""
    found = await _import(exchange)
    if found.busy and found.work is not None:
        await asyncio.wait([found.work], timeout=SOON)
    preview = found.preview if not found.busy else None
    plan = Plan(exchange.asked("plan")) if exchange.asked("plan") in set(Plan) else None
    rows = [each for each in preview.rows if plan in (None, each.plan)] if preview else []
    paging = Paging(page=exchange.number("page"), total=len(rows))
    findings = preview.findings if preview else ()
    notes = Paging(page=exchange.number("notes"), total=len(findings))
    return await exchange.page(
        "import.html",
        found=found,
        preview=preview,
        done=found.progress(),
        rows=rows[paging.offset : paging.offset + paging.per_page],
        paging=paging,
        findings=findings[notes.offset : notes.offset + notes.per_page],
        notes=notes,
        plan=plan,
        plans=PLANS,
        severities=SEVERITIES,
        states=STATES,
        may=bool(OFFICIALS & exchange.me.roles),
        State=State,
    )


async def act(exchange: Exchange) -> web.StreamResponse:
    """Write it, plan it again with or without what people edited, or forget it."""
    found, imports = await _import(exchange), exchange.site.imports
    path = f"{PATH}/{found.id}"
    if found.busy:
        return await exchange.go(path, "Tệp này đang được xử lý, anh/chị đợi một chút.")
    match exchange.sent("step"):
        case "write" if found.state is State.READY:
            await imports.write(found, author=exchange.me.login, at=exchange.now)
        case "overwrite" | "keep" as step if found.state is State.READY:
            await imports.reread(found, overwrite=step == "overwrite")
        case "drop":
            await imports.drop(found)
            return await exchange.go(PATH, f"Đã bỏ tệp {found.name}, chưa ghi gì từ đó.")
        case _:
            pass
    return await exchange.go(path)


async def _import(exchange: Exchange) -> Import:
    number = exchange.request.match_info["import"]
    found = await exchange.site.imports.get(number, exchange.today)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _form(exchange: Exchange, *, status: int = 200, problem: str = "") -> web.StreamResponse:
    return await exchange.page(
        "imports.html",
        status=status,
        imports=await exchange.site.imports.all(),
        states=STATES,
        problem=problem,
        megabytes=MOST_FILE >> 20,
        may=bool(OFFICIALS & exchange.me.roles),
    )
