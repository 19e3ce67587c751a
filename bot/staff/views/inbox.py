"""The hand-over inbox: citizens who want a person, and one conversation with one of them."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from bot.handover import ANSWERING, LONGEST, NoSuchColleague, Unwritable
from bot.staff.exchange import ROOT
from bot.staff.rendering import PER_PAGE
from bot.staff.words import CHANNELS
from knowledge.handover_messages import DeliveryState, Sender
from knowledge.handovers import CITIZEN, HeldByAnother, Moved, OpenAlready, Why
from knowledge.tables import HandoverState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.handover_views import Conversation
    from bot.staff.exchange import Exchange

INBOX = f"{ROOT}/inbox"
SHOWN = {"": "Đang mở", "mine": "Của tôi", "closed": "Đã kết thúc"}
"""What a list may show, by its name in the address."""
WHYS = {Why.ASKED: "xin gặp cán bộ", Why.FAILURES: "máy không trả lời được hai lần"}
TYPED = ("reply_text", "internal")
"""Fields that somebody types into; nothing in them may be lost."""

HELD = "{name} đang giữ cuộc trao đổi này nên chưa gửi được. Những gì anh/chị gõ còn nguyên."
MOVED = "Cuộc trao đổi đã kết thúc trong lúc anh/chị đang gõ. Bấm «Mở lại» rồi gửi."
EMPTY = "Anh/chị gõ nội dung trước khi gửi."
TOO_LONG = f"Tin dài quá {LONGEST:,} chữ. Anh/chị chia làm hai tin giúp em.".replace(",", ".")
NOBODY = "Anh/chị chọn đồng nghiệp để chuyển; người này không nhận được nữa."
GONE = "Phần bị che không còn nữa."


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """The inbox: who waits longest stands first."""
    return await exchange.page("inbox.html", **await _listed(exchange))


async def list_part(exchange: Exchange) -> web.StreamResponse:
    """The same rows for a page that is open."""
    return exchange.part("inbox_rows.html", **await _listed(exchange))


async def _listed(exchange: Exchange) -> dict[str, Any]:
    shown = exchange.asked("show") if exchange.asked("show") in SHOWN else ""
    page = max(exchange.number("page"), 1)
    found = await exchange.site.officers.inbox(
        exchange.me.login,
        state=HandoverState.CLOSED if shown == "closed" else None,
        mine=shown == "mine",
        limit=PER_PAGE,
        offset=(page - 1) * PER_PAGE,
    )
    asked = {"show": shown, "page": page if page > 1 else ""}
    return {
        "inbox": found,
        "tabs": SHOWN,
        "shown": shown,
        "page": page,
        "asked": urlencode({name: value for name, value in asked.items() if value}),
        "channels": CHANNELS,
        "whys": WHYS,
        "State": HandoverState,
    }


async def show(exchange: Exchange) -> web.StreamResponse:
    """One conversation."""
    return await _page(exchange)


async def talk_part(exchange: Exchange) -> web.StreamResponse:
    """What was said and how it stands, for a page that is open."""
    values = _shown(exchange, await _read(exchange))
    return exchange.part("inbox_talk.html", revealed=None, **values)


async def draft(exchange: Exchange) -> web.StreamResponse:
    """The same page with what was typed, newest messages, and maybe a canned reply in it."""
    chosen = exchange.sent("canned")
    reply = exchange.raw("reply_text")
    if chosen:
        found = [each.text for each in await exchange.site.officers.canned()]
        if chosen.isdecimal() and int(chosen[:4]) < len(found):
            reply = "\n".join(filter(None, (reply.rstrip(), found[int(chosen[:4])])))
    return await _page(exchange, reply_text=reply)


async def answer(exchange: Exchange) -> web.StreamResponse:
    """Write to the citizen."""
    officers, me, text = exchange.site.officers, exchange.me.login, exchange.raw("reply_text")
    with _refusals() as refused:
        await officers.answer(_id(exchange), me, text, token=_once(exchange, text))
    return await _done(exchange, refused, "Đã gửi.", written="reply_text")


async def note(exchange: Exchange) -> web.StreamResponse:
    """Write something for colleagues only."""
    officers, me, text = exchange.site.officers, exchange.me.login, exchange.raw("internal")
    with _refusals() as refused:
        await officers.note(_id(exchange), me, text, token=_once(exchange, f"note {text}"))
    return await _done(exchange, refused, "Đã ghi chú.", written="internal")


async def take(exchange: Exchange) -> web.StreamResponse:
    """Take it, from nobody or from a named colleague."""
    officers, me, holder = exchange.site.officers, exchange.me.login, exchange.sent("holder")
    with _refusals() as refused:
        if holder and holder != me:
            await officers.take_over(_id(exchange), me, holder=holder)
        else:
            await officers.take(_id(exchange), me)
    return await _done(exchange, refused, "Anh/chị đang giữ cuộc trao đổi này.")


async def hand_on(exchange: Exchange) -> web.StreamResponse:
    """Give it to a colleague."""
    officers, me, to = exchange.site.officers, exchange.me.login, exchange.sent("colleague")
    with _refusals() as refused:
        await officers.hand_on(_id(exchange), me, to=to)
    return await _done(exchange, refused, "Đã chuyển cho đồng nghiệp.")


async def close(exchange: Exchange) -> web.StreamResponse:
    """End it; the bot answers again."""
    officers, silently = exchange.site.officers, exchange.sent("silently") == "yes"
    with _refusals() as refused:
        await officers.close(_id(exchange), exchange.me.login, silently=silently)
    return await _done(exchange, refused, "Đã kết thúc. Từ giờ máy trả lời tiếp.")


async def reopen(exchange: Exchange) -> web.StreamResponse:
    """Go on with a closed one."""
    with _refusals() as refused:
        await exchange.site.officers.reopen(_id(exchange), exchange.me.login)
    return await _done(exchange, refused, "Đã mở lại, anh/chị đang giữ.")


async def send_again(exchange: Exchange) -> web.StreamResponse:
    """Try to deliver a message that failed."""
    message = exchange.sent("message")
    with _refusals() as refused:
        await exchange.site.officers.send_again(_id(exchange), _number(message), exchange.me.login)
    return await _done(exchange, refused, "Đang gửi lại.")


async def reveal(exchange: Exchange) -> web.StreamResponse:
    """The words behind a mask, on this page only."""
    message, told = _number(exchange.sent("message")), ""
    with _refusals() as refused:
        told = await exchange.site.officers.reveal(_id(exchange), message, exchange.me.login)
    if refused.why or refused.gone:
        return await _done(exchange, refused, "")
    return await _page(exchange, revealed=(message, told))


@dataclass
class _Refused:
    """Why something was not done, in words; empty when it was done."""

    why: str = ""
    holder: str = ""
    status: int = 409
    gone: bool = False


@contextmanager
def _refusals() -> Iterator[_Refused]:
    refused = _Refused()
    try:
        yield refused
    except Unwritable as error:
        refused.why = EMPTY if str(error).startswith("0 ") else TOO_LONG
        refused.status = 422
    except NoSuchColleague:
        refused.why, refused.status = NOBODY, 422
    except HeldByAnother as error:
        refused.why, refused.holder = HELD, str(error)
    except Moved:
        refused.why = MOVED
    except OpenAlready as error:
        refused.why = (
            f"Người dân đã mở cuộc trao đổi mới. Anh/chị trả lời ở đó: {INBOX}/{error.args[0]}"
        )
    except KeyError:
        refused.gone = True


async def _done(
    exchange: Exchange, refused: _Refused, notice: str, *, written: str = ""
) -> web.StreamResponse:
    """On to the conversation; with what was typed and not sent, the page is drawn at once."""
    if refused.gone or refused.why:
        return await _page(exchange, problem=refused)
    left = {name: "" if name == written else exchange.raw(name) for name in TYPED}
    if any(text.strip() for text in left.values()):
        reply_text, internal = (left[name] for name in TYPED)
        return await _page(exchange, told=notice, reply_text=reply_text, internal=internal)
    return await exchange.go(f"{INBOX}/{_id(exchange)}", notice)


async def _page(
    exchange: Exchange,
    *,
    problem: _Refused | None = None,
    told: str = "",
    revealed: tuple[int, str] | None = None,
    reply_text: str | None = None,
    internal: str | None = None,
) -> web.StreamResponse:
    """The conversation with its form; what was typed stays in it."""
    typed = {
        "reply_text": exchange.raw("reply_text") if reply_text is None else reply_text,
        "internal": exchange.raw("internal") if internal is None else internal,
    }
    try:
        found = await _read(exchange)
    except web.HTTPNotFound:
        if any(text.strip() for text in typed.values()):
            return await exchange.page("inbox_gone.html", status=404, typed=typed)
        raise
    why = ""
    if problem:
        why = problem.why or GONE
        why = why.format(name=found.names.get(problem.holder, problem.holder))
    return await exchange.page(
        "inbox_one.html",
        status=problem.status if problem else 200,
        problem=why,
        told=told,
        revealed=revealed,
        token=_token(exchange, problem),
        canned=await exchange.site.officers.canned(),
        most=LONGEST,
        **typed,
        **_shown(exchange, found),
    )


def _once(exchange: Exchange, text: str) -> str:
    """The same for the same words of the same form: sent twice they count once.

    Other words in a form that the browser brought back are another message.
    """
    said = f"{exchange.sent('token')} {text.strip()}"
    return sha256(said.encode()).hexdigest()[:40]


def _token(exchange: Exchange, problem: _Refused | None) -> str:
    """The id of a new form; a form that was refused keeps its own."""
    return (exchange.sent("token") if problem else "") or secrets.token_urlsafe(16)


async def _read(exchange: Exchange) -> Conversation:
    try:
        return await exchange.site.officers.read(_id(exchange))
    except KeyError:
        raise web.HTTPNotFound from None


def _shown(exchange: Exchange, found: Conversation) -> dict[str, Any]:
    me, entry = exchange.me, found.entry
    return {
        "talk": found,
        "entry": entry,
        "names": found.names,
        "mine": entry.holder == me.login,
        "may": bool(me.roles & ANSWERING),
        "channels": CHANNELS,
        "whys": WHYS,
        "citizen": CITIZEN,
        "State": HandoverState,
        "Sender": Sender,
        "Sent": DeliveryState,
    }


def _id(exchange: Exchange) -> int:
    return exchange.number("id", 0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
