"""Revisions of records: the list officers work from, and the history of one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from knowledge.model import Procedure
from knowledge.tables import ProcedureRevision, RevisionState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

_CHECKED_ON = ProcedureRevision.body["source"]["checked_on"].as_string()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which records a list shows. ``due`` are those last checked before a day.

    ``codes`` narrows to some, ``begins`` to codes that begin so.
    """

    field: str = ""
    confirmed: bool | None = None
    due: date | None = None
    drafts: bool = False
    codes: Sequence[str] | None = None
    begins: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One record in a list: the revision in force, else the draft."""

    code: str
    name: str
    field: str
    confirmed: bool
    in_force: bool
    has_draft: bool
    checked_on: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision of one record."""

    number: int
    state: RevisionState
    author: str
    reason: str
    created_at: datetime
    procedure: Procedure


class Revisions:
    """Reads of revisions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, wanted: Wanted, *, limit: int, offset: int = 0) -> tuple[list[Listed], int]:
        """Some records by code, and how many there are in all."""
        which = _which(wanted)
        total = self._session.scalar(
            select(func.count()).select_from(ProcedureRevision).where(*which)
        )
        rows = self._session.execute(
            select(
                ProcedureRevision.code,
                ProcedureRevision.name,
                ProcedureRevision.field,
                ProcedureRevision.confirmed,
                ProcedureRevision.state,
                ProcedureRevision.revision,
                _CHECKED_ON.label("checked_on"),
                _another(RevisionState.DRAFT).label("has_draft"),
            )
            .where(*which)
            .order_by(ProcedureRevision.code)
            .limit(limit)
            .offset(offset)
        )
        found = [
            Listed(
                code=row.code,
                name=row.name,
                field=row.field,
                confirmed=row.confirmed,
                in_force=row.state == RevisionState.IN_FORCE,
                has_draft=row.has_draft,
                checked_on=row.checked_on or "",
                revision=row.revision,
            )
            for row in rows
        ]
        return found, total or 0

    def count(self, wanted: Wanted) -> int:
        """How many records there are."""
        return self.page(wanted, limit=0)[1]

    def fields(self) -> list[str]:
        """The fields of all living records."""
        return list(
            self._session.scalars(
                select(ProcedureRevision.field)
                .where(ProcedureRevision.state != RevisionState.SUPERSEDED)
                .distinct()
                .order_by(ProcedureRevision.field)
            )
        )

    def history(self, code: str) -> list[Revision]:
        """Every revision of a record, the newest first."""
        rows = self._session.scalars(
            select(ProcedureRevision)
            .where(ProcedureRevision.code == code)
            .order_by(ProcedureRevision.revision.desc())
        )
        return [
            Revision(
                number=row.revision,
                state=RevisionState(row.state),
                author=row.author,
                reason=row.reason,
                created_at=row.created_at,
                procedure=Procedure.model_validate(row.body),
            )
            for row in rows
        ]

    def some(self, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Procedure]:
        """Records as they stood in some revisions, by code and number; what is gone is missing."""
        rows = self._session.execute(
            select(
                ProcedureRevision.code, ProcedureRevision.revision, ProcedureRevision.body
            ).where(tuple_(ProcedureRevision.code, ProcedureRevision.revision).in_(keys))
        )
        return {(row.code, row.revision): Procedure.model_validate(row.body) for row in rows}


def _another(state: RevisionState) -> ColumnElement[bool]:
    """True when the record also has a revision in another state."""
    other = aliased(ProcedureRevision)
    return exists().where(other.code == ProcedureRevision.code, other.state == state)


def _which(wanted: Wanted) -> list[Any]:
    new = and_(ProcedureRevision.state == RevisionState.DRAFT, ~_another(RevisionState.IN_FORCE))
    which: list[Any] = [or_(ProcedureRevision.state == RevisionState.IN_FORCE, new)]
    if wanted.field:
        which.append(ProcedureRevision.field == wanted.field)
    if wanted.confirmed is not None:
        which.append(ProcedureRevision.confirmed == wanted.confirmed)
    if wanted.due is not None:
        # ISO days compare as text.
        which.append(wanted.due.isoformat() > _CHECKED_ON)
    if wanted.drafts:
        which.append(_another(RevisionState.DRAFT))
    if wanted.codes is not None:
        which.append(ProcedureRevision.code.in_(wanted.codes))
    if wanted.begins:
        which.append(ProcedureRevision.code.startswith(wanted.begins, autoescape=True))
    return which
