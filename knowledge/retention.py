"""What is kept of citizens only for a time: the words of the log, the memory of conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from knowledge.inquiry_words import folded
from knowledge.tables import Conversation, InquiryRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

EXPIRED = "[đã hết hạn lưu]"
"""What stands in the log instead of words that were kept long enough."""
PORTION = 1_000
"""Rows of one transaction: a year of them must not hold up who writes."""


class Retention:
    """Forgetting by age inside one transaction; figures (procedure, status, time) stay."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def forget_words(self, before: datetime) -> int:
        """Drop words and contact of the oldest inquiries asked before then; how many it were."""
        due = (
            select(InquiryRow.id)
            .where(InquiryRow.at < before, InquiryRow.contact != "")
            .order_by(InquiryRow.at, InquiryRow.id)
            .limit(PORTION)
        )
        ids = list(self._session.scalars(due))
        if ids:
            self._session.execute(
                update(InquiryRow)
                .where(InquiryRow.id.in_(ids))
                .values(text=EXPIRED, folded=folded(EXPIRED), contact="")
                .execution_options(synchronize_session=False)
            )
        return len(ids)

    def forget_conversations(self, before: datetime) -> int:
        """Drop the memory of conversations that rested since then; how many it were."""
        due = select(Conversation.channel, Conversation.contact).where(
            Conversation.updated_at < before
        )
        keys = self._session.execute(due.limit(PORTION)).all()
        for channel, contact in keys:
            self._session.execute(
                delete(Conversation)
                .where(
                    Conversation.channel == channel,
                    Conversation.contact == contact,
                    # Somebody may have begun to write again just now.
                    Conversation.updated_at < before,
                )
                .execution_options(synchronize_session=False)
            )
        return len(keys)
