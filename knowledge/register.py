"""The list of records that officers work from, with its filters and flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from knowledge.history import WAITING
from knowledge.tables import ProcedureRevision, RevisionState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

_CHECKED_ON = ProcedureRevision.body["source"]["checked_on"].as_string()
# Empty fields are not stored, so a path that is there says something.
_CONFLICTS = ProcedureRevision.body[("conflicts", 0, "aspect")].as_string().is_not(None)
_UNSOURCED = or_(
    ProcedureRevision.body[("unsourced", 0)].as_string().is_not(None),
    and_(
        *(
            ProcedureRevision.body[("source", name)].as_string().is_(None)
            for name in ("decision", "url", "origin")
        )
    ),
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which records a list shows. ``due`` are those last checked before a day.

    ``drafts`` are left by imports, ``waiting`` wait for review or for their day. ``unsourced``
    have no source, or facts without one. ``codes`` narrows to some, ``begins`` to codes that
    begin so.
    """

    field: str = ""
    confirmed: bool | None = None
    due: date | None = None
    drafts: bool = False
    waiting: bool = False
    conflicts: bool = False
    unsourced: bool = False
    codes: Sequence[str] | None = None
    begins: str = ""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One record in a list: the revision in force, else the newest that may come into force."""

    code: str
    name: str
    field: str
    confirmed: bool
    in_force: bool
    has_draft: bool
    waits: bool
    conflicts: bool
    unsourced: bool
    checked_on: str
    revision: int


class Register:
    """Reads of revisions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Listed]:
        """Some records by code."""
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
                _another(*WAITING).label("waits"),
                _CONFLICTS.label("conflicts"),
                _UNSOURCED.label("unsourced"),
            )
            .where(*_which(wanted))
            .order_by(ProcedureRevision.code)
            .limit(limit)
            .offset(offset)
        )
        return [
            Listed(
                code=row.code,
                name=row.name,
                field=row.field,
                confirmed=row.confirmed,
                in_force=row.state == RevisionState.IN_FORCE,
                has_draft=row.has_draft,
                waits=row.waits,
                conflicts=row.conflicts,
                unsourced=row.unsourced,
                checked_on=row.checked_on or "",
                revision=row.revision,
            )
            for row in rows
        ]

    def count(self, wanted: Wanted) -> int:
        """How many records there are."""
        found = self._session.scalar(
            select(func.count()).select_from(ProcedureRevision).where(*_which(wanted))
        )
        return found or 0

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

    def successor(self, code: str) -> tuple[str, str] | None:
        """Code and name of the record in force that replaces another."""
        replaces = ProcedureRevision.body["replaces"].as_string()
        row = self._session.execute(
            select(ProcedureRevision.code, ProcedureRevision.name)
            .where(
                ProcedureRevision.state == RevisionState.IN_FORCE, replaces.contains(f'"{code}"')
            )
            .limit(1)
        ).first()
        return (row.code, row.name) if row else None


def _another(*states: RevisionState, newer: bool = False) -> ColumnElement[bool]:
    """True when the record also has a revision in one of some states."""
    other = aliased(ProcedureRevision)
    which = [other.code == ProcedureRevision.code, other.state.in_(states)]
    if newer:
        which.append(other.revision > ProcedureRevision.revision)
    return exists().where(*which)


def _which(wanted: Wanted) -> list[Any]:
    coming = (RevisionState.DRAFT, *WAITING)
    new = and_(
        ProcedureRevision.state.in_(coming),
        ~_another(RevisionState.IN_FORCE),
        ~_another(*coming, newer=True),
    )
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
    if wanted.waiting:
        which.append(_another(*WAITING))
    if wanted.conflicts:
        which.append(_CONFLICTS)
    if wanted.unsourced:
        which.append(_UNSOURCED)
    if wanted.codes is not None:
        which.append(ProcedureRevision.code.in_(wanted.codes))
    if wanted.begins:
        which.append(ProcedureRevision.code.startswith(wanted.begins, autoescape=True))
    return which
