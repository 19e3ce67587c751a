"""The whole database on one page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, UTC stored, aware UTC out; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: they would silently mean the server's zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """One metadata, one migration history."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON}  # noqa: RUF012


def core(table: type[Table]) -> sqlalchemy.Table:
    """A table without its mapping, for statements that go past the ORM."""
    found = table.__table__
    assert isinstance(found, sqlalchemy.Table)
    return found


class RevisionState(StrEnum):
    """Life of a revision. Of a code at most one is in force, one a draft, one in review.

    ``DRAFT`` is what an import left for somebody to take up; what people type is kept in
    ``procedure_drafts``. ``SCHEDULED`` is approved and waits for its day.
    """

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ProcedureRevision(Table):
    """One revision of one procedure; ``body`` is the record, the columns are for finding it.

    ``base`` is the revision its author began from. ``effective_from`` is a day in Vietnam.
    """

    __tablename__ = "procedure_revisions"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    name: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(String(200))
    confirmed: Mapped[bool]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    body: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    base: Mapped[int | None]
    effective_from: Mapped[date | None]
    reviewer: Mapped[str | None] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str | None] = mapped_column(Text)
    in_force_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]


class ProcedureDraft(Table):
    """What one author is typing about one record; ``body`` may be half a record.

    ``saves`` counts the times it was kept, so that a second window of the same author is noticed.
    """

    __tablename__ = "procedure_drafts"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    author: Mapped[str] = mapped_column(String(80), primary_key=True)
    base: Mapped[int]
    body: Mapped[dict[str, Any]]
    saves: Mapped[int]
    updated_at: Mapped[datetime]


class RegressionCase(Table):
    """A sentence and the procedure it must lead to; ``key`` is its words without diacritics."""

    __tablename__ = "regression_cases"

    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    phrase: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(16), index=True)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class MissedDecision(Table):
    """What staff decided on a missed question; ``key`` is a digest of its words."""

    __tablename__ = "missed_decisions"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    phrase: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime]


class RatingRow(Table):
    """What a citizen said of the answer to one inquiry; the last word counts."""

    __tablename__ = "ratings"

    inquiry: Mapped[int] = mapped_column(
        ForeignKey("inquiries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    good: Mapped[bool]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_ratings_at", "at"),)


