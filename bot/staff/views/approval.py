"""What waits for a second person: the list, one revision with its differences, the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.editing.typed import one_line, plain
from bot.staff.views.editing import LIST, code_of
from bot.staff.views.procedures import APPROVERS, EDITORS, STATES
from handlers.procedure import card
from knowledge.difference import difference
from knowledge.history import WAITING
from knowledge.lifecycle import (
    NewerBase,
    NoChange,
    NotWaiting,
    NotYours,
    OwnWork,
    ReasonMissing,
    Revision,
    RevisionError,
    UnknownRevision,
)
from knowledge.tables import RevisionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.staff.exchange import Exchange
    from bot.staff.rehearsal import Rehearsal
    from knowledge.store import UnitOfWork

LISTED = 50
"""Revisions of a list; what was handed in first is decided first, and the rest moves up."""
SHOWN_WITHIN = timedelta(days=30)
OWN_WORK = "Bản này do anh/chị soạn, nên cần một người khác duyệt."
NOTE_MISSING = "Anh/chị ghi vài chữ vì sao, để người soạn biết cần sửa gì."
CLASH = (
    "Bản đang dùng vừa đổi đúng chỗ mà bản này cũng sửa. Anh/chị trả lại để người soạn ghép; "
    "phần của họ còn nguyên."
)


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """What waits for review, what waits for its day, and my own drafts."""
    me = exchange.me.login

    def look(work: UnitOfWork) -> dict[str, Any]:
        waiting, count = work.revisions.waiting, work.revisions.count_waiting
        return {
            "in_review": waiting(RevisionState.IN_REVIEW, limit=LISTED),
            "reviewable": count(RevisionState.IN_REVIEW),
            "scheduled": waiting(RevisionState.SCHEDULED, limit=LISTED),
            "drafts": work.revisions.drafts(author=me),
        }

    return await exchange.page("approval.html", **await exchange.work(look))


def _found(exchange: Exchange, work: UnitOfWork) -> Revision:
    try:
        return work.revisions.get(code_of(exchange), exchange.number("number", 0))
    except UnknownRevision:
        raise web.HTTPNotFound from None


async def show(exchange: Exchange) -> web.StreamResponse:
    """One revision: what it changes, what it would break, and what may be done with it."""
    return await _page(exchange)


async def show_replay(exchange: Exchange) -> web.StreamResponse:
    """The replay alone; the page comes again by itself until there is something to show."""
    revision, version = await exchange.work(lambda work: (_found(exchange, work), work.version()))
    return await exchange.page(
        "replay.html",
        code=revision.code,
        back=f"{LIST}/{revision.code}/revisions/{revision.number}",
        trial=_trial(exchange, revision, version),
    )


def _trial(exchange: Exchange, revision: Revision, version: int) -> Rehearsal | None:
    if revision.state not in WAITING:
        return None
    again = bool(exchange.asked("again"))
    return exchange.site.rehearsals.of(
        revision.procedure, version=version, today=exchange.today, again=again
    )


async def _page(exchange: Exchange, problem: str = "", status: int = 200) -> web.StreamResponse:
    now, me = exchange.now, exchange.me

    def look(work: UnitOfWork) -> dict[str, Any]:
        revision = _found(exchange, work)
        history = work.revisions.history(revision.code)
        by_number = {each.number: each for each in history}
        before = by_number.get(revision.base or 0) or next(
            (each for each in history if each.number < revision.number), None
        )
        current = next((each for each in history if each.state == RevisionState.IN_FORCE), None)
        return {
            "revision": revision,
            "before": before,
            "current": current,
            "version": work.version(),
            "shown_to": work.revisions.shown(
                revision.code, [revision.number], since=now - SHOWN_WITHIN
            ),
        }

    found = await exchange.work(look)
    revision, before = found["revision"], found["before"]
    own = revision.author.strip().casefold() == me.login.strip().casefold()
    approves, edits = bool(APPROVERS & me.roles), bool(EDITORS & me.roles)
    in_review = revision.state == RevisionState.IN_REVIEW
    scheduled = revision.state == RevisionState.SCHEDULED
    return await exchange.page(
        "revision.html",
        status=status,
        **found,
        changes=difference(before.procedure, revision.procedure) if before else (),
        reply=card(revision.procedure, (), exchange.site.desk.services.wording),
        states=STATES,
        trial=_trial(exchange, revision, found["version"]),
        own_work=OWN_WORK if own and in_review and approves else "",
        may_decide=approves and in_review and not own,
        may_withdraw=(in_review and own and edits) or (scheduled and (approves or (own and edits))),
        may_roll_back=approves and revision.state == RevisionState.SUPERSEDED,
        problem=problem,
        note=exchange.sent("note"),
    )


async def approve(exchange: Exchange) -> web.StreamResponse:
    """Let it take force, at once or on its day."""

    def step(work: UnitOfWork, code: str, number: int, note: str) -> Revision:
        return work.revisions.approve(
            code,
            number,
            reviewer=exchange.me.login,
            at=exchange.now,
            today=exchange.today,
            note=note,
        )

    return await _decide(exchange, "procedure.approve", step, _approved)


def _approved(done: Revision) -> str:
    if done.state == RevisionState.SCHEDULED and done.effective_from:
        return f"Đã duyệt. Bản này tự có hiệu lực từ 0 giờ ngày {done.effective_from:%d/%m/%Y}."
    return "Đã duyệt. Vài giây nữa người dân hỏi sẽ thấy bản này."


async def reject(exchange: Exchange) -> web.StreamResponse:
    """Send it back to its author with a note."""

    def step(work: UnitOfWork, code: str, number: int, note: str) -> Revision:
        return work.revisions.reject(
            code, number, reviewer=exchange.me.login, note=note, at=exchange.now
        )

    return await _decide(
        exchange,
        "procedure.reject",
        step,
        lambda _: "Đã trả lại. Người soạn thấy ghi chú của anh/chị.",
    )


async def withdraw(exchange: Exchange) -> web.StreamResponse:
    """Take back what waits."""

    def step(work: UnitOfWork, code: str, number: int, note: str) -> Revision:
        return work.revisions.withdraw(
            code,
            number,
            by=exchange.me.login,
            note=note or "rút lại",
            at=exchange.now,
            approves=bool(APPROVERS & exchange.me.roles),
        )

    return await _decide(
        exchange,
        "procedure.withdraw",
        step,
        lambda _: "Đã rút lại. Nội dung còn trong bản nháp của người soạn.",
    )


async def roll_back(exchange: Exchange) -> web.StreamResponse:
    """Put an old text in force again."""

    def step(work: UnitOfWork, code: str, number: int, note: str) -> Revision:
        return work.revisions.roll_back(
            code, number, author=exchange.me.login, reason=note or "lấy lại bản cũ", at=exchange.now
        )

    return await _decide(
        exchange,
        "procedure.rollback",
        step,
        lambda done: f"Đã lấy lại bản cũ thành lần sửa {done.number}, có hiệu lực ngay.",
    )


async def _decide(
    exchange: Exchange,
    action: str,
    step: Callable[[UnitOfWork, str, int, str], Revision],
    said: Callable[[Revision], str],
) -> web.StreamResponse:
    code, number = code_of(exchange), exchange.number("number", 0)
    note = one_line(plain(exchange.sent("note")))[:1000]

    def write(work: UnitOfWork) -> Revision | str:
        _found(exchange, work)
        try:
            done = step(work, code, number, note)
        except RevisionError as refused:
            return _in_words(refused)
        after = (
            {"state": STATES[done.state], "note": note} if note else {"state": STATES[done.state]}
        )
        target = f"procedure:{code}:{number}"
        work.audit.record(exchange.me.login, action, target, None, after, at=exchange.now)
        return done

    done = await exchange.work(write)
    if isinstance(done, str):
        return await _page(exchange, done, 422)
    return await exchange.go(f"{LIST}/{code}/revisions/{done.number}", said(done))


def _in_words(refused: RevisionError) -> str:
    if isinstance(refused, NotWaiting):
        return f"Bản này không chờ duyệt nữa: {STATES[refused.state]}."
    words = {
        OwnWork: OWN_WORK,
        NotYours: "Chỉ người soạn rút lại bản đang chờ duyệt; bản đã duyệt mà chưa đến ngày thì "
        "người soạn hoặc người duyệt. Người duyệt không đồng ý thì bấm «Trả lại».",
        ReasonMissing: NOTE_MISSING,
        NewerBase: CLASH,
        NoChange: "Bản này giống hệt bản đang dùng.",
        UnknownRevision: "Bản này chưa từng được dùng, nên không lấy lại được.",
    }
    return words[type(refused)]
