"""One everyday name more for a procedure: in force at once, for a name states no fact."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.editing.typed import one_line, plain
from bot.staff.exchange import ROOT
from bot.teaching import Lesson, Stealing, Unreached, Unteachable, checked, teach
from knowledge.model import PROCEDURE_CODE
from knowledge.store import Write

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork

SURE = " Nếu đúng ý anh/chị, bấm «Vẫn thêm»; khi đó trợ lý có thể phải hỏi lại người dân."
KNOWN = "Thủ tục này đã có tên «{alias}»."
ADDED = "Đã thêm tên «{alias}». Vài giây nữa người dân hỏi như vậy sẽ thấy thủ tục này."


async def show(exchange: Exchange) -> web.StreamResponse:
    """The page with one field, for those who come by the address or by a link."""
    return await _page(exchange, await _record(exchange))


async def add(exchange: Exchange) -> web.StreamResponse:
    """Add the name, after a question when it would take something from another procedure."""
    record, me, now = await _record(exchange), exchange.me.login, exchange.now
    alias = one_line(plain(exchange.raw("alias")))
    sure = bool(exchange.sent("sure"))
    try:
        written = await asyncio.to_thread(_teach, exchange, record.code, alias, sure=sure)
    except (Stealing, Unreached) as refused:
        return await _page(exchange, record, alias=alias, problem=f"{refused}{SURE}", taken=True)
    except Unteachable as refused:
        return await _page(exchange, record, alias=alias, problem=str(refused))
    path = f"{ROOT}/procedures/{record.code}"
    if written is Write.UNCHANGED:
        return await exchange.go(path, KNOWN.format(alias=alias))
    target = f"procedure:{record.code}"
    await exchange.work(
        lambda work: work.audit.record(
            me, "procedure.alias", target, None, {"alias": alias}, at=now
        )
    )
    return await exchange.go(path, ADDED.format(alias=alias))


def _teach(exchange: Exchange, code: str, alias: str, *, sure: bool) -> Write | None:
    desk, me, now = exchange.site.desk, exchange.me.login, exchange.now
    if not sure:
        lesson = Lesson(code=code, phrase=alias, author=me)
        return teach(desk.store, lesson, at=now, today=exchange.today, known=desk.known)
    said = checked(alias)
    with desk.store.work() as work:
        return work.teach(code, said, author=me, at=now)


async def _record(exchange: Exchange) -> Procedure:
    code = exchange.request.match_info["code"]
    if not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound

    def look(work: UnitOfWork) -> Procedure | None:
        return work.get(code)

    record = await exchange.work(look)
    if record is None:
        raise web.HTTPNotFound
    return record


async def _page(
    exchange: Exchange,
    record: Procedure,
    *,
    alias: str = "",
    problem: str = "",
    taken: bool = False,
) -> web.StreamResponse:
    return await exchange.page(
        "alias.html",
        status=422 if problem else 200,
        record=record,
        alias=alias,
        problem=problem,
        taken=taken,
    )
