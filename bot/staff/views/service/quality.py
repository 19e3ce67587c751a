"""Honest quality: a random sample of last week's questions, judged one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.tiles import interval, percent
from bot.staff.views.service.conversation import messages, records_of
from bot.staff.views.service.inquiries import aspect_words
from knowledge.accounts import OFFICIALS
from knowledge.masking import mask
from knowledge.quality import SAMPLE, Label

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from bot.staff.views.service.conversation import Records
    from knowledge.store import UnitOfWork
    from knowledge.tables import InquiryRow, QualitySample

HOME = f"{ROOT}/quality"
EARLIER = 3
"""Messages before the drawn one that are shown: «lệ phí» alone says nothing."""
LONGEST_NOTE = 500
LABELS = {
    Label.RIGHT: "Đúng",
    Label.PARTLY: "Đúng một phần",
    Label.WRONG: "Sai",
    Label.SHOULD_ASK: "Đáng lẽ phải hỏi lại",
    Label.UNCLEAR: "Không rõ, không chấm được",
}
SHORT = {**LABELS, Label.SHOULD_ASK: "Phải hỏi lại", Label.UNCLEAR: "Không rõ"}
"""For the heads of columns."""
MEANINGS = {
    Label.RIGHT: "đúng thủ tục, đúng mục; hoặc hỏi lại, chuyển cán bộ, báo không có là đúng",
    Label.PARTLY: "đúng thủ tục nhưng thiếu hoặc lạc mục",
    Label.WRONG: "thủ tục khác, hoặc nội dung sai",
    Label.SHOULD_ASK: "câu hỏi có thể là nhiều thủ tục mà bot đã chọn một",
    Label.UNCLEAR: "chỉ đọc câu này thì không ai biết người dân muốn gì",
}


async def show(exchange: Exchange) -> web.StreamResponse:
    """How the judged weeks did, and how many questions wait."""
    weeks, waiting = await exchange.work(
        lambda work: (work.quality.weeks(), work.quality.waiting())
    )
    return await exchange.page(
        "quality.html",
        weeks=weeks,
        waiting=waiting,
        labels=LABELS,
        meanings=MEANINGS,
        short=SHORT,
        sample=SAMPLE,
        percent=percent,
        interval=interval,
        may=bool(OFFICIALS & exchange.me.roles),
    )


async def go_on(exchange: Exchange) -> web.StreamResponse:
    """To the next question that waits."""
    but = exchange.number("but", 0)
    found = await exchange.work(lambda work: work.quality.next(but=but))
    if found is None:
        return await exchange.go(HOME, "Không còn câu nào chờ chấm. Cảm ơn anh/chị.")
    raise web.HTTPSeeOther(f"{HOME}/{found}")


async def judge(exchange: Exchange) -> web.StreamResponse:
    """One drawn question with what was said before it; that it was opened is recorded."""
    return await _page(exchange)


async def label(exchange: Exchange) -> web.StreamResponse:
    """Keep a label, and go on."""
    number, now, who = exchange.number("id", 0), exchange.now, exchange.me.login
    chosen, note = exchange.sent("label"), mask(exchange.sent("note")[:LONGEST_NOTE])
    if chosen not in set(Label):
        return await _page(exchange, problem="Anh/chị chọn một cách chấm.")

    def write(work: UnitOfWork) -> bool:
        sample = work.quality.get(number)
        if sample is None:
            return False
        known = None
        if sample.label is not None:
            known = {"label": LABELS[Label(sample.label)], "by": sample.labeller}
        after = {"label": LABELS[Label(chosen)], "by": who}
        work.quality.label(number, Label(chosen), by=who, note=note, at=now)
        work.audit.record(who, "quality.label", f"quality:{number}", known, after, at=now)
        return True

    if not await exchange.work(write):
        raise web.HTTPNotFound
    return await exchange.go(f"{HOME}/next", "Đã ghi. Đây là câu tiếp theo.")


async def _page(exchange: Exchange, *, problem: str = "") -> web.StreamResponse:
    number, now, who = exchange.number("id", 0), exchange.now, exchange.me.login

    def read(work: UnitOfWork) -> tuple[QualitySample, list[InquiryRow], Records, int] | None:
        sample = work.quality.get(number)
        line = work.inquiry_log.get(sample.inquiry) if sample else None
        if sample is None or line is None:
            return None
        spell = work.inquiry_log.around(line, limit=EARLIER)
        rows = [row for row in spell.rows if row.id <= line.id]
        seen = {"rows": len(rows)}
        shown, waiting = records_of(work, rows), work.quality.waiting()
        work.audit.record(who, "inquiry.open", f"inquiry:{line.id}", None, seen, at=now)
        return sample, rows, shown, waiting

    found = await exchange.work(read)
    if found is None:
        raise web.HTTPNotFound
    sample, rows, shown, waiting = found
    services = exchange.site.desk.services
    return await exchange.page(
        "quality_one.html",
        status=422 if problem else 200,
        problem=problem,
        sample=sample,
        messages=messages(rows, shown, services, ratings={}, reasons=False),
        aspects=aspect_words(services),
        waiting=waiting,
        labels=LABELS,
        meanings=MEANINGS,
    )
