"""Switches: the bot, a channel or a procedure off with a reason, and announcements to citizens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.staff.exchange import ROOT
from bot.staff.words import CHANNELS
from bot.staff.words import when as spoken
from knowledge.accounts import Role
from knowledge.offices import VIETNAM
from knowledge.switches import AnnouncementKind, Scope, Switch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork
    from knowledge.switches import Announcement

HOME = f"{ROOT}/switches"
LONGEST, LONGEST_REASON = 600, 500
FURTHEST = timedelta(days=366)
"""How far ahead something may end; further is a typing error."""
USUAL: Mapping[Scope, str] = {
    Scope.BOT: "Em đang tạm nghỉ để cơ quan kiểm tra lại. Anh/chị cần gấp thì gõ «gặp cán bộ», "
    "hoặc gọi bộ phận một cửa.",
    Scope.CHANNEL: "Em đang tạm nghỉ ở kênh này. Anh/chị cần gấp thì gõ «gặp cán bộ», hoặc gọi "
    "bộ phận một cửa.",
    Scope.PROCEDURE: "Cơ quan đang kiểm tra lại nội dung về thủ tục này nên em chưa trả lời. "
    "Anh/chị gõ «gặp cán bộ», hoặc hỏi trực tiếp bộ phận một cửa giúp em.",
}
"""What citizens read unless somebody writes it otherwise."""
KINDS = {
    AnnouncementKind.OUTAGE: "Bảo trì, mất điện, mất mạng",
    AnnouncementKind.STORM: "Mưa bão, thiên tai",
    AnnouncementKind.HOLIDAY: "Nghỉ lễ",
    AnnouncementKind.OTHER: "Việc khác",
}


class Refused(Exception):
    """The form makes no sense; the text says why, in Vietnamese."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was typed, to be shown again when it was refused."""

    problem: str = ""
    scope: str = ""
    typed: Mapping[str, str]


async def show(exchange: Exchange) -> web.StreamResponse:
    """What is off, what is announced, and the forms."""
    return await _page(exchange, Form(typed={}))


async def turn_off(exchange: Exchange) -> web.StreamResponse:
    """Switch something off; this process knows it at once, the others within two seconds."""
    now, who = exchange.now, exchange.me.login
    try:
        switch = _switch(exchange)
    except Refused as refusal:
        return await _again(exchange, str(refusal))

    def write(work: UnitOfWork) -> None:
        before = work.switches.turn_off(switch)
        state = before.state() if before else None
        work.audit.record(who, "switch.off", switch.target, state, switch.state(), at=now)

    await exchange.work(write)
    await asyncio.to_thread(exchange.site.desk.look_at_board)
    return await exchange.go(HOME, f"Đã tắt: {_said(exchange, switch)}.")


async def turn_on(exchange: Exchange) -> web.StreamResponse:
    """Switch something on again."""
    now, who = exchange.now, exchange.me.login
    scope, key = exchange.sent("scope"), exchange.sent("key")
    if scope not in set(Scope):
        raise web.HTTPNotFound

    def write(work: UnitOfWork) -> Switch | None:
        before = work.switches.turn_on(Scope(scope), key)
        if before is not None:
            work.audit.record(who, "switch.on", before.target, before.state(), None, at=now)
        return before

    before = await exchange.work(write)
    await asyncio.to_thread(exchange.site.desk.look_at_board)
    told = f"Đã bật lại: {_said(exchange, before)}." if before else "Việc này đã được bật từ trước."
    return await exchange.go(HOME, told)


async def announce(exchange: Exchange) -> web.StreamResponse:
    """Tell every citizen who writes within some time, once each."""
    now, who = exchange.now, exchange.me.login
    try:
        kind, text, begins_at, ends_at = _announced(exchange)
    except Refused as refusal:
        return await _again(exchange, str(refusal))

    def write(work: UnitOfWork) -> None:
        number = work.switches.announce(
            kind, text, begins_at=begins_at, ends_at=ends_at, author=who, at=now
        )
        state = {"told": text, "begins_at": spoken(begins_at), "ends_at": spoken(ends_at)}
        work.audit.record(who, "announcement.add", f"announcement:{number}", None, state, at=now)

    await exchange.work(write)
    await asyncio.to_thread(exchange.site.desk.look_at_board)
    return await exchange.go(HOME, "Đã ra thông báo.")


