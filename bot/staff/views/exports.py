"""Taking along: records as a workbook, the counter's sheets as a Word file, the empty template."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.aside import aside
from bot.counter_sheet import counter_sheets, opening
from bot.staff.exchange import ROOT
from bot.staff.rendering import Paging
from handlers.links import procedure_payload
from knowledge.importers.exporters import TooLong, export_xlsx
from knowledge.importers.template import best_example, export_template
from knowledge.offices import VIETNAM
from knowledge.register import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.staff.exchange import Exchange
    from knowledge.model import Procedure
    from knowledge.register import Listed
    from knowledge.store import UnitOfWork

MOST_SHEETS = 60
"""Sheets of one Word file."""
FOUND = 30
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def show(exchange: Exchange) -> web.StreamResponse:
    """Records to choose from."""
    return await _page(exchange)


async def download(exchange: Exchange) -> web.StreamResponse:
    """One of the three files."""
    match exchange.request.match_info["file"]:
        case "template.xlsx":
            return await _template(exchange)
        case "procedures.xlsx":
            return await _workbook(exchange)
        case "sheets.docx":
            return await _sheets(exchange)
        case _:
            raise web.HTTPNotFound


async def _template(exchange: Exchange) -> web.StreamResponse:
    records = exchange.site.desk.services.index.procedures.values()
    data = await asyncio.to_thread(
        _in_file, lambda file: export_template(file, best_example(records))
    )
    return await _send(exchange, "mau-nhap-thu-tuc.xlsx", _XLSX, data)


async def _workbook(exchange: Exchange) -> web.StreamResponse:
    """What is in force, or the chosen records, in the form that can be brought in again."""
    found = await exchange.work(lambda work: _chosen(exchange, work))
    if not found:
        return await _page(exchange, status=422, problem="Không có thủ tục nào để xuất.")
    try:
        # Three thousand records take seconds of computing.
        data = await aside(workbook, found)
    except TooLong as error:
        return await _page(exchange, status=422, problem=str(error))
    await _record(exchange, "xlsx", found)
    return await _send(exchange, f"thu-tuc-{_day(exchange)}.xlsx", _XLSX, data)


async def _sheets(exchange: Exchange) -> web.StreamResponse:
    codes = exchange.request.query.getall("code", [])
    if not codes:
        problem = "Anh/chị đánh dấu những thủ tục cần in phiếu."
        return await _page(exchange, status=422, problem=problem)
    if len(codes) > MOST_SHEETS:
        problem = f"Mỗi lần in nhiều nhất {MOST_SHEETS} phiếu."
        return await _page(exchange, status=422, problem=problem)
    found = await exchange.work(lambda work: _chosen(exchange, work))
    if not found:
        return await _page(exchange, status=422, problem="Không có thủ tục nào để in.")
    services, links = exchange.site.desk.services, exchange.site.outside.links
    printed = [opening(links(procedure_payload(each.code))) for each in found]
    data = await asyncio.to_thread(
        counter_sheets, found, printed, services.office, services.wording
    )
    await _record(exchange, "docx", found)
    return await _send(exchange, f"phieu-huong-dan-{_day(exchange)}.docx", _DOCX, data)


def workbook(found: Sequence[Procedure]) -> bytes:
    """The records as a workbook's bytes. Raises ``TooLong``."""
    return _in_file(lambda file: export_xlsx(found, file))


def _in_file(write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="hmc-export-") as folder:
        file = Path(folder) / "file.xlsx"
        write(file)
        return file.read_bytes()


def _chosen(exchange: Exchange, work: UnitOfWork) -> list[Procedure]:
    """Chosen codes in the order they stand in, or a whole field, or all that is in force."""
    query = exchange.request.query
    codes, field = query.getall("code", []), query.get("field", "")
    if codes:
        found = (work.get(code) for code in dict.fromkeys(codes[:1000]))
        return [each for each in found if each]
    return [each for each in work.procedures() if field in ("", each.field)]


async def _record(exchange: Exchange, kind: str, found: Sequence[Procedure]) -> None:
    who, now = exchange.me.login, exchange.now
    after = {"file": kind, "count": len(found)}
    await exchange.work(
        lambda work: work.audit.record(who, "procedure.export", "procedures", None, after, at=now)
    )


async def _send(
    exchange: Exchange, name: str, content_type: str, data: bytes
) -> web.StreamResponse:
    response = await exchange.download(name, content_type)
    await response.write(data)
    await response.write_eof()
    return response


def _day(exchange: Exchange) -> str:
    return f"{exchange.now.astimezone(VIETNAM):%Y%m%d}"


async def _page(exchange: Exchange, *, status: int = 200, problem: str = "") -> web.StreamResponse:
    query, field = exchange.asked("q"), exchange.asked("field")
    codes = None
    if query:
        index = exchange.site.desk.services.index
        codes = [match.code for match in await asyncio.to_thread(index.match, query, FOUND)]
    wanted = Wanted(field=field, codes=codes)

    def read(work: UnitOfWork) -> tuple[list[Listed], Paging, list[str]]:
        counted = Paging(page=exchange.number("page"), total=work.register.count(wanted))
        rows = work.register.page(wanted, limit=counted.per_page, offset=counted.offset)
        return rows, counted, work.register.fields()

    rows, paging, fields = await exchange.work(read)
    return await exchange.page(
        "export.html",
        status=status,
        rows=[row for row in rows if row.in_force],
        paging=paging,
        fields=fields,
        field=field,
        query=query,
        problem=problem,
        chosen=set(exchange.request.query.getall("code", [])),
        coded=any(exchange.site.outside.links(procedure_payload("1.001193"))),
        root=ROOT,
    )
