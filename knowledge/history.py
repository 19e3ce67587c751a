"""What is and was: drafts, revisions with their differences, and who was shown them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, tuple_

from knowledge.difference import difference
from knowledge.lifecycle import Draft, Revision, Shown, UnknownRevision
from knowledge.model import Procedure
from knowledge.tables import InquiryRow, ProcedureDraft, ProcedureRevision, RevisionState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge.difference import Change

WAITING = (RevisionState.IN_REVIEW, RevisionState.SCHEDULED)


class History:
    """Reads of drafts and revisions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def draft(self, code: str, author: str) -> Draft | None:
        """What an author has typed about a record."""
        row = self._session.get(ProcedureDraft, (code, author))
        return drafted(row) if row else None

    def drafts(self, *, code: str | None = None, author: str | None = None) -> list[Draft]:
        """Drafts of a record, of an author or of all, the newest first."""
        wanted = select(ProcedureDraft).order_by(ProcedureDraft.updated_at.desc())
        if code is not None:
            wanted = wanted.where(ProcedureDraft.code == code)
        if author is not None:
            wanted = wanted.where(ProcedureDraft.author == author)
        return [drafted(row) for row in self._session.scalars(wanted)]

    def history(self, code: str) -> list[Revision]:
        """All revisions of a record, the newest first."""
        rows = self._session.scalars(
            select(ProcedureRevision)
            .where(ProcedureRevision.code == code)
            .order_by(ProcedureRevision.revision.desc())
        )
        return [revised(row) for row in rows]

    def waiting(
        self, *states: RevisionState, code: str | None = None, limit: int | None = None
    ) -> list[Revision]:
        """What waits for review or for its day, the oldest first; of one record or of all."""
        wanted = (
            select(ProcedureRevision)
            .where(ProcedureRevision.state.in_(states or WAITING))
            .order_by(ProcedureRevision.created_at, ProcedureRevision.code)
            .limit(limit)
        )
        if code is not None:
            wanted = wanted.where(ProcedureRevision.code == code)
        return [revised(row) for row in self._session.scalars(wanted)]

    def count_waiting(self, state: RevisionState, *, but: str = "") -> int:
        """How many revisions wait in a state, without those of one author."""
        found = self._session.scalar(
            select(func.count())
            .select_from(ProcedureRevision)
            .where(ProcedureRevision.state == state, ProcedureRevision.author != but)
        )
        return found or 0

    def get(self, code: str, number: int) -> Revision:
        """One revision. Raises :class:`UnknownRevision`."""
        return revised(self._row(code, number))

    def changes(self, code: str, old: int, new: int) -> tuple[Change, ...]:
        """What changed from one revision to another. Raises :class:`UnknownRevision`."""
        return difference(self.get(code, old).procedure, self.get(code, new).procedure)

    def shown(self, code: str, revisions: Collection[int], *, since: datetime) -> list[Shown]:
        """How many contacts were shown some revisions of a record, by channel."""
        contacts = func.count(func.nullif(InquiryRow.contact, "").distinct())
        rows = self._session.execute(
            select(InquiryRow.channel, contacts, func.count())
            .where(
                InquiryRow.procedure == code,
                InquiryRow.revision.in_(revisions),
                InquiryRow.at >= since,
            )
            .group_by(InquiryRow.channel)
            .order_by(InquiryRow.channel)
        )
        return [Shown(channel=row[0], contacts=row[1], times=row[2]) for row in rows]

    def some(self, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Procedure]:
        """Records as they stood in some revisions, by code and number; what is gone is missing."""
        rows = self._session.execute(
            select(
                ProcedureRevision.code, ProcedureRevision.revision, ProcedureRevision.body
            ).where(tuple_(ProcedureRevision.code, ProcedureRevision.revision).in_(keys))
        )
        return {(row.code, row.revision): Procedure.model_validate(row.body) for row in rows}

    def _row(self, code: str, number: int) -> ProcedureRevision:
        row = self._session.get(ProcedureRevision, (code, number), populate_existing=True)
        if row is None:
            raise UnknownRevision
        return row

    def _one(self, code: str, state: RevisionState) -> ProcedureRevision | None:
        return self._session.scalars(
            select(ProcedureRevision)
            .where(ProcedureRevision.code == code, ProcedureRevision.state == state)
            .order_by(ProcedureRevision.revision.desc())
            .execution_options(populate_existing=True)
        ).first()

    def _base(self, code: str) -> int:
        row = self._one(code, RevisionState.IN_FORCE)
        return row.revision if row else 0

    def _body(self, code: str, number: int | None) -> dict[str, Any]:
        row = self._session.get(ProcedureRevision, (code, number)) if number else None
        return row.body if row else {}


def drafted(row: ProcedureDraft) -> Draft:
    """A draft out of its row."""
    return Draft(
        code=row.code,
        author=row.author,
        base=row.base,
        body=row.body,
        saves=row.saves,
        updated_at=row.updated_at,
    )


def revised(row: ProcedureRevision) -> Revision:
    """A revision out of its row."""
    return Revision(
        procedure=Procedure.model_validate(row.body).model_copy(update={"revision": row.revision}),
        state=RevisionState(row.state),
        author=row.author,
        reason=row.reason,
        created_at=row.created_at,
        base=row.base,
        effective_from=row.effective_from,
        reviewer=row.reviewer,
        reviewed_at=row.reviewed_at,
        review_note=row.review_note,
        in_force_at=row.in_force_at,
        superseded_at=row.superseded_at,
    )
