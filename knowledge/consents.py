"""Who agreed to be written to, and corrections told to those who were shown something wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select

from knowledge.bulk import upsert_all
from knowledge.tables import ContactState, CorrectionNotice, InquiryRow, MessageConsent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A contact (a hash) agreed to be told of corrections to a procedure: to what, and when.

    ``sealed`` holds the platform's own id, ``wording`` the sentence that was agreed to.
    """

    channel: str
    contact: str
    procedure: str
    sealed: bytes
    wording: str
    agreed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A contact (a hash) that agreed; ``sealed`` holds the platform's own id of it."""

    channel: str
    contact: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A correction: which texts of a record were wrong, and what is said about it."""

    id: int
    code: str
    revisions: tuple[int, ...]
    text: str
    author: str
    created_at: datetime
    shown_since: datetime


class Consents:
    """Reads and writes of consents and corrections inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def agree(self, agreement: Agreement) -> None:
        """A citizen agreed to be told of corrections to a procedure."""
        key = ("channel", "contact", "procedure")
        upsert_all(self._session, MessageConsent, key, [vars(agreement)])

    def revoke(self, channel: str, contact: str) -> None:
        """A citizen wants no more of them, for no procedure."""
        self._session.execute(
            delete(MessageConsent).where(
                MessageConsent.channel == channel, MessageConsent.contact == contact
            )
        )

    def agreements(self, channel: str, contact: str) -> list[Agreement]:
        """What a contact agreed to, by procedure."""
        rows = self._session.scalars(
            select(MessageConsent)
            .where(MessageConsent.channel == channel, MessageConsent.contact == contact)
            .order_by(MessageConsent.procedure)
        )
        return [
            Agreement(
                channel=row.channel,
                contact=row.contact,
                procedure=row.procedure,
                sealed=row.sealed,
                wording=row.wording,
                agreed_at=row.agreed_at,
            )
            for row in rows
        ]

    def recipients(
        self, code: str, revisions: Sequence[int], *, since: datetime
    ) -> list[Recipient]:
        """Contacts that were shown some revisions, agreed to be told and did not leave."""
        shown = (
            select(InquiryRow.channel, InquiryRow.contact)
            .where(
                InquiryRow.procedure == code,
                InquiryRow.revision.in_(revisions),
                InquiryRow.at >= since,
                InquiryRow.contact != "",
            )
            .distinct()
            .subquery()
        )
        rows = self._session.execute(
            select(MessageConsent.channel, MessageConsent.contact, MessageConsent.sealed)
            .join(
                shown,
                and_(
                    shown.c.channel == MessageConsent.channel,
                    shown.c.contact == MessageConsent.contact,
                ),
            )
            .outerjoin(
                ContactState,
                and_(
                    ContactState.channel == MessageConsent.channel,
                    ContactState.contact == MessageConsent.contact,
                ),
            )
            .where(MessageConsent.procedure == code, ContactState.left_at.is_(None))
            .order_by(MessageConsent.channel, MessageConsent.contact)
        )
        return [Recipient(channel=row[0], contact=row[1], sealed=row[2]) for row in rows]

    def announce(
        self,
        code: str,
        revisions: Sequence[int],
        text: str,
        *,
        author: str,
        at: datetime,
        shown_since: datetime,
    ) -> Notice:
        """Write a correction down before it goes out; its id makes a repeat harmless."""
        row = CorrectionNotice(
            id=(self._session.scalar(select(func.max(CorrectionNotice.id))) or 0) + 1,
            code=code,
            revisions=sorted(set(revisions)),
            text=text,
            author=author,
            created_at=at,
            shown_since=shown_since,
        )
        self._session.add(row)
        self._session.flush()
        return _notice(row)

    def notice(self, number: int) -> Notice | None:
        """A correction by its id."""
        row = self._session.get(CorrectionNotice, number)
        return _notice(row) if row else None

    def notices(self, code: str) -> list[Notice]:
        """Corrections of a record, the newest first."""
        rows = self._session.scalars(
            select(CorrectionNotice)
            .where(CorrectionNotice.code == code)
            .order_by(CorrectionNotice.id.desc())
        )
        return [_notice(row) for row in rows]


def _notice(row: CorrectionNotice) -> Notice:
    return Notice(
        id=row.id,
        code=row.code,
        revisions=tuple(row.revisions),
        text=row.text,
        author=row.author,
        created_at=row.created_at,
        shown_since=row.shown_since,
    )