class MessageConsent(Table):
    """A contact that agreed to be told of corrections to one procedure.

    ``sealed`` holds the platform's own id; ``wording`` is the sentence they agreed to.
    """

    __tablename__ = "message_consents"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    contact: Mapped[str] = mapped_column(String(64), primary_key=True)
    procedure: Mapped[str] = mapped_column(String(16), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    wording: Mapped[str] = mapped_column(Text)
    agreed_at: Mapped[datetime]


class CorrectionNotice(Table):
    """A correction told to those who were shown something wrong."""

    __tablename__ = "correction_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), index=True)
    revisions: Mapped[list[int]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    shown_since: Mapped[datetime]


class UploadRow(Table):
    """A file that an officer brought in, until it is written or dropped."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    author: Mapped[str] = mapped_column(String(80))
    started: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    overwrite: Mapped[bool]
    written: Mapped[int]
    problem: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime | None]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class KnowledgeVersion(Table):
    """A counter raised by every change of knowledge, so that indexes know they are old."""

    __tablename__ = "knowledge_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


class Document(Table):
    """Knowledge that is one piece: the glossary, the phrases. Its author tells seed from edits."""

    __tablename__ = "documents"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    body: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime]
    revision: Mapped[int]


class DocumentRevision(Table):
    """One version of a document; the newest is the one in force."""

    __tablename__ = "document_revisions"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Conversation(Table):
    """What is remembered of one conversation between two messages; the contact is a hash."""

    __tablename__ = "conversations"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    contact: Mapped[str] = mapped_column(String(64), primary_key=True)
    memory: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class InquiryRow(Table):
    """One inquiry and how it ended. ``text`` is masked before it comes here.

    ``folded`` are its words for searching; whoever changes ``text`` changes both.
    """

    __tablename__ = "inquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(16))
    contact: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text, server_default="")
    intent: Mapped[str] = mapped_column(String(20))
    procedure: Mapped[str | None] = mapped_column(String(16))
    aspect: Mapped[str | None] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(32))
    score: Mapped[float | None]
    revision: Mapped[int | None]
    milliseconds: Mapped[float]

    __table_args__ = (
        # What stands behind the number lets most filters be answered from the index alone.
        Index("ix_inquiries_at", "at", "id", "status", "channel", "procedure", "aspect", "score"),
        Index("ix_inquiries_procedure", "procedure", "at", "id"),
        Index("ix_inquiries_status", "status", "at", "id"),
        Index("ix_inquiries_contact", "channel", "contact", "id"),
    )


class QueueState(StrEnum):
    """Life of a row of the inbox or the outbox."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class InboxRow(Table):
    """One event of a platform, kept from its acknowledgement until it is answered.

    ``sealed`` is encrypted and erased once the row is settled; the contact is a hash.
    """

    __tablename__ = "inbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    event: Mapped[str] = mapped_column(String(120))
    contact: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("channel", "event", name="uq_inbox_event"),
        Index(
            "ix_inbox_waiting",
            "channel",
            "contact",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_inbox_settled", "settled_at"),
    )


class OutboxRow(Table):
    """One call to a platform, kept until the platform took it. ``key`` makes a repeat harmless.

    ``unsettled`` counts the times that nobody knows whether the platform took it: whoever was
    sending it died before writing down what came of it.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    contact: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    attempts: Mapped[int]
    unsettled: Mapped[int]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    platform_id: Mapped[str | None] = mapped_column(String(120))
    error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "channel",
            "contact",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_outbox_settled", "settled_at"),
    )


class ContactState(Table):
    """What a platform allows towards one contact (a hash) at the moment."""

    __tablename__ = "contacts"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    contact: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_seen: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    silent_until: Mapped[datetime | None]
    remaining: Mapped[int | None]


class ChannelTokens(Table):
    """Tokens of a channel that change at run time, encrypted."""

    __tablename__ = "channel_tokens"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime]


class LookupAttempt(Table):
    """One try to see a dossier; contact and code are salted hashes, kept for a short while."""

    __tablename__ = "lookup_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    contact: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(String(12))

    __table_args__ = (
        Index("ix_lookup_attempts_contact", "contact", "at"),
        Index("ix_lookup_attempts_code", "code", "at"),
    )


class WatchRow(Table):
    """A dossier whose changes a citizen wants to hear of.

    Contact and code are hashes; ``sealed`` holds both as they are. ``told`` is a digest of the
    state told last.
    """

    __tablename__ = "watches"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    contact: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64), index=True)
    source: Mapped[str] = mapped_column(String(60))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
    look_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("channel", "contact", "code", name="uq_watches"),)


class SourceCursor(Table):
    """How far the changes of a dossier source were read."""

    __tablename__ = "source_cursors"

    source: Mapped[str] = mapped_column(String(60), primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class AccountRow(Table):
    """Someone of the office. Secrets are hashes, or sealed; ``office`` empty means all offices.

    ``totp_step`` is the time step of the last one-time code used: no code works twice.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(JSON)
    office: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool]
    password: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool]
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int]
    recovery: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    password_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class StaffSession(Table):
    """One signed-in browser; ``token`` is a hash, the token itself is in the browser's cookie."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))
    notices: Mapped[list[str]] = mapped_column(JSON)


class LoginAttempts(Table):
    """Failed log-ins of one account name or one address; ``key`` is a hash."""

    __tablename__ = "login_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class AuditRow(Table):
    """What someone of the office did; each row holds the digest of the row before."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(160))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_audit_at", "at", "id"),
        Index("ix_audit_actor", "actor", "id"),
        Index("ix_audit_target", "target", "id"),
    )


