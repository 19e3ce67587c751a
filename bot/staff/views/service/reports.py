"""The monthly report to take along, made from the same figures as the dashboard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bot.monthly_report import Report, Section, monthly_report
from bot.staff.drawn import charts
from bot.staff.overview import overview
from bot.staff.tiles import interval, percent, tiles
from bot.staff.views.service.periods import month_of, named
from bot.staff.words import number
from knowledge.figures import Kind, Step
from knowledge.metrics import Outcome

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from bot.staff.overview import Overview, Span
    from bot.staff.views.service.periods import Period

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PATIENCE = 20.0
"""Seconds a report waits for what is counted beside the pages: paper cannot be loaded again."""
TABLES = ("outcomes", "channels", "procedures", "fields", "health")
"""Charts whose tables stand in the report."""
STEPS = {
    Step.OPENED: "Trao đổi với cán bộ được mở",
    Step.TAKEN: "Được cán bộ nhận",
    Step.TAKEN_LATE: "Trong đó nhận sau giờ đã hứa",
    Step.CLOSED: "Kết thúc",
}


async def show(exchange: Exchange) -> web.StreamResponse:
    """The report of a month; without one in the address, of the last whole month."""
    text = exchange.asked("month")
    period = month_of(text, exchange.today) if text else named("last-month", exchange.today)
    if period is None:
        raise web.HTTPNotFound
    found = await overview(exchange, period, patience=PATIENCE)
    data = await asyncio.to_thread(monthly_report, _report(exchange, found, period))
    name = f"bao-cao-thang-{period.since:%Y-%m}.docx"
    response = await exchange.download(name, DOCX)
    await response.write(data)
    await response.write_eof()
    return response


def _report(exchange: Exchange, found: Overview, period: Period) -> Report:
    month = f"tháng {period.since.month}/{period.since.year}"
    return Report(
        office=exchange.site.desk.services.office.name,
        title=f"Kết quả trả lời câu hỏi về thủ tục hành chính bằng trợ lý tự động, {month}",
        period=period.said,
        made_on=exchange.today,
        summary=_summary(found, month, unfinished=exchange.today <= period.until),
        sections=_sections(found),
    )


def _summary(found: Overview, month: str, *, unfinished: bool) -> list[str]:
    now, before = found.now.metrics, found.before.metrics
    lines = [
        (
            f"Trong {month}, trợ lý tự động nhận {number(now.inquiries)} lượt hỏi (tháng trước "
            f"{number(before.inquiries)}). Trong {number(now.counted)} lượt cần trả lời, trả lời "
            f"được ngay {percent(now.share(Outcome.ANSWERED))}, phải hỏi lại "
            f"{percent(now.share(Outcome.ASKED_BACK))}, chưa trả lời được "
            f"{percent(now.share(Outcome.UNANSWERED))}, chuyển cán bộ "
            f"{percent(now.share(Outcome.HANDED_OVER))}."
        ),
        (
            f"Có {number(now.lookups)} lượt người dân xem hồ sơ của mình, trong đó "
            f"{number(now.overdue)} lượt là hồ sơ đã quá ngày hẹn. Cán bộ nhận "
            f"{number(now.taken)} trao đổi, đúng giờ đã hứa {percent(now.in_time)}."
        ),
    ]
    accuracy = found.now.accuracy
    if accuracy.judged:
        lines.append(
            f"Cán bộ chấm ngẫu nhiên {number(accuracy.judged)} câu bot đã trả lời: đúng "
            f"{percent(accuracy.share)} ({interval(accuracy)})."
        )
    else:
        lines.append(
            "Chưa có câu trả lời nào được chấm, nên chưa nói được bot trả lời đúng bao nhiêu."
        )
    if unfinished:
        lines.append("Tháng này chưa hết: số liệu tính đến lúc lập báo cáo.")
    return lines


def _sections(found: Overview) -> list[Section]:
    compared = ("Tháng này", "Tháng trước")
    first = tiles(found)
    sections = [
        Section(
            heading="Số liệu chung",
            header=("Chỉ tiêu", *compared, "Thay đổi"),
            rows=[(each.name, each.value, each.before, each.changed) for each in first],
            meanings=[f"{each.name}: {each.meaning}" for each in first],
        )
    ]
    drawn = {each.key: each for each in charts(found)}
    for chart in (drawn[key] for key in TABLES):
        rows = chart.table.rows or [("Không có", *[""] * (len(chart.table.header) - 1))]
        sections.append(
            Section(
                heading=chart.title,
                header=chart.table.header,
                rows=rows,
                meanings=[chart.meaning.partition(" Mỗi cột")[0].partition(" Vạch đứng")[0]],
            )
        )
    sections.insert(2, _handovers(found, compared))
    return sections


def _handovers(found: Overview, compared: tuple[str, str]) -> Section:
    def steps(span: Span, step: Step) -> str:
        return number(span.counts[Kind.HANDOVER].get(step, 0))

    return Section(
        heading="Trao đổi với cán bộ",
        header=("Bước", *compared),
        rows=[
            (name, steps(found.now, step), steps(found.before, step))
            for step, name in STEPS.items()
        ],
        meanings=["Mỗi bước tính vào ngày nó xảy ra."],
    )
