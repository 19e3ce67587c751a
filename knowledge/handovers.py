"""Conversations handed over to officers: one at a time for a contact, held by one officer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from knowledge.bulk import insert_one_new
from knowledge.contacts import named, of_contacts
from knowledge.handover_lists import HandoverLists
from knowledge.handover_messages import HandoverMessages, Sender, Words
from knowledge.tables import HandoverMessage, HandoverRow, HandoverState, InquiryRow, core

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from knowledge.contacts import Key

NOT_WORDS = {
    "[photo]": "[ảnh]",
    "[voice]": "[ghi âm]",
    "[sticker]": "[hình dán]",
    "[location]": "[vị trí]",
    "[file]": "[tệp]",
    "[other]": "[tin khác]",
}
"""What came without words, from the log to what officers read."""
_PRESSED = re.compile(r"\[[a-z_]+(?::[!-~]*)?\]")
ANSWERED_BY = "Máy trả lời theo thủ tục {code}"
"""What the bot answered beforehand."""
CITIZEN = "người dân"
"""Who closed a hand-over, when it was the citizen."""


class Why(StrEnum):
    """Why a person is wanted."""

    ASKED = "asked"
    FAILURES = "failures"


class Moved(Exception):
    """The hand-over was opened or closed by another meanwhile: look again and decide anew."""


class OpenAlready(Exception):
    """The citizen has another hand-over that is not closed; its id is the argument."""


class HeldByAnother(Exception):
    """Another officer has it; their name is the argument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand between a contact and the officers when a message comes.

    ``id`` names the hand-over in course, or with ``closed`` one that ended without the citizen
    knowing. ``window`` is how long after a message of the citizen the platform takes replies.
    """

    id: int | None = None
    closed: bool = False
    taken: bool = False
    acknowledged: bool = False
    opened_at: datetime | None = None
    expected_by: datetime | None = None
    window: timedelta | None = None

    @property
    def in_course(self) -> bool:
        """Officers have the word."""
        return self.id is not None and not self.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A hand-over to be opened."""

    channel: str
    contact: str
    sealed_contact: bytes
    why: Why
    at: datetime
    expected_by: datetime | None
    office: str | None = None


_ROWS = core(HandoverRow)
_STANDINGS = (
    select(
        _ROWS.c.id,
        _ROWS.c.channel,
        _ROWS.c.contact,
        _ROWS.c.state,
        _ROWS.c.acknowledged,
        _ROWS.c.opened_at,
        _ROWS.c.expected_by,
    )
    .where(
        of_contacts(_ROWS.c.channel, _ROWS.c.contact),
        or_(_ROWS.c.state != HandoverState.CLOSED, _ROWS.c.told_back.is_(False)),
    )
    .order_by(_ROWS.c.id)
)
"""Built once: it is asked for every message."""


def _as_read(logged: str) -> str:
    """A line of the log in the words of officers: names of actions mean nothing to them."""
    if logged in NOT_WORDS:
        return NOT_WORDS[logged]
    return "[bấm nút]" if _PRESSED.fullmatch(logged) else logged


