"""Procedures, to read: the list with the bot's own search, one record as citizens see it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.rendering import Paging
from handlers.procedure import ASPECTS, card
from knowledge.accounts import OFFICIALS, Role
from knowledge.difference import difference
from knowledge.history import WAITING
from knowledge.labels import LABELS
from knowledge.model import PROCEDURE_CODE, Aspect
from knowledge.register import Wanted
from knowledge.tables import RevisionState

if TYPE_CHECKING:
    from datetime import date

    from bot.staff.exchange import Exchange
    from knowledge.lifecycle import Revision
    from knowledge.register import Listed
    from knowledge.search import Match
    from knowledge.store import UnitOfWork

CHECKED_WITHIN = timedelta(days=183)
"""A record that nobody checked for half a year is due."""
FOUND = 30
"""Matches of one search; whoever needs more words the question better."""
FILTERS = ("field", "confirmed", "due", "drafts", "waiting", "conflicts", "unsourced")
EDITORS = frozenset([Role.OFFICER])
"""Who may change records and hand the change in."""
APPROVERS = frozenset([Role.APPROVER])
"""Who decides on what others handed in."""
_CODE = re.compile(r"[1-6](?:\.[\dH.]{0,11})?")
STATES = {
    RevisionState.IN_FORCE: "đang dùng",
    RevisionState.DRAFT: "bản nháp",
    RevisionState.SUPERSEDED: "đã thay",
    RevisionState.IN_REVIEW: "chờ duyệt",
    RevisionState.SCHEDULED: "đã duyệt, chờ đến ngày",
    RevisionState.REJECTED: "trả lại",
    RevisionState.WITHDRAWN: "rút lại",
}


def due_before(today: date) -> date:
    """Records checked before this day are due."""
    return today - CHECKED_WITHIN


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """The list: by code, or by how well each fits what was typed."""
    query = exchange.asked("q")
    matches: dict[str, Match] = {}
    if query and not _CODE.fullmatch(query):
        index = exchange.site.desk.services.index
        found = await asyncio.to_thread(index.match, query, FOUND)
        matches = {match.code: match for match in found}
    wanted = _wanted(exchange, query, matches)
    page = exchange.number("page")

    def read(work: UnitOfWork) -> tuple[list[Listed], Paging, list[str]]:
        counted = Paging(page=page, total=work.register.count(wanted))
        rows = work.register.page(wanted, limit=counted.per_page, offset=counted.offset)
        return rows, counted, work.register.fields()

    rows, paging, fields = await exchange.work(read)
    if matches:
        place = {code: number for number, code in enumerate(matches)}
        rows.sort(key=lambda row: place[row.code])
    return await exchange.page(
        "procedures.html",
        rows=rows,
        paging=paging,
        fields=fields,
        matches=matches,
        query=query,
        chosen={name: exchange.asked(name) for name in FILTERS},
        due=due_before(exchange.today).isoformat(),
        may_edit=bool(EDITORS & exchange.me.roles),
    )


def _wanted(exchange: Exchange, query: str, matches: dict[str, Match]) -> Wanted:
    confirmed = {"yes": True, "no": False}.get(exchange.asked("confirmed"))
    searched = bool(query) and not _CODE.fullmatch(query)
    return Wanted(
        field=exchange.asked("field"),
        confirmed=confirmed,
        due=due_before(exchange.today) if exchange.asked("due") else None,
        drafts=bool(exchange.asked("drafts")),
        waiting=bool(exchange.asked("waiting")),
        conflicts=bool(exchange.asked("conflicts")),
        unsourced=bool(exchange.asked("unsourced")),
        codes=tuple(matches) if searched else None,
        begins="" if searched else query,
    )


async def show(exchange: Exchange) -> web.StreamResponse:
    """One record: what citizens are told, every field, every revision."""
    code = exchange.request.match_info["code"]
    if not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound
    me = exchange.me.login
    history, draft = await exchange.work(
        lambda work: (work.revisions.history(code), work.revisions.draft(code, me))
    )
    if not history:
        if draft is not None:
            raise web.HTTPSeeOther(f"{ROOT}/procedures/{code}/draft")
        raise web.HTTPNotFound
    asked = exchange.number("revision", 0)
    shown = next((each for each in history if each.number == asked), None) or _current(history)
    aspect = Aspect(exchange.asked("aspect")) if exchange.asked("aspect") in set(Aspect) else None
    services = exchange.site.desk.services
    reply = card(shown.procedure, (aspect,) if aspect else (), services.wording)
    aspects = [(each, services.wording(f"aspect.{each}")) for each in ASPECTS]
    return await exchange.page(
        "procedure.html",
        shown=shown,
        current=_current(history),
        reply=reply,
        aspect=aspect or Aspect.OVERVIEW,
        aspects=aspects,
        history=[(each, _changes(each, history)) for each in history],
        may_edit=bool(EDITORS & exchange.me.roles),
        may_correct=bool(OFFICIALS & exchange.me.roles),
        my_draft=draft,
        coming=[each for each in history if each.state in WAITING],
        imported=any(each.state == RevisionState.DRAFT for each in history),
        states=STATES,
        labels=LABELS,
    )


def _current(history: list[Revision]) -> Revision:
    """What citizens see; a record that was never in force shows its draft."""
    in_force = (each for each in history if each.state is RevisionState.IN_FORCE)
    return next(in_force, history[0])


def _changes(revision: Revision, history: list[Revision]) -> tuple[str, ...]:
    """What a revision changed against the one before it."""
    older = next((each for each in history if each.number < revision.number), None)
    if older is None:
        return ()
    return tuple(str(change) for change in difference(older.procedure, revision.procedure))
