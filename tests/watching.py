"""An office whose dossiers are followed: its database, ours, and a clock moved by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from bot.app import build_services
from bot.channels import Limits
from bot.channels.pickup import PickupChannel, reply_of
from bot.desk import Desk as Answers
from bot.following import Following
from bot.news import Office
from bot.sealing import Seal
from handlers.conversation import Reply
from knowledge.onestop import Desk, Dossier, Route
from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from knowledge.store import Store
from tests.knowledge.onestop.schemas import CODE, one, touch, write_provincial, writer
from tests.rig import KEY, SALT

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OTHER = "H32.215-261118-0043"
AN, BINH = "7001", "7002"
SERVICES = build_services([])
MINUTE = timedelta(minutes=1)


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 12, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now


def mapping(*, tells_changes: bool = True) -> SqlMapping:
    found = read_mapping(shipped("provincial"))
    assert isinstance(found, SqlMapping)
    return found if tells_changes else found.model_copy(update={"changes": None})


class World:
    """An office's database, our own, and a channel whose citizens collect."""

    def __init__(
        self, store: Store, home: Path, clock: Any, *, address: str = "", **channels: Any
    ) -> None:
        self.store, self.clock = store, clock
        self.address = address or f"sqlite:///{home / 'onestop.db'}"
        self.engine: Engine = writer(self.address)
        write_provincial(self.engine, *(one(code) for code in (CODE, OTHER)))
        self.answers = Answers(store=store, services=SERVICES, salt=SALT)
        self.channels = channels or {"web": PickupChannel("web", Limits(max_text=4000))}
        self.templates: dict[str, Any] = {}
        self.silent: set[str] = set()
        self.sources: list[SqlSource] = []
        self.restart()

    def restart(self, *, tells_changes: bool = True) -> Following:
        """A new process over the same databases."""
        source = SqlSource(
            "x", self.address, mapping(tells_changes=tells_changes), clock=self.clock
        )
        self.sources.append(source)
        self.desk = Desk([Route(source=source, prefixes=("H32",))])
        self.following = self.over(self.desk)
        return self.following

    def over(self, desk: Any) -> Following:
        office = Office(
            store=self.store,
            seal=Seal([KEY]),
            channels=self.channels,
            services=lambda: SERVICES,
            contact_hash=self.answers.contact_hash,
            code_hash=lambda code: self.answers.contact_hash("dossier", code),
            clock=self.clock,
            templates=self.templates,
            silent=lambda channel: channel in self.silent,
        )
        return Following(desk, office)

    async def follow(self, contact: str = AN, code: str = CODE, channel: str = "web") -> None:
        found = await self.desk.find(code)
        assert isinstance(found, Dossier)
        await self.following.begin(channel, contact, found)
        for _ in range(3):
            # Until the source is sure that no transaction of before is still coming.
            await self.following.poll()
            self.clock.now += 10 * MINUTE

    def change(self, code: str = CODE, **changes: Any) -> None:
        """The office's program writes."""
        local = self.clock().astimezone(ZONE).replace(tzinfo=None, microsecond=0)
        touch(self.engine, code, local, **changes)

    async def later(self, by: timedelta = MINUTE) -> int:
        """Time passes, then a poll; how much was told."""
        self.clock.now += by
        return (await self.following.poll()).told

    def got(self, contact: str = AN, channel: str = "web") -> list[Reply]:
        """What waits for a citizen."""
        hashed = self.answers.contact_hash(channel, contact)
        with self.store.work() as work:
            parcels = work.queues.collect(channel, hashed, after=0, at=self.clock())
        replies = [reply_of(Seal([KEY]).open(each.sealed)[2]) for each in parcels]
        return [each for each in replies if each]

    def watches(self, contact: str = AN, channel: str = "web") -> int:
        hashed = self.answers.contact_hash(channel, contact)
        with self.store.work() as work:
            return len(work.dossiers.watched_by(channel, hashed))

    async def close(self) -> None:
        for source in self.sources:
            await source.close()
        self.engine.dispose()
