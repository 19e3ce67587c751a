"""Hand-overs in lists and numbers: what waits, for whom, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, literal_column, select

from knowledge.handover_messages import Sender
from knowledge.tables import HandoverMessage, HandoverRow, HandoverState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

# As it stands in the index of what is not closed: a bound value would not be known to match it.
_NOT_CLOSED = HandoverRow.state != literal_column("'closed'")


@dataclass(frozen=True, slots=True)
class Load:
    """What one officer holds, how many of these wait for an answer, and since when."""

    officer: str
    held: int
    unanswered: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many hand-overs are not closed; wait for an answer; are nobody's; are one officer's.

    ``mine_unanswered`` are those of the officer whose citizens wait.
    """

    open: int = 0
    unanswered: int = 0
    untaken: int = 0
    mine: int = 0
    mine_unanswered: int = 0


class HandoverLists:
    """Reads for the inbox, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def listed(
        self,
        *,
        state: HandoverState | None = None,
        holder: str | None = None,
        unanswered: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[HandoverRow]:
        """Hand-overs, those that wait longest first, closed ones newest first.

        ``state`` ``None`` means all that are not closed.
        """
        row = HandoverRow
        closed = state is HandoverState.CLOSED
        # Closed ones come out of their index in order, without sorting them all.
        of_state = row.closed_at.is_not(None) if closed else row.state == state
        statement = select(row).where(of_state if state else _NOT_CLOSED)
        if holder is not None:
            statement = statement.where(row.holder == holder)
        if unanswered:
            statement = statement.where(row.unanswered_since.is_not(None))
        order = (
            (row.closed_at.desc(), row.id.desc())
            if closed
            else (row.unanswered_since.is_(None), row.unanswered_since, row.opened_at, row.id)
        )
        rows = self._session.scalars(statement.order_by(*order).limit(limit).offset(offset))
        return list(rows)

    def counts(self, officer: str) -> Counts:
        """How many wait, and how many of them for one officer."""
        row = HandoverRow
        mine = row.holder == officer
        found = self._session.execute(
            select(
                func.count(),
                func.count(row.unanswered_since),
                func.count().filter(row.holder.is_(None)),
                func.count().filter(mine),
                func.count(row.unanswered_since).filter(mine),
            ).where(_NOT_CLOSED)
        ).one()
        return Counts(
            open=found[0],
            unanswered=found[1],
            untaken=found[2],
            mine=found[3],
            mine_unanswered=found[4],
        )

    def loads(self) -> list[Load]:
        """What each officer holds, who lets citizens wait longest first."""
        row = HandoverRow
        since = func.min(row.unanswered_since)
        rows = self._session.execute(
            select(row.holder, func.count(), func.count(row.unanswered_since), since)
            .where(row.state == HandoverState.TAKEN)
            .group_by(row.holder)
            .order_by(since.is_(None), since, row.holder)
        )
        return [
            Load(holder or "", held, unanswered, waits) for holder, held, unanswered, waits in rows
        ]

    def previews(self, handovers: Collection[int]) -> dict[int, str]:
        """What citizens said last; before they said more than «gặp cán bộ», what they had asked."""
        message = HandoverMessage
        said, asked = (message.sender == sender for sender in (Sender.CITIZEN, Sender.BEFORE))
        newest = [
            each.asked if each.asked and each.words == 1 else each.said
            for each in self._session.execute(
                select(
                    func.count().filter(said).label("words"),
                    func.max(message.id).filter(said).label("said"),
                    func.max(message.id).filter(asked).label("asked"),
                )
                .where(message.handover.in_(handovers))
                .group_by(message.handover)
            )
        ]
        rows = self._session.execute(
            select(message.handover, message.text).where(message.id.in_(newest))
        )
        return {each.handover: each.text for each in rows}
