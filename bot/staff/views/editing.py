"""The form of a record: what its author types is kept, changed by buttons, and made ready."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.editing.began import DROPPED, MOVED, against
from bot.staff.editing.fields import Tree, act, blank, from_fields, to_fields
from bot.staff.editing.layout import CODE, NODES, SECTIONS, spoken
from bot.staff.editing.records import body_of, choices, cleaned, keyed, read, to_tree, unfinished
from bot.staff.exchange import ROOT
from knowledge.lifecycle import DraftMoved, UnknownRevision
from knowledge.model import PROCEDURE_CODE
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from bot.staff.editing.fields import Node
    from bot.staff.editing.records import Read
    from bot.staff.exchange import Exchange
    from knowledge.lifecycle import Draft, Revision
    from knowledge.store import UnitOfWork

LIST = f"{ROOT}/procedures"
NEW = "new"
"""Stands for the code of a record that has none yet, in the address and with its draft."""
BASE, SAVES = "_base", "_saves"
"""Fields that carry the revision a form began from, and how often its draft was kept."""
THERE = "Mã này đã có trong kho. Anh/chị kiểm tra lại mã, hoặc mở thủ tục đó để sửa."
ADOPT_FIRST = "Thủ tục này mới có bản nhập về. Anh/chị bấm «Nhận về sửa tiếp» rồi sửa."
KEPT = "Đã lưu nháp lúc {at}. Người dân chưa thấy."


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One form on somebody's desk: whose record, what stands in it, what it began from."""

    code: str
    tree: Tree
    base: int = 0
    saves: int = 0

    @property
    def is_new(self) -> bool:
        """True for a record that has no code yet."""
        return self.code == NEW

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What the form asks."""
        return (CODE, *NODES) if self.is_new else NODES

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form carries without showing it."""
        return [(BASE, str(self.base)), (SAVES, str(self.saves))]


def code_of(exchange: Exchange) -> str:
    """The record's code out of the address. 404 for what is none."""
    code = exchange.request.match_info.get("code", NEW)
    if code != NEW and not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound
    return code


def sheet_of(draft: Draft) -> Sheet:
    """The form of a draft."""
    sheet = Sheet(code=draft.code, tree={}, base=draft.base, saves=draft.saves)
    return replace(sheet, tree=to_tree(draft.body, sheet.nodes))


def read_sheet(sheet: Sheet) -> Read:
    """The record of a form, or what is wrong with it."""
    return read(sheet.tree, code=None if sheet.is_new else sheet.code)


def _sent(exchange: Exchange) -> Sheet:
    """The form as it was sent."""
    numbers = {
        name: int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        for name in (BASE, SAVES)
        for text in (exchange.sent(name),)
    }
    sheet = Sheet(code=code_of(exchange), tree={}, base=numbers[BASE], saves=numbers[SAVES])
    tree = cleaned(from_fields(exchange.fields, sheet.nodes), sheet.nodes)
    return replace(sheet, tree=tree)


async def show(exchange: Exchange) -> web.StreamResponse:
    """The form: what its author was typing, else what is in force."""
    code, me = code_of(exchange), exchange.me.login

    def look(work: UnitOfWork) -> tuple[Draft | None, list[Revision]]:
        history = [] if code == NEW else work.revisions.history(code)
        return work.revisions.draft(code, me), history

    draft, history = await exchange.work(look)
    if draft is not None:
        at = f"{draft.updated_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
        return await _page(exchange, sheet_of(draft), resumed=at)
    if code == NEW:
        sheet = Sheet(code=code, tree={})
        tree = blank(sheet.nodes)
        tree["source"]["checked_on"] = f"{exchange.today:%d/%m/%Y}"
        return await _page(exchange, replace(sheet, tree=tree))
    current = next((each for each in history if each.state == "in_force"), None)
    if current is None:
        if not history:
            raise web.HTTPNotFound
        return await exchange.go(f"{LIST}/{code}", ADOPT_FIRST)
    tree = to_tree(body_of(current.procedure))
    return await _page(exchange, Sheet(code=code, tree=tree, base=current.number))


async def send(exchange: Exchange) -> web.StreamResponse:
    """A button of the form: keep, look over, drop, or change the form itself."""
    do = exchange.sent("do")
    sheet = _sent(exchange)
    if do == "drop":
        return await _drop(exchange, sheet)
    if do == "review":
        return await _ready(exchange, sheet)
    acted = act(sheet.tree, NODES, do)
    keyed(acted.tree)
    kept = await _keep(exchange, sheet, unfinished(sheet.tree, sheet.nodes))
    if not isinstance(kept, Sheet):
        return await _moved_page(exchange, sheet, kept)
    if do == "save":
        at = f"{exchange.now.astimezone(VIETNAM):%H:%M}"
        return await exchange.go(f"{LIST}/{sheet.code}/edit", KEPT.format(at=at))
    return await _page(exchange, kept, focus=acted.focus)


