"""Corrections: told to citizens who were shown a wrong text and agreed to messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.corrections import post_correction
from bot.staff.exchange import ROOT
from bot.staff.words import CHANNELS
from knowledge.accounts import OFFICIALS
from knowledge.masking import mask
from knowledge.model import PROCEDURE_CODE

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from knowledge.consents import Notice
    from knowledge.lifecycle import Revision
    from knowledge.store import UnitOfWork

SHOWN_WITHIN = timedelta(days=30)
"""Whoever was shown it longer ago has acted on it, or asks again."""
LONGEST = 800
"""One short message."""
LISTED = 12
"""Newest revisions that may have been wrong."""


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What the form says: which texts were wrong, and the correction."""

    code: str
    revisions: tuple[int, ...]
    text: str


async def find(exchange: Exchange) -> web.StreamResponse:
    """From a typed code to its form."""
    code = exchange.asked("code")
    if not PROCEDURE_CODE.fullmatch(code):
        return await exchange.go(f"{ROOT}/review", "Mã thủ tục có dạng 1.001193.")
    return await exchange.go(f"{ROOT}/corrections/{code}")


async def show(exchange: Exchange) -> web.StreamResponse:
    """The form; who was shown which text stands beside each."""
    wrong = Wrong(code=_code(exchange), revisions=(exchange.number("revision", 0),), text="")
    return await _page(exchange, wrong)


async def submit(exchange: Exchange) -> web.StreamResponse:
    """First the preview with the count; sent when that was confirmed."""
    wrong = _form(exchange)
    if problem := _problem(wrong):
        return await _page(exchange, wrong, status=422, problem=problem)
    if exchange.sent("step") != "send":
        return await _page(exchange, wrong, preview=True)
    told = await exchange.work(lambda work: _send(exchange, work, wrong))
    return await exchange.go(f"{ROOT}/corrections/{wrong.code}", told)


def _send(exchange: Exchange, work: UnitOfWork, wrong: Wrong) -> str:
    work.alone()
    who, now, site = exchange.me.login, exchange.now, exchange.site
    # The same form sent twice must not write to anybody twice.
    if exchange.sent("after") != str(len(work.consents.notices(wrong.code))):
        return "Đính chính này đã gửi, hoặc vừa có đính chính khác. Anh/chị xem ở dưới."
    notice = work.consents.announce(
        wrong.code,
        wrong.revisions,
        wrong.text,
        author=who,
        at=now,
        shown_since=now - SHOWN_WITHIN,
    )
    reached = post_correction(work, notice, site.outside.channels, site.seal, at=now)
    after = {"revisions": list(wrong.revisions), "text": wrong.text, "reached": reached}
    work.audit.record(who, "correction.send", f"procedure:{wrong.code}", None, after, at=now)
    return f"Đã xếp hàng gửi đính chính tới {reached} người."


def _code(exchange: Exchange) -> str:
    code = exchange.request.match_info["code"]
    if not PROCEDURE_CODE.fullmatch(code):
        raise web.HTTPNotFound
    return code


def _form(exchange: Exchange) -> Wrong:
    numbers = exchange.sent_all("revision")
    return Wrong(
        code=_code(exchange),
        revisions=tuple(int(n) for n in numbers if n.isascii() and n.isdecimal() and len(n) < 8),
        text=exchange.sent("text"),
    )


def _problem(wrong: Wrong) -> str:
    if not wrong.revisions:
        return "Anh/chị đánh dấu ít nhất một bản đã nói sai."
    if not wrong.text:
        return "Anh/chị viết nội dung đính chính."
    if len(wrong.text) > LONGEST:
        return f"Nội dung dài quá {LONGEST} ký tự. Người dân đọc trên điện thoại, nên viết ngắn."
    if mask(wrong.text) != wrong.text:
        return "Nội dung có số điện thoại, số giấy tờ hoặc tên riêng. Anh/chị bỏ đi rồi gửi lại."
    return ""


async def _page(
    exchange: Exchange,
    wrong: Wrong,
    *,
    status: int = 200,
    problem: str = "",
    preview: bool = False,
) -> web.StreamResponse:
    since = exchange.now - SHOWN_WITHIN

    def read(work: UnitOfWork) -> dict[str, Any]:
        history = work.revisions.history(wrong.code)
        if not history:
            raise web.HTTPNotFound
        agreed = work.consents.recipients(wrong.code, wrong.revisions, since=since)
        open_channels = exchange.site.outside.channels
        notices: list[Notice] = work.consents.notices(wrong.code)
        return {
            "record": history[0].procedure,
            "revisions": [(each, _shown(work, each, since)) for each in history[:LISTED]],
            "reached": sum(each.channel in open_channels for each in agreed),
            "closed": sum(each.channel not in open_channels for each in agreed),
            "told": notices,
        }

    def _shown(work: UnitOfWork, revision: Revision, since: Any) -> str:
        found = work.revisions.shown(wrong.code, [revision.number], since=since)
        told = [f"{CHANNELS.get(s.channel, s.channel)}: {s.contacts} người" for s in found]
        return ", ".join(told) or "không ai"

    return await exchange.page(
        "correction.html",
        status=status,
        wrong=wrong,
        problem=problem,
        preview=preview,
        longest=LONGEST,
        days=SHOWN_WITHIN.days,
        may=bool(OFFICIALS & exchange.me.roles),
        **await exchange.work(read),
    )
