"""A dossier as the office may speak of it, and the answers a dossier source can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Stage(IntEnum):
    """The ten national statuses; the value is the national code (``TrangThaiHoSo``)."""

    REGISTERED = 1
    ACCEPTED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT = 5
    PAYMENT = 6
    WITHDRAWN = 7
    STOPPED = 8
    FINISHED = 9
    RETURNED = 10

    @property
    def waits_for_citizen(self) -> bool:
        """True while the office waits for papers or money; the time limit stands still."""
        return self in (Stage.SUPPLEMENT, Stage.PAYMENT)

    @property
    def ended(self) -> bool:
        """True when the office has nothing more to do but hand the result over."""
        return self in (
            Stage.REFUSED,
            Stage.WITHDRAWN,
            Stage.STOPPED,
            Stage.FINISHED,
            Stage.RETURNED,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One step of a dossier's way. ``raw`` is the local status or action as the source says it."""

    at: datetime | None = None
    stage: Stage | None = None
    raw: str = ""
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PapersAsked:
    """A request for papers. ``done_at`` is when the citizen answered it; ``None``: still open."""

    what: str
    reason: str | None = None
    asked_at: datetime | None = None
    deadline: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeDue:
    """A fee or tax still to be paid; ``amount`` in đồng, ``None`` when the source states none."""

    name: str
    amount: int | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """What a source tells of one dossier; moments carry a zone.

    A moment at midnight in Việt Nam means that the source states the day only. ``stage`` is
    ``None`` when the local status is in no table: then ``raw_status`` is shown as it is, never
    guessed. The last digits of numbers on file prove that somebody may see the dossier; full
    numbers, addresses and internal notes never leave the source. ``as_of`` is the moment the data
    was right: now for a live database, the export's time for a file.
    """

    code: str
    source: str
    as_of: datetime
    stage: Stage | None
    raw_status: str = ""
    procedure_code: str | None = None
    procedure_name: str | None = None
    applicant: str | None = field(default=None, repr=False)
    identity_tail: str | None = field(default=None, repr=False)
    phone_tail: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)
    other_tails: tuple[str, ...] = field(default=(), repr=False)
    """Of the person who acts for the applicant."""
    office: str | None = None
    desk: str | None = None
    handler: str | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    paused_since: datetime | None = None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    updated_at: datetime | None = None
    refusal: str | None = None
    collect_at: str | None = None
    papers: tuple[PapersAsked, ...] = ()
    fees: tuple[FeeDue, ...] = ()
    timeline: tuple[Event, ...] = ()

    @property
    def factors(self) -> tuple[str, ...]:
        """Everything of which one piece proves that somebody may see this dossier."""
        known = (self.identity_tail, self.phone_tail, self.pin, *self.other_tails)
        return tuple(each for each in known if each)


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """A system this office has no access to: its name and where citizens look dossiers up."""

    name: str
    url: str
    confirmed: bool = True
    """False: the address was derived, not read; say «thử tra cứu tại»."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A dossier of which something changed, and when the source says so."""

    code: str
    at: datetime
