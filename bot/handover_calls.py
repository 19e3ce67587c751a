"""How words of officers reach a citizen: kept masked, posted as calls, tried again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.handover_steps import kept
from bot.sealing import Unsealable
from handlers.conversation import Reply, Section
from knowledge.handover_messages import Sender, outbox_key
from knowledge.queues import Departure

if TYPE_CHECKING:
    from bot.delivery import Delivery
    from handlers.wording import Wording
    from knowledge.handover_messages import Words
    from knowledge.store import UnitOfWork
    from knowledge.tables import HandoverMessage, HandoverRow

NO_CHANNEL = "kênh này không còn dùng"
UNSEALABLE = "không mở được địa chỉ người dân (khóa đã đổi?)"

log = structlog.get_logger()


def officers_reply(text: str, say: Wording) -> Reply:
    """An officer's words as the citizen sees them."""
    lines = tuple(line for line in text.splitlines() if line.strip())
    return Reply(lead=say("handover.from"), sections=(Section(lines=lines),))


class HandoverCalls:
    """Messages of a hand-over on their way to the citizen."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def words(self, sender: Sender, text: str, author: str | None = None) -> Words:
        """Words as they are kept; an officer's go to the citizen."""
        words = kept(sender, text, self._delivery.now(), self._delivery.close, author)
        return replace(words, delivered=sender is Sender.OFFICER)

    def tell(self, work: UnitOfWork, row: HandoverRow, key: str, *more: str) -> None:
        """Say a sentence of the wording to the citizen, seen by officers too."""
        say = self._delivery.services.wording
        words = replace(self.words(Sender.SYSTEM, say(key)), delivered=True)
        sections = (Section(lines=more),) if more else ()
        self.say(work, row, words, Reply(lead=say(key), sections=sections))

    def tell_late(self, work: UnitOfWork, row: HandoverRow) -> None:
        """Say that nobody took it in time, and what helps meanwhile."""
        say, office = self._delivery.services.wording, self._delivery.services.office
        urgent = (
            say("handover.late.call", phone=office.phone)
            if office.phone
            else say("handover.late.come")
        )
        self.tell(work, row, "handover.late", urgent)

    def answer(self, work: UnitOfWork, row: HandoverRow, words: Words, text: str) -> None:
        """Say an officer's words to the citizen."""
        self.say(work, row, words, officers_reply(text, self._delivery.services.wording))

    def say(self, work: UnitOfWork, row: HandoverRow, words: Words, reply: Reply) -> None:
        """Keep a message and post the calls that deliver it."""
        message = work.handovers.messages.add(row.id, words)
        if message is not None:
            self._post(work, row, message, 0, reply)

    def again(self, work: UnitOfWork, message: HandoverMessage) -> HandoverRow | None:
        """Post a message once more that failed; its hand-over when there is something to send."""
        attempt = work.handovers.messages.send_again(message.id)
        row = work.handovers.get(message.handover)
        if attempt is None or row is None:
            return None
        text = message.text
        if message.sealed:
            try:
                text = str(self._delivery.open(message.sealed))
            except Unsealable:
                work.handovers.messages.failed(message.id, UNSEALABLE)
                return None
        say = self._delivery.services.wording
        reply = officers_reply(text, say) if message.sender == Sender.OFFICER else Reply(lead=text)
        self._post(work, row, message.id, attempt, reply)
        return row

    def _post(
        self, work: UnitOfWork, row: HandoverRow, message: int, attempt: int, reply: Reply
    ) -> None:
        delivery, messages = self._delivery, work.handovers.messages
        channel = delivery.channel(row.channel)
        if channel is None:
            messages.failed(message, NO_CHANNEL)
            return
        try:
            contact = str(delivery.open(row.sealed_contact))
        except Unsealable:
            log.error("unreadable", queue="handovers", channel=row.channel)
            messages.failed(message, UNSEALABLE)
            return
        calls = [
            Departure(
                channel=row.channel,
                contact=row.contact,
                key=outbox_key(row.channel, message, attempt, number),
                sealed=sealed,
            )
            for number, sealed in enumerate(delivery.calls(channel, contact, (reply,)))
        ]
        work.queues.post(calls, at=delivery.now())
        messages.posted(message, len(calls))
