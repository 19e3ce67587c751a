"""Inbox and outbox as rows: claimed with a lease, in order for each contact, settled once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import aliased

from knowledge.tables import (
    ChannelTokens,
    ContactState,
    Conversation,
    InboxRow,
    InquiryRow,
    OutboxRow,
    QueueState,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

ERASED = "[đã xóa theo yêu cầu]"
"""What stands in the log instead of the words of a person who withdrew consent."""


class AlreadySettled(Exception):
    """Another worker settled this row; what was done for it a second time must be rolled back."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event to be kept: the platform's id of it, the hashed contact, the sealed body."""

    channel: str
    event: str
    contact: str
    sealed: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Departure:
    """A call to be made to a platform; ``key`` is the same when the same answer is made again."""

    channel: str
    contact: str
    key: str
    sealed: bytes
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours until its lease ends. ``unsettled`` stays 0 for the inbox."""

    id: int
    channel: str
    contact: str
    sealed: bytes
    attempts: int
    since: datetime
    unsettled: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """A reply that waits until its citizen collects it."""

    id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Dead:
    """A call that was given up, for staff to see."""

    id: int
    channel: str
    error: str
    created_at: datetime
    attempts: int


def _waiting_for(channel: str, contact: str) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxRow.state == QueueState.WAITING,
        OutboxRow.channel == channel,
        OutboxRow.contact == contact,
    )


class Queues:
    """Reads and writes of both queues inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dialect = session.get_bind().dialect.name

    def _insert(self, table: type[Any]) -> Any:
        insert = postgresql_insert if self._dialect == "postgresql" else sqlite_insert
        return insert(table).on_conflict_do_nothing()

    def receive(self, arrivals: Sequence[Arrival]) -> None:
        """Keep events; one that is known already, because it was delivered twice, is left out."""
        rows = [
            {
                "channel": each.channel,
                "event": each.event,
                "contact": each.contact,
                "sealed": each.sealed,
                "received_at": each.received_at,
                "state": QueueState.WAITING,
                "attempts": 0,
            }
            for each in arrivals
        ]
        if rows:
            self._session.execute(self._insert(InboxRow), rows)

    def post(self, departures: Sequence[Departure], *, at: datetime) -> None:
        """Put calls into the outbox; one whose key is known already is left out."""
        rows = [
            {
                "channel": each.channel,
                "contact": each.contact,
                "key": each.key,
                "sealed": each.sealed,
                "not_before": each.not_before,
                "created_at": at,
                "state": QueueState.WAITING,
                "attempts": 0,
                "unsettled": 0,
            }
            for each in departures
        ]
        if rows:
            self._session.execute(self._insert(OutboxRow), rows)

    def claim_inbox(
        self, channels: Collection[str], *, now: datetime, until: datetime, limit: int
    ) -> list[Claimed]:
        """The oldest waiting event of each contact, leased to the caller until ``until``."""
        found = self._claim(InboxRow, channels, now, until, limit)
        return [
            Claimed(row.id, row.channel, row.contact, row.sealed, row.attempts, row.received_at)
            for row in found
        ]

    def claim_outbox(
        self, channels: Collection[str], *, now: datetime, until: datetime, limit: int
    ) -> list[Claimed]:
        """The oldest waiting call of each contact whose time has come, leased to the caller.

        A lease that ran out without an outcome is counted in ``unsettled``: that call may have
        reached the platform.
        """
        found = self._claim(OutboxRow, channels, now, until, limit)
        return [
            Claimed(
                row.id,
                row.channel,
                row.contact,
                row.sealed,
                row.attempts,
                row.created_at,
                row.unsettled,
            )
            for row in found
        ]

    def _claim(
        self,
        table: type[InboxRow] | type[OutboxRow],
        channels: Collection[str],
        now: datetime,
        until: datetime,
        limit: int,
    ) -> list[Any]:
        # The table's name is wanted inside: an earlier row of the same contact goes first.
        earlier = aliased(table)
        first = ~exists().where(
            earlier.state == QueueState.WAITING,
            earlier.channel == table.channel,
            earlier.contact == table.contact,
            earlier.id < table.id,
        )
        free = [
            table.state == QueueState.WAITING,
            table.channel.in_(channels),
            or_(table.lease_until.is_(None), table.lease_until <= now),
        ]
        values: dict[str, Any] = {"lease_until": until, "attempts": table.attempts + 1}
        if table is OutboxRow:
            free.append(or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now))
            # A lease is taken back when the outcome is known; one that ran out has none.
            lost = case((OutboxRow.lease_until.is_not(None), 1), else_=0)
            values["unsettled"] = OutboxRow.unsettled + lost
        ids = select(table.id).where(*free, first).order_by(table.id).limit(limit)
        if self._dialect == "postgresql":
            locked = self._session.scalars(ids.with_for_update(skip_locked=True)).all()
            chosen = table.id.in_(locked)
        else:
            # One statement: SQLite takes its write lock before it reads.
            chosen = table.id.in_(ids)
        rows = self._session.execute(
            update(table).where(chosen, *free).values(values).returning(table),
            execution_options={"synchronize_session": False},
        ).scalars()
        return sorted(rows, key=lambda row: row.id)

    def settle_inbox(self, row: int, *, at: datetime, state: QueueState = QueueState.DONE) -> None:
        """Mark an event as answered and erase it. Raises :class:`AlreadySettled`."""
        values = {"state": state, "sealed": None, "lease_until": None, "settled_at": at}
        self._settle(InboxRow, row, values)

    def hold_inbox(self, row: int, *, until: datetime) -> None:
        """Leave a claimed event unanswered until a time."""
        self._settle(InboxRow, row, {"lease_until": until})

    def settle_outbox(self, row: int, *, at: datetime, platform_id: str = "") -> None:
        """Mark a call as taken by the platform and erase it. Raises :class:`AlreadySettled`."""
        values = {
            "state": QueueState.DONE,
            "sealed": None,
            "lease_until": None,
            "settled_at": at,
            "platform_id": platform_id[:120] or None,
            "error": None,
        }
        self._settle(OutboxRow, row, values)

    def postpone(self, row: int, *, until: datetime, error: str) -> None:
        """Try a call again later."""
        values = {"lease_until": None, "not_before": until, "error": error[:200]}
        self._settle(OutboxRow, row, values)

    def bury(self, row: int, *, at: datetime, error: str) -> None:
        """Give a call up; staff see it. Its text is erased."""
        values = {
            "state": QueueState.DEAD,
            "sealed": None,
            "lease_until": None,
            "settled_at": at,
            "error": error[:200],
        }
        self._settle(OutboxRow, row, values)

    def _settle(
        self, table: type[InboxRow] | type[OutboxRow], row: int, values: dict[str, Any]
    ) -> None:
        changed = self._session.execute(
            update(table)
            .where(table.id == row, table.state == QueueState.WAITING)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            raise AlreadySettled

    def is_settled(self, channel: str, event: str) -> bool:
        """True when an event is known and answered, or given up."""
        state = self._session.scalar(
            select(InboxRow.state).where(InboxRow.channel == channel, InboxRow.event == event)
        )
        return state is not None and state != QueueState.WAITING

    def is_expected(self, channel: str, contact: str) -> bool:
        """True when an event of a contact is not answered yet."""
        found = self._session.scalar(
            select(InboxRow.id)
            .where(
                InboxRow.state == QueueState.WAITING,
                InboxRow.channel == channel,
                InboxRow.contact == contact,
            )
            .limit(1)
        )
        return found is not None

    def newest_parcel(self, channel: str, contact: str) -> int:
        """The newest reply that waits for a contact; 0 when none does."""
        found = self._session.scalar(
            select(func.max(OutboxRow.id)).where(*_waiting_for(channel, contact))
        )
        return found or 0

    def collect(self, channel: str, contact: str, *, after: int, at: datetime) -> list[Parcel]:
        """What waits for a contact behind ``after``; what is up to it was shown and is erased.

        Collected again until it is named in ``after``, so a lost response loses nothing.
        """
        self._session.execute(
            update(OutboxRow)
            .where(*_waiting_for(channel, contact), OutboxRow.id <= after)
            .values(state=QueueState.DONE, sealed=None, settled_at=at)
            .execution_options(synchronize_session=False)
        )
        rows = self._session.execute(
            select(OutboxRow.id, OutboxRow.sealed)
            .where(*_waiting_for(channel, contact), OutboxRow.id > after)
            .order_by(OutboxRow.id)
        )
        return [Parcel(row.id, row.sealed) for row in rows if row.sealed]

    def contact(self, channel: str, contact: str) -> ContactState | None:
        """What the platform allows towards a contact."""
        return self._session.get(ContactState, (channel, contact))

    def note(self, channel: str, contact: str, **known: Any) -> None:
        """Write down some columns of a contact's state."""
        insert = postgresql_insert if self._dialect == "postgresql" else sqlite_insert
        self._session.execute(
            insert(ContactState)
            .values(channel=channel, contact=contact, **known)
            .on_conflict_do_update(index_elements=["channel", "contact"], set_=known)
        )

    def drop_outgoing(self, channel: str, contact: str, *, at: datetime, why: str) -> int:
        """Give up everything that waits for one contact; how many calls that was."""
        dropped = self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.channel == channel,
                OutboxRow.contact == contact,
                OutboxRow.state == QueueState.WAITING,
            )
            .values(
                state=QueueState.DEAD,
                sealed=None,
                lease_until=None,
                settled_at=at,
                error=why[:200],
            )
            .execution_options(synchronize_session=False)
        )
        return int(dropped.rowcount)  # type: ignore[attr-defined]

    def erase(self, channel: str, contact: str) -> None:
        """Forget a person: memory, queues and state go, the log keeps figures without words."""
        for table in (Conversation, OutboxRow, ContactState):
            self._session.execute(
                delete(table)
                .where(table.channel == channel, table.contact == contact)
                .execution_options(synchronize_session=False)
            )
        # Ids of events stay: the platform may deliver them again.
        values = {"contact": "", "sealed": None, "state": QueueState.DONE, "lease_until": None}
        for known, kept in ((InboxRow, values), (InquiryRow, {"text": ERASED, "contact": ""})):
            self._session.execute(
                update(known)
                .where(known.channel == channel, known.contact == contact)
                .values(kept)
                .execution_options(synchronize_session=False)
            )

    def sweep(self, before: datetime, *, collected: Collection[str], stale: datetime) -> int:
        """Delete rows settled before a time; until then they make repeats harmless.

        Replies of ``collected`` channels that nobody came for since ``stale`` go too.
        """
        nobody = delete(OutboxRow).where(
            OutboxRow.state == QueueState.WAITING,
            OutboxRow.channel.in_(collected),
            OutboxRow.created_at < stale,
        )
        gone: int = self._session.execute(nobody).rowcount  # type: ignore[attr-defined]
        for table in (InboxRow, OutboxRow):
            found = self._session.execute(
                delete(table)
                .where(table.settled_at < before)
                .execution_options(synchronize_session=False)
            )
            gone += found.rowcount  # type: ignore[attr-defined]
        return gone

    def waiting(self) -> tuple[int, int]:
        """How many events and calls wait."""
        inbox, outbox = (
            self._session.scalar(
                select(func.count()).select_from(table).where(table.state == QueueState.WAITING)
            )
            for table in (InboxRow, OutboxRow)
        )
        return inbox or 0, outbox or 0

    def maybe_sent_twice(self) -> int:
        """How often a call was made again because nobody knew what came of it."""
        return self._session.scalar(select(func.sum(OutboxRow.unsettled))) or 0

    def dead(self, limit: int = 100) -> list[Dead]:
        """Calls that were given up, the newest first."""
        rows: Iterable[OutboxRow] = self._session.scalars(
            select(OutboxRow)
            .where(OutboxRow.state == QueueState.DEAD)
            .order_by(OutboxRow.id.desc())
            .limit(limit)
        )
        return [
            Dead(row.id, row.channel, row.error or "", row.created_at, row.attempts) for row in rows
        ]

    def tokens(self, channel: str) -> bytes | None:
        """The sealed tokens of a channel."""
        row = self._session.get(ChannelTokens, channel)
        return row.sealed if row else None

    def put_tokens(self, channel: str, sealed: bytes, *, at: datetime) -> None:
        """Replace the tokens of a channel."""
        self._session.merge(ChannelTokens(channel=channel, sealed=sealed, updated_at=at))
