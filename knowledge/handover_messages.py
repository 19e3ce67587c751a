"""Messages of hand-overs: kept masked, delivered through the outbox, their delivery read back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from knowledge.bulk import insert_one_new
from knowledge.tables import (
    ContactState,
    HandoverMessage,
    HandoverRow,
    OutboxRow,
    QueueState,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

UNCOLLECTED = "người dân không mở lại trang để nhận"
"""Why a message failed whose calls nobody collected in time."""


class Sender(StrEnum):
    """Whose words a message holds. ``BEFORE``: what the citizen asked the bot beforehand."""

    BEFORE = "before"
    CITIZEN = "citizen"
    OFFICER = "officer"
    SYSTEM = "system"
    NOTE = "note"


class DeliveryState(StrEnum):
    """What came of a message to the citizen."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message as it is kept: masked, and sealed where masking changed it."""

    sender: Sender
    text: str
    at: datetime
    sealed: bytes | None = None
    author: str | None = None
    token: str | None = None
    delivered: bool = False
    """True when it goes to the citizen."""


def outbox_key(channel: str, message: int, attempt: int, number: int) -> str:
    """The key of one call that delivers a message; the same however often it is posted."""
    return f"{channel}:handover:{message}:{attempt}:{number}"


def is_handover_key(key: str) -> bool:
    """True for the key of a call that delivers a message of a hand-over."""
    return key.split(":", 2)[1:2] == ["handover"]


class HandoverMessages:
    """Reads and writes of messages inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, handover: int, words: Words) -> int | None:
        """Keep a message; ``None`` when one with its token is kept already."""
        values = {
            "handover": handover,
            "at": words.at,
            "sender": words.sender,
            "author": words.author,
            "text": words.text,
            "sealed": words.sealed,
            "token": words.token,
            "delivery": DeliveryState.WAITING if words.delivered else None,
            "attempt": 0,
            "calls": 0,
        }
        return insert_one_new(self._session, HandoverMessage, values)

    def get(self, message: int) -> HandoverMessage | None:
        """One message."""
        return self._session.get(HandoverMessage, message, populate_existing=True)

    def of_token(self, token: str) -> HandoverMessage | None:
        """The message with a token."""
        return self._session.scalar(select(HandoverMessage).where(HandoverMessage.token == token))

    def of(self, handover: int, *, after: int = 0, limit: int = 500) -> list[HandoverMessage]:
        """The newest messages of one hand-over behind an id, in order."""
        rows = self._session.scalars(
            select(HandoverMessage)
            .where(HandoverMessage.handover == handover, HandoverMessage.id > after)
            .order_by(HandoverMessage.id.desc())
            .limit(limit)
        )
        return list(rows)[::-1]

    def posted(self, message: int, calls: int) -> None:
        """So many calls deliver the message."""
        self._session.execute(
            update(HandoverMessage)
            .where(HandoverMessage.id == message)
            .values(calls=calls)
            .execution_options(synchronize_session=False)
        )

    def failed(self, message: int, why: str) -> None:
        """The message cannot be delivered."""
        self._session.execute(
            update(HandoverMessage)
            .where(HandoverMessage.id == message)
            .values(delivery=DeliveryState.FAILED, error=why[:200])
            .execution_options(synchronize_session=False)
        )

    def send_again(self, message: int) -> int | None:
        """The number of a new attempt at a message that failed; ``None`` when it did not."""
        found: int | None = self._session.scalar(
            update(HandoverMessage)
            .where(
                HandoverMessage.id == message,
                HandoverMessage.delivery == DeliveryState.FAILED,
            )
            .values(attempt=HandoverMessage.attempt + 1, delivery=DeliveryState.WAITING, error=None)
            .returning(HandoverMessage.attempt)
            .execution_options(synchronize_session=False)
        )
        return found

    def note_deliveries(self, handover: int | None = None, limit: int = 500) -> int:
        """Write down what came of messages whose calls are settled; how many these were.

        Of one hand-over, or of all.
        """
        of = () if handover is None else (HandoverMessage.handover == handover,)
        waiting = self._session.execute(
            select(
                HandoverMessage.id,
                HandoverMessage.attempt,
                HandoverMessage.calls,
                HandoverRow.channel,
            )
            .join(HandoverRow, HandoverRow.id == HandoverMessage.handover)
            .where(HandoverMessage.delivery == DeliveryState.WAITING, *of)
            .order_by(HandoverMessage.id)
            .limit(limit)
        ).all()
        settled = 0
        for each in waiting:
            keys = [
                outbox_key(each.channel, each.id, each.attempt, number)
                for number in range(each.calls)
            ]
            calls = self._session.execute(
                select(OutboxRow.state, OutboxRow.error, OutboxRow.settled_at).where(
                    OutboxRow.key.in_(keys)
                )
            ).all()
            if any(call.state == QueueState.WAITING for call in calls):
                continue
            dead = [call for call in calls if call.state == QueueState.DEAD]
            failed = [call.error or "" for call in dead] or ([] if calls else [UNCOLLECTED])
            self._session.execute(
                update(HandoverMessage)
                .where(HandoverMessage.id == each.id, HandoverMessage.attempt == each.attempt)
                .values(
                    delivery=DeliveryState.FAILED if failed else DeliveryState.DELIVERED,
                    error=failed[0] if failed else None,
                    failed_at=max((call.settled_at for call in dead), default=None),
                )
                .execution_options(synchronize_session=False)
            )
            settled += 1
        return settled

    def knocking(self, reason: str) -> list[HandoverMessage]:
        """Messages that failed for a reason and whose citizens have written since the last try."""
        message, row, state = HandoverMessage, HandoverRow, ContactState
        rows = self._session.scalars(
            select(message)
            .join(row, row.id == message.handover)
            .join(state, (state.channel == row.channel) & (state.contact == row.contact))
            .where(
                message.delivery == DeliveryState.FAILED,
                message.error.startswith(reason, autoescape=True),
                state.last_seen > message.failed_at,
            )
            .order_by(message.id)
            .limit(100)
        )
        return list(rows)
