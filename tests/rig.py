"""An office at work in a test: one database, one platform, the real doors, queues and workers."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot import gateway
from bot.channels import Channel
from bot.delivery import Delivery
from bot.desk import Desk
from bot.intake import Spool
from bot.sealing import Seal
from bot.workers import Pace
from handlers.conversation import Reply
from handlers.services import Services
from knowledge.queues import Departure
from knowledge.store import Store, open_engine
from tests.fakes import Bubble, Platform

SALT = b"a salt for tests"
QUICK = Pace(
    lease=timedelta(seconds=20),
    look=0.02,
    together=0.002,
    first_wait=timedelta(milliseconds=10),
    longest_wait=timedelta(milliseconds=200),
    blocked=timedelta(milliseconds=200),
)
KEY = Seal.new_key()


@dataclass
class Rig:
    """One process of the office; :meth:`start` again is a restart."""

    platform: Platform
    url: str
    services: Services
    home: Path
    pace: Pace = QUICK
    ahead: timedelta = timedelta()
    store: Store = field(init=False)
    delivery: Delivery | None = None
    channel: Channel | None = None
    _server: TestServer | None = None

    def __post_init__(self) -> None:
        self.store = Store(open_engine(self.url))

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def start(self, *, workers: bool = True) -> None:
        """Open the doors; without workers events are kept and nothing more."""
        self.channel = self.platform.channel()
        await self.channel.open()
        desk = Desk(store=self.store, services=self.services, salt=SALT)
        self.delivery = Delivery(
            desk,
            (self.channel,),
            Seal([KEY]),
            Spool(self.home / "spool.jsonl"),
            clock=self.now,
            pace=self.pace,
        )
        app = web.Application(client_max_size=gateway.MAX_BODY)
        gateway.add_routes(app, (self.channel,), self.delivery)
        self._server = TestServer(app)
        await self._server.start_server()
        self.platform.hook(self.hook)
        self.delivery.start(workers=workers)

    @property
    def hook(self) -> str:
        assert self._server
        assert self.channel
        return str(self._server.make_url(gateway.PATHS[self.channel.name]))

    async def stop(self) -> None:
        """End as on SIGTERM."""
        if self._server:
            await self._server.close()
        if self.delivery:
            await self.delivery.stop(5)
        if self.channel:
            await self.channel.close()
        self._server = self.delivery = self.channel = None

    async def post(self, contact: str, *replies: Reply) -> None:
        """Say something nobody asked for, through the outbox."""
        assert self.channel
        assert self.delivery
        seal = Seal([KEY])
        hashed = self.delivery.contact_hash(self.channel.name, contact)
        with self.store.work() as work:
            work.queues.post(
                [
                    Departure(
                        channel=self.channel.name,
                        contact=hashed,
                        key=f"test:{time.monotonic_ns()}:{number}",
                        sealed=seal.close([call.contact, call.call, call.body, False]),
                    )
                    for number, call in enumerate(self.channel.address(contact, replies))
                ],
                at=self.now(),
            )

    def said(self, contact: str) -> list[Bubble]:
        """What a citizen got, edits left out."""
        return [b for b in self.platform.bubbles if b.contact == contact and b.edits is None]

    async def until(self, done: Callable[[], bool], within: float = 15.0) -> None:
        """Wait for something; fails with what the platform saw."""
        deadline = time.monotonic() + within
        while not done():
            assert time.monotonic() < deadline, self.platform.bubbles
            await asyncio.sleep(0.01)

    def postponed(self) -> bool:
        """A call waits for its time."""
        engine = open_engine(self.url)
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT count(*) FROM outbox WHERE state = 'waiting' AND error IS NOT NULL")
            ).scalar()
        engine.dispose()
        return bool(found)

    async def idle(self) -> None:
        """Wait until both queues are empty."""

        def empty() -> bool:
            with self.store.work() as work:
                return work.queues.waiting() == (0, 0)

        await self.until(empty)

    async def close(self) -> None:
        await self.stop()
        self.store.close()


def copied(template: Path, home: Path) -> str:
    """A database of its own for a test, made by copying a seeded one."""
    for suffix in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{template}{suffix}", home / f"office.db{suffix}")
    return f"sqlite:///{home / 'office.db'}"
