"""What an answer means for the conversation with officers, written down with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.desk import PRIVATE
from handlers.conversation import HandOverStep, Status
from knowledge.handover_messages import Sender, Words
from knowledge.handovers import CITIZEN, Opening
from knowledge.masking import mask
from knowledge.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.desk import Answered
    from bot.sealing import Seal
    from handlers.conversation import HandOver
    from knowledge.handovers import Standing
    from knowledge.store import UnitOfWork

RECALL = 5
"""Earlier inquiries that officers see when a conversation is handed over."""
RECALL_SINCE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step with everything it needs, masked and sealed before the transaction."""

    does: HandOver
    standing: Standing
    channel: str
    contact: str
    sealed_contact: bytes
    words: Words
    bot: Words | None
    waits: bool


def kept(
    sender: Sender,
    text: str,
    at: datetime,
    close: Callable[[str], bytes],
    author: str | None = None,
) -> Words:
    """Words as they are kept: masked, and sealed by ``close`` where masking changed them."""
    masked = mask(text)
    sealed = close(text) if masked != text else None
    return Words(sender=sender, text=masked, at=at, sealed=sealed, author=author)


def step_of(answered: Answered, seal: Seal) -> Step | None:
    """The step that some answers take; ``None`` when they take none."""
    does, incoming = answered.hands_over, answered.incoming
    if does is None or answered.erases or incoming.officers is None:
        return None
    at, text = incoming.received_at, does.text or clean(incoming.text)
    first = answered.answers[0]
    # What the bot answers by itself needs no officer.
    waits = first.status in (Status.HANDED_OVER, Status.HANDED_OVER_MESSAGE)
    if answered.private:
        words = Words(sender=Sender.CITIZEN, text=PRIVATE, at=at)
    else:
        words = kept(Sender.CITIZEN, text or f"[{incoming.action}]", at, seal.close)
    return Step(
        does=does,
        standing=incoming.officers,
        channel=incoming.contact.channel,
        contact=answered.contact,
        sealed_contact=seal.close(incoming.contact.id),
        words=words,
        bot=None if waits else _bot_said(answered, at),
        waits=waits,
    )


def _bot_said(answered: Answered, at: datetime) -> Words | None:
    """What the bot answers while officers have the word, so that they know it."""
    first = answered.answers[0]
    if answered.private or not first.replies:
        return None
    return Words(sender=Sender.SYSTEM, text=f"Máy trả lời: {mask(first.replies[0].lead)}", at=at)


def carry_out(work: UnitOfWork, step: Step) -> None:
    """Write a step down. Raises ``Moved`` when things stand otherwise meanwhile."""
    handovers, at, now_at = work.handovers, step.words.at, step.standing.id
    match step.does.step:
        case HandOverStep.OPEN:
            opening = Opening(
                channel=step.channel,
                contact=step.contact,
                sealed_contact=step.sealed_contact,
                why=step.does.why,
                at=at,
                expected_by=step.does.expected_by,
            )
            opened = handovers.open(opening, recall=RECALL, since=at - RECALL_SINCE)
            handovers.messages.add(opened, step.words)
        case HandOverStep.RELAY if now_at:
            handovers.heard(now_at, step.words, waits=step.waits)
            if step.bot:
                handovers.messages.add(now_at, step.bot)
        case HandOverStep.END if now_at:
            handovers.messages.add(now_at, step.words)
            handovers.close(now_at, CITIZEN, at=at, told=True)
        case HandOverStep.BACK if now_at:
            handovers.told_back(now_at)
