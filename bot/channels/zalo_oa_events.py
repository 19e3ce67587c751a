"""What Zalo's webhook events say: a citizen's message, a notice, or nothing to keep."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels import Event, Malformed, Notice
from bot.channels.zalo_oa_text import pressed
from handlers.conversation import Attachment, Contact, Incoming

if TYPE_CHECKING:
    from datetime import datetime

NAME = "zalo_oa"
ANONYMOUS = "anonymous:"
"""Begins the contact of a visitor of the chat on a website, who has no Zalo account there."""
TEMPLATE = "template:"
"""Begins the contact of template messages by user id: a way of its own beside the chat, so that
one held back for the night does not hold back answers."""
PHONE = "phone:"
"""Begins the contact of template messages by telephone number."""

_KINDS = {
    "text": None,
    "image": Attachment.PHOTO,
    "gif": Attachment.STICKER,
    "audio": Attachment.VOICE,
    "video": Attachment.OTHER,
    "link": Attachment.OTHER,
    "business_card": Attachment.OTHER,
    "sticker": Attachment.STICKER,
    "location": Attachment.LOCATION,
    "file": Attachment.FILE,
}
_MESSAGES = {
    f"{who}_send_{kind}": attachment
    for who in ("user", "anonymous")
    for kind, attachment in _KINDS.items()
}
"""A closed list: names such as ``user_send_group_text`` must not be answered in private."""
_NOTICES = {
    "follow": Notice.JOINED,
    "unfollow": Notice.LEFT,
    "user_withdraw": Notice.ERASE,
}
_RECEIPTS = frozenset({"user_received_message", "user_seen_message", "user_reacted_message"})
"""Several come for every answer; nothing is kept of them."""
_OFFICE = "oa_send_"
_MOST_ID = 120
_MOST_TEXT = 10_000

log = structlog.get_logger()


def events(body: bytes) -> tuple[Event, ...]:
    """The events of one verified request. Raises ``Malformed``."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(said, dict):
        raise Malformed("no object")
    name = _text(said.get("event_name"))
    if name in _RECEIPTS:
        _note_receipt(name, said)
        return ()
    contact = _contact(name, said)
    if not contact:
        log.info("zalo_event_without_person", event_name=name[:60])
        return ()
    event = Event(id=_identity(name, said, contact), contact=contact, body=_kept(said))
    if _NOTICES.get(name) is not Notice.ERASE:
        return (event,)
    # What waits on the way of template messages goes too.
    return (event, replace(event, id=_short(f"t:{event.id}"), contact=TEMPLATE + contact))


def read(event: Event, *, at: datetime) -> Incoming | Notice:
    """What an event says; anything unknown is ignored."""
    body = event.body
    name = _text(body.get("event_name"))
    if notice := _NOTICES.get(name):
        return notice
    if _from_office(name):
        # Our own messages come back too, without the officer's id.
        typed = _text(_part(body, "sender").get("admin_id"))
        return Notice.TAKEN_OVER if typed else Notice.IGNORED
    contact = Contact(channel=NAME, id=event.contact)
    if name == "user_submit_info":
        phone = _phone(_part(body, "info").get("phone"))
        if phone is None:
            return Notice.IGNORED
        return Incoming(contact=contact, received_at=at, phone=phone)
    if name not in _MESSAGES:
        return Notice.IGNORED
    return _message(_part(body, "message"), _MESSAGES[name], contact, at)


def picture_address(event: Event) -> str | None:
    """Where the picture of an event lies; only what a citizen sent as a picture."""
    if _MESSAGES.get(_text(event.body.get("event_name"))) is not Attachment.PHOTO:
        return None
    found = _part(event.body, "message").get("attachments")
    for each in found if isinstance(found, list) else []:
        if isinstance(each, dict) and (address := _text(_part(each, "payload").get("url"))):
            return address
    return None


def _message(
    message: dict[str, Any], attachment: Attachment | None, contact: Contact, at: datetime
) -> Incoming:
    text = _text(message.get("text"))[:_MOST_TEXT]
    if attachment is None:
        if action := pressed(text):
            return Incoming(contact=contact, received_at=at, action=action)
        if not text:
            # Zalo withholds the words of children and other protected people.
            attachment = Attachment.OTHER
    return Incoming(contact=contact, received_at=at, text=text, attachment=attachment)


def _kept(body: dict[str, Any]) -> dict[str, Any]:
    """What of an event is needed: of the filled-in form only the number."""
    names = ("event_name", "sender", "message")
    kept: dict[str, Any] = {name: body[name] for name in names if name in body}
    if "info" in body:
        kept["info"] = {"phone": _text(_part(body, "info").get("phone"))}
    # JSON may carry halves of surrogate pairs, which UTF-8 does not take.
    return dict(json.loads(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")))


def _contact(name: str, body: dict[str, Any]) -> str:
    if name.startswith("anonymous_send_"):
        visitor = _text(_part(body, "sender").get("id"))
        conversation = _text(_part(body, "message").get("conversation_id"))
        return f"{ANONYMOUS}{visitor}:{conversation}" if visitor and conversation else ""
    if _from_office(name):
        return _text(_part(body, "recipient").get("id"))
    for found in (_part(body, "sender").get("id"), _part(body, "follower").get("id")):
        if contact := _text(found):
            return contact
    return _text(body.get("user_id"))


def _from_office(name: str) -> bool:
    return name.startswith(_OFFICE) and not name.startswith((f"{_OFFICE}group", f"{_OFFICE}anon"))


def _identity(name: str, body: dict[str, Any], contact: str) -> str:
    message = _text(_part(body, "message").get("msg_id"))
    if message:
        return _short(f"{name}:{message}")
    return _short(f"{name}:{_text(body.get('timestamp'))}:{contact}")


def _short(identity: str) -> str:
    if len(identity) <= _MOST_ID:
        return identity
    return hashlib.sha256(identity.encode()).hexdigest()


def _note_receipt(name: str, body: dict[str, Any]) -> None:
    tracking = _text(_part(body, "message").get("tracking_id"))
    if tracking and name == "user_received_message":
        log.info("zalo_template_delivered", tracking_id=tracking[:48])


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    """Text, also of a number, which Zalo's samples and what it sends do not agree on."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "").strip()


def _phone(value: object) -> str | None:
    digits = "".join(sign for sign in _text(value) if sign in "0123456789")
    return digits if 9 <= len(digits) <= 15 else None
