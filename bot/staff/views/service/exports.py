"""Inquiries to take along as CSV or XLSX, in memory that does not grow with them."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.sheets import MARK, MOST_ROWS, Cell, csv_lines, xlsx_pieces
from bot.staff.views.service.inquiries import HOME, aspect_words, chosen
from bot.staff.words import CHANNELS, RATINGS, number, status
from knowledge.inquiries import place_of
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.staff.exchange import Exchange
    from knowledge.inquiries import Line, Place, Wanted

BATCH = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS: tuple[tuple[str, int], ...] = (
    ("Số", 10),
    ("Lúc", 20),
    ("Kênh", 12),
    ("Câu hỏi (đã che)", 60),
    ("Mã thủ tục", 12),
    ("Thủ tục", 50),
    ("Lần sửa", 9),
    ("Mục", 14),
    ("Điểm", 8),
    ("Kết thúc", 28),
    ("Mã kết thúc", 22),
    ("Người dân thấy", 12),
    ("Mili giây", 10),
)
HEADER = tuple(name for name, _ in COLUMNS)


async def as_csv(exchange: Exchange) -> web.StreamResponse:
    """All rows of the filter, sent while they are read."""
    wanted = await _begun(exchange, "csv")
    lines = (csv_lines(rows) for rows in _batches(exchange, wanted))
    return await _sent(exchange, "csv", "text/csv", chain([MARK + csv_lines([HEADER])], lines))


async def as_xlsx(exchange: Exchange) -> web.StreamResponse:
    """The same as a workbook of one sheet."""
    wanted = await _begun(exchange, "xlsx")
    rows = (row for batch in _batches(exchange, wanted) for row in batch)
    pieces = xlsx_pieces("Câu hỏi", HEADER, [width for _, width in COLUMNS], rows)
    return await _sent(exchange, "xlsx", XLSX, pieces)


async def _sent(
    exchange: Exchange, suffix: str, kind: str, pieces: Iterator[bytes]
) -> web.StreamResponse:
    response = await exchange.download(f"cau-hoi-{exchange.today:%Y%m%d}.{suffix}", kind)
    while piece := await asyncio.to_thread(next, pieces, b""):
        await response.write(piece)
    await response.write_eof()
    return response


async def _begun(exchange: Exchange, kind: str) -> Wanted:
    """The filter, once the export is recorded; a filter that makes no sense goes to its page."""
    choice, now, login = chosen(exchange), exchange.now, exchange.me.login
    wanted = choice.wanted
    if wanted is None:
        raise web.HTTPSeeOther(f"{HOME}?{choice.query}")
    if kind == "xlsx":
        most = MOST_ROWS + 1
        count = await exchange.work(lambda work: work.inquiry_log.counted(wanted, most=most))
        if count > MOST_ROWS:
            told = f"Một trang Excel chứa nhiều nhất {number(MOST_ROWS)} dòng."
            await exchange.go(f"{HOME}?{choice.query}", f"{told} Anh/chị lọc hẹp hơn hoặc tải CSV.")
    days = {"since": choice.since.isoformat(), "until": choice.until.isoformat()}
    # Words searched for may be a citizen's; which ones were searched is not for the audit.
    asked = {name: value for name, value in choice.told.items() if name != "q"}
    told_words = {"q": "có"} if wanted.words else {}
    state = {"kind": kind, **asked, **days, **told_words}
    await exchange.work(
        lambda work: work.audit.record(login, "inquiry.export", "inquiries", None, state, at=now)
    )
    return wanted


def _batches(exchange: Exchange, wanted: Wanted) -> Iterator[list[tuple[Cell, ...]]]:
    cells = _cells(exchange)
    last: Place | None = None
    while True:
        # No transaction stays open while a slow browser takes its piece.
        with exchange.site.desk.store.work() as work:
            rows = work.inquiry_log.lines(wanted, limit=BATCH, before=last)
        if rows:
            yield [cells(row) for row in rows]
            last = place_of(rows[-1])
        if len(rows) < BATCH:
            return


def _cells(exchange: Exchange) -> Callable[[Line], tuple[Cell, ...]]:
    """What stands in one row; the contact, though only a hash, stays in the house."""
    services = exchange.site.desk.services
    aspects = aspect_words(services)
    titles = {code: each.title for code, each in services.index.procedures.items()}

    def cells(row: Line) -> tuple[Cell, ...]:
        return (
            row.id,
            f"{row.at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}",
            CHANNELS.get(row.channel, row.channel),
            row.text,
            row.procedure or "",
            titles.get(row.procedure or "", ""),
            "" if row.revision is None else row.revision,
            aspects.get(row.aspect or "", row.aspect or ""),
            "" if row.score is None else row.score,
            status(row.status),
            row.status,
            RATINGS.get(row.good, ""),
            row.milliseconds,
        )

    return cells
