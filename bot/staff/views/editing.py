"""The form of a record: open, change without a script, keep while typing, save as a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.editing.began import BEGAN, CHOICE, Clash, brought, carried, clash, newest, same
from bot.staff.editing.fields import Tree, act, blank, from_fields, to_fields
from bot.staff.editing.layout import CODE, NODES, SECTIONS, spoken
from bot.staff.editing.records import Read, choices, cleaned, keyed, read, to_tree
from bot.staff.editing.typed import one_line, plain
from bot.staff.exchange import ROOT
from knowledge.difference import difference
from knowledge.model import PROCEDURE_CODE, Procedure
from knowledge.offices import VIETNAM
from knowledge.store import Write

if TYPE_CHECKING:
    from bot.staff.editing.fields import Node
    from bot.staff.exchange import Exchange
    from knowledge.revisions import Revision
    from knowledge.store import UnitOfWork
    from knowledge.unfinished import Kept

LIST = f"{ROOT}/procedures"
NEW = "new"
"""Stands in the address for the code of a record that has none yet."""
LONGEST_REASON = 300
GONE = (
    "Thủ tục này không còn trong kho: ai đó vừa xoá trong lúc anh/chị sửa. Những gì anh/chị nhập "
    "còn nguyên ở dưới. Bấm «Lưu bản nháp» lần nữa thì em tạo lại từ những gì đang có ở đây."
)
THERE = "Mã này đã có trong kho. Anh/chị kiểm tra lại mã, hoặc mở thủ tục đó để sửa."
NO_REASON = "Anh/chị ghi vài chữ vì sao sửa, để người duyệt và người sau hiểu."
RESUMED = "Đây là phần anh/chị đang sửa dở, giữ lại lúc {at}. Chưa lưu thành bản nháp."


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One form on somebody's desk: whose record, what stands in it, what it began from."""

    code: str
    tree: Tree
    base: Procedure | None
    reason: str = ""

    @property
    def is_new(self) -> bool:
        """True for a record that has no code yet."""
        return self.code == NEW


def _code(exchange: Exchange) -> str:
    """The record's code out of the address. 404 for what is none."""
    code = exchange.request.match_info.get("code", NEW)
    if code != NEW and not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound
    return code


def _nodes(code: str) -> tuple[Node, ...]:
    return (CODE, *NODES) if code == NEW else NODES


def _sheet(exchange: Exchange, fields: tuple[tuple[str, str], ...]) -> Sheet:
    """The form as it was sent or kept."""
    code = _code(exchange)
    nodes = _nodes(code)
    first = dict(reversed(fields))
    return Sheet(
        code=code,
        tree=cleaned(from_fields(fields, nodes), nodes),
        base=brought(first.get(BEGAN, ""), exchange.site.seal),
        reason=one_line(plain(first.get("reason", ""))),
    )


async def show(exchange: Exchange) -> web.StreamResponse:
    """The form: what its author was typing, else the newest revision."""
    code, me = _code(exchange), exchange.me.id

    def look(work: UnitOfWork) -> tuple[Revision | None, Kept | None]:
        current = None if code == NEW else newest(work.revisions.history(code))
        return current, work.unfinished.get(me, f"procedure:{code}")

    current, kept = await exchange.work(look)
    if kept is not None:
        sheet = _sheet(exchange, kept.fields)
        if not _finished(sheet, current):
            at = f"{kept.at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
            return await _page(exchange, sheet, resumed=RESUMED.format(at=at))
    if code == NEW:
        tree = blank(_nodes(code))
        tree["source"]["checked_on"] = f"{exchange.today:%d/%m/%Y}"
        return await _page(exchange, Sheet(code=code, tree=tree, base=None))
    if current is None:
        raise web.HTTPNotFound
    record = current.procedure
    return await _page(exchange, Sheet(code=code, tree=to_tree(record), base=record))


def _finished(sheet: Sheet, current: Revision | None) -> bool:
    """True when what is kept states nothing that is not stored already."""
    if current is None or sheet.is_new:
        return False
    found = read(sheet.tree, code=sheet.code).record
    return found is not None and same(found, current.procedure)


async def send(exchange: Exchange) -> web.StreamResponse:
    """A button of the form: save, drop, or change the form itself."""
    do = exchange.sent("do")
    sheet = _chosen(exchange, _sheet(exchange, exchange.fields))
    if do == "drop":
        return await _drop(exchange, sheet)
    if do == "save":
        return await _save(exchange, sheet)
    acted = act(sheet.tree, NODES, do)
    keyed(acted.tree)
    await _keep(exchange, sheet)
    return await _page(exchange, sheet, focus=acted.focus)


async def keep(exchange: Exchange) -> web.StreamResponse:
    """Keep a form while it is typed; the answer is said beside the button."""
    if exchange.fields:
        await _keep(exchange, _sheet(exchange, exchange.fields))
    at = f"{exchange.now.astimezone(VIETNAM):%H:%M}"
    return web.Response(text=f"Đã giữ phần đang sửa lúc {at}. Chưa lưu thành bản nháp.")


async def _keep(exchange: Exchange, sheet: Sheet) -> None:
    me, now = exchange.me.id, exchange.now
    fields = _carried_on(exchange, sheet)
    await exchange.work(
        lambda work: work.unfinished.keep(me, f"procedure:{sheet.code}", fields, at=now)
    )


def _carried_on(exchange: Exchange, sheet: Sheet) -> list[tuple[str, str]]:
    """Everything a form holds but its proof."""
    return [
        (BEGAN, carried(sheet.base, exchange.site.seal)),
        ("reason", sheet.reason),
        *to_fields(sheet.tree, _nodes(sheet.code)),
    ]