async def keep(exchange: Exchange) -> web.StreamResponse:
    """Keep a form while it is typed; the answer is said beside the button."""
    sheet = _sent(exchange)
    if not exchange.sent_all(SAVES):
        return web.json_response({"said": "", "saves": 0})
    kept = await _keep(exchange, sheet, unfinished(sheet.tree, sheet.nodes))
    if not isinstance(kept, Sheet):
        said = MOVED if kept else DROPPED
        return web.json_response({"said": said, "saves": sheet.saves}, status=409)
    at = f"{exchange.now.astimezone(VIETNAM):%H:%M}"
    return web.json_response({"said": KEPT.format(at=at), "saves": kept.saves})


async def _keep(exchange: Exchange, sheet: Sheet, body: dict[str, Any]) -> Sheet | Draft | None:
    """The form as it is kept now; else the draft that is there instead, or none (any more)."""
    me, now = exchange.me.login, exchange.now

    def write(work: UnitOfWork) -> Sheet | Draft | None:
        try:
            draft = work.revisions.save(
                sheet.code, me, body, base=sheet.base, expects=sheet.saves, at=now
            )
        except DraftMoved as moved:
            if moved.stored.body != body:
                return moved.stored
            draft = moved.stored
        except UnknownRevision:
            return None
        return replace(sheet, base=draft.base, saves=draft.saves)

    return await exchange.work(write)


async def _drop(exchange: Exchange, sheet: Sheet) -> web.StreamResponse:
    code = sheet.code
    there = await exchange.work(lambda work: drop(work, exchange, code))
    path = f"{LIST}/{code}" if there else LIST
    return await exchange.go(path, "Đã bỏ bản nháp của anh/chị; bản đang dùng còn nguyên.")


def drop(work: UnitOfWork, exchange: Exchange, code: str) -> bool:
    """Throw my draft away; True when the record itself is there."""
    me = exchange.me.login
    there = code != NEW and bool(work.revisions.history(code))
    if work.revisions.draft(code, me) is not None:
        work.revisions.discard(code, me)
        work.audit.record(me, "procedure.discard", f"procedure:{code}", None, None, at=exchange.now)
    return there


async def _ready(exchange: Exchange, sheet: Sheet) -> web.StreamResponse:
    """Keep the form without what is empty in it, and show what it would change."""
    found = read_sheet(sheet)
    tidy = replace(sheet, tree=found.tree)
    kept = await _keep(exchange, sheet, found.body)
    if not isinstance(kept, Sheet):
        return await _moved_page(exchange, sheet, kept)
    problems = found.problems
    if sheet.is_new and found.record is not None:
        code = found.record.code
        if await exchange.work(lambda work: _named(work, exchange, code, found.body)):
            return await exchange.go(f"{LIST}/{code}/draft")
        problems = {"code": THERE}
    if problems:
        return await _page(exchange, replace(kept, tree=tidy.tree), problems=problems)
    return await exchange.go(f"{LIST}/{sheet.code}/draft")


def _named(work: UnitOfWork, exchange: Exchange, code: str, body: dict[str, Any]) -> bool:
    """Carry a new record's draft over to its code; False when there is such a record."""
    me = exchange.me.login
    if work.revisions.history(code) or work.revisions.draft(code, me):
        return False
    work.revisions.save(code, me, body, base=0, expects=0, at=exchange.now)
    work.revisions.discard(NEW, me)
    return True


async def _moved_page(exchange: Exchange, sheet: Sheet, stored: Draft | None) -> web.StreamResponse:
    """My draft was kept, handed in or dropped from another window: nothing is written over."""
    mine = replace(sheet, base=stored.base if stored else sheet.base)
    mine = replace(mine, saves=stored.saves if stored else 0)
    return await exchange.page(
        "moved.html",
        status=409,
        sheet=sheet,
        stored=stored,
        changes=against(sheet_of(stored).tree, sheet.tree, sheet.nodes) if stored else (),
        fields=[*mine.hidden, *to_fields(sheet.tree, sheet.nodes)],
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
    me = exchange.me.login

    def look(work: UnitOfWork) -> dict[str, Any]:
        code = sheet.code
        drafts = [] if sheet.is_new else work.revisions.drafts(code=code)
        return {
            "known_fields": work.register.fields(),
            "successor": work.register.successor(code),
            "others": [each for each in drafts if each.author != me],
            "waiting": work.revisions.waiting(code=code),
        }

    return await exchange.page(
        "edit.html",
        status=422 if problems else 200,
        sheet=sheet,
        code_field=CODE,
        sections=SECTIONS,
        choices=choices(sheet.tree),
        problems=problems,
        where=[(path, spoken(path), said) for path, said in problems.items()],
        focus=focus,
        resumed=resumed,
        **await exchange.work(look),
    )
