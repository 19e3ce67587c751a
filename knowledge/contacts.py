"""What platforms allow towards citizens at the moment, and forgetting a citizen altogether."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from knowledge.tables import (
    ContactState,
    Conversation,
    HandoverRow,
    InboxRow,
    InquiryRow,
    LookupAttempt,
    MessageConsent,
    OutboxRow,
    QueueState,
    Table,
    WatchRow,
    core,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

Key = tuple[str, str]
"""Channel and contact (a hash)."""

ERASED = "[đã xóa theo yêu cầu]"
"""What stands in the log instead of the words of a person who withdrew consent."""


def upsert_all(
    session: Session, table: type[Table], key: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    """Write rows that all name the same columns, each new or over the one of the same key."""
    if not rows:
        return
    postgresql = session.get_bind().dialect.name == "postgresql"
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0]}
    insert = postgresql_insert if postgresql else sqlite_insert
    statement = insert(core(table)).values(columns)
    changed = {name: statement.excluded[name] for name in columns if name not in key}
    full: Insert = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
    # Past the ORM, which would look at every row.
    session.connection().execute(full, rows)


class Contacts:
    """Reads and writes of contacts inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, channel: str, contact: str) -> ContactState | None:
        """What the platform allows towards a contact."""
        return self._session.get(ContactState, (channel, contact))

    def states(self, keys: Collection[Key]) -> dict[Key, ContactState]:
        """What platforms allow towards some contacts."""
        if not keys:
            return {}
        known = self._session.scalars(
            select(ContactState).where(ContactState.contact.in_({contact for _, contact in keys}))
        )
        return {(each.channel, each.contact): each for each in known}

    def note(self, channel: str, contact: str, **known: Any) -> None:
        """Write down some columns of a contact's state."""
        row = {"channel": channel, "contact": contact, **known}
        upsert_all(self._session, ContactState, ("channel", "contact"), [row])

    def heard_from(self, heard: Sequence[tuple[Key, datetime]]) -> None:
        """Citizens wrote: they are there, and the platform counts anew."""
        rows = [
            {
                "channel": channel,
                "contact": contact,
                "last_seen": at,
                "left_at": None,
                "remaining": None,
            }
            for (channel, contact), at in heard
        ]
        upsert_all(self._session, ContactState, ("channel", "contact"), rows)

    def erase(self, channel: str, contact: str) -> None:
        """Forget a person: memory, queues, hand-overs, state go; the log keeps figures only."""
        for table in (
            Conversation,
            OutboxRow,
            ContactState,
            WatchRow,
            MessageConsent,
            HandoverRow,
        ):
            self._session.execute(
                delete(table)
                .where(table.channel == channel, table.contact == contact)
                .execution_options(synchronize_session=False)
            )
        # Tries stay as figures for their day, or erasing would give new tries at a stranger's code.
        self._session.execute(
            update(LookupAttempt).where(LookupAttempt.contact == contact).values(contact="")
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