class AuditHead(Table):
    """How many rows the audit has and the digest of the last; its lock puts writers in a row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class HandoverState(StrEnum):
    """Life of a hand-over. A contact has at most one that is not closed."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"


class HandoverRow(Table):
    """A conversation that a citizen wants to have with an officer.

    The contact is a hash, ``sealed_contact`` the platform's own id of it, to write to.
    ``unanswered_since`` is set while the citizen's last word has no answer; ``acknowledged`` once
    the citizen knows that messages are passed on; ``told_late`` once they know that nobody took it
    in time; ``told_back`` once they know that the bot answers again.
    """

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    contact: Mapped[str] = mapped_column(String(64))
    sealed_contact: Mapped[bytes] = mapped_column(LargeBinary)
    office: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    expected_by: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(80))
    unanswered_since: Mapped[datetime | None]
    acknowledged: Mapped[bool]
    told_late: Mapped[bool]
    told_back: Mapped[bool]

    __table_args__ = (
        Index(
            "uq_handovers_open",
            "channel",
            "contact",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_handovers_contact", "contact"),
        Index("ix_handovers_state", "state", "opened_at"),
        Index("ix_handovers_closed", "closed_at", "id"),
        Index("ix_handovers_holder", "holder", "closed_at"),
        {"sqlite_autoincrement": True},
    )


class HandoverMessage(Table):
    """One message of a hand-over. ``text`` is masked before it comes here.

    ``sealed`` holds the words themselves where masking changed them, until the hand-over is
    closed. ``token`` is the sender's own id of the message, so that a repeat is harmless.
    ``delivery`` is empty for what is not sent to the citizen; ``attempt`` and
    ``calls`` tell the keys of its calls in the outbox, ``failed_at`` when the last try failed.
    """

    __tablename__ = "handover_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover: Mapped[int] = mapped_column(ForeignKey("handovers.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    sender: Mapped[str] = mapped_column(String(8))
    author: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    token: Mapped[str | None] = mapped_column(String(80), unique=True)
    delivery: Mapped[str | None] = mapped_column(String(10))
    attempt: Mapped[int]
    calls: Mapped[int]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_handover_messages_handover", "handover", "id"),
        Index("ix_handover_messages_delivery", "delivery", "id"),
        # Ids are never used again: they stand in the keys of calls, and pages count by them.
        {"sqlite_autoincrement": True},
    )


class SavedFilterRow(Table):
    """A filter an account keeps for a page; ``query`` is the page's address behind «?»."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    page: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("account", "page", "name", name="uq_saved_filters"),)


class FigureDay(Table):
    """A day in Vietnam whose figures were counted; its lock puts those who count in a row."""

    __tablename__ = "figure_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime]


class DailyFigure(Table):
    """How often something happened on a day in Vietnam, see ``knowledge.figures.Kind``."""

    __tablename__ = "daily_figures"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]


class SwitchRow(Table):
    """Something that is switched off; the row goes when it is on again, the audit keeps both."""

    __tablename__ = "switches"

    scope: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    sentence: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class AnnouncementRow(Table):
    """What every citizen who writes meanwhile is told once."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class QualityWeek(Table):
    """A week (by its Monday) out of which questions were drawn to be judged; of how many."""

    __tablename__ = "quality_weeks"

    week: Mapped[date] = mapped_column(primary_key=True)
    population: Mapped[int | None]
    drawn_at: Mapped[datetime]


class QualitySample(Table):
    """A drawn question and what staff say of its answer; ``day`` is when it was asked."""

    __tablename__ = "quality_samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(index=True)
    day: Mapped[date] = mapped_column(index=True)
    inquiry: Mapped[int] = mapped_column(unique=True)
    outcome: Mapped[str] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    labeller: Mapped[str | None] = mapped_column(String(80))
    labelled_at: Mapped[datetime | None]
