"""One conversation, as far as the log tells what the citizen saw."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.explained import explained
from bot.staff.views.service.inquiries import aspect_words
from bot.staff.words import CHANNELS
from handlers.conversation import Status
from handlers.procedure import card
from knowledge.contacts import ERASED
from knowledge.model import Aspect

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from handlers.conversation import Reply
    from handlers.services import Services
    from knowledge.inquiries import Spell
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork
    from knowledge.tables import InquiryRow

_NO_WORDS = re.compile(r"\[[^\]]*\]")
"""A pressed button, a picture, a dossier: something else than words of the citizen."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One line of the log with what it makes visible."""

    row: InquiryRow
    title: str
    reply: Reply | None
    reason: dict[str, Any] | None

    @property
    def erased(self) -> bool:
        """The citizen had the words erased."""
        return self.row.text == ERASED


async def show(exchange: Exchange) -> web.StreamResponse:
    """The conversation around one inquiry; that it was opened is recorded."""
    number, now, login = exchange.number("id", 0), exchange.now, exchange.me.login

    def read(work: UnitOfWork) -> tuple[Spell, dict[tuple[str, int], Procedure]] | None:
        inquiry = work.inquiry_log.get(number)
        if inquiry is None:
            return None
        spell = work.inquiry_log.around(inquiry)
        keys = {(row.procedure, row.revision) for row in spell.rows}
        shown = work.revisions.some({(code, rev) for code, rev in keys if code and rev})
        seen = {"rows": len(spell.rows)}
        work.audit.record(login, "inquiry.open", f"inquiry:{number}", None, seen, at=now)
        return spell, shown

    found = await exchange.work(read)
    if found is None:
        raise web.HTTPNotFound
    spell, shown = found
    services = exchange.site.desk.services
    messages = await asyncio.to_thread(
        lambda: [_message(row, shown, services) for row in spell.rows]
    )
    return await exchange.page(
        "conversation.html",
        messages=messages,
        spell=spell,
        asked=number,
        channel=CHANNELS.get(spell.rows[0].channel, spell.rows[0].channel),
        aspects=aspect_words(services),
    )


def _message(
    row: InquiryRow, shown: dict[tuple[str, int], Procedure], services: Services
) -> Message:
    record = shown.get((row.procedure or "", row.revision or 0))
    reply = None
    if record is not None and row.status == Status.ANSWERED:
        aspects = (Aspect(row.aspect),) if row.aspect in set(Aspect) else ()
        reply = card(record, aspects, services.wording)
    current = services.procedure(row.procedure) if row.procedure else None
    named = record or current
    return Message(
        row=row,
        title=named.title if named else "",
        reply=reply,
        reason=None if _NO_WORDS.fullmatch(row.text) else explained(row.text, services),
    )