class Handovers:
    """Reads and writes of hand-overs inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.messages = HandoverMessages(session)
        self.lists = HandoverLists(session)

    def standings(self, keys: Collection[Key]) -> dict[Key, Standing]:
        """How things stand with some contacts; those without any hand-over are left out."""
        if not keys:
            return {}
        rows = self._session.connection().execute(_STANDINGS, named(keys))
        found: dict[Key, Standing] = {}
        for each in rows:
            known = found.get((each.channel, each.contact))
            if known is None or not known.in_course:
                found[each.channel, each.contact] = Standing(
                    id=each.id,
                    closed=each.state == HandoverState.CLOSED,
                    taken=each.state == HandoverState.TAKEN,
                    acknowledged=each.acknowledged,
                    opened_at=each.opened_at,
                    expected_by=each.expected_by,
                )
        return found

    def open(self, opening: Opening, *, recall: int = 0, since: datetime | None = None) -> int:
        """Open a hand-over, with the ``recall`` newest masked inquiries since a time.

        Raises :class:`Moved` when the contact has one that is not closed.
        """
        same = (HandoverRow.channel == opening.channel, HandoverRow.contact == opening.contact)
        self._change(*same, told_back=True)
        values = {
            "channel": opening.channel,
            "contact": opening.contact,
            "sealed_contact": opening.sealed_contact,
            "office": opening.office,
            "why": opening.why,
            "state": HandoverState.OPEN,
            "opened_at": opening.at,
            "expected_by": opening.expected_by,
            "unanswered_since": opening.at,
            "acknowledged": False,
            "told_late": False,
            "told_back": False,
        }
        opened = insert_one_new(self._session, HandoverRow, values)
        if opened is None:
            raise Moved
        for before in self._before(opening, recall, since):
            said = _as_read(before.text)
            self.messages.add(opened, Words(sender=Sender.BEFORE, text=said, at=before.at))
            if before.procedure:
                told = ANSWERED_BY.format(code=before.procedure)
                self.messages.add(opened, Words(sender=Sender.SYSTEM, text=told, at=before.at))
        return opened

    def _before(self, opening: Opening, recall: int, since: datetime | None) -> list[InquiryRow]:
        statement = (
            select(InquiryRow)
            .where(InquiryRow.channel == opening.channel, InquiryRow.contact == opening.contact)
            .order_by(InquiryRow.id.desc())
            .limit(recall)
        )
        if since is not None:
            statement = statement.where(InquiryRow.at >= since)
        return list(self._session.scalars(statement))[::-1]

    def heard(self, handover: int, words: Words, *, waits: bool) -> None:
        """The citizen wrote on, and with ``waits`` waits for an officer's answer.

        Raises :class:`Moved` when the hand-over is closed.
        """
        row = HandoverRow
        changed = self._change(
            row.id == handover,
            row.state != HandoverState.CLOSED,
            acknowledged=waits or row.acknowledged,
            unanswered_since=func.coalesce(row.unanswered_since, words.at if waits else None),
        )
        if not changed:
            raise Moved
        self.messages.add(handover, words)

    def _change(self, *where: ColumnElement[bool], **values: Any) -> bool:
        changed = self._session.execute(
            update(HandoverRow)
            .where(*where)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    def get(self, handover: int) -> HandoverRow | None:
        """One hand-over as it stands now."""
        return self._session.get(HandoverRow, handover, populate_existing=True)

    def newest_of(self, channel: str, contact: str) -> HandoverRow | None:
        """The newest hand-over of a contact, closed or not."""
        return self._session.scalar(
            select(HandoverRow)
            .where(HandoverRow.channel == channel, HandoverRow.contact == contact)
            .order_by(HandoverRow.id.desc())
            .limit(1)
        )

    def take(self, handover: int, officer: str, *, at: datetime) -> bool:
        """Take one that nobody has; True when it is now taken that was not before.

        Taking what one has is harmless. Raises :class:`HeldByAnother`, :class:`Moved` when it is
        closed, ``KeyError`` when there is none.
        """
        taken = self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.OPEN,
            state=HandoverState.TAKEN,
            holder=officer,
            taken_at=at,
        )
        if not taken:
            self.require(handover, officer)
        return taken

    def require(self, handover: int, officer: str) -> None:
        """Raises as :meth:`take` does unless the officer holds it."""
        row = self.get(handover)
        if row is None:
            raise KeyError(handover)
        if row.state == HandoverState.CLOSED:
            raise Moved
        if row.holder != officer:
            raise HeldByAnother(row.holder or "")

    def hand_on(self, handover: int, officer: str, to: str) -> bool:
        """Give what one holds to another officer; True when it was given.

        Raises as :meth:`take` does.
        """
        given = self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.TAKEN,
            HandoverRow.holder == officer,
            holder=to,
        )
        if not given:
            self.require(handover, to)
        return given

    def take_over(self, handover: int, officer: str, *, holder: str) -> bool:
        """Take what another holds; True when it was taken from that very holder.

        Raises as :meth:`take` does, :class:`HeldByAnother` when a third one has it by now.
        """
        taken = self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.TAKEN,
            HandoverRow.holder == holder,
            holder=officer,
        )
        if not taken:
            self.require(handover, officer)
        return taken and holder != officer

    def answered(self, handover: int, officer: str) -> None:
        """The officer who holds it wrote to the citizen. Raises as :meth:`take` does."""
        changed = self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.TAKEN,
            HandoverRow.holder == officer,
            unanswered_since=None,
            acknowledged=True,
        )
        if not changed:
            self.require(handover, officer)

    def close(self, handover: int, by: str, *, at: datetime, told: bool) -> bool:
        """Close it; True when it was not closed before. What was sealed is erased.

        ``told`` when the citizen hears of it at once.
        """
        closed = self._change(
            HandoverRow.id == handover,
            HandoverRow.state != HandoverState.CLOSED,
            state=HandoverState.CLOSED,
            closed_at=at,
            closed_by=by,
            unanswered_since=None,
            told_back=told,
        )
        if closed:
            self._session.execute(
                update(HandoverMessage)
                .where(
                    HandoverMessage.handover == handover,
                    # An officer's words are wanted again when they could not be delivered.
                    HandoverMessage.sender == Sender.CITIZEN,
                )
                .values(sealed=None)
                .execution_options(synchronize_session=False)
            )
        return closed

    def told_back(self, handover: int) -> None:
        """The citizen knows that the bot answers again."""
        self._change(HandoverRow.id == handover, told_back=True)

    def reopen(self, handover: int, officer: str, *, at: datetime) -> bool:
        """Go on with a closed one, held by the officer; True when it was closed.

        Raises :class:`OpenAlready`, and as :meth:`take` does.
        """
        row = self.get(handover)
        if row is None:
            raise KeyError(handover)
        other = self.standings([(row.channel, row.contact)]).get((row.channel, row.contact))
        if other and other.in_course and other.id != handover:
            raise OpenAlready(other.id)
        reopened = self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.CLOSED,
            state=HandoverState.TAKEN,
            holder=officer,
            taken_at=at,
            closed_at=None,
            closed_by=None,
            told_back=False,
        )
        if not reopened:
            self.require(handover, officer)
        return reopened

    def late(self, now: datetime) -> list[HandoverRow]:
        """Those that nobody took in time and whose citizens do not know it yet."""
        row = HandoverRow
        rows = self._session.scalars(
            select(row)
            .where(
                row.state == HandoverState.OPEN,
                row.told_late.is_(False),
                row.expected_by < now,
            )
            .order_by(row.id)
            .limit(100)
        )
        return list(rows)

    def note_late(self, handover: int) -> bool:
        """The citizen is told now; True for the one who tells it."""
        return self._change(
            HandoverRow.id == handover,
            HandoverRow.state == HandoverState.OPEN,
            HandoverRow.told_late.is_(False),
            told_late=True,
        )

    def sweep(self, before: datetime) -> int:
        """Delete what was closed before a time."""
        gone = self._session.execute(
            delete(HandoverRow)
            .where(HandoverRow.state == HandoverState.CLOSED, HandoverRow.closed_at < before)
            .execution_options(synchronize_session=False)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]
