"""A draft before it is handed in: what it changes, what it would break, and who was faster."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.editing.began import CHOICE, Overtaken, overtaken
from bot.staff.editing.layout import spoken
from bot.staff.editing.records import body_of
from bot.staff.editing.typed import one_line, plain, read_day
from bot.staff.rehearsal import Rehearsal
from bot.staff.views.editing import LIST, NEW, code_of, drop, read_sheet, sheet_of
from handlers.procedure import card
from knowledge.difference import difference
from knowledge.lifecycle import (
    AlreadyInReview,
    DraftMoved,
    NewerBase,
    NoChange,
    ReasonMissing,
    UnknownRevision,
)
from knowledge.tables import RevisionState

if TYPE_CHECKING:
    from bot.staff.editing.records import Read
    from bot.staff.exchange import Exchange
    from knowledge.lifecycle import Draft, Revision
    from knowledge.store import UnitOfWork

LONGEST_REASON = 300
FARTHEST = timedelta(days=3 * 366)
"""How far ahead a day of effect may lie; beyond it somebody mistyped the year."""
NO_REASON = "Anh/chị ghi vài chữ vì sao sửa, để người duyệt và người sau hiểu."
NO_DAY = "Em chưa hiểu ngày này. Anh/chị gõ như 01/07/2026 (ngày/tháng/năm)."
PAST = "Ngày này đã qua. Anh/chị để trống thì có hiệu lực ngay khi được duyệt."
FAR = "Ngày này xa quá. Anh/chị xem lại năm giúp em."
SAME = "Bản nháp giống hệt bản đang dùng, nên không có gì để gửi duyệt."
GONE = (
    "Thủ tục này không còn bản nào đang dùng: ai đó vừa xoá hoặc bỏ trong lúc anh/chị sửa. "
    "Những gì anh/chị nhập còn nguyên; gửi duyệt thì em đưa lại thủ tục từ bản nháp này."
)
HANDED_IN = "Đã gửi duyệt. Người duyệt thấy ở trang «Chờ duyệt»."
CLASHES = "Đã ghép với bản mới. Chỗ cả hai cùng sửa theo lựa chọn của anh/chị."
MERGED = "Đã ghép với bản mới, không chỗ nào trùng nhau."


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A draft with all that has to be known before it is handed in."""

    draft: Draft
    found: Read
    current: Revision | None
    before: Revision | None
    waiting: Revision | None
    version: int
    overtaken: Overtaken | None = None
    others: list[Draft] = field(default_factory=list)


def _code(exchange: Exchange) -> str:
    """The code of a record that has one; 404 for a new one, which is on its form still."""
    code = code_of(exchange)
    if code == NEW:
        raise web.HTTPNotFound
    return code


def _look(work: UnitOfWork, exchange: Exchange, code: str) -> Desk | None:
    me = exchange.me.login
    draft = work.revisions.draft(code, me)
    if draft is None:
        return None
    history = work.revisions.history(code)
    by_state = {each.state: each for each in reversed(history)}
    current = by_state.get(RevisionState.IN_FORCE)
    before = next((each for each in history if each.number == draft.base), None)
    found = read_sheet(sheet_of(draft))
    desk = Desk(
        draft=draft,
        found=found,
        current=current,
        before=before,
        waiting=by_state.get(RevisionState.IN_REVIEW),
        version=work.version(),
        others=[each for each in work.revisions.drafts(code=code) if each.author != me],
    )
    if current is None or current.number == draft.base:
        return desk
    began = before.procedure if before else current.procedure
    return replace(desk, overtaken=overtaken(began, found.record, current))


async def _desk(exchange: Exchange) -> Desk:
    code = _code(exchange)
    desk = await exchange.work(lambda work: _look(work, exchange, code))
    if desk is None:
        raise web.HTTPNotFound
    return desk


async def show(exchange: Exchange) -> web.StreamResponse:
    """What the draft changes and would break, and the form to hand it in."""
    return await _page(exchange, await _desk(exchange))


async def show_replay(exchange: Exchange) -> web.StreamResponse:
    """The replay alone; the page comes again by itself until there is something to show."""
    desk = await _desk(exchange)
    return await exchange.page(
        "replay.html",
        code=desk.draft.code,
        back=f"{LIST}/{desk.draft.code}/draft",
        trial=_trial(exchange, desk),
    )


def _trial(exchange: Exchange, desk: Desk) -> Rehearsal | None:
    if desk.found.record is None:
        return None
    again = bool(exchange.asked("again"))
    return exchange.site.rehearsals.of(
        desk.found.record, version=desk.version, today=exchange.today, again=again
    )


