"""Time of every staff page over many records and a long log, asked through HTTP."""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from benchmarks.matching import varied
from bot.app import seed_procedures
from bot.desk import Desk
from bot.staff.routes import ROUTES
from bot.teaching import Lesson, teach
from knowledge.accounts import Role
from knowledge.handovers import Opening, Why
from knowledge.masking import mask
from knowledge.store import Store, migrate, open_engine
from tests.staffing import SALT, Staffed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.staff.gate import Route
    from knowledge.model import Procedure
    from tests.staffing import Visitor

CODE = "1.000894"
DAYS = 365
BATCH = 20_000
FILLED = {"{code}": CODE, r"{id:\d+}": "1", r"{number:\d+}": "1"}
LEFT_OUT = ("/staff/static/{name}", "/staff/export/{file}", "/staff/{rest:.*}")
FILES = (".csv", ".xlsx", ".docx")
"""Files, and the page for addresses that lead nowhere."""
VARIANTS = (
    "/staff/procedures?q=lam+giay+khai+sinh",
    "/staff/procedures?due=yes",
    "/staff/procedures?confirmed=no",
    "/staff/procedures?drafts=yes",
    "/staff/procedures?waiting=yes",
    "/staff/procedures?conflicts=yes",
    "/staff/procedures?unsourced=yes",
    "/staff/procedures?page=40",
    f"/staff/procedures/{CODE}?aspect=fee",
    "/staff/missed?kind=badly_rated",
    "/staff/missed?page=5",
    "/staff/review?flag=unconfirmed",
    "/staff/review?flag=faulty",
    f"/staff/corrections/{CODE}?revision=1",
    "/staff/export?q=ket+hon",
    "/staff/settings/office",
    "/staff/settings/calendar",
    "/staff/settings/glossary",
    "/staff/settings/phrases",
    "/staff/settings/phrases/sayings",
    "/staff/settings/wording",
    "/staff/settings/canned",
)


def filled(store: Store, procedures: list[Procedure], inquiries: int) -> None:
    """Records in force, and a log as a busy year leaves it."""
    now = datetime.now(UTC)
    with store.work() as work:
        work.write_all(procedures, publish=True, author="seed", reason="bản đầu", at=now)
    chance = random.Random(7)
    names = [name for each in procedures for name in (each.title, *each.aliases)]
    codes = [each.code for each in procedures]
    questions = [f"{chance.choice(names)} {chance.choice(ENDS)}".strip() for _ in range(60_000)]
    questions = [mask(each) for each in dict.fromkeys(questions)]
    statement = text(
        "INSERT INTO inquiries (at, channel, contact, text, intent, procedure, aspect, status,"
        " score, revision, milliseconds) VALUES (:at, :channel, :contact, :text, 'procedure',"
        " :procedure, 'overview', :status, 0.8, 1, 9)"
    )
    engine = open_engine(store.url)
    for start in range(0, inquiries, BATCH):
        rows = list(
            _lines(
                chance,
                now,
                questions,
                codes,
                range(start, min(start + BATCH, inquiries)),
                inquiries,
            )
        )
        with engine.begin() as connection:
            connection.execute(statement, rows)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ratings (inquiry, good, at) SELECT id, id % 3 > 0, at FROM inquiries"
                " WHERE status = 'answered' AND id % 17 = 0 AND text NOT LIKE '[%]'"
            )
        )


ENDS = (
    "", "cần gì", "can giay to gi", "mất bao lâu", "het bao nhieu tien", "nộp ở đâu", "ở phường",
    "cho em hỏi", "giúp em", "thế nào", "làm sao", "ạ",
)  # fmt: skip


def _lines(
    chance: random.Random,
    now: datetime,
    questions: list[str],
    codes: list[str],
    numbers: range,
    inquiries: int,
) -> Iterator[dict[str, object]]:
    for number in numbers:
        # Few questions are asked often, most only now and then.
        asked = questions[int(len(questions) * chance.random() ** 3)]
        status = chance.choices(
            ("answered", "clarify_procedure", "unanswered_no_match", "answered_smalltalk"),
            (66, 14, 8, 12),
        )[0]
        pressed = status == "answered" and chance.random() < 0.4
        procedure = (
            CODE if chance.random() < 0.05 else codes[int(len(codes) * chance.random() ** 2)]
        )
        at = now - timedelta(days=DAYS * (1 - number / inquiries))
        yield {
            "at": at.replace(tzinfo=None).isoformat(sep=" "),
            "channel": chance.choice(("telegram", "zalo_oa", "web")),
            "contact": f"c{int(40_000 * chance.random() ** 2)}",
            "text": f"[show:{procedure}:fee]" if pressed else asked,
            "procedure": procedure if status == "answered" else None,
            "status": status,
        }


