"""Who tried to see a dossier, and who wants to hear of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, false, func, or_, select, update

from knowledge.bulk import upsert_all
from knowledge.tables import LookupAttempt, SourceCursor, WatchRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session


COUNTING_LOCK = 0x484D434C
"""PostgreSQL's advisory lock while tries are counted."""


class Tried(StrEnum):
    """What a try to see a dossier came to."""

    ASKED = "asked"
    """Written down before the source is asked, so that tries at the same time count."""
    SHOWN = "shown"
    FAILED = "failed"
    """Unknown code or wrong digits: nobody needs to know which."""
    NO_ANSWER = "no_answer"
    """The source could not say; this does not count against the citizen."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A watched dossier; contact and code are hashes, ``sealed`` holds both as they are."""

    id: int = 0
    channel: str
    contact: str
    code: str
    source: str
    sealed: bytes
    told: str
    since: datetime
    look_at: datetime
    ends_at: datetime | None = None


class Dossiers:
    """Reads and writes about look-ups inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def alone(self) -> None:
        """Wait until no other try is being counted, until the end of this transaction.

        Counting and writing down are two statements; tries at once would not see each other.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(COUNTING_LOCK)))
        else:
            # SQLite gives the one write lock to the first statement that could write.
            self._session.execute(update(LookupAttempt).where(false()).values(result=""))

    def try_one(self, contact: str, code: str, *, at: datetime) -> int:
        """Write down that somebody tries; the id is for :meth:`came_to`."""
        row = LookupAttempt(at=at, contact=contact, code=code, result=Tried.ASKED)
        self._session.add(row)
        self._session.flush()
        return row.id

    def came_to(self, attempt: int, result: Tried) -> None:
        """What a try came to."""
        self._session.execute(
            update(LookupAttempt).where(LookupAttempt.id == attempt).values(result=result)
        )

    def failures(self, contact: str, code: str, *, since: datetime) -> list[datetime]:
        """When tries by a contact, or for a code, failed or are under way; the newest last.

        Of the two lists the longer one: each is limited on its own.
        """
        counted = LookupAttempt.result.in_((Tried.FAILED, Tried.ASKED))
        lists = [
            list(
                self._session.scalars(
                    select(LookupAttempt.at)
                    .where(mine, LookupAttempt.at >= since, counted)
                    .order_by(LookupAttempt.at)
                )
            )
            for mine in (LookupAttempt.contact == contact, LookupAttempt.code == code)
        ]
        return max(lists, key=len)

    def sweep(self, before: datetime) -> int:
        """Forget tries older than a time."""
        gone = self._session.execute(delete(LookupAttempt).where(LookupAttempt.at < before))
        return int(gone.rowcount)  # type: ignore[attr-defined]

    def watch(self, watch: Watch) -> None:
        """Begin to watch, or go on with what is watched already."""
        row = {name: value for name, value in vars(watch).items() if name != "id"}
        upsert_all(self._session, WatchRow, ("channel", "contact", "code"), [row])

    def unwatch(self, channel: str, contact: str, code: str | None = None) -> int:
        """Stop watching one dossier, or all of a contact; how many that was."""
        mine = [WatchRow.channel == channel, WatchRow.contact == contact]
        if code is not None:
            mine.append(WatchRow.code == code)
        gone = self._session.execute(delete(WatchRow).where(*mine))
        return int(gone.rowcount)  # type: ignore[attr-defined]

    def watched_by(self, channel: str, contact: str) -> list[Watch]:
        """What a contact watches, the oldest first."""
        mine = (WatchRow.channel == channel, WatchRow.contact == contact)
        rows = self._session.scalars(select(WatchRow).where(*mine).order_by(WatchRow.id))
        return [_watch(row) for row in rows]

    def watching(self, codes: Collection[str]) -> list[Watch]:
        """Who watches any of some codes."""
        rows = self._session.scalars(select(WatchRow).where(WatchRow.code.in_(codes)))
        return [_watch(row) for row in rows]

    def to_look_at(self, now: datetime, limit: int) -> list[Watch]:
        """Watches whose time for a look has come, the longest waiting first."""
        rows = self._session.scalars(
            select(WatchRow).where(WatchRow.look_at <= now).order_by(WatchRow.look_at).limit(limit)
        )
        return [_watch(row) for row in rows]

    def hurry(self, codes: Collection[str], *, at: datetime) -> None:
        """Changes are known of these dossiers: look at them from ``at`` on, not later."""
        self._session.execute(
            update(WatchRow)
            .where(WatchRow.code.in_(codes), WatchRow.look_at > at)
            .values(look_at=at)
            .execution_options(synchronize_session=False)
        )

    def looked(
        self, watch: int, *, was: str, told: str, look_at: datetime, ends_at: datetime | None
    ) -> bool:
        """What was told last, and when to look again.

        False, and nothing is written, when ``was`` is not what was told before: another looked
        in the meantime, or the watch is gone.
        """
        changed = self._session.execute(
            update(WatchRow)
            .where(WatchRow.id == watch, WatchRow.told == was)
            .values(told=told, look_at=look_at, ends_at=ends_at)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    def untell(self, watch: int, *, named: str, look_at: datetime) -> None:
        """The telling of that name did not arrive: if it was the last, the next look repeats it."""
        self._session.execute(
            update(WatchRow)
            .where(WatchRow.id == watch, WatchRow.told.endswith(f".{named}", autoescape=True))
            .values(told="", look_at=look_at)
            .execution_options(synchronize_session=False)
        )

    def end_watches(self, now: datetime, ids: Collection[int] = ()) -> int:
        """Delete watches whose time is over, and those named."""
        over = or_(WatchRow.ends_at <= now, WatchRow.id.in_(ids))
        gone = self._session.execute(
            delete(WatchRow).where(over).execution_options(synchronize_session=False)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]

    def cursor(self, source: str) -> str | None:
        """How far the changes of a source were read."""
        row = self._session.get(SourceCursor, source)
        return row.cursor if row else None

    def put_cursor(self, source: str, cursor: str, *, at: datetime) -> None:
        """Changes of a source are read so far."""
        row = {"source": source, "cursor": cursor, "updated_at": at}
        upsert_all(self._session, SourceCursor, ("source",), [row])


def _watch(row: WatchRow) -> Watch:
    return Watch(
        id=row.id,
        channel=row.channel,
        contact=row.contact,
        code=row.code,
        source=row.source,
        sealed=row.sealed,
        told=row.told,
        since=row.since,
        look_at=row.look_at,
        ends_at=row.ends_at,
    )
