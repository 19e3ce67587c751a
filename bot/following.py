"""Followed dossiers: what citizens follow, what the sources say changed, and when to look."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.news import AGAIN, Teller, key_of
from bot.sealing import Unsealable
from bot.sending import OUTSIDE_WINDOW, TOO_OLD
from handlers import dossier_news
from knowledge.dossiers import Watch
from knowledge.onestop import Dossier, NoChangeList, Rubbish, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.news import Office, Sources
    from knowledge.store import UnitOfWork

log = structlog.get_logger()

PAGE = 1_000
"""Changes read, and matched with what is followed, at once."""
BATCH = 200
"""Watches whose dossiers are looked up and written down at once."""
SOME_TIME = 40.0
"""Seconds one poll may look dossiers up; what is left goes on with the next."""
BURIED_FOR = timedelta(days=8)
"""How long calls that were given up are kept."""
SOURCE_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Polled:
    """What came of one poll."""

    changes: int = 0
    looks: int = 0
    told: int = 0


class Following:
    """Keeps what citizens follow and tells them what is new.

    Nothing is told twice: what was told and the call that tells it are written in one
    transaction, and only where nobody told something else in between. Nothing is lost: a change
    is kept as a watch that is due before the source's cursor goes on.
    """

    def __init__(self, sources: Sources, office: Office) -> None:
        self._sources, self._office = sources, office
        self._teller = Teller(sources, office)
        self._changed: dict[str, set[str]] = defaultdict(set)
        """By source, what it told and will not tell again, until that is written down."""
        self._reviewed: datetime | None = None

    def reaches(self, channel: str) -> bool:
        """True when news can be told through a channel at all."""
        return channel in self._office.channels

    async def begin(self, channel: str, contact: str, dossier: Dossier) -> None:
        """Tell a contact (the platform's id) of changes from the state of ``dossier`` on."""
        if not self.reaches(channel):
            return
        office, now = self._office, self._office.clock()
        days = office.services().office.workdays
        watch = Watch(
            channel=channel,
            contact=office.contact_hash(channel, contact),
            code=office.code_hash(dossier.code),
            source=dossier.source[:SOURCE_NAME],
            sealed=office.seal.close(
                {"contact": contact, "code": dossier.code, "procedure": dossier.procedure_code}
            ),
            told=dossier_news.state_of(dossier, days, now).written(),
            since=now,
            look_at=now,
            ends_at=dossier_news.followed_until(dossier, now, None),
        )
        watch = replace(watch, look_at=self._teller.next_look(watch, dossier, days, now))
        await self._office.write(lambda work: work.dossiers.watch(watch))

    async def end(self, channel: str, contact: str, code: str | None = None) -> int:
        """Tell nothing more of one dossier, or of all; how many that was."""
        office = self._office
        who = office.contact_hash(channel, contact)
        which = office.code_hash(code) if code else None
        return await self._office.write(lambda work: work.dossiers.unwatch(channel, who, which))

    async def mine(self, channel: str, contact: str) -> list[tuple[str, str | None]]:
        """Codes a contact follows, each with its procedure, the oldest first."""
        who = self._office.contact_hash(channel, contact)
        watches = await self._office.write(lambda work: work.dossiers.watched_by(channel, who))
        opened = (self._office.opened(watch) for watch in watches)
        return [(each.code, each.procedure) for each in opened if each]

    async def poll(self) -> Polled:
        """Read what changed and tell it; called by the clock.

        At night changes are only noted: in the outbox they would hold back the answers to a
        citizen who writes at that hour.
        """
        now = self._office.clock()
        await self._office.write(lambda work: work.dossiers.end_watches(now))
        await self._review(now)
        changes = 0
        for source in self._sources.sources:
            changes += await self._read_changes(source, now)
        if dossier_news.is_quiet(now):
            return Polled(changes=changes)
        looks, told, until = 0, 0, time.monotonic() + SOME_TIME
        while time.monotonic() < until:
            due = await self._office.write(lambda work: work.dossiers.to_look_at(now, BATCH))
            if not due:
                break
            looked, posted = await self._teller.look({watch.code for watch in due}, now)
            looks, told = looks + looked, told + posted
        return Polled(changes=changes, looks=looks, told=told)

    async def _review(self, now: datetime) -> None:
        """News that were given up, because a window had closed, are told again in time."""
        since = self._reviewed or now - BURIED_FOR
        names = list(self._office.channels)

        def write(work: UnitOfWork) -> None:
            for name in names:
                for key, error in work.queues.given_up(key_of(name), since=since):
                    if error.startswith((OUTSIDE_WINDOW, TOO_OLD)):
                        watch, told = key.removeprefix(key_of(name)).split(":")[:2]
                        work.dossiers.untell(int(watch), named=told, look_at=now)

        await self._office.write(write)
        self._reviewed = now - AGAIN

    async def _read_changes(self, source: str, now: datetime) -> int:
        name, told = source[:SOURCE_NAME], 0
        kept = await self._office.write(lambda work: work.dossiers.cursor(name))
        cursor = self._opened_cursor(kept)
        while True:
            try:
                changes, following = await self._sources.changed_since(source, cursor, PAGE)
            except NoChangeList:
                self._teller.telling.discard(source)
                return told
            except SourceError as error:
                if isinstance(error, Rubbish):
                    log.error("changes_unreadable", source=source, reason=str(error))
                return told
            self._teller.telling.add(source)
            told += len(changes)
            self._changed[source].update(self._office.code_hash(each.code) for each in changes)
            await self._office.write(self._noting(source, name, following, now))
            self._changed[source].clear()
            cursor = following
            if len(changes) < PAGE:
                return told

    def _opened_cursor(self, sealed: str | None) -> str | None:
        """``None``, so that reading begins anew, when the key is gone: so are the watches."""
        try:
            return str(self._office.seal.open(sealed.encode())) if sealed else None
        except Unsealable:
            log.error("unreadable", queue="source_cursors")
            return None

    def _noting(
        self, source: str, name: str, cursor: str, now: datetime
    ) -> Callable[[UnitOfWork], None]:
        """In one transaction: what changed is due for a look, and the source is read so far."""
        codes = sorted(self._changed[source])
        # A cursor may name the dossier that changed last.
        sealed = self._office.seal.close(cursor).decode()

        def write(work: UnitOfWork) -> None:
            for start in range(0, len(codes), PAGE):
                work.dossiers.hurry(codes[start : start + PAGE], at=now)
            work.dossiers.put_cursor(name, sealed, at=now)

        return write
