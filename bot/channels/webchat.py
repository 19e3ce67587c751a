"""The web chat: its page, its JSON door, a plain form without JavaScript, and the embed script."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.channels.render import reply_to_json
from bot.channels.visits import Session, Visits
from bot.channels.webchat_messages import (
    MAX_BODY,
    MAX_JSON,
    TOO_LARGE,
    Message,
    body_of,
    form_of,
    message_of_json,
    number_of,
)
from bot.intake import Unavailable
from bot.protection import headers, over_tls, protect
from bot.talk import Heard
from handlers.conversation import Contact, Incoming, Reply

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from bot.handover_thread import Thread
    from bot.talk import Talk

STATIC = Path(__file__).parent / "static"
ASSETS = {
    "chat.css": "text/css; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
COOKIE = "hmc_chat"
TOKEN_HEADER = "X-Chat-Token"  # noqa: S105 - the header's name, not a token
SUGGESTIONS = (
    "Làm khai sinh cho con cần giấy tờ gì?",
    "Sao y, chứng thực hết bao nhiêu tiền?",
    "Đăng ký kết hôn ở đâu?",
    "Xin phép xây nhà mất bao lâu?",
    "Hôm nay văn phòng có làm việc không?",
)

UNREADABLE = "Em chưa đọc được tin này. Anh/chị tải lại trang rồi gửi lại giúp em."
SLOWER = (
    "Anh/chị gửi nhanh quá, em trả lời chưa kịp. Anh/chị đợi khoảng một phút rồi gửi lại giúp em."
)
FAILED = (
    "Em đang gặp trục trặc, chưa trả lời được câu này. "
    "Anh/chị thử lại sau ít phút, hoặc gọi bộ phận một cửa."
)
PASSED_ON = "Em đã chuyển tin này cho cán bộ."
NOTHING_NEW = "Chưa có câu trả lời mới."
DELAYED = "Em đã nhận được câu hỏi. Hệ thống đang chậm, em trả lời ngay ở đây khi có thể."

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.*\[\]:-]+")

log = structlog.get_logger()


def add_routes(
    app: web.Application,
    talk: Talk,
    *,
    secret: bytes,
    office_name: Callable[[], str],
    suggestions: tuple[str, ...] = SUGGESTIONS,
    embed_origins: tuple[str, ...] = (),
    messages_per_minute: int = 30,
) -> None:
    """Put the web chat at the root of ``app``; ``secret`` signs sessions, kept over restarts."""
    chat = WebChat(
        talk=talk,
        visits=Visits(secret, most=messages_per_minute),
        page=_template(),
        office_name=office_name,
        suggestions=suggestions,
    )
    protected = _protection(embed_origins)
    app.router.add_get("/", protected(chat.show_page))
    app.router.add_get("/embed.js", protected(_embed_script))
    app.router.add_get("/static/chat/{name}", protected(_asset))
    app.router.add_post("/api/chat/messages", protected(chat.receive))
    app.router.add_get("/api/chat/messages", protected(chat.collect))
    app.router.add_delete("/api/chat/messages", protected(chat.forget))
    app.router.add_post("/hoi", protected(chat.receive_form))
    app.router.add_get("/hoi", protected(chat.show_new))


@dataclass(frozen=True, kw_only=True)
class WebChat:
    """The handlers of the web chat and what they need."""

    talk: Talk
    visits: Visits
    page: Template
    office_name: Callable[[], str]
    suggestions: tuple[str, ...]

    async def show_page(self, _request: web.Request) -> web.StreamResponse:
        """The chat with its greeting; what was said before is in the browser."""
        return self._page()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One message as JSON; replies as JSON, whatever happens behind."""
        try:
            body = await body_of(request, MAX_JSON)
            message = message_of_json(body) if body is not None else None
            if message is None or (message.picture is None and len(body or b"") > MAX_BODY):
                return web.json_response({"error": TOO_LARGE}, status=413)
        except (ValueError, RecursionError, web.RequestPayloadError):
            return web.json_response({"error": UNREADABLE}, status=400)
        session = self._session(request)
        try:
            heard, wait = await self._answer(session, message)
        except Unavailable:
            answer: dict[str, object] = {"error": FAILED, "again": True}
            status = 503
        else:
            answer = _heard_to_json(heard)
            status = 429 if wait else 200
        # Inside a foreign page's frame no cookie survives, so the page asks for the token itself.
        asked = TOKEN_HEADER in request.headers
        if asked:
            answer["token"] = session.token
        response = web.json_response(answer, status=status)
        wait = wait if status == 429 else 0.0
        return _settled(request, response, session, wait, cookie=not asked)

    async def collect(self, request: web.Request) -> web.StreamResponse:
        """What was said since the last answer: a late answer, an officer, a notice."""
        session = self._session(request)
        after = number_of(request.query.get("after"))
        if session.new or after is None:
            return web.json_response({"replies": [], "last": 0, "pending": False})
        contact = Contact(channel="web", id=session.contact)
        try:
            heard = await self.talk.hear(contact, after=after)
        except Exception:
            log.exception("collecting_failed", channel="web")
            heard = Heard(replies=(), last=after, pending=True)
        response = web.json_response(_heard_to_json(heard))
        response.headers["Cache-Control"] = "no-store"
        return response

    async def receive_form(self, request: web.Request) -> web.StreamResponse:
        """One message from the plain form; the answer as a whole page."""
        try:
            found = await form_of(request)
            if isinstance(found, str):
                return self._page(plain=True, replies=(Reply(lead=found),), status=413)
            message, asked = found
        except (ValueError, web.RequestPayloadError):
            return self._page(plain=True, replies=(Reply(lead=UNREADABLE),), status=400)
        session = self._session(request)
        before = await self._thread(session)
        try:
            heard, wait = await self._answer(session, message)
        except Unavailable:
            failed = (Reply(lead=FAILED),)
            return self._page(plain=True, asked=asked, replies=failed, status=503)
        status = 429 if wait else 200
        replies = (Reply(lead=PASSED_ON),) if heard.silent else heard.of_bot
        thread = await self._thread(session)
        # What is over and was read once stands in nobody's way.
        if thread and not (thread.in_course or thread.fresh or (before and before.fresh)):
            thread = None
        if thread and any(line.mine == asked for line in thread.lines[-1:]):
            # It stands there already.
            asked = ""
        response = self._page(
            plain=True, asked=asked, replies=replies, thread=thread, status=status
        )
        return _settled(request, response, session, wait, cookie=True)

    async def show_new(self, request: web.Request) -> web.StreamResponse:
        """What officers said, or what came late, without JavaScript; drawn anew each time."""
        session = self._session(request)
        if session.new:
            raise web.HTTPSeeOther("./")
        thread = await self._thread(session)
        replies: tuple[Reply, ...] = ()
        if thread is None:
            contact = Contact(channel="web", id=session.contact)
            try:
                replies = (await self.talk.hear(contact, after=0)).of_bot
            except Exception:
                log.exception("collecting_failed", channel="web")
            replies = replies or (Reply(lead=NOTHING_NEW),)
        return self._page(plain=True, replies=replies, thread=thread)

    async def _thread(self, session: Session) -> Thread | None:
        """The conversation with officers; without it the page still shows its answer."""
        try:
            return await self.talk.thread(Contact(channel="web", id=session.contact))
        except Exception:
            log.exception("thread_failed", channel="web")
            return None

    async def forget(self, _request: web.Request) -> web.StreamResponse:
        """Part from the session: its token is gone, so nobody can take it up again."""
        response = web.Response(status=204)
        response.del_cookie(COOKIE, path="/")
        return response

    def _session(self, request: web.Request) -> Session:
        return self.visits.session(request.headers.get(TOKEN_HEADER), request.cookies.get(COOKIE))

    async def _answer(self, session: Session, message: Message) -> tuple[Heard, float]:
        """Replies, and the seconds to wait when there were too many messages.

        Raises ``Unavailable`` when the message could not be kept.
        """
        last = message.after or 0
        visit = self.visits.visit(session.contact)
        if wait := self.visits.wait(visit):
            return Heard(replies=(Reply(lead=SLOWER),), last=last), wait
        incoming = Incoming(
            contact=Contact(channel="web", id=session.contact),
            received_at=datetime.now(UTC),
            text=message.text,
            action=message.action,
            attachment=message.attachment,
        )
        try:
            # One after the other: an answer depends on what the one before is remembered to say.
            async with visit.turn:
                heard = await self.talk.ask(
                    incoming, message=message.id, after=message.after, picture=message.picture
                )
        except Unavailable:
            raise
        except Exception:
            log.exception("answer_failed", channel="web")
            heard = Heard(replies=(), last=last)
        if heard.replies or heard.silent:
            return heard, 0.0
        lead = DELAYED if heard.pending else FAILED
        return Heard(replies=(Reply(lead=lead),), last=heard.last, pending=heard.pending), 0.0

    def _page(
        self,
        *,
        plain: bool = False,
        asked: str = "",
        replies: tuple[Reply, ...] = (),
        thread: Thread | None = None,
        status: int = 200,
    ) -> web.Response:
        text = self.page.render(
            office=self.office_name(),
            suggestions=self.suggestions,
            plain=plain,
            asked=asked,
            replies=[reply_to_json(reply) for reply in replies],
            thread=thread,
            to_json=reply_to_json,
        )
        response = web.Response(text=text, content_type="text/html", status=status)
        response.headers["Cache-Control"] = "no-store" if plain else "no-cache"
        return response