async def submit(exchange: Exchange) -> web.StreamResponse:
    """Hand the draft in, with a reason and perhaps a day."""
    code, me, now = _code(exchange), exchange.me.login, exchange.now
    desk = await exchange.work(lambda work: _look(work, exchange, code))
    if desk is None:
        return await exchange.go(LIST, "Bản nháp này không còn: đã gửi duyệt hoặc đã bỏ.")
    reason = one_line(plain(exchange.sent("reason")))
    day, wrong = _day(exchange)
    if not reason:
        wrong["reason"] = NO_REASON
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = f"Lý do dài quá {LONGEST_REASON} ký tự. Anh/chị viết ngắn lại giúp em."
    if wrong or desk.found.record is None:
        return await _page(exchange, desk, wrong=wrong, status=422)
    body = body_of(desk.found.record)

    def write(work: UnitOfWork) -> Revision | str:
        try:
            # What was looked over is what is handed in, and nothing typed elsewhere since.
            work.revisions.save(
                code, me, body, base=desk.draft.base, expects=desk.draft.saves, at=now
            )
            done = work.revisions.submit(code, me, reason=reason, at=now, effective_from=day)
        except NoChange:
            return SAME
        except (NewerBase, AlreadyInReview, DraftMoved, ReasonMissing, UnknownRevision):
            return "Có thay đổi mới trong lúc anh/chị xem. Anh/chị xem lại bên dưới rồi gửi lại."
        changes = difference(desk.before.procedure, done.procedure) if desk.before else ()
        after = {"reason": reason, "changes": [str(each) for each in changes][:50]}
        if day:
            after["effective_from"] = f"{day:%d/%m/%Y}"
        target = f"procedure:{code}:{done.number}"
        work.audit.record(me, "procedure.submit", target, None, after, at=now)
        return done

    done = await exchange.work(write)
    if isinstance(done, str):
        return await _page(exchange, await _desk(exchange), problem=done, status=409)
    return await exchange.go(f"{LIST}/{code}/revisions/{done.number}", HANDED_IN)


def _day(exchange: Exchange) -> tuple[date | None, dict[str, str]]:
    """The day of effect, and what is wrong with it."""
    text = one_line(plain(exchange.sent("effective_from")))
    if not text:
        return None, {}
    try:
        day = read_day(text)
    except ValueError:
        return None, {"effective_from": NO_DAY}
    if day < exchange.today:
        return None, {"effective_from": PAST}
    if day > exchange.today + FARTHEST:
        return None, {"effective_from": FAR}
    return day, {}


async def rebase(exchange: Exchange) -> web.StreamResponse:
    """Join the draft with what took force meanwhile; of disputed fields as was chosen."""
    code, me, now = _code(exchange), exchange.me.login, exchange.now

    def write(work: UnitOfWork) -> tuple[str, ...] | None:
        try:
            draft, clashes = work.revisions.rebase(code, me, at=now)
        except UnknownRevision:
            return None
        current = work.get(code)
        theirs = body_of(current) if current else {}
        taken = [name for name in clashes if exchange.sent(CHOICE + name) == "theirs"]
        if taken:
            body = {name: value for name, value in draft.body.items() if name not in taken}
            body |= {name: theirs[name] for name in taken if name in theirs}
            work.revisions.save(code, me, body, base=draft.base, expects=draft.saves, at=now)
        return clashes

    clashes = await exchange.work(write)
    if clashes is None:
        return await exchange.go(LIST, "Bản nháp này không còn: đã gửi duyệt hoặc đã bỏ.")
    return await exchange.go(f"{LIST}/{code}/draft", CLASHES if clashes else MERGED)


async def adopt(exchange: Exchange) -> web.StreamResponse:
    """Take up what an import left, to go on with it."""
    code, me, now = _code(exchange), exchange.me.login, exchange.now

    def write(work: UnitOfWork) -> str:
        try:
            work.revisions.adopt(code, me, at=now)
        except DraftMoved:
            return "Anh/chị đang có bản nháp của thủ tục này. Gửi duyệt hoặc bỏ bản đó trước đã."
        except UnknownRevision:
            return "Bản nhập về này không còn: ai đó đã nhận hoặc bản mới đã thay."
        work.audit.record(me, "procedure.adopt", f"procedure:{code}", None, None, at=now)
        return ""

    problem = await exchange.work(write)
    return await exchange.go(f"{LIST}/{code}{'' if problem else '/edit'}", problem)


async def retire(exchange: Exchange) -> web.StreamResponse:
    """Begin to end a record: a draft whose last day is today, to be handed in like any other."""
    code, me, now, today = _code(exchange), exchange.me.login, exchange.now, exchange.today

    def write(work: UnitOfWork) -> str:
        current = work.get(code)
        if current is None:
            return "Thủ tục này không có bản nào đang dùng."
        if work.revisions.draft(code, me) is not None:
            return (
                "Anh/chị đang có bản nháp của thủ tục này. Anh/chị điền ngày hết hiệu lực vào đó, "
                "hoặc bỏ bản nháp trước đã."
            )
        body = body_of(current) | {"valid_until": (today - timedelta(days=1)).isoformat()}
        if current.valid_from and current.valid_from >= today:
            body.pop("valid_from")
        work.revisions.save(code, me, body, base=current.revision, expects=0, at=now)
        return ""

    problem = await exchange.work(write)
    return await exchange.go(f"{LIST}/{code}{'' if problem else '/draft'}", problem)


async def discard(exchange: Exchange) -> web.StreamResponse:
    """Throw the draft away."""
    code = _code(exchange)
    there = await exchange.work(lambda work: drop(work, exchange, code))
    return await exchange.go(f"{LIST}/{code}" if there else LIST, "Đã bỏ bản nháp.")


async def _page(
    exchange: Exchange,
    desk: Desk,
    *,
    wrong: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> web.StreamResponse:
    record, before = desk.found.record, desk.before
    changes = difference(before.procedure, record) if before and record else ()
    if before and record and not changes and not problem:
        problem = SAME
    services = exchange.site.desk.services
    return await exchange.page(
        "draft.html",
        status=status,
        desk=desk,
        code=desk.draft.code,
        changes=changes,
        reply=card(record, (), services.wording) if record else None,
        where=[(path, spoken(path), said) for path, said in desk.found.problems.items()],
        trial=_trial(exchange, desk),
        choice=CHOICE,
        gone=GONE if desk.current is None and desk.draft.base else "",
        problem=problem,
        wrong=wrong or {},
        reason=exchange.sent("reason"),
        day=exchange.sent("effective_from"),
    )
