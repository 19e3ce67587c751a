"""What the life of a record is told in: drafts, revisions, and the steps that are not allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from knowledge.difference import Change
    from knowledge.model import Procedure
    from knowledge.tables import RevisionState


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What one author has typed so far; ``body`` may not be a valid record yet."""

    code: str
    author: str
    base: int
    body: dict[str, Any]
    saves: int
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision with its way through review."""

    procedure: Procedure
    state: RevisionState
    author: str
    reason: str
    created_at: datetime
    base: int | None
    effective_from: date | None
    reviewer: str | None
    reviewed_at: datetime | None
    review_note: str | None
    in_force_at: datetime | None
    superseded_at: datetime | None

    @property
    def code(self) -> str:
        """The record's code."""
        return self.procedure.code

    @property
    def number(self) -> int:
        """The number of the revision, 1 for the first."""
        return self.procedure.revision


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How many contacts of one channel were shown a text, and how often; nobody is named.

    Contacts that had themselves erased count in ``times`` only.
    """

    channel: str
    contacts: int
    times: int


class RevisionError(Exception):
    """A step that the life of a record does not allow."""


class UnknownRevision(RevisionError):
    """There is no such draft or revision (any more)."""


class NoChange(RevisionError):
    """The text is what is in force already."""


class ReasonMissing(RevisionError):
    """This step needs a reason."""


class OwnWork(RevisionError):
    """Nobody approves or rejects what they wrote themselves."""


class NotYours(RevisionError):
    """Only the author takes back what waits for review."""


class NotWaiting(RevisionError):
    """The revision was decided on meanwhile; ``state`` is what it became."""

    def __init__(self, state: RevisionState) -> None:
        super().__init__(state)
        self.state = state


class AlreadyInReview(RevisionError):
    """Another change of the record waits for review and goes first."""

    def __init__(self, waiting: Revision) -> None:
        super().__init__(waiting.number)
        self.waiting = waiting


class DraftMoved(RevisionError):
    """The author's draft was kept from another window; ``stored`` is what is there now."""

    def __init__(self, stored: Draft) -> None:
        super().__init__(stored.saves)
        self.stored = stored


class NewerBase(RevisionError):
    """The record changed under the author; the draft stays as it is.

    ``theirs`` is what changed since, ``mine`` what the author changed, ``clashes`` the fields
    that both changed.
    """

    def __init__(
        self,
        newest: int,
        theirs: tuple[Change, ...],
        mine: tuple[Change, ...],
        clashes: tuple[str, ...],
    ) -> None:
        super().__init__(newest)
        self.newest, self.theirs, self.mine, self.clashes = newest, theirs, mine, clashes
