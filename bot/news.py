"""Followed dossiers looked up, each once, and what is new of them told to each follower once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from bot.channels import Collected
from bot.reach import Reach, Standing
from bot.sealing import Unsealable
from handlers import dossier_news
from handlers.dossier_news import QUIET_UNTIL, Told
from knowledge.onestop import Dossier, SourceError
from knowledge.queues import Departure
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.channels import Channel, Outgoing
    from bot.sealing import Seal
    from handlers.services import Services
    from knowledge.dossiers import Watch
    from knowledge.onestop import Change, Elsewhere
    from knowledge.store import Store, UnitOfWork
    from knowledge.workdays import Workdays

log = structlog.get_logger()

T = TypeVar("T")

AT_ONCE = 4
"""Dossiers looked up at the same time, so that citizens who ask are not held up."""
EACH = timedelta(minutes=30)
"""Between two looks at a dossier whose source tells no changes."""
SURE = timedelta(days=1)
"""Between two looks at a dossier whose source tells them, in case it told one badly."""
AGAIN = timedelta(minutes=5)
"""After a source that did not answer."""
SPREAD = timedelta(hours=2)
"""Over this long after the night reminders of one day are spread."""
GONE_FOR = timedelta(days=30)
"""How long a dossier that no source knows any more is waited for."""


class Sources(Protocol):
    """What following needs of the dossier desk; see :class:`knowledge.onestop.Desk`."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources."""
        ...

    async def find(self, code: str, procedure: str | None = None) -> Dossier | Elsewhere | None:
        """A dossier. Raises ``SourceError``."""
        ...

    async def changed_since(
        self, source: str, cursor: str | None, limit: int
    ) -> tuple[list[Change], str]:
        """What changed at one source. Raises ``SourceError``."""
        ...


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A watch with what its seal holds."""

    watch: Watch
    contact: str
    code: str
    procedure: str | None


@dataclass(frozen=True, kw_only=True)
class Office:
    """What news are made of: the store, the seal, the hashes, the words, the ways out.

    ``templates`` makes, for a channel, the call that tells a contact something outside its window.
    """

    store: Store
    seal: Seal
    channels: Mapping[str, Channel]
    services: Callable[[], Services]
    contact_hash: Callable[[str, str], str]
    code_hash: Callable[[str], str]
    clock: Callable[[], datetime]
    silent: Callable[[str], bool] = lambda _channel: False
    """True for a channel that is switched off; what is new is told once it is on again."""
    templates: Mapping[str, Callable[[str, Mapping[str, str]], Outgoing | None]] = field(
        default_factory=dict
    )

    async def write(self, do: Callable[[UnitOfWork], T]) -> T:
        """What ``do`` returned, in a transaction of its own."""

        def work() -> T:
            with self.store.work() as unit:
                return do(unit)

        return await asyncio.to_thread(work)

    def opened(self, watch: Watch) -> Opened | None:
        """What the seal of a watch holds; ``None`` when the key is gone."""
        try:
            held = self.seal.open(watch.sealed)
            return Opened(watch=watch, contact=held["contact"], code=held["code"],
                           procedure=held.get("procedure"))  # fmt: skip
        except (Unsealable, KeyError, TypeError, AttributeError):
            log.error("unreadable", queue="watches", channel=watch.channel)
            return None


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What a look came to for one watch; without ``told`` the watch ends."""

    watch: Watch
    told: str | None = None
    look_at: datetime
    ends_at: datetime | None = None
    calls: tuple[Departure, ...] = ()


