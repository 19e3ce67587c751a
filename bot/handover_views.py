"""What a page shows of hand-overs: lines of the inbox, messages, and whom one can reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from knowledge.handover_messages import DeliveryState, Sender
from knowledge.tables import HandoverState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channels import Channel
    from knowledge.accounts import Account
    from knowledge.handover_lists import Counts, Load
    from knowledge.tables import ContactState, HandoverMessage, HandoverRow
    from knowledge.workdays import Workdays


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the inbox.

    ``waited`` is the opening time since the citizen's oldest unanswered word; ``late`` when
    nobody took it by the time the citizen was told.
    """

    id: int
    channel: str
    state: HandoverState
    why: str
    holder: str | None
    preview: str
    opened_at: datetime
    expected_by: datetime | None
    unanswered_since: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    waited: timedelta
    late: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message as officers see it; ``hidden`` when there is more behind what is masked."""

    id: int
    at: datetime
    sender: Sender
    author: str | None
    text: str
    hidden: bool
    delivery: DeliveryState | None
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whether the citizen can be written to just now; what is ``None`` has no such limit.

    ``until`` is the end of the platform's window, ``remaining`` the messages left in it.
    """

    left: bool
    until: datetime | None
    remaining: int | None
    open: bool


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """One hand-over in full. ``names`` of officers by log-in; ``colleagues`` to hand it on to."""

    entry: Entry
    lines: tuple[Line, ...]
    reach: Reach
    names: Mapping[str, str] = field(default_factory=dict)
    colleagues: tuple[Account, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """A page of the inbox; ``more`` when there is another. ``names`` of officers by log-in."""

    entries: tuple[Entry, ...]
    more: bool
    counts: Counts
    loads: tuple[Load, ...]
    names: Mapping[str, str]


def entry_of(row: HandoverRow, preview: str, now: datetime, days: Workdays) -> Entry:
    """A line of the inbox; ``preview`` is the citizen's newest word."""
    since, by = row.unanswered_since, row.expected_by
    return Entry(
        id=row.id,
        channel=row.channel,
        state=HandoverState(row.state),
        why=row.why,
        holder=row.holder,
        preview=preview,
        opened_at=row.opened_at,
        expected_by=by,
        unanswered_since=since,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        waited=days.working_time(since, now) if since and since < now else timedelta(),
        late=row.state == HandoverState.OPEN and by is not None and by < now,
    )


def reach_of(state: ContactState | None, channel: Channel | None, now: datetime) -> Reach:
    """How far a channel reaches a citizen now; ``None`` for one that is not configured."""
    left = channel is None or bool(state and state.left_at)
    until = None
    if channel and channel.limits.window and state and state.last_seen:
        until = state.last_seen + channel.limits.window
    remaining = state.remaining if state else None
    shut = (until is not None and until <= now) or remaining == 0
    return Reach(left=left, until=until, remaining=remaining, open=not left and not shut)


def line_of(message: HandoverMessage) -> Line:
    """A message as officers see it."""
    return Line(
        id=message.id,
        at=message.at,
        sender=Sender(message.sender),
        author=message.author,
        text=message.text,
        hidden=message.sealed is not None,
        delivery=DeliveryState(message.delivery) if message.delivery else None,
        error=message.error,
    )
