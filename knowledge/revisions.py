"""Steps in the life of a record: drafts, review by a second person, days of effect, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from knowledge.difference import difference
from knowledge.history import WAITING, History, drafted, revised
from knowledge.lifecycle import (
    AlreadyInReview,
    Draft,
    DraftMoved,
    NewerBase,
    NoChange,
    NotWaiting,
    NotYours,
    OwnWork,
    ReasonMissing,
    Revision,
    UnknownRevision,
)
from knowledge.merging import merge
from knowledge.model import Procedure
from knowledge.tables import ProcedureDraft, ProcedureRevision, RevisionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def add_revision(
    session: Session,
    procedure: Procedure,
    state: RevisionState,
    *,
    author: str,
    reason: str,
    at: datetime,
    **more: Any,
) -> ProcedureRevision:
    """Write the next revision of a record; the caller keeps other writers out."""
    last = session.scalar(
        select(func.max(ProcedureRevision.revision)).where(ProcedureRevision.code == procedure.code)
    )
    numbered = procedure.model_copy(update={"revision": (last or 0) + 1})
    row = ProcedureRevision(
        code=numbered.code,
        revision=numbered.revision,
        state=state,
        name=numbered.name,
        field=numbered.field[:200],
        confirmed=numbered.source.confirmed,
        valid_from=numbered.valid_from,
        valid_until=numbered.valid_until,
        body=numbered.model_dump(mode="json", exclude_defaults=True),
        author=author,
        reason=reason,
        created_at=at,
        in_force_at=at if state is RevisionState.IN_FORCE else None,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def supersede(row: ProcedureRevision, at: datetime) -> None:
    """End the time of a revision in force."""
    row.state = RevisionState.SUPERSEDED
    row.superseded_at = at


class Revisions(History):
    """Steps in the life of records inside one transaction.

    ``alone`` keeps other writers of knowledge out, ``changed`` tells every process that what is
    in force changed.
    """

    def __init__(
        self, session: Session, alone: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        super().__init__(session)
        self._alone = alone
        self._changed = changed

    # --- drafts ---

    def save(
        self, code: str, author: str, body: dict[str, Any], *, base: int, expects: int, at: datetime
    ) -> Draft:
        """Keep what an author typed, valid or not.

        ``base`` is the revision the form was opened on (0 for a new record), ``expects`` the
        ``saves`` the form knows (0 for a new draft). Raises :class:`DraftMoved`.
        """
        self._alone()
        row = self._session.get(ProcedureDraft, (code, author), populate_existing=True)
        if (row.saves if row else 0) != expects:
            if row is None:
                raise UnknownRevision
            raise DraftMoved(drafted(row))
        if row is None:
            row = ProcedureDraft(code=code, author=author, base=base, saves=0)
            self._session.add(row)
        row.body, row.saves, row.updated_at = body, expects + 1, at
        self._session.flush()
        return drafted(row)

    def discard(self, code: str, author: str) -> None:
        """Throw an author's draft away."""
        self._session.execute(
            delete(ProcedureDraft).where(
                ProcedureDraft.code == code, ProcedureDraft.author == author
            )
        )

    def adopt(self, code: str, author: str, *, at: datetime) -> Draft:
        """Take up the draft an import left; it stays in the history as withdrawn.

        Raises :class:`UnknownRevision`, and :class:`DraftMoved` when the author has a draft.
        """
        self._alone()
        row = self._one(code, RevisionState.DRAFT)
        if row is None:
            raise UnknownRevision
        row.state = RevisionState.WITHDRAWN
        row.reviewer, row.reviewed_at, row.review_note = author, at, "nhận về sửa tiếp"
        return self.save(code, author, row.body, base=self._base(code), expects=0, at=at)

    def rebase(self, code: str, author: str, *, at: datetime) -> tuple[Draft, tuple[str, ...]]:
        """Carry a draft over to what is in force now; and the fields that both had changed.

        Of those fields the author's text stays. Raises :class:`UnknownRevision`.
        """
        self._alone()
        row = self._session.get(ProcedureDraft, (code, author), populate_existing=True)
        if row is None:
            raise UnknownRevision
        newest = self._one(code, RevisionState.IN_FORCE)
        merged, clashes = merge(self._body(code, row.base), row.body, newest.body if newest else {})
        row.body, row.base = merged, newest.revision if newest else 0
        row.saves, row.updated_at = row.saves + 1, at
        self._session.flush()
        return drafted(row), clashes

    # --- review ---

    def submit(
        self,
        code: str,
        author: str,
        *,
        reason: str,
        at: datetime,
        effective_from: date | None = None,
    ) -> Revision:
        """Hand an author's draft to review; the draft becomes a revision.

        Raises pydantic's ``ValidationError`` for half a record, :class:`ReasonMissing`,
        :class:`UnknownRevision`, :class:`AlreadyInReview`, :class:`NewerBase`, :class:`NoChange`.
        """
        self._alone()
        said = _reason(reason)
        draft = self.draft(code, author)
        if draft is None:
            raise UnknownRevision
        procedure = Procedure.model_validate({**draft.body, "code": code, "revision": 1})
        if waiting := self._one(code, RevisionState.IN_REVIEW):
            raise AlreadyInReview(revised(waiting))
        newest = self._one(code, RevisionState.IN_FORCE)
        if newest and newest.revision != draft.base:
            raise self._newer(code, draft.base, procedure, newest)
        if newest and not difference(Procedure.model_validate(newest.body), procedure):
            raise NoChange
        row = add_revision(
            self._session,
            procedure,
            RevisionState.IN_REVIEW,
            author=author,
            reason=said,
            at=at,
            base=draft.base,
            effective_from=effective_from,
        )
        self.discard(code, author)
        return revised(row)

    def approve(
        self, code: str, number: int, *, reviewer: str, at: datetime, today: date, note: str = ""
    ) -> Revision:
        """Let a revision take force, at once or on its day; ``today`` is the day in Vietnam.

        What took force meanwhile in other fields is kept. Raises :class:`UnknownRevision`,
        :class:`NotWaiting`, :class:`OwnWork`, :class:`NewerBase`.
        """
        row = self._reviewable(code, number, reviewer)
        later = row.effective_from is not None and row.effective_from > today
        if not later:
            self._refuse_clash(row)
        row.reviewer, row.reviewed_at, row.review_note = reviewer, at, note.strip() or None
        if later:
            row.state = RevisionState.SCHEDULED
            self._session.flush()
            return revised(row)
        return revised(self._take_force(row, at))

    def reject(self, code: str, number: int, *, reviewer: str, note: str, at: datetime) -> Revision:
        """Send a revision back to its author, who finds it again as a draft.

        Raises :class:`ReasonMissing`, :class:`UnknownRevision`, :class:`NotWaiting`,
        :class:`OwnWork`.
        """
        said = _reason(note)
        row = self._reviewable(code, number, reviewer)
        return self._give_back(row, RevisionState.REJECTED, by=reviewer, note=said, at=at)

    def withdraw(
        self, code: str, number: int, *, by: str, note: str, at: datetime, approves: bool = False
    ) -> Revision:
        """Take back what waits: its author, or who ``approves`` what is scheduled already.

        Raises :class:`ReasonMissing`, :class:`UnknownRevision`, :class:`NotWaiting`,
        :class:`NotYours`.
        """
        self._alone()
        said = _reason(note)
        row = self._row(code, number)
        if row.state not in WAITING:
            raise NotWaiting(RevisionState(row.state))
        decides = approves and row.state == RevisionState.SCHEDULED
        if not decides and not _same_person(row.author, by):
            raise NotYours
        return self._give_back(row, RevisionState.WITHDRAWN, by=by, note=said, at=at)

    def roll_back(
        self, code: str, number: int, *, author: str, reason: str, at: datetime
    ) -> Revision:
        """Put an old text in force again as a new revision, at once.

        It was approved once, so one person does it. Raises :class:`ReasonMissing`,
        :class:`UnknownRevision` for what was never in force, :class:`NoChange`.
        """
        self._alone()
        said = _reason(reason)
        old = self._row(code, number)
        if old.state != RevisionState.SUPERSEDED or (old.reviewer and not old.in_force_at):
            raise NoChange if old.state == RevisionState.IN_FORCE else UnknownRevision
        procedure = Procedure.model_validate(old.body)
        current = self._one(code, RevisionState.IN_FORCE)
        if current:
            if not difference(Procedure.model_validate(current.body), procedure):
                raise NoChange
            supersede(current, at)
        row = add_revision(
            self._session,
            procedure,
            RevisionState.IN_FORCE,
            author=author,
            reason=f"{said} (lấy lại lần sửa {number})",
            at=at,
            base=current.revision if current else None,
        )
        self._changed()
        return revised(row)

    def take_effect(self, today: date, at: datetime) -> list[str]:
        """Put in force what was scheduled for today in Vietnam or before; the codes.

        Cheap when nothing is due. Any number of processes may call it again and again: one of
        them does it, all see the knowledge version change.
        """
        due = (
            select(ProcedureRevision)
            .where(
                ProcedureRevision.state == RevisionState.SCHEDULED,
                ProcedureRevision.effective_from <= today,
            )
            .order_by(ProcedureRevision.effective_from, ProcedureRevision.revision)
            .execution_options(populate_existing=True)
        )
        if self._session.scalars(due.limit(1)).first() is None:
            return []
        self._alone()
        rows = list(self._session.scalars(due))
        for row in rows:
            self._take_force(row, at)
        return [row.code for row in rows]

    # --- inside ---

    def _reviewable(self, code: str, number: int, reviewer: str) -> ProcedureRevision:
        self._alone()
        row = self._row(code, number)
        if row.state != RevisionState.IN_REVIEW:
            raise NotWaiting(RevisionState(row.state))
        if _same_person(row.author, reviewer):
            raise OwnWork
        return row

    def _newer(
        self, code: str, base: int | None, mine: Procedure, newest: ProcedureRevision
    ) -> NewerBase:
        before = self._body(code, base) or newest.body
        own = mine.model_dump(mode="json", exclude_defaults=True)
        clashes = merge(self._body(code, base), own, newest.body)[1]
        old = Procedure.model_validate(before)
        theirs = difference(old, Procedure.model_validate(newest.body))
        return NewerBase(newest.revision, theirs, difference(old, mine), clashes)

    def _refuse_clash(self, row: ProcedureRevision) -> None:
        current = self._one(row.code, RevisionState.IN_FORCE)
        if current and current.revision != row.base:
            mine = Procedure.model_validate(row.body)
            newer = self._newer(row.code, row.base, mine, current)
            if newer.clashes:
                raise newer

    def _take_force(self, row: ProcedureRevision, at: datetime) -> ProcedureRevision:
        """Put a revision in force over what is; in fields that both changed it wins."""
        current = self._one(row.code, RevisionState.IN_FORCE)
        if current and current.revision != row.base:
            merged, _ = merge(self._body(row.code, row.base), row.body, current.body)
            row = self._merged(row, current, merged, at)
        if current:
            supersede(current, at)
        row.state, row.in_force_at = RevisionState.IN_FORCE, at
        self._session.flush()
        self._changed()
        return row

    def _merged(
        self,
        row: ProcedureRevision,
        current: ProcedureRevision,
        merged: dict[str, Any],
        at: datetime,
    ) -> ProcedureRevision:
        """A revision never changes: with what came meanwhile it becomes the next one."""
        procedure = Procedure.model_validate({**merged, "revision": row.revision})
        if not difference(Procedure.model_validate(row.body), procedure):
            return row
        supersede(row, at)
        self._session.flush()
        return add_revision(
            self._session,
            procedure,
            RevisionState.SCHEDULED,
            author=row.author,
            reason=f"{row.reason} (gộp lần sửa {row.revision} với lần sửa {current.revision})",
            at=at,
            base=current.revision,
            effective_from=row.effective_from,
            reviewer=row.reviewer,
            reviewed_at=row.reviewed_at,
            review_note=row.review_note,
        )

    def _give_back(
        self, row: ProcedureRevision, state: RevisionState, *, by: str, note: str, at: datetime
    ) -> Revision:
        row.state, row.reviewer, row.reviewed_at, row.review_note = state, by, at, note
        self._session.flush()
        if self.draft(row.code, row.author) is None:
            self.save(row.code, row.author, row.body, base=row.base or 0, expects=0, at=at)
        return revised(row)


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise ReasonMissing
    return said[:1000]