class Teller:
    """Looks dossiers up and tells what is new.

    What was told and the call that tells it are written in one transaction, and only where
    nobody told something else in between.
    """

    def __init__(self, sources: Sources, office: Office) -> None:
        self._sources, self._office = sources, office
        self.telling: set[str] = set()
        """Sources that tell what changed."""

    async def look(self, codes: Iterable[str], now: datetime) -> tuple[int, int]:
        """Look dossiers up, each once, and tell everybody who follows them."""
        wanted = set(codes)

        def read(work: UnitOfWork) -> tuple[list[Watch], Mapping[tuple[str, str], Standing]]:
            watches = work.dossiers.watching(wanted)
            return watches, self._standings(work, watches)

        watches, standings = await self._office.write(read)
        followers: dict[str, list[Watch]] = defaultdict(list)
        for watch in watches:
            followers[watch.code].append(watch)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(group: list[Watch]) -> list[_Outcome]:
            async with gate:
                return await self._look_once(group, standings, now)

        found = await asyncio.gather(*(one(group) for group in followers.values()))
        outcomes = sorted(
            (each for group in found for each in group), key=lambda each: each.watch.id
        )
        told = await self._office.write(lambda work: _write_down(work, outcomes, now))
        for each in told:
            channel = self._office.channels[each.watch.channel]
            if isinstance(channel, Collected):
                channel.posted(each.watch.contact)
        return len(followers), len(told)

    def _standings(
        self, work: UnitOfWork, watches: Sequence[Watch]
    ) -> dict[tuple[str, str], Standing]:
        """How each contact can be reached."""
        office = self._office
        ways: dict[tuple[str, str], tuple[str, str] | None] = {}
        for watch in watches:
            key = (watch.channel, watch.contact)
            if key in ways:
                continue
            ways[key] = None
            if watch.channel in office.templates and (opened := self._office.opened(watch)):
                call = office.templates[watch.channel](opened.contact, {})
                if call:
                    ways[key] = (watch.channel, office.contact_hash(watch.channel, call.contact))
        states = work.contacts.states([*ways, *(way for way in ways.values() if way)])
        return {
            key: Standing(
                chat=states.get(key),
                template=states.get(way) if way else None,
                has_template=way is not None,
            )
            for key, way in ways.items()
        }

    async def _look_once(
        self, group: list[Watch], standings: Mapping[tuple[str, str], Standing], now: datetime
    ) -> list[_Outcome]:
        opened = [(watch, self._office.opened(watch)) for watch in group]
        readable = [each for _, each in opened if each]
        outcomes = [_Outcome(watch=watch, look_at=now) for watch, each in opened if each is None]
        if not readable:
            return outcomes
        try:
            found = await self._sources.find(readable[0].code, readable[0].procedure)
        except SourceError as error:
            log.info("followed_unanswered", reason=type(error).__name__)
            return [*outcomes, *(_left_alone(each.watch, now) for each in readable)]
        if not isinstance(found, Dossier):
            log.info("followed_dossier_gone", source=group[0].source)
            for each in readable:
                gone = each.watch.ends_at or now + GONE_FOR
                look_at = now + SURE + _share(each.watch) * EACH
                outcomes.append(
                    replace(_left_alone(each.watch, now), look_at=look_at, ends_at=gone)
                )
            return outcomes
        for each in readable:
            standing = standings[each.watch.channel, each.watch.contact]
            outcomes.append(self._outcome(each, found, standing, now))
        return outcomes

    def _outcome(
        self, opened: Opened, dossier: Dossier, standing: Standing, now: datetime
    ) -> _Outcome:
        office, watch = self._office, opened.watch
        channel = office.channels.get(watch.channel)
        reach = standing.reach(channel.limits, now) if channel else Reach.LATER
        if reach is Reach.GONE:
            return _Outcome(watch=watch, look_at=now)
        if office.silent(watch.channel):
            reach = Reach.LATER
        days = office.services().office.workdays
        before = Told.read(watch.told)
        ends_at = dossier_news.followed_until(dossier, now, watch.ends_at)
        look_at = self.next_look(watch, dossier, days, now)
        new = dossier_news.fresh(dossier, before, days, now)
        kept = _Outcome(watch=watch, told=watch.told, look_at=look_at, ends_at=ends_at)
        if new is False:
            return kept
        reminder = None if new is True else new
        calls: tuple[Outgoing, ...] = ()
        if channel and reach is Reach.OPEN:
            reply = dossier_news.news(dossier, office.services(), now, reminder, ends_at)
            calls = channel.address(opened.contact, (reply,))
        elif reach is Reach.TEMPLATE:
            values = dossier_news.template_values(dossier, office.services(), now, reminder)
            call = office.templates[watch.channel](opened.contact, values)
            calls = (call,) if call else ()
        if not calls:
            # Not told: the first look after the citizen wrote will tell it.
            soon = now + EACH + _share(watch) * EACH / 3
            return replace(kept, look_at=min(soon, look_at))
        state = dossier_news.state_of(dossier, days, now)
        if new is not True:
            state = replace(state, reminders=state.reminders | before.reminders)
        told = replace(state, name=_name(watch, state, now))
        return replace(kept, told=told.written(), calls=self._departures(watch, told, calls))

    def _departures(
        self, watch: Watch, told: Told, calls: Sequence[Outgoing]
    ) -> tuple[Departure, ...]:
        office = self._office
        return tuple(
            Departure(
                channel=watch.channel,
                # The way of templates is another than the chat's.
                contact=office.contact_hash(watch.channel, call.contact),
                key=f"{key_of(watch.channel)}{watch.id}:{told.name}:{number}",
                sealed=office.seal.close([call.contact, call.call, call.body, True]),
            )
            for number, call in enumerate(calls)
        )

    def next_look(self, watch: Watch, dossier: Dossier, days: Workdays, now: datetime) -> datetime:
        share = _share(watch)
        told = dossier.source in self.telling
        look_at = now + (SURE + share * EACH if told else EACH + share * EACH / 3)
        if day := dossier_news.next_day(dossier, days, now):
            morning = datetime.combine(day, QUIET_UNTIL, VIETNAM)
            return min(look_at, morning + share * SPREAD)
        return look_at


def _write_down(work: UnitOfWork, outcomes: Sequence[_Outcome], now: datetime) -> list[_Outcome]:
    """In one transaction: what was told, when to look again, and the calls that tell it."""
    told: list[_Outcome] = []
    for each in outcomes:
        if each.told is None:
            continue
        mine = work.dossiers.looked(
            each.watch.id,
            was=each.watch.told,
            told=each.told,
            look_at=each.look_at,
            ends_at=each.ends_at,
        )
        if mine and each.calls:
            told.append(each)
    work.queues.post([call for each in told for call in each.calls], at=now)
    if ended := [each.watch.id for each in outcomes if each.told is None]:
        work.dossiers.end_watches(now, ended)
    return told


def _left_alone(watch: Watch, now: datetime) -> _Outcome:
    look_at = now + AGAIN + _share(watch) * AGAIN
    return _Outcome(watch=watch, told=watch.told, look_at=look_at, ends_at=watch.ends_at)


def _share(watch: Watch) -> float:
    """A number below 1 of each watch's own, so that not all are looked at in the same minute."""
    found = hashlib.blake2b(f"{watch.contact}{watch.code}".encode(), digest_size=2).digest()
    return int.from_bytes(found) / 65_536


def _name(watch: Watch, told: Told, now: datetime) -> str:
    """Names one telling: a state that comes back is told again, and is no repeat."""
    text = f"{watch.id} {watch.told} {told.written()} {now.isoformat()}"
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def key_of(channel: str) -> str:
    """How the outbox keys of a channel's news begin."""
    return f"{channel}:watch:"