def _heard_to_json(heard: Heard) -> dict[str, object]:
    return {
        "replies": [reply_to_json(reply) for reply in heard.replies],
        "last": heard.last,
        "pending": heard.pending,
    }


def _settled(
    request: web.Request, response: web.Response, session: Session, wait: float, *, cookie: bool
) -> web.Response:
    response.headers.setdefault("Cache-Control", "no-store")
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    if cookie and session.new:
        secure = over_tls(request)
        response.set_cookie(
            COOKIE, session.token, path="/", httponly=True, samesite="Lax", secure=secure
        )
    return response


def _protection(embed_origins: tuple[str, ...]) -> Callable[[Handler], Handler]:
    """The headers of the chat, which some other sites may show in a frame."""
    for origin in embed_origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"not a web origin like https://example.vn: {origin!r}")
    embedded_by = ("'self'", *embed_origins)
    return protect(headers(embedded_by=embedded_by, referrer="no-referrer"))


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("index.html")


async def _asset(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if name not in ASSETS:
        raise web.HTTPNotFound
    return _file(name, ASSETS[name])


async def _embed_script(_request: web.Request) -> web.StreamResponse:
    return _file("embed.js", ASSETS["chat.js"])


def _file(name: str, content_type: str) -> web.FileResponse:
    kept = {"Content-Type": content_type, "Cache-Control": "no-cache"}
    return web.FileResponse(STATIC / name, headers=kept)
