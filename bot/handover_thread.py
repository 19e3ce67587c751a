"""The conversation with officers as its citizen reads it, where a page cannot remember it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.handover_calls import officers_reply
from bot.sealing import Unsealable
from handlers.conversation import Reply
from knowledge.handover_messages import DeliveryState, Sender, outbox_key
from knowledge.tables import HandoverState

if TYPE_CHECKING:
    from bot.delivery import Delivery
    from knowledge.store import UnitOfWork
    from knowledge.tables import HandoverMessage

SHOWN_FOR = timedelta(days=2)
"""How long a conversation that is over can still be read by its citizen."""


@dataclass(frozen=True, kw_only=True)
class ThreadLine:
    """The citizen's own words, or what was said to them."""

    mine: str = ""
    reply: Reply | None = None


@dataclass(frozen=True, kw_only=True)
class Thread:
    """All that was said; ``fresh`` when some of it was never shown before."""

    lines: tuple[ThreadLine, ...]
    in_course: bool
    fresh: bool


def thread_of(work: UnitOfWork, delivery: Delivery, channel: str, contact: str) -> Thread | None:
    """The newest conversation of a contact (its hash), shown hereby: what waited is delivered."""
    row = work.handovers.newest_of(channel, contact)
    now = delivery.now()
    if row is None or (row.closed_at and row.closed_at < now - SHOWN_FOR):
        return None
    messages = work.handovers.messages.of(row.id)
    waiting = [each for each in messages if each.delivery == DeliveryState.WAITING]
    keys = [
        outbox_key(channel, each.id, each.attempt, number)
        for each in waiting
        for number in range(each.calls)
    ]
    shown = work.queues.settle_shown(keys, at=now)
    lines = (_line(each, delivery) for each in messages)
    return Thread(
        lines=tuple(line for line in lines if line),
        in_course=row.state != HandoverState.CLOSED,
        fresh=shown > 0,
    )


def _line(message: HandoverMessage, delivery: Delivery) -> ThreadLine | None:
    text = message.text
    if message.sealed:
        try:
            text = str(delivery.open(message.sealed))
        except Unsealable:
            text = message.text
    if message.sender == Sender.CITIZEN:
        return ThreadLine(mine=text)
    if message.delivery is None or message.sender not in (Sender.OFFICER, Sender.SYSTEM):
        return None
    if message.sender == Sender.OFFICER:
        return ThreadLine(reply=officers_reply(text, delivery.services.wording))
    return ThreadLine(reply=Reply(lead=text))
