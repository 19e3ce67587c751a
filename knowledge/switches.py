"""What is switched off, with the sentence citizens then get, and announcements to all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from knowledge.bulk import upsert_all
from knowledge.tables import AnnouncementRow, SwitchRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


class Scope(StrEnum):
    """What a switch is of. The key of the bot is empty."""

    BOT = "bot"
    CHANNEL = "channel"
    PROCEDURE = "procedure"


class AnnouncementKind(StrEnum):
    """Why something is announced."""

    OUTAGE = "outage"
    STORM = "storm"
    HOLIDAY = "holiday"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Something switched off; with ``until`` it is on again by itself."""

    scope: Scope
    key: str
    sentence: str
    reason: str
    author: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """True while it is off."""
        return self.until is None or at < self.until

    @property
    def target(self) -> str:
        """What the audit calls it."""
        return f"switch:{self.scope}:{self.key}" if self.key else f"switch:{self.scope}"

    def state(self) -> dict[str, Any]:
        """What the audit keeps."""
        until = self.until.isoformat() if self.until else None
        return {"told": self.sentence, "reason": self.reason, "ends_at": until}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What citizens who write from ``begins_at`` to before ``ends_at`` are told once."""

    id: int
    kind: AnnouncementKind
    text: str
    begins_at: datetime
    ends_at: datetime
    author: str

    def holds(self, at: datetime) -> bool:
        """True while it is told."""
        return self.begins_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Board:
    """All that hangs out at the moment: read by each process every second, used for messages."""

    switches: tuple[Switch, ...] = ()
    announcements: tuple[Announcement, ...] = ()

    def silenced(self, channel: str, at: datetime) -> Switch | None:
        """What keeps the bot from answering on a channel."""
        return self._off(Scope.BOT, "", at) or self._off(Scope.CHANNEL, channel, at)

    def withdrawn(self, procedure: str, at: datetime) -> Switch | None:
        """What keeps the bot from answering about a procedure."""
        return self._off(Scope.PROCEDURE, procedure, at)

    def told(self, at: datetime) -> tuple[Announcement, ...]:
        """Announcements of this moment, the oldest first."""
        return tuple(each for each in self.announcements if each.holds(at))

    def _off(self, scope: Scope, key: str, at: datetime) -> Switch | None:
        # A handful at most: looking through them costs less than keeping an index.
        return next(
            (
                each
                for each in self.switches
                if each.scope is scope and each.key == key and each.holds(at)
            ),
            None,
        )


NOTHING = Board()
"""Everything is on and nothing is announced."""


class Switches:
    """Reads and writes inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def board(self, now: datetime) -> Board:
        """What is off now, and announcements that are not over."""
        switches = self._session.scalars(select(SwitchRow).order_by(SwitchRow.scope, SwitchRow.key))
        announcements = self._session.scalars(
            select(AnnouncementRow)
            .where(AnnouncementRow.ends_at > now)
            .order_by(AnnouncementRow.begins_at, AnnouncementRow.id)
        )
        found = map(_switch, switches)
        return Board(
            switches=tuple(each for each in found if each.holds(now)),
            announcements=tuple(map(_announcement, announcements)),
        )

    def turn_off(self, switch: Switch) -> Switch | None:
        """Switch something off, or change how; what was off before."""
        before = self._row(switch.scope, switch.key)
        upsert_all(self._session, SwitchRow, ("scope", "key"), [asdict(switch)])
        return before

    def turn_on(self, scope: Scope, key: str) -> Switch | None:
        """Switch something on again; what was off, ``None`` when it was on."""
        before = self._row(scope, key)
        self._session.execute(
            delete(SwitchRow).where(SwitchRow.scope == scope, SwitchRow.key == key)
        )
        return before

    def announce(
        self,
        kind: AnnouncementKind,
        text: str,
        *,
        begins_at: datetime,
        ends_at: datetime,
        author: str,
        at: datetime,
    ) -> int:
        """Hang an announcement out; its id."""
        row = AnnouncementRow(
            kind=kind,
            text=text,
            begins_at=begins_at,
            ends_at=ends_at,
            author=author,
            created_at=at,
        )
        self._session.add(row)
        self._session.flush()
        return row.id

    def take_down(self, announcement: int, *, at: datetime) -> Announcement | None:
        """End an announcement now; what it was, ``None`` when there is none or it was over."""
        row = self._session.get(AnnouncementRow, announcement)
        if row is None or row.ends_at <= at:
            return None
        before = _announcement(row)
        row.begins_at, row.ends_at = min(row.begins_at, at), at
        self._session.flush()
        return before

    def _row(self, scope: Scope, key: str) -> Switch | None:
        row = self._session.get(SwitchRow, (scope, key), populate_existing=True)
        return _switch(row) if row else None


def _switch(row: SwitchRow) -> Switch:
    return Switch(
        scope=Scope(row.scope),
        key=row.key,
        sentence=row.sentence,
        reason=row.reason,
        author=row.author,
        since=row.since,
        until=row.until,
    )


def _announcement(row: AnnouncementRow) -> Announcement:
    return Announcement(
        id=row.id,
        kind=AnnouncementKind(row.kind),
        text=row.text,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        author=row.author,
    )
