"""What citizens say of answers: kept with the inquiry that was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from knowledge.bulk import upsert_all
from knowledge.tables import InquiryRow, RatingRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

ANSWERED = "answered"
"""Status of an inquiry whose answer can be right or wrong."""


class Ratings:
    """Reads and writes of ratings inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, inquiries: Collection[int]) -> dict[int, bool]:
        """What was said of some inquiries, true for good; those nobody rated are left out."""
        rows = self._session.execute(
            select(RatingRow.inquiry, RatingRow.good).where(RatingRow.inquiry.in_(inquiries))
        )
        return {row.inquiry: row.good for row in rows}

    def rate(
        self, channel: str, contact: str, procedure: str, *, good: bool, at: datetime
    ) -> int | None:
        """Rate the newest inquiry of a contact that was answered with a procedure, in words.

        The id of that inquiry; ``None`` when there is none, as after an erasure. Presses of
        buttons are no questions: «Chưa đúng» after one means the question before it.
        """
        inquiry = self._session.scalar(
            select(InquiryRow.id)
            .where(
                InquiryRow.channel == channel,
                InquiryRow.contact == contact,
                InquiryRow.procedure == procedure,
                InquiryRow.status == ANSWERED,
                ~InquiryRow.text.like("[%]"),
            )
            .order_by(InquiryRow.id.desc())
            .limit(1)
        )
        if inquiry is not None:
            row = {"inquiry": inquiry, "good": good, "at": at}
            upsert_all(self._session, RatingRow, ("inquiry",), [row])
        return inquiry
