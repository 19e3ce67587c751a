"""Whether the clock tells an unknown dossier code from wrong digits, on two kinds of source."""

from __future__ import annotations

import argparse
import asyncio
import bisect
import random
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

import bot.lookups
from benchmarks.onestop import Clock, code, fill
from bot.lookups import EVEN_SECONDS, Lookups
from bot.sealing import Seal
from handlers.conversation import Contact
from handlers.lookup import NotMatching
from knowledge.onestop import Desk, Route
from knowledge.onestop.http import HttpSource
from knowledge.onestop.mapping import HttpMapping, SqlMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from knowledge.store import Store, migrate, open_engine
from tests.knowledge.onestop.schemas import writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from knowledge.onestop.sources import Source

DOSSIERS = 20_000
WRONG = "----"
"""Digits nobody has."""
VALUES = {"session": "x", "madonvi": "000.00.00.H32", "dstcode": "x"}


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Source]:
    """A provincial database in SQLite."""
    mapping = read_mapping(shipped("provincial"))
    assert isinstance(mapping, SqlMapping)
    address, clock = f"sqlite:///{folder}/onestop.db", Clock()
    engine = writer(address)
    fill(engine, DOSSIERS, clock.local() - timedelta(minutes=10))
    source = SqlSource("database", address, mapping, clock=clock)
    yield source
    await source.close()
    engine.dispose()


@asynccontextmanager
async def service(folder: Path) -> AsyncIterator[Source]:
    """The national envelope on loopback; it finds nothing a little faster, as real ones may."""
    del folder
    known = {code(number): number for number in range(DOSSIERS)}

    async def answer(request: web.Request) -> web.Response:
        asked = (await request.json())["data"][0]["mahoso"]
        if asked not in known:
            return web.json_response({"error_code": "-1", "result": None})
        await asyncio.sleep(0.003)
        found = {
            "MaHoSo": asked,
            "TenTTHC": "Tách thửa",
            "ChuHoSo": "Người Thử",
            "SoDienThoai": "0000005678",
            "TrangThaiHoSo": "4",
            "NgayTiepNhan": "20261109083000",
        }
        return web.json_response({"error_code": "00", "result": found})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    mapping = read_mapping(shipped("dvcqg"))
    assert isinstance(mapping, HttpMapping)
    reply = mapping.reply.model_copy(update={"absent": ("-1",)})
    mapping = mapping.model_copy(update={"reply": reply})
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    source = HttpSource("service", url, mapping, values=VALUES)
    yield source
    await source.close()
    await runner.cleanup()


@dataclass(frozen=True)
class Told:
    """Seconds that failures took."""

    wrong: list[float]
    unknown: list[float]

    def chance(self) -> float:
        """How often an unknown code takes longer than wrong digits: one half tells nothing."""
        ordered = sorted(self.wrong)
        longer = sum(
            (bisect.bisect_left(ordered, each) + bisect.bisect_right(ordered, each)) / 2
            for each in self.unknown
        )
        return longer / (len(self.wrong) * len(self.unknown))

    def line(self) -> str:
        """Medians and 95th percentiles in milliseconds, and what a guesser learns."""
        parts = []
        for name, spent in (("wrong digits", self.wrong), ("unknown code", self.unknown)):
            p95 = sorted(spent)[int(len(spent) * 0.95)]
            parts.append(f"{name} p50 {statistics.median(spent) * 1e3:.2f} p95 {p95 * 1e3:.2f} ms")
        shift = abs(self.chance() - 0.5)
        noise = 1.96 * ((len(self.wrong) + len(self.unknown) + 1) / 12) ** 0.5
        noise /= (len(self.wrong) * len(self.unknown)) ** 0.5
        return f"{', '.join(parts)}; unknown longer in {self.chance():.1%} (noise ±{noise:.1%})" + (
            "" if shift <= noise else " – told apart"
        )


async def tries(desk: Lookups, count: int, at_once: int) -> Told:
    """Failures by turns, each of another chat and another code, so that no limit is met."""
    chance = random.Random(7)
    numbers = chance.sample(range(DOSSIERS), count)
    told = Told([], [])
    waiting = [(n, told.wrong) for n in numbers] + [(n + DOSSIERS, told.unknown) for n in numbers]
    chance.shuffle(waiting)

    async def guesser(who: str) -> None:
        while waiting:
            number, spent = waiting.pop()
            contact = Contact(channel="web", id=f"{who}:{number}")
            started = time.perf_counter()
            found = await desk.look_up(contact, (code(number),), WRONG)
            spent.append(time.perf_counter() - started)
            assert found == NotMatching(), found

    await asyncio.gather(*(guesser(str(each)) for each in range(at_once)))
    return told


async def measure(kind: str, count: int) -> None:
    """Both failures as the source gives them and as they are told."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = open_engine(f"sqlite:///{folder}/office.db")
        migrate(engine)
        async with {"sql": database, "http": service}[kind](folder) as source:
            desk = Lookups(
                sources=Desk([Route(source=source, prefixes=("H32",))]),
                store=Store(engine),
                seal=Seal([Seal.new_key()]),
                salt=b"a salt for measuring",
                clock=Clock(),
            )
            bot.lookups.EVEN_SECONDS = 1e-9
            print(f"{kind}, as the source answers: {(await tries(desk, count * 4, 1)).line()}")
            bot.lookups.EVEN_SECONDS = EVEN_SECONDS
            cpu = time.process_time()
            told = await tries(desk, count, 4)
            used = time.process_time() - cpu
            print(f"{kind}, as it is told: {told.line()}; {used:.1f} s of CPU")
        engine.dispose()


def main() -> None:
    """Print two lines for each kind of source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=400, help="of each failure")
    parser.add_argument("--source", nargs="+", default=["sql", "http"], choices=["sql", "http"])
    given = parser.parse_args()
    for kind in given.source:
        asyncio.run(measure(kind, given.tries))


if __name__ == "__main__":
    main()
