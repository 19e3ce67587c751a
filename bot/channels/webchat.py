"""The web chat: its page, its JSON door, a plain form without JavaScript, and the embed script."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import structlog
from aiohttp import BodyPartReader, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.channels import MAX_PICTURE
from bot.channels.render import reply_to_json
from bot.channels.visits import Session, Visits
from bot.intake import Unavailable
from bot.protection import headers, over_tls, protect
from bot.talk import Heard
from handlers.conversation import Attachment, Contact, Incoming, Reply

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
MAX_BODY = 64 * 1024
MAX_SHRUNK = 1536 * 1024
"""Bytes of a picture that the page made smaller; a plain form sends it as it is."""
MAX_JSON = MAX_BODY + MAX_SHRUNK * 4 // 3
MAX_FORM = MAX_BODY + MAX_PICTURE
MAX_TEXT = 10_000
MAX_ACTION = 64
MAX_MESSAGE_ID = 48
MOST_FIELDS = 8
ATTACHMENTS = frozenset({Attachment.PHOTO, Attachment.VOICE})
SUGGESTIONS = (
    "Làm khai sinh cho con cần giấy tờ gì?",
    "Sao y, chứng thực hết bao nhiêu tiền?",
    "Đăng ký kết hôn ở đâu?",
    "Xin phép xây nhà mất bao lâu?",
    "Hôm nay văn phòng có làm việc không?",
)

UNREADABLE = "Em chưa đọc được tin này. Anh/chị tải lại trang rồi gửi lại giúp em."
PICTURE_TOO_LARGE = "Ảnh này nặng quá, em chưa mở được. Anh/chị chụp lại cỡ nhỏ hơn giúp em."
PICTURE_SENT = "[Ảnh giấy hẹn]"
TOO_LARGE = "Tin này dài quá, em chưa đọc được. Anh/chị gửi ngắn hơn giúp em."
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
            body = await _body(request, MAX_JSON)
            message = _message_of_json(body) if body is not None else None
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
        after = _number(request.query.get("after"))
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
            found = await _form(request)
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


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a browser sent, checked and cut to size.

    ``id`` is the browser's own, the same when it sends again; replies up to ``after`` were shown.
    """

    text: str = ""
    action: str | None = None
    attachment: Attachment | None = None
    picture: bytes | None = field(default=None, repr=False)
    id: str | None = None
    after: int | None = None


def _message_of_json(body: bytes) -> Message:
    """The message, or ValueError when it is not one."""
    sent: Any = json.loads(body)
    if not isinstance(sent, dict):
        raise ValueError("not an object")
    names = ("text", "action", "attachment", "id", "picture")
    text, action, kind, key, shot = given = [sent.get(name) for name in names]
    if not all(value is None or isinstance(value, str) for value in given):
        raise ValueError("not text")
    if key and (len(key) > MAX_MESSAGE_ID or not re.fullmatch(r"[A-Za-z0-9-]+", key)):
        raise ValueError("not an id of ours")
    attachment = Attachment(kind) if kind else None
    if attachment and attachment not in ATTACHMENTS:
        raise ValueError("no such attachment here")
    picture = base64.b64decode(shot, validate=True) if shot else None
    return Message(
        text=_cut(text or ""),
        action=_action(action),
        attachment=Attachment.PHOTO if picture else attachment,
        picture=picture,
        id=key or None,
        after=_number(sent.get("after")),
    )


def _number(sent: object) -> int | None:
    """The id of a reply; anything else is none."""
    text = str(sent)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _heard_to_json(heard: Heard) -> dict[str, object]:
    return {
        "replies": [reply_to_json(reply) for reply in heard.replies],
        "last": heard.last,
        "pending": heard.pending,
    }


async def _form(request: web.Request) -> tuple[Message, str] | str:
    """What a plain form sent and how the citizen sees it; what is wrong when it is too large."""
    if request.content_type == "multipart/form-data":
        return await _form_with_picture(request)
    body = await _body(request, MAX_BODY)
    if body is None:
        return TOO_LARGE
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    return _message_of_form({name: values[0] for name, values in fields.items()})


async def _form_with_picture(request: web.Request) -> tuple[Message, str] | str:
    fields: dict[str, str] = {}
    picture, left = b"", MAX_FORM
    reader = await request.multipart()
    for _ in range(MOST_FIELDS):
        part = await reader.next()
        if part is None:
            return _message_of_form(fields, picture or None)
        if not isinstance(part, BodyPartReader):
            raise ValueError("nested parts")
        limit = MAX_PICTURE if part.name == "picture" else MAX_BODY
        data = await _part(part, min(limit, left))
        if data is None:
            return PICTURE_TOO_LARGE if part.name == "picture" else TOO_LARGE
        left -= len(data)
        if part.name == "picture":
            picture = picture or data
        else:
            fields.setdefault(part.name or "", data.decode("utf-8", "replace"))
    raise ValueError("too many fields")


async def _part(part: BodyPartReader, limit: int) -> bytes | None:
    """A part's bytes, or None when there are too many."""
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


def _message_of_form(
    fields: Mapping[str, str], picture: bytes | None = None
) -> tuple[Message, str]:
    """The message and how the citizen sees it: a pressed button by its label."""
    text, suggestion, pressed = (fields.get(name, "") for name in ("text", "suggestion", "action"))
    action, _, label = pressed.partition("|")
    if action:
        return Message(action=_action(action)), _cut(label)
    text = _cut(suggestion or text)
    if picture:
        shown = f"{PICTURE_SENT} {text}".strip()
        return Message(text=text, attachment=Attachment.PHOTO, picture=picture), shown
    return Message(text=text), text


def _action(sent: str | None) -> str | None:
    if sent and len(sent.encode("utf-8", "replace")) > MAX_ACTION:
        raise ValueError("no button of ours is that long")
    return _sound(sent) if sent else None


def _cut(text: str) -> str:
    return _sound(text[:MAX_TEXT])


def _sound(text: str) -> str:
    # JSON may carry halves of surrogate pairs and NULs, which neither UTF-8 nor a database takes.
    return text.encode("utf-8", "replace").decode().replace("\0", "")


async def _body(request: web.Request, limit: int) -> bytes | None:
    """The request's body, or None when it is too large."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


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
