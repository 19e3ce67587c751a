"""Review by date: what must be looked at again, and «đã kiểm tra lại hôm nay» in one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.rendering import Paging
from knowledge.accounts import OFFICIALS
from knowledge.lifecycle import AlreadyInReview, NoChange
from knowledge.model import PROCEDURE_CODE
from knowledge.review import FLAGS, Flag, weekly_summary

if TYPE_CHECKING:
    from datetime import date

    from bot.staff.exchange import Exchange
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork

PATH = f"{ROOT}/review"
REASON = "đã kiểm tra lại, nội dung không đổi"
URGENT = (Flag.OVERDUE, Flag.DUE)


async def show(exchange: Exchange) -> web.StreamResponse:
    """The worklist, what has waited longest first."""
    items = await exchange.site.review.items()
    chosen = [Flag(each) for each in exchange.request.query.getall("flag", []) if each in set(Flag)]
    field = exchange.asked("field")
    found = [
        each
        for each in items or ()
        if set(each.flags) & set(chosen or URGENT) and field in ("", each.procedure.field)
    ]
    paging = Paging(page=exchange.number("page"), total=len(found))
    return await exchange.page(
        "review.html",
        making=items is None,
        items=found[paging.offset : paging.offset + paging.per_page],
        paging=paging,
        flags=FLAGS,
        counts={flag: sum(flag in each.flags for each in items or ()) for flag in Flag},
        chosen=chosen or URGENT,
        field=field,
        fields=sorted({each.procedure.field for each in items or ()}),
        summary=weekly_summary(items or (), today=exchange.today),
        may=bool(OFFICIALS & exchange.me.roles),
        Flag=Flag,
    )


async def checked(exchange: Exchange) -> web.StreamResponse:
    """Say that a record was compared with its source today: one more revision, to be approved."""
    code, who = exchange.request.match_info["code"], exchange.me.login
    if not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound
    now, today = exchange.now, exchange.today

    def write(work: UnitOfWork) -> str:
        found = work.get(code)
        if found is None:
            raise web.HTTPNotFound
        if work.revisions.draft(code, who):
            return f"Anh/chị đang có bản nháp của {code}; sửa ngày kiểm tra trong bản nháp đó."
        day = found.source.checked_on
        again = _checked_on(found, today)
        body = again.model_dump(mode="json", exclude_defaults=True, exclude={"revision"})
        work.revisions.save(code, who, body, base=found.revision, expects=0, at=now)
        work.revisions.submit(code, who, reason=REASON, at=now)
        before, after = {"checked_on": day.isoformat()}, {"checked_on": today.isoformat()}
        work.audit.record(who, "procedure.checked", f"procedure:{code}", before, after, at=now)
        return f"Đã ghi ngày kiểm tra hôm nay cho {code}; người thứ hai duyệt là có hiệu lực."

    try:
        told = await exchange.work(write)
    except AlreadyInReview:
        told = f"{code} đang có một bản sửa chờ duyệt; duyệt xong bản đó rồi hãy ghi."
    except NoChange:
        told = f"{code} đã ghi kiểm tra hôm nay rồi."
    return await exchange.go(PATH, told)


def _checked_on(procedure: Procedure, today: date) -> Procedure:
    """The record as looked at today; a day of its own that has come gives way to the rule."""
    source = procedure.source
    by = source.check_by if source.check_by and source.check_by > today else None
    again = source.model_copy(update={"checked_on": today, "check_by": by})
    return procedure.model_copy(update={"source": again})


async def summary(exchange: Exchange) -> str:
    """The summary of the week for the first page; empty while it is made."""
    items = await exchange.site.review.items(patience=0.0)
    return weekly_summary(items, today=exchange.today) if items is not None else ""
