"""Time of one poll for changes of followed dossiers, by number of dossiers and of followers."""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from datetime import timedelta

from sqlalchemy import update

from benchmarks.onestop import Clock, code, fill
from bot.app import build_services
from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.following import Following
from bot.news import Office
from bot.sealing import Seal
from handlers import dossier_news
from knowledge.dossiers import Watch
from knowledge.onestop import Desk, Dossier, Route
from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from knowledge.store import Store, migrate, open_engine
from tests.knowledge.onestop.schemas import HO_SOS, writer


class Bench:
    """An office's database and ours, as SQLite files."""

    def __init__(self, folder: str, dossiers: int) -> None:
        self.clock, self.dossiers = Clock(), dossiers
        self.clock.now = self.clock.now.replace(hour=9)
        address = f"sqlite:///{folder}/onestop.db"
        self.engine = writer(address)
        fill(self.engine, dossiers, self.clock.local() - timedelta(minutes=30))
        mapping = read_mapping(shipped("provincial"))
        assert isinstance(mapping, SqlMapping)
        source = SqlSource("x", address, mapping, clock=self.clock)
        self.desk = Desk([Route(source=source, prefixes=("H32",))])
        engine = open_engine(f"sqlite:///{folder}/own.db")
        migrate(engine)
        services = build_services([])
        self.office = Office(
            store=Store(engine),
            seal=Seal([Seal.new_key()]),
            channels={"web": PickupChannel("web", Limits(max_text=4000))},
            services=lambda: services,
            contact_hash=lambda channel, contact: f"{channel}:{contact}",
            code_hash=lambda found: f"hash of {found}",
            clock=self.clock,
        )
        self.following = Following(self.desk, self.office)

    async def follow(self, watches: int) -> None:
        """So many citizens follow a dossier each, as if they had looked it up just now."""
        seal, now = self.office.seal, self.clock()
        days = self.office.services().office.workdays
        made: list[Watch] = []
        for number in range(watches):
            at = code(number * (self.dossiers // watches))
            found = await self.desk.find(at)
            assert isinstance(found, Dossier)
            told = dossier_news.state_of(found, days, now).written()
            sealed = seal.close({"contact": str(number), "code": at, "procedure": None})
            made.append(
                Watch(channel="web", contact=f"c{number}", code=f"hash of {at}", source="x",
                      sealed=sealed, told=told, since=now, look_at=now + timedelta(days=1))
            )  # fmt: skip
        with self.office.store.work() as work:
            for each in made:
                work.dossiers.watch(each)

    def change(self, share: float) -> None:
        """A share of all dossiers gets another state."""
        numbers = random.Random(3).sample(range(self.dossiers), int(self.dossiers * share))
        with self.engine.begin() as connection:
            for start in range(0, len(numbers), 5_000):
                codes = [code(number) for number in numbers[start : start + 5_000]]
                statement = update(HO_SOS).where(HO_SOS.c.MaHoSo.in_(codes))
                values = {"LastModifiedOn": self.clock.local(), "TrangThaiHoSoId": 9}
                connection.execute(statement.values(values))

    async def poll(self, label: str) -> None:
        """One poll, measured."""
        self.clock.now += timedelta(seconds=1)
        started, cpu = time.perf_counter(), time.process_time()
        polled = await self.following.poll()
        spent, used = time.perf_counter() - started, time.process_time() - cpu
        print(
            f"  poll, {label}: {polled.changes} changes read, {polled.looks} looked up, "
            f"{polled.told} told, {spent:.2f} s, {used:.2f} s of CPU"
        )


async def measure(dossiers: int, watches: int) -> None:
    """A quiet minute, a busy one, and one in which everything changes."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, dossiers)
        await bench.follow(watches)
        print(f"{dossiers} dossiers, {watches} followed:")
        for label, share in (("the first", 0.0), ("nothing changed", 0.0), ("1 % changed", 0.01),
                             ("all changed", 1.0)):  # fmt: skip
            bench.clock.now += timedelta(minutes=10)
            bench.change(share)
            await bench.poll(label)
        await bench.desk.close()
        bench.engine.dispose()
        bench.office.store.close()


def main() -> None:
    """Print a paragraph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--watches", type=int, default=20_000)
    given = parser.parse_args()
    asyncio.run(measure(given.dossiers, given.watches))


if __name__ == "__main__":
    main()
