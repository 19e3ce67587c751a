"""Statements of both queues that every message runs: built once, since building costs more than
running them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    bindparam,
    case,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from knowledge.tables import InboxRow, OutboxRow, QueueState, core

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select, Table, Update

WAITING: ColumnElement[str] = literal_column(f"'{QueueState.WAITING}'")
"""As text in the statement: neither database uses a partial index for a bound value."""

INBOX, OUTBOX = core(InboxRow), core(OutboxRow)


def _free(table: Table) -> list[ColumnElement[bool]]:
    """A row that waits, whose time has come and that no other worker holds."""
    now = bindparam("now", type_=table.c.lease_until.type)
    free = [
        table.c.state == WAITING,
        table.c.channel.in_(bindparam("channels", expanding=True)),
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
    ]
    if table is OUTBOX:
        free.append(or_(table.c.not_before.is_(None), table.c.not_before <= now))
    return free


def _first(table: Table) -> Select[tuple[int]]:
    """Free rows that no earlier row of the same contact waits before."""
    earlier = table.alias()
    behind = exists().where(
        earlier.c.state == WAITING,
        earlier.c.channel == table.c.channel,
        earlier.c.contact == table.c.contact,
        earlier.c.id < table.c.id,
    )
    found = select(table.c.id).where(*_free(table), ~behind).order_by(table.c.id)
    return found.limit(bindparam("most"))


def _lease(table: Table, chosen: ColumnElement[bool]) -> Update:
    values: dict[str, Any] = {
        "lease_until": bindparam("until"),
        "attempts": table.c.attempts + 1,
    }
    columns: list[ColumnElement[Any]] = [
        table.c.id,
        table.c.channel,
        table.c.contact,
        table.c.sealed,
        table.c.attempts,
    ]
    if table is OUTBOX:
        # A lease is taken back when the outcome is known; one that ran out has none.
        lost = case((table.c.lease_until.is_not(None), 1), else_=0)
        values["unsettled"] = table.c.unsettled + lost
        columns += [table.c.created_at.label("since"), table.c.unsettled]
    else:
        columns += [table.c.received_at.label("since")]
    return update(table).where(chosen, *_free(table)).values(values).returning(*columns)


_LOCKED = {table: _first(table).with_for_update(skip_locked=True) for table in (INBOX, OUTBOX)}
_LEASED = {
    table: _lease(table, table.c.id.in_(bindparam("locked", expanding=True)))
    for table in (INBOX, OUTBOX)
}
_AT_ONCE = {table: _lease(table, table.c.id.in_(_first(table))) for table in (INBOX, OUTBOX)}
"""One statement: SQLite takes its write lock before it reads."""


def claim(
    connection: Connection,
    table: Table,
    channels: Collection[str],
    *,
    now: datetime,
    until: datetime,
    limit: int,
) -> list[tuple[Any, ...]]:
    """Fields of a ``Claimed``, in order of arrival: the oldest free row of as many contacts."""
    asked = {"channels": list(channels), "now": now, "until": until, "most": limit}
    if connection.dialect.name == "postgresql":
        found = {"channels": asked["channels"], "now": now, "most": limit}
        locked = connection.execute(_LOCKED[table], found).scalars().all()
        if not locked:
            return []
        leased = {"channels": asked["channels"], "now": now, "until": until, "locked": locked}
        rows = connection.execute(_LEASED[table], leased).all()
    else:
        rows = connection.execute(_AT_ONCE[table], asked).all()
    return sorted(tuple(row) for row in rows)


ANSWERED = (
    update(INBOX)
    .where(INBOX.c.id.in_(bindparam("rows", expanding=True)), INBOX.c.state == WAITING)
    .values(state=QueueState.DONE, sealed=None, lease_until=None, settled_at=bindparam("at"))
    .returning(INBOX.c.id)
)
"""Events answered and erased; those of them that nobody settled before."""

UNSENT = select(OUTBOX.c.id).where(
    OUTBOX.c.id.in_(bindparam("rows", expanding=True)), OUTBOX.c.state == WAITING
)

SENT = (
    update(OUTBOX)
    .where(OUTBOX.c.id == bindparam("row"), OUTBOX.c.state == WAITING)
    .values(
        state=QueueState.DONE,
        sealed=None,
        lease_until=None,
        settled_at=bindparam("at"),
        platform_id=bindparam("named"),
        error=None,
    )
)