async def take_down(exchange: Exchange) -> web.StreamResponse:
    """End an announcement now."""
    number, now, who = exchange.number("id", 0), exchange.now, exchange.me.login

    def write(work: UnitOfWork) -> Announcement | None:
        before = work.switches.take_down(number, at=now)
        if before is not None:
            state = {"told": before.text, "ends_at": spoken(before.ends_at)}
            target = f"announcement:{number}"
            work.audit.record(who, "announcement.end", target, state, None, at=now)
        return before

    before = await exchange.work(write)
    await asyncio.to_thread(exchange.site.desk.look_at_board)
    return await exchange.go(HOME, "Đã gỡ thông báo." if before else "Thông báo đã hết từ trước.")


def _switch(exchange: Exchange) -> Switch:
    scope, key = exchange.sent("scope"), exchange.sent("key")
    if scope not in set(Scope):
        raise Refused("Anh/chị chọn cần tắt gì.")
    if scope == Scope.CHANNEL and key not in CHANNELS:
        raise Refused("Anh/chị chọn kênh cần tắt.")
    if scope == Scope.PROCEDURE:
        known = exchange.site.desk.services.procedure(key)
        if known is None:
            raise Refused(f"Không có thủ tục «{key[:40]}». Mã viết như 1.001193.")
        key = known.code
    sentence, reason = exchange.sent("sentence"), exchange.sent("reason")
    if not sentence or len(sentence) > LONGEST:
        raise Refused(f"Anh/chị viết câu người dân sẽ đọc, nhiều nhất {LONGEST} ký tự.")
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(f"Anh/chị ghi vì sao tắt, nhiều nhất {LONGEST_REASON} ký tự.")
    until = _moment(exchange.sent("until"))
    if until is not None and not exchange.now < until < exchange.now + FURTHEST:
        raise Refused("Giờ bật lại phải ở sau lúc này, trong vòng một năm.")
    return Switch(
        scope=Scope(scope),
        key="" if scope == Scope.BOT else key,
        sentence=sentence,
        reason=reason,
        author=exchange.me.login,
        since=exchange.now,
        until=until,
    )


def _announced(exchange: Exchange) -> tuple[AnnouncementKind, str, datetime, datetime]:
    kind, text = exchange.sent("kind"), exchange.sent("text")
    if kind not in set(AnnouncementKind):
        raise Refused("Anh/chị chọn loại thông báo.")
    if not text or len(text) > LONGEST:
        raise Refused(f"Anh/chị viết nội dung thông báo, nhiều nhất {LONGEST} ký tự.")
    begins_at = _moment(exchange.sent("begins_at")) or exchange.now
    ends_at = _moment(exchange.sent("ends_at"))
    if ends_at is None:
        raise Refused("Anh/chị chọn lúc thông báo hết hạn.")
    if not max(begins_at, exchange.now) < ends_at < exchange.now + FURTHEST:
        raise Refused("Thông báo phải hết hạn sau khi bắt đầu và sau lúc này, trong một năm.")
    return AnnouncementKind(kind), text, begins_at, ends_at


def _moment(text: str) -> datetime | None:
    """A moment as a form sends it («2026-11-25T09:30»), in Vietnam; ``None`` for an empty field."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    # Near the ends of the calendar UTC cannot be reckoned.
    if found is None or found.tzinfo or not 1900 < found.year < 9000:
        raise Refused(f"«{text[:40]}» không phải là ngày giờ.")
    return found.replace(tzinfo=VIETNAM)


def _said(exchange: Exchange, switch: Switch) -> str:
    match switch.scope:
        case Scope.BOT:
            return "cả bot"
        case Scope.CHANNEL:
            return f"kênh {CHANNELS.get(switch.key, switch.key)}"
        case Scope.PROCEDURE:
            record = exchange.site.desk.services.procedure(switch.key)
            return f"thủ tục {record.title} ({switch.key})" if record else f"thủ tục {switch.key}"


async def _again(exchange: Exchange, problem: str) -> web.StreamResponse:
    typed = {name: value for name, value in exchange.fields if name != "csrf"}
    form = Form(problem=problem, scope=exchange.sent("scope") or "announcement", typed=typed)
    return await _page(exchange, form)


async def _page(exchange: Exchange, form: Form) -> web.StreamResponse:
    now = exchange.now
    board = await exchange.work(lambda work: work.switches.board(now))
    values: dict[str, Any] = {
        "board": board,
        "off": [(each, _said(exchange, each)) for each in board.switches],
        "channels": CHANNELS,
    }
    return await exchange.page(
        "switches.html",
        status=422 if form.problem else 200,
        form=form,
        usual=USUAL,
        kinds=KINDS,
        may=Role.ADMIN in exchange.me.roles,
        Scope=Scope,
        **values,
    )
