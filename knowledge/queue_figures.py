"""How the queues and hand-overs stand, in figures for whoever runs the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from knowledge.queues import Queues
from knowledge.tables import HandoverRow, HandoverState, InboxRow, OutboxRow, QueueState

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """Numbers by channel; ``oldest_seconds`` is how long the oldest question has waited."""

    waiting: dict[str, int]
    unsent: dict[str, int]
    dead: dict[str, int]
    oldest_seconds: float
    maybe_twice: int
    open_handovers: int


def queue_figures(session: Session, *, now: datetime, dead_within: timedelta) -> QueueFigures:
    """The figures of this moment; calls given up count when that was lately."""
    oldest = session.scalar(
        select(func.min(InboxRow.received_at)).where(InboxRow.state == QueueState.WAITING)
    )
    handed = select(func.count()).where(HandoverRow.state != HandoverState.CLOSED)
    return QueueFigures(
        waiting=_by_channel(session, InboxRow, InboxRow.state == QueueState.WAITING),
        unsent=_by_channel(session, OutboxRow, OutboxRow.state == QueueState.WAITING),
        dead=_by_channel(
            session,
            OutboxRow,
            OutboxRow.state == QueueState.DEAD,
            OutboxRow.settled_at >= now - dead_within,
        ),
        oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        maybe_twice=Queues(session).maybe_sent_twice(),
        open_handovers=session.scalar(handed) or 0,
    )


def _by_channel(
    session: Session, table: type[InboxRow | OutboxRow], *conditions: object
) -> dict[str, int]:
    rows = session.execute(
        select(table.channel, func.count()).where(*conditions).group_by(table.channel)  # type: ignore[arg-type]
    )
    return {row[0]: row[1] for row in rows}