async def _drop(exchange: Exchange, sheet: Sheet) -> web.StreamResponse:
    me, code = exchange.me.id, sheet.code
    await exchange.work(lambda work: work.unfinished.drop(me, f"procedure:{code}"))
    return await exchange.go(
        LIST if sheet.is_new else f"{LIST}/{code}", "Đã bỏ phần đang sửa dở; bản đã lưu còn nguyên."
    )


def _chosen(exchange: Exchange, sheet: Sheet) -> Sheet:
    """The form with a colleague's version of the fields where it was preferred."""
    if sheet.base is None:
        return sheet
    theirs = to_tree(sheet.base)
    taken = {name: theirs[name] for name in theirs if exchange.sent(CHOICE + name) == "theirs"}
    return Sheet(code=sheet.code, tree=sheet.tree | taken, base=sheet.base, reason=sheet.reason)


async def _save(exchange: Exchange, sheet: Sheet) -> web.StreamResponse:
    found = read(sheet.tree, code=None if sheet.is_new else sheet.code)
    problems = dict(found.problems)
    if not sheet.reason:
        problems["reason"] = NO_REASON
    elif len(sheet.reason) > LONGEST_REASON:
        problems["reason"] = f"Lý do dài quá {LONGEST_REASON} ký tự. Anh/chị viết ngắn lại giúp em."
    if found.record is None or problems:
        return await _refused(exchange, sheet, found, problems)
    outcome = await _write(exchange, sheet, found.record)
    if isinstance(outcome, Clash):
        return await _clash_page(exchange, sheet, outcome)
    # Also a Write is a str, by its value.
    if not isinstance(outcome, Write):
        problems = {"code": outcome} if sheet.is_new else {"": outcome}
        again = Sheet(code=sheet.code, tree=sheet.tree, base=None, reason=sheet.reason)
        return await _refused(exchange, again, found, problems)
    return await _saved(exchange, found.record.code, outcome)


async def _write(exchange: Exchange, sheet: Sheet, record: Procedure) -> Write | Clash | str:
    """Write the draft, unless somebody was faster; all in one transaction."""
    me, now, code = exchange.me, exchange.now, record.code

    def write(work: UnitOfWork) -> Write | Clash | str:
        work.alone()
        current = newest(work.revisions.history(code))
        if sheet.is_new and current is not None:
            return THERE
        if current is None and sheet.base is not None:
            return GONE
        known = [each for each in (sheet.base, record) if each is not None]
        if current and not any(same(each, current.procedure) for each in known):
            return clash(sheet.base, record, current)
        written = work.write(
            record,
            publish=False,
            author=me.login,
            reason=sheet.reason,
            at=now,
            # A draft takes nothing from the record in force, confirmed or not.
            over_confirmed=True,
        )
        work.unfinished.drop(me.id, f"procedure:{sheet.code}")
        if written in (Write.CREATED, Write.UPDATED):
            _note(work, exchange, current, record, sheet.reason)
        return written

    return await exchange.work(write)


def _note(
    work: UnitOfWork,
    exchange: Exchange,
    current: Revision | None,
    record: Procedure,
    reason: str,
) -> None:
    """The change in the audit, field by field, as it is told on the page."""
    changes = difference(current.procedure, record) if current else ()
    after = {"reason": reason, "changes": [str(change) for change in changes][:50]}
    work.audit.record(
        exchange.me.login,
        "procedure.draft",
        f"procedure:{record.code}",
        None,
        after,
        at=exchange.now,
    )


async def _saved(exchange: Exchange, code: str, written: Write) -> web.StreamResponse:
    if written is Write.UNCHANGED:
        return await exchange.go(
            f"{LIST}/{code}", "Nội dung giống hệt bản đã có, nên em không tạo bản nháp mới."
        )
    history = await exchange.work(lambda work: work.revisions.history(code))
    current = newest(history)
    return await exchange.go(
        f"{LIST}/{code}?revision={current.number if current else 0}",
        "Đã lưu bản nháp. Người dân vẫn thấy bản đang dùng cho tới khi bản nháp được duyệt.",
    )


async def _refused(
    exchange: Exchange, sheet: Sheet, found: Read, problems: dict[str, str]
) -> web.StreamResponse:
    shown = Sheet(code=sheet.code, tree=found.tree, base=sheet.base, reason=sheet.reason)
    await _keep(exchange, shown)
    return await _page(exchange, shown, problems=problems)


async def _clash_page(exchange: Exchange, sheet: Sheet, found: Clash) -> web.StreamResponse:
    merged = Sheet(
        code=sheet.code,
        tree=to_tree(found.merged),
        base=found.theirs.procedure,
        reason=sheet.reason,
    )
    await _keep(exchange, merged)
    return await exchange.page(
        "clash.html",
        status=409,
        code=sheet.code,
        clash=found,
        record=found.merged,
        choice=CHOICE,
        fields=_carried_on(exchange, merged),
    )


async def _page(
    exchange: Exchange,
    sheet: Sheet,
    *,
    problems: dict[str, str] | None = None,
    focus: str = "",
    resumed: str = "",
) -> web.StreamResponse:
    problems = problems or {}

    def look(work: UnitOfWork) -> tuple[list[str], tuple[str, str] | None]:
        return work.revisions.fields(), work.revisions.successor(sheet.code)

    known, successor = await exchange.work(look)
    return await exchange.page(
        "edit.html",
        status=422 if problems else 200,
        sheet=sheet,
        code_field=CODE,
        sections=SECTIONS,
        choices=choices(sheet.tree),
        began=carried(sheet.base, exchange.site.seal),
        began_name=BEGAN,
        problems=problems,
        where=[(path, spoken(path), said) for path, said in problems.items()],
        focus=focus,
        resumed=resumed,
        successor=successor,
        known_fields=known,
    )
