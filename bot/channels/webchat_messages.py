"""What a browser sends to the web chat, as JSON or by a plain form: read, checked, cut to size."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from aiohttp import BodyPartReader

from bot.channels import MAX_PICTURE
from handlers.conversation import Attachment

if TYPE_CHECKING:
    from aiohttp import web

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
PICTURE_TOO_LARGE = "Ảnh này nặng quá, em chưa mở được. Anh/chị chụp lại cỡ nhỏ hơn giúp em."
PICTURE_SENT = "[Ảnh giấy hẹn]"
TOO_LARGE = "Tin này dài quá, em chưa đọc được. Anh/chị gửi ngắn hơn giúp em."


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


def message_of_json(body: bytes) -> Message:
    """The message. Raises ``ValueError`` when it is none."""
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
        after=number_of(sent.get("after")),
    )


def number_of(sent: object) -> int | None:
    """The id of a reply; anything else is none."""
    text = str(sent)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


async def form_of(request: web.Request) -> tuple[Message, str] | str:
    """What a plain form sent and how the citizen sees it; what is wrong when it is too large."""
    if request.content_type == "multipart/form-data":
        return await _form_with_picture(request)
    body = await body_of(request, MAX_BODY)
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


async def body_of(request: web.Request, limit: int) -> bytes | None:
    """The request's body, or None when it is too large."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
