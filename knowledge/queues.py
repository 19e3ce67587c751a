"""Inbox and outbox as rows: claimed with a lease, in order for each contact, settled once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from knowledge.bulk import insert_new
from knowledge.claiming import ANSWERED, INBOX, OUTBOX, SENT, UNSENT, WAITING, claim
from knowledge.tables import (
    ChannelTokens,
    InboxRow,
    OutboxRow,
    QueueState,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


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
    key: str


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
        OutboxRow.state == WAITING,
        OutboxRow.channel == channel,
        OutboxRow.contact == contact,
    )


class Queues:
    """Reads and writes of both queues inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
        insert_new(self._session, InboxRow, rows)

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
        insert_new(self._session, OutboxRow, rows)

    def claim_inbox(
        self, channels: Collection[str], *, now: datetime, until: datetime, limit: int
    ) -> list[Claimed]:
        """The oldest waiting event of each contact, leased to the caller until ``until``."""
        found = claim(
            self._session.connection(), INBOX, channels, now=now, until=until, limit=limit
        )
        return [Claimed(*row) for row in found]

    def claim_outbox(
        self, channels: Collection[str], *, now: datetime, until: datetime, limit: int
    ) -> list[Claimed]:
        """The oldest waiting call of each contact whose time has come, leased to the caller.

        A lease that ran out without an outcome is counted in ``unsettled``: that call may have
        reached the platform.
        """
        found = claim(
            self._session.connection(), OUTBOX, channels, now=now, until=until, limit=limit
        )
        return [Claimed(*row) for row in found]

    def take_over(self, channels: Collection[str], *, now: datetime) -> None:
        """End every lease of some channels, for whoever knows that their holders are gone."""
        for table in (InboxRow, OutboxRow):
            self._session.execute(
                update(table)
                .where(table.state == WAITING, table.channel.in_(channels), table.lease_until > now)
                .values(lease_until=now)
                .execution_options(synchronize_session=False)
            )

    def settle_answered(self, rows: Collection[int], *, at: datetime) -> set[int]:
        """Mark events as answered and erase them; those of them that nobody settled before."""
        found = {"rows": list(rows), "at": at}
        return set(self._session.connection().execute(ANSWERED, found).scalars())

    def settle_sent(self, sent: Mapping[int, str], *, at: datetime) -> set[int]:
        """Mark calls as taken by the platform, with its ids; those that nobody settled before."""
        connection = self._session.connection()
        mine = set(connection.execute(UNSENT, {"rows": list(sent)}).scalars())
        if mine:
            rows = [{"row": row, "named": sent[row][:120] or None, "at": at} for row in mine]
            connection.execute(SENT, rows)
        return mine

    def settle_inbox(self, row: int, *, at: datetime, state: QueueState = QueueState.DONE) -> None:
        """Mark an event as answered and erase it. Raises :class:`AlreadySettled`."""
        values = {"state": state, "sealed": None, "lease_until": None, "settled_at": at}
        self._settle(InboxRow, row, values)

    def hold_inbox(self, row: int, *, until: datetime) -> None:
        """Leave a claimed event unanswered until a time."""
        self._settle(InboxRow, row, {"lease_until": until})

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
            .where(table.id == row, table.state == WAITING)
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
                InboxRow.state == WAITING,
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
            select(OutboxRow.id, OutboxRow.sealed, OutboxRow.key)
            .where(*_waiting_for(channel, contact), OutboxRow.id > after)
            .order_by(OutboxRow.id)
        )
        return [Parcel(row.id, row.sealed, row.key) for row in rows if row.sealed]

    def settle_shown(self, keys: Collection[str], *, at: datetime) -> int:
        """Mark replies as collected that were shown otherwise; how many waited until now."""
        shown = self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.key.in_(keys), OutboxRow.state == WAITING)
            .values(state=QueueState.DONE, sealed=None, settled_at=at)
            .execution_options(synchronize_session=False)
        )
        return int(shown.rowcount)  # type: ignore[attr-defined]

    def drop_outgoing(self, channel: str, contact: str, *, at: datetime, why: str) -> int:
        """Give up everything that waits for one contact; how many calls that was."""
        dropped = self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.channel == channel,
                OutboxRow.contact == contact,
                OutboxRow.state == WAITING,
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

    def sweep(self, before: datetime, *, collected: Collection[str], stale: datetime) -> int:
        """Delete rows settled before a time; until then they make repeats harmless.

        Replies of ``collected`` channels that nobody came for since ``stale`` go too.
        """
        nobody = delete(OutboxRow).where(
            OutboxRow.state == WAITING,
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
                select(func.count()).select_from(table).where(table.state == WAITING)
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

    def given_up(self, begins: str, *, since: datetime) -> list[tuple[str, str]]:
        """Key and error of each call given up since then whose key begins so."""
        rows = self._session.execute(
            select(OutboxRow.key, OutboxRow.error).where(
                OutboxRow.settled_at >= since,
                OutboxRow.state == QueueState.DEAD,
                OutboxRow.key.startswith(begins, autoescape=True),
            )
        )
        return [(row.key, row.error or "") for row in rows]

    def tokens(self, channel: str) -> bytes | None:
        """The sealed tokens of a channel."""
        row = self._session.get(ChannelTokens, channel)
        return row.sealed if row else None

    def put_tokens(self, channel: str, sealed: bytes, *, at: datetime) -> None:
        """Replace the tokens of a channel."""
        self._session.merge(ChannelTokens(channel=channel, sealed=sealed, updated_at=at))
