"""What platforms allow towards citizens at the moment, and forgetting a citizen altogether."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, select, update

from knowledge.bulk import upsert_all
from knowledge.inquiry_words import folded
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
    WatchRow,
    core,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement
    from sqlalchemy.orm import Session

Key = tuple[str, str]
"""Channel and contact (a hash)."""

ERASED = "[đã xóa theo yêu cầu]"
"""What stands in the log instead of the words of a person who withdrew consent."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a platform allows towards one contact at the moment, see ``ContactState``."""

    last_seen: datetime | None
    left_at: datetime | None
    silent_until: datetime | None
    remaining: int | None


def of_contacts(channel: Column[str], contact: Column[str]) -> ColumnElement[bool]:
    """Rows of some contacts and, by the same index, of no other channel; see :func:`named`."""
    return and_(
        channel.in_(bindparam("channels", expanding=True)),
        contact.in_(bindparam("contacts", expanding=True)),
    )


def named(keys: Collection[Key]) -> dict[str, list[str]]:
    """What fills :func:`of_contacts`."""
    return {
        "channels": list({channel for channel, _ in keys}),
        "contacts": list({contact for _, contact in keys}),
    }


_STATES = core(ContactState)
_STANDINGS = select(
    _STATES.c.channel,
    _STATES.c.contact,
    _STATES.c.last_seen,
    _STATES.c.left_at,
    _STATES.c.silent_until,
    _STATES.c.remaining,
).where(of_contacts(_STATES.c.channel, _STATES.c.contact))


class Contacts:
    """Reads and writes of contacts inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, channel: str, contact: str) -> ContactState | None:
        """What the platform allows towards a contact."""
        return self._session.get(ContactState, (channel, contact))

    def states(self, keys: Collection[Key]) -> dict[Key, Allowance]:
        """What platforms allow towards some contacts."""
        if not keys:
            return {}
        known = self._session.connection().execute(_STANDINGS, named(keys))
        return {(row[0], row[1]): Allowance(*row[2:]) for row in known}

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
        erased = {"text": ERASED, "folded": folded(ERASED), "contact": ""}
        for known, kept in ((InboxRow, values), (InquiryRow, erased)):
            self._session.execute(
                update(known)
                .where(known.channel == channel, known.contact == contact)
                .values(kept)
                .execution_options(synchronize_session=False)
            )