def address(route: Route) -> str:
    """A route's path with examples in its places."""
    return re.sub(r"\{(?:[^{}]|\{\d+\})*\}", lambda part: FILLED.get(part[0], "none"), route.path)


def addresses() -> list[str]:
    """Every page, and the lists with each of their filters."""
    paths = [
        address(route) for route in ROUTES if route.method == "GET" and route.path not in LEFT_OUT
    ]
    return list(dict.fromkeys([*(path for path in paths if "none" not in path), *VARIANTS]))


async def timed(visitor: Visitor, path: str, times: int) -> tuple[list[float], int]:
    """Milliseconds of each request after a first one, and the last status."""
    await visitor.get(path)
    found, status = [], 0
    for _ in range(times):
        begun = time.perf_counter()
        status = (await visitor.get(path)).status
        found.append((time.perf_counter() - begun) * 1000)
    return found, status


async def measure(url: str, times: int) -> None:
    """Ask every page and print its median and 95th percentile, the slowest first."""
    store = Store(open_engine(url))
    begun = time.perf_counter()
    desk = Desk.open(store, SALT)
    print(
        f"index {time.perf_counter() - begun:.1f} s, {len(desk.services.index.procedures)} records"
    )
    # As the server does it: garbage is looked for only among what comes later.
    gc.collect()
    gc.freeze()
    site = Staffed(store, desk.services)
    with store.work() as work:
        begun_before = work.accounts.find("lan") is not None
    if not begun_before:
        site.hire("lan", *Role)
        opening = Opening(
            channel="web",
            contact="c1",
            sealed_contact=site.seal.close("c1"),
            why=Why.ASKED,
            at=site.now(),
            expected_by=None,
        )
        with store.work() as work:
            work.handovers.open(opening)
    await site.start()
    found = []
    async with site.browser() as visitor:
        await visitor.sign_in("lan")
        # What is made beside the pages is made first, as in a server that runs for a while.
        for path in ("/staff/missed", "/staff/review"):
            begun = time.perf_counter()
            for _ in range(240):
                if 'http-equiv="refresh"' not in (await visitor.get(path)).text:
                    break
                await asyncio.sleep(0.5)
            print(f"made beside {path}: {time.perf_counter() - begun:.1f} s")
        for path in addresses():
            spent, status = await timed(visitor, path, times)
            found.append(
                (statistics.median(spent), sorted(spent)[int(len(spent) * 0.95)], status, path)
            )
    await site.server.close()
    for middle, high, status, path in sorted(found, reverse=True):
        print(f"{middle:8.1f} {high:8.1f} ms  {status}  {path}")
    store.close()


def name(url: str) -> None:
    """Time of teaching an everyday name."""
    store = Store(open_engine(url))
    now = datetime.now(UTC)
    begun = time.perf_counter()
    words = random.SystemRandom().sample(("gió", "mây", "trăng", "sao", "sông", "núi", "biển"), 4)
    lesson = Lesson(code=CODE, phrase=f"rước nàng về dinh {' '.join(words)}", author="lan")
    teach(store, lesson, at=now, today=now.date())
    print(f"an everyday name taught: {time.perf_counter() - begun:.1f} s")
    store.close()


def main() -> None:
    """Fill a database unless it is there, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedures", type=int, default=3_000)
    parser.add_argument("--inquiries", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--file", type=Path, help="keep the database here and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = options.file or Path(folder) / "office.db"
        url = f"sqlite:///{file}"
        if not file.exists():
            engine = open_engine(url)
            migrate(engine)
            store = Store(engine)
            begun = time.perf_counter()
            filled(store, varied(seed_procedures(), options.procedures), options.inquiries)
            print(f"filled in {time.perf_counter() - begun:.0f} s")
            store.close()
        asyncio.run(measure(url, options.times))
        name(url)


if __name__ == "__main__":
    main()
