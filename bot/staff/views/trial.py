"""Try it: the bot's reply on every channel, and why; nothing is logged or remembered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.app import build_services
from bot.channels.preview import previews
from bot.replay import gather
from bot.staff.explained import explained
from handlers.conversation import Contact, Incoming, Memory
from handlers.dispatch import converse
from knowledge.model import Procedure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from bot.staff.exchange import Exchange
    from handlers.conversation import Answer
    from handlers.services import Services
    from knowledge.store import UnitOfWork

LONGEST = 1000
MOST_BEFORE = 8
"""Earlier messages of a trial that are said again, so that «2» means the second."""


async def show(exchange: Exchange) -> web.StreamResponse:
    """An empty box."""
    return await _page(exchange)


async def ask(exchange: Exchange) -> web.StreamResponse:
    """The answer to what was typed, after what was said before in this trial."""
    before = [each.strip()[:LONGEST] for each in exchange.sent_all("before")][-MOST_BEFORE:]
    question = exchange.sent("question")[:LONGEST]
    if not question:
        return await _page(exchange, status=422, problem="Anh/chị gõ câu muốn thử.")
    services, problem = await _services(exchange, exchange.sent("draft"))
    if services is None:
        return await _page(exchange, status=422, problem=problem)
    answers = await _said(exchange, [*before, question], services)
    replies = tuple(reply for answer in answers for reply in answer.replies)
    return await _page(
        exchange,
        question=question,
        before=[*before, question],
        replies=replies,
        previews=previews(replies, exchange.site.outside.form_address),
        statuses=[answer.status.value for answer in answers],
        reason=await asyncio.to_thread(explained, question, services),
    )


async def _said(exchange: Exchange, texts: Sequence[str], services: Services) -> list[Answer]:
    """The answers to the last of some messages; the desk that writes down is not asked at all."""
    memory = Memory()
    answers: list[Answer] = []
    for text in texts:
        contact = Contact(channel="web", id="trial")
        incoming = Incoming(contact=contact, received_at=exchange.now, text=text)
        answers = await converse(incoming, memory, services)
        memory = replace(answers[-1].memory, updated_at=exchange.now)
    return answers


async def _services(exchange: Exchange, draft: str) -> tuple[Services | None, str]:
    """Knowledge in force, or with one of the officer's own drafts in it; or why not.

    Without dossiers: looking one up leaves traces.
    """
    desk, today, me = exchange.site.desk, exchange.today, exchange.me.login
    if not draft:
        return replace(desk.services, dossiers=None), ""

    def read(work: UnitOfWork) -> tuple[dict[str, Any] | None, Any]:
        kept = work.revisions.draft(draft, me)
        return (kept.body if kept else None), gather(work, today=today)

    body, material = await exchange.work(read)
    if body is None:
        return None, "Bản nháp này không còn."
    try:
        procedure = Procedure.model_validate({**body, "code": draft, "revision": 1})
    except ValidationError:
        return None, "Bản nháp này còn thiếu mục bắt buộc, chưa thử được."

    def build() -> Services:
        shown = [
            each for each in material.procedures if each.in_force(today) and each.code != draft
        ]
        made = build_services([*shown, procedure], material.vocabulary, material.phrases)
        return replace(desk.equip(made), dossiers=None)

    return await asyncio.to_thread(build), ""


async def _page(exchange: Exchange, *, status: int = 200, **more: Any) -> web.StreamResponse:
    me = exchange.me.login
    drafts = await exchange.work(lambda work: work.revisions.drafts(author=me))
    empty: dict[str, Any] = {
        "question": exchange.sent("question"),
        "before": [],
        "replies": (),
        "previews": (),
        "statuses": (),
        "reason": None,
        "problem": "",
    }
    return await exchange.page(
        "trial.html",
        status=status,
        drafts=drafts,
        draft=exchange.sent("draft"),
        **{**empty, **more},
    )
