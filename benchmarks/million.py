"""A million invented inquiries of one year, the same at each run."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.app import seed_procedures
from knowledge.model import Aspect
from knowledge.store import InquiryRecord, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from knowledge.store import Store

DAYS = 360
BATCH = 10_000
CHANNELS = ("telegram", "zalo_oa", "zalo_oa", "zalo_oa", "zalo_bot", "web")
TALK = ("cho em hỏi", "dạ", "ad ơi", "anh chị ơi", "tôi muốn hỏi", "cho hỏi chút", "")
ASKED = {
    Aspect.PAPERS: ("cần giấy tờ gì", "hồ sơ gồm những gì", "can nhung gi"),
    Aspect.FEE: ("hết bao nhiêu tiền", "lệ phí sao", "phi bao nhieu"),
    Aspect.TIME: ("mất mấy ngày", "bao lâu có", "bao gio co ket qua"),
    Aspect.PLACE: ("nộp ở đâu", "làm ở phường nào", "o dau vay"),
    Aspect.OVERVIEW: ("", "thì làm sao", "vay a"),
}
STRAY = (
    "hôm nay trời mưa không",
    "bắn laptop thì phạt bao nhiêu",
    "số của tôi là [số], gọi lại giúp",
    "[tên] hẹn hôm qua mà chưa thấy",
    "biển số [biển số] đăng ký ở đâu",
)
RARE = "sầu riêng"


def invented(rows: int, now: datetime) -> Iterator[InquiryRecord]:
    """Inquiries of a year: few procedures often, many seldom, half a dozen of each citizen."""
    chance = random.Random(7)
    records = [each for each in seed_procedures() if each.aliases]
    weights = [1 / (place + 3) for place in range(len(records))]
    asked = chance.choices(records, weights, k=rows)
    aspects = list(ASKED)
    for number in range(rows):
        at = now - timedelta(days=DAYS) * (1 - number / rows)
        common = {
            "at": at,
            "channel": chance.choice(CHANNELS),
            "contact": f"{chance.randrange(max(rows // 6, 1)):032x}",
            "milliseconds": round(chance.lognormvariate(1.2, 0.6), 2),
        }
        kind = chance.random()
        if kind < 0.1:
            stray = chance.choice(STRAY) + (f" {RARE}" if number % 5_000 == 0 else "")
            status = chance.choice(("unanswered_no_match", "answered_out_of_scope", "handed_over"))
            yield InquiryRecord(text=stray, intent="none", status=status, **common)
            continue
        record, aspect = asked[number], chance.choice(aspects)
        words = (chance.choice(TALK), chance.choice(record.aliases), chance.choice(ASKED[aspect]))
        yield InquiryRecord(
            text=" ".join(word for word in words if word),
            intent="procedure",
            status="answered" if kind < 0.85 else "clarify_procedure",
            procedure=record.code if kind < 0.85 else None,
            aspect=aspect.value,
            score=round(chance.uniform(0.35, 1.1), 4),
            revision=1,
            **common,
        )


def fill(store: Store, rows: int, now: datetime) -> float:
    """Write them as the desk does, many in one transaction; what is there already stays. Seconds.

    A database that was filled before is used again: a million rows take minutes.
    """
    with store.work() as work:
        there = work.inquiries(1)
    if there and there[0].id >= rows:
        rate(store)
        return 0.0
    begun = time.perf_counter()
    batch: list[InquiryRecord] = []
    for each in invented(rows, now):
        batch.append(each)
        if len(batch) == BATCH:
            with store.work() as work:
                work.log(batch)
            batch.clear()
    with store.work() as work:
        work.log(batch)
    rate(store)
    return time.perf_counter() - begun


def rate(store: Store) -> None:
    """One answer of twenty was rated, one rating of eight is bad."""
    engine = open_engine(store.url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ratings (inquiry, good, at) SELECT id, (id / 20) % 8 <> 0, at"
                " FROM inquiries WHERE status = 'answered' AND id % 20 = 0 ON CONFLICT DO NOTHING"
            )
        )
    engine.dispose()
