"""Missed questions: what citizens asked in vain, and one click that teaches the bot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.missed import still_open
from bot.staff.rendering import Paging
from bot.teaching import Lesson, Unteachable, teach
from knowledge.accounts import OFFICIALS
from knowledge.masking import mask
from knowledge.missed import Kind, Verdict, missed_key, suggested
from knowledge.store import Write
from knowledge.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.staff.exchange import Exchange
    from knowledge.missed import Group
    from knowledge.search import Match
    from knowledge.store import UnitOfWork

PER_PAGE = 20
FOUND = 10
LONGEST_NOTE = 500
WORDINGS = 20
"""Other wordings of a group that are listed."""
KINDS = {
    Kind.UNANSWERED: "chưa trả lời được",
    Kind.ASKED_BACK: "phải hỏi lại",
    Kind.BADLY_RATED: "người dân chê",
}
VERDICTS = {
    Verdict.OPEN: "đang chờ",
    Verdict.TAUGHT: "đã dạy",
    Verdict.NEEDS_PROCEDURE: "cần thủ tục mới",
    Verdict.OUT_OF_SCOPE: "ngoài phạm vi",
    Verdict.GLOSSARY: "từ cho từ điển",
}
DECIDED_BY_HAND = (
    Verdict.NEEDS_PROCEDURE,
    Verdict.OUT_OF_SCOPE,
    Verdict.GLOSSARY,
    Verdict.OPEN,
)
"""What a form may decide; teaching decides by itself."""


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """Groups, the most frequent first, each with the procedures it may mean."""
    groups = await exchange.site.missed.groups()
    wanted = _verdict(exchange.asked("verdict")) or Verdict.OPEN
    kind = Kind(exchange.asked("kind")) if exchange.asked("kind") in set(Kind) else None
    shown = [
        each
        for each in groups or ()
        if each.verdict is wanted and (kind is None or each.kinds[kind])
    ]
    paging = Paging(page=exchange.number("page"), total=len(shown), per_page=PER_PAGE)
    page = shown[paging.offset : paging.offset + PER_PAGE]
    index = exchange.site.desk.services.index
    return await exchange.page(
        "missed.html",
        gathering=groups is None,
        rows=await asyncio.to_thread(suggested, page, index),
        paging=paging,
        wanted=wanted,
        kind=kind,
        counts={each: sum(group.verdict is each for group in groups or ()) for each in Verdict},
        **_words(exchange),
    )


async def refresh(exchange: Exchange) -> web.StreamResponse:
    """Read the log again, now."""
    await exchange.site.missed.anew()
    return await exchange.go(
        f"{ROOT}/missed", "Đang đọc lại nhật ký câu hỏi; nhật ký dài thì mất nửa phút."
    )


async def show(exchange: Exchange) -> web.StreamResponse:
    """One group: its wordings, procedures found for it or for other words, what to decide."""
    return await _page(exchange, await _group(exchange))


async def learn(exchange: Exchange) -> web.StreamResponse:
    """Teach the phrase to a procedure; refused in words when it would take another's sentence."""
    group = await _group(exchange)
    phrase, code = clean(exchange.sent("phrase")) or group.phrase, exchange.sent("code")
    lesson = Lesson(
        code=code,
        phrase=phrase,
        author=exchange.me.login,
        answers=tuple(each.text for each in group.members),
    )
    desk, now, today = exchange.site.desk, exchange.now, exchange.today
    try:
        taught = await asyncio.to_thread(
            teach, desk.store, lesson, at=now, today=today, known=desk.known
        )
    except Unteachable as error:
        return await _page(exchange, group, status=422, problem=str(error), phrase=phrase)
    said = (
        f"«{phrase}» đã là tên gọi của {code}; câu này từ nay được canh giữ."
        if taught is Write.UNCHANGED
        else f"Đã dạy «{phrase}» cho {code}. Vài giây nữa bot trả lời được câu này."
    )
    return await exchange.go(f"{ROOT}/missed", said)


async def decide(exchange: Exchange) -> web.StreamResponse:
    """Put a group away with a reason, or take that back."""
    group = await _group(exchange)
    verdict = _verdict(exchange.sent("verdict"))
    if verdict not in DECIDED_BY_HAND:
        problem = "Anh/chị chọn một cách xử lý."
        return await _page(exchange, group, status=422, problem=problem)
    note, now, who = mask(exchange.sent("note")[:LONGEST_NOTE]), exchange.now, exchange.me.login
    before = {"verdict": VERDICTS[group.verdict]}

    def write(work: UnitOfWork) -> None:
        phrases = [each.text for each in group.members]
        work.missed.decide(phrases, verdict, author=who, at=now, note=note)
        # The question itself stays out: the audit is kept longer than what citizens wrote.
        after = {"verdict": VERDICTS[verdict], "note": note}
        target = f"missed:{missed_key(group.phrase)}"
        work.audit.record(who, "missed.decide", target, before, after, at=now)

    await exchange.work(write)
    return await exchange.go(f"{ROOT}/missed", f"Đã ghi: {VERDICTS[verdict]}.")


async def count(exchange: Exchange) -> int:
    """How many groups wait; 0 while they are gathered."""
    return len(still_open(await exchange.site.missed.groups(patience=0.0) or ()))


async def _group(exchange: Exchange) -> Group:
    group = await exchange.site.missed.group(exchange.request.match_info["key"])
    if group is None:
        raise web.HTTPNotFound
    return group


async def _page(
    exchange: Exchange, group: Group, *, status: int = 200, problem: str = "", phrase: str = ""
) -> web.StreamResponse:
    query = exchange.asked("q")
    found = await _found(exchange, query or group.phrase)
    return await exchange.page(
        "missed_group.html",
        status=status,
        group=group,
        key=missed_key(group.phrase),
        others=group.members[1 : WORDINGS + 1],
        hidden=max(len(group.members) - 1 - WORDINGS, 0),
        query=query,
        found=found,
        phrase=phrase or group.phrase,
        problem=problem,
        by_hand=DECIDED_BY_HAND[:-1],
        **_words(exchange),
    )


async def _found(exchange: Exchange, query: str) -> Sequence[Match]:
    index = exchange.site.desk.services.index
    return await asyncio.to_thread(index.match, query, FOUND)


def _verdict(text: str) -> Verdict | None:
    return Verdict(text) if text in set(Verdict) else None


def _words(exchange: Exchange) -> dict[str, Any]:
    known = exchange.site.desk.services.index.procedures

    def title(match: Match) -> str:
        """What citizens call it; the official name can take ten lines."""
        return known[match.code].title if match.code in known else match.name

    return {
        "title": title,
        "kinds": KINDS,
        "verdicts": VERDICTS,
        "may": bool(OFFICIALS & exchange.me.roles),
        "Verdict": Verdict,
    }
