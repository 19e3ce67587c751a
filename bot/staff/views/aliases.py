"""One everyday name more for a procedure: in force at once, for a name states no fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.editing.typed import one_line, plain
from bot.staff.exchange import ROOT
from knowledge.model import PROCEDURE_CODE
from knowledge.tables import RevisionState
from knowledge.text import fold, words

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork

LONGEST = 120
"""Characters of an everyday name; longer ones are questions, not names."""
EMPTY = "Anh/chị gõ một tên người dân hay gọi, ví dụ «làm giấy khai sinh»."
TOO_LONG = "Tên này dài {count} ký tự, nhiều nhất {most}. Anh/chị gõ ngắn như người dân nói."
TAKEN = (
    "«{alias}» đang là tên của thủ tục {title} ({code}). Thêm vào đây nữa thì trợ lý phải hỏi lại "
    "người dân. Nếu đúng ý anh/chị, bấm «Vẫn thêm»."
)
KNOWN = "Thủ tục này đã có tên «{alias}»."
ADDED = "Đã thêm tên «{alias}». Vài giây nữa người dân hỏi như vậy sẽ thấy thủ tục này."
ADDED_TO_DRAFT = "Đã thêm tên «{alias}» vào bản nháp. Có hiệu lực khi bản nháp được duyệt."


async def show(exchange: Exchange) -> web.StreamResponse:
    """The page with one field, for those who come by the address or by a link."""
    return await _page(exchange, await _record(exchange))


async def add(exchange: Exchange) -> web.StreamResponse:
    """Add the name, after a question when another procedure has it."""
    record = await _record(exchange)
    alias = one_line(plain(exchange.raw("alias")))
    problem = ""
    if not words(alias):
        problem = EMPTY
    elif len(alias) > LONGEST:
        problem = TOO_LONG.format(count=f"{len(alias):,}".replace(",", "."), most=LONGEST)
    elif _key(alias) in map(_key, record.aliases):
        return await exchange.go(_address(record), KNOWN.format(alias=alias))
    if problem:
        return await _page(exchange, record, alias=alias, problem=problem)
    if not exchange.sent("sure") and (other := _owner(exchange, record, alias)):
        question = TAKEN.format(alias=alias, title=other.title, code=other.code)
        return await _page(exchange, record, alias=alias, problem=question, taken=True)
    in_force = await exchange.work(lambda work: _teach(work, exchange, record.code, alias))
    said = ADDED if in_force else ADDED_TO_DRAFT
    return await exchange.go(_address(record), said.format(alias=alias))


def _teach(work: UnitOfWork, exchange: Exchange, code: str, alias: str) -> bool:
    """Add the name to what is in force and to what waits. False when nothing is in force."""
    work.alone()
    me, now = exchange.me.login, exchange.now
    waiting = next(
        (r for r in work.revisions.history(code) if r.state is RevisionState.DRAFT), None
    )
    taught = work.teach(code, alias, author=me, at=now)
    if waiting is not None and alias not in waiting.procedure.aliases:
        # Publishing replaces the draft; a colleague's work must outlive a name.
        names = (*waiting.procedure.aliases, alias)
        work.write(
            waiting.procedure.model_copy(update={"aliases": names}),
            publish=False,
            author=waiting.author,
            reason=waiting.reason,
            at=waiting.created_at,
            over_confirmed=True,
        )
    work.audit.record(me, "procedure.alias", f"procedure:{code}", None, {"alias": alias}, at=now)
    return taught is not None


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in words(phrase))


def _owner(exchange: Exchange, record: Procedure, alias: str) -> Procedure | None:
    """Another procedure that is called so already."""
    key = _key(alias)
    for each in exchange.site.desk.services.index.procedures.values():
        names = (each.title, *each.aliases)
        if each.code != record.code and any(_key(name) == key for name in names):
            return each
    return None


async def _record(exchange: Exchange) -> Procedure:
    code = exchange.request.match_info["code"]
    if not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound

    def look(work: UnitOfWork) -> Procedure | None:
        return work.get(code) or work.get(code, RevisionState.DRAFT)

    record = await exchange.work(look)
    if record is None:
        raise web.HTTPNotFound
    return record


def _address(record: Procedure) -> str:
    return f"{ROOT}/procedures/{record.code}"


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
