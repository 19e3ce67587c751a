"""One conversation, as far as the log tells what the citizen saw."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.explained import explained
from bot.staff.views.service.inquiries import aspect_words
from bot.staff.words import CHANNELS, RATINGS
from handlers.conversation import Status
from handlers.procedure import card
from knowledge.contacts import ERASED
from knowledge.model import Aspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.staff.exchange import Exchange
    from handlers.conversation import Reply
    from handlers.services import Services
    from knowledge.inquiries import Spell
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork
    from knowledge.tables import InquiryRow

    Records = dict[tuple[str, int], Procedure]
    """By code and revision."""

_NO_WORDS = re.compile(r"\[[^\]]*\]")
"""A pressed button, a picture, a dossier: something else than words of the citizen."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One line of the log with what it makes visible."""

    row: InquiryRow
    title: str
    reply: Reply | None
    reason: dict[str, Any] | None
    rating: str = ""

    @property
    def erased(self) -> bool:
        """The citizen had the words erased."""
        return self.row.text == ERASED


async def show(exchange: Exchange) -> web.StreamResponse:
    """The conversation around one inquiry; that it was opened is recorded."""
    number, now, login = exchange.number("id", 0), exchange.now, exchange.me.login

    def read(work: UnitOfWork) -> tuple[Spell, Records, dict[int, bool]] | None:
        inquiry = work.inquiry_log.get(number)
        if inquiry is None:
            return None
        spell = work.inquiry_log.around(inquiry)
        shown = records_of(work, spell.rows)
        seen = {"rows": len(spell.rows)}
        work.audit.record(login, "inquiry.open", f"inquiry:{number}", None, seen, at=now)
        return spell, shown, work.ratings.of([row.id for row in spell.rows])

    found = await exchange.work(read)
    if found is None:
        raise web.HTTPNotFound
    spell, shown, ratings = found
    services = exchange.site.desk.services
    talk = await asyncio.to_thread(messages, spell.rows, shown, services, ratings=ratings)
    return await exchange.page(
        "conversation.html",
        messages=talk,
        spell=spell,
        asked=number,
        channel=CHANNELS.get(spell.rows[0].channel, spell.rows[0].channel),
        aspects=aspect_words(services),
    )


def records_of(work: UnitOfWork, rows: Iterable[InquiryRow]) -> Records:
    """The records that some lines showed, as they stood then."""
    keys = {(row.procedure, row.revision) for row in rows}
    return work.revisions.some({(code, revision) for code, revision in keys if code and revision})


def messages(
    rows: Iterable[InquiryRow],
    shown: Records,
    services: Services,
    *,
    ratings: Mapping[int, bool],
    reasons: bool = True,
) -> list[Message]:
    """Lines with what they make visible; ``reasons``: also how each would be understood now."""
    found = [_message(row, shown, services, reasons=reasons) for row in rows]
    return [
        replace(each, rating=RATINGS[ratings[each.row.id]]) if each.row.id in ratings else each
        for each in found
    ]


def _message(row: InquiryRow, shown: Records, services: Services, *, reasons: bool) -> Message:
    record = shown.get((row.procedure or "", row.revision or 0))
    reply = None
    if record is not None and row.status == Status.ANSWERED:
        aspects = (Aspect(row.aspect),) if row.aspect in set(Aspect) else ()
        reply = card(record, aspects, services.wording)
    current = services.procedure(row.procedure) if row.procedure else None
    named = record or current
    told = reasons and not _NO_WORDS.fullmatch(row.text)
    return Message(
        row=row,
        title=named.title if named else "",
        reply=reply,
        reason=explained(row.text, services) if told else None,
    )
