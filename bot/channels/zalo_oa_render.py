"""Replies as calls to the OA interface: one bubble with at most five buttons, files, the form."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.channels import Limits, Outgoing
from bot.channels.render import aside, fits_aside, numbered, render_text
from bot.channels.zalo_oa_events import ANONYMOUS, PHONE, TEMPLATE
from bot.channels.zalo_oa_text import composed, national_number, payload, shortened
from handlers.conversation import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handlers.conversation import Button, Reply

LIMITS = Limits(
    max_text=2000,
    max_buttons=5,
    supports_buttons=True,
    supports_url_buttons=True,
    max_label=100,
    window=timedelta(hours=48),
    window_messages=8,
)
"""Sources name eight free messages within 48 hours, or no number since 2026: the smaller one."""
PLAIN = replace(LIMITS, max_buttons=0, supports_buttons=False, supports_url_buttons=False)
"""For visitors of the chat on a website: nothing says that buttons reach them."""

MESSAGE = "message"
ANONYMOUS_MESSAGE = "anonymous"
FILE = "file"
FORM = "form"

CHOOSE = "Anh/chị chọn giúp em:"
ASK_TITLE = "Chia sẻ số điện thoại"
ASK_SUBTITLE = (
    "Anh/chị bấm vào đây để gửi số điện thoại. Không bắt buộc; em chỉ dùng số này để tra hồ sơ."
)


def say(contact: str, replies: Sequence[Reply], *, picture: str = "") -> tuple[Outgoing, ...]:
    """The calls that say some replies to a contact of the chat.

    Nothing for the ways of template messages, where free words cannot go. ``picture`` is the
    address of an image beside the request for the telephone number.
    """
    if contact.startswith((TEMPLATE, PHONE)):
        return ()
    return tuple(call for reply in replies for call in _calls(contact, reply, picture))


def recipient(contact: str) -> dict[str, str]:
    """Whom a call is for, as Zalo writes it."""
    if not contact.startswith(ANONYMOUS):
        return {"user_id": contact.removeprefix(TEMPLATE)}
    visitor, _, conversation = contact.removeprefix(ANONYMOUS).partition(":")
    return {"anonymous_id": visitor, "conversation_id": conversation}


def _calls(contact: str, reply: Reply, picture: str) -> Iterator[Outgoing]:
    anonymous = contact.startswith(ANONYMOUS)
    call = ANONYMOUS_MESSAGE if anonymous else MESSAGE
    for message in _messages(reply, PLAIN if anonymous else LIMITS):
        yield Outgoing(contact=contact, call=call, body=message)
    for file in reply.files:
        yield Outgoing(contact=contact, call=FILE, body={"name": file.name, "title": file.title})
    if reply.asks_phone and not anonymous:
        yield Outgoing(contact=contact, call=FORM, body=_phone_request(picture))


def _messages(reply: Reply, limits: Limits) -> list[dict[str, Any]]:
    shown = _drawable(_composed(reply)) if limits.supports_buttons else _composed(reply)
    buttons = [button for _, button in numbered(shown.buttons)][: limits.max_buttons]
    buttons += aside(shown.buttons) if fits_aside(shown.buttons, limits) else ()
    texts = render_text(shown, limits)
    if buttons and not texts:
        texts = [CHOOSE]
    messages: list[dict[str, Any]] = [{"text": text} for text in texts]
    if buttons:
        drawn = [_button(button) for button in buttons]
        # Without a template_type: that is how Zalo tells plain buttons from cards.
        messages[-1]["attachment"] = {"type": "template", "payload": {"buttons": drawn}}
    return messages


def _composed(reply: Reply) -> Reply:
    """The same in NFC, in which Zalo counts."""
    return replace(
        reply,
        lead=composed(reply.lead),
        sections=tuple(
            replace(
                section,
                heading=composed(section.heading),
                lines=tuple(composed(line) for line in section.lines),
            )
            for section in reply.sections
        ),
        buttons=tuple(replace(button, label=composed(button.label)) for button in reply.buttons),
        source=composed(reply.source),
    )


def _drawable(reply: Reply) -> Reply:
    """What Zalo has no button for stands in the text: short numbers, addresses of mail."""
    aside = [button for _, button in numbered(reply.buttons) if not _has_form(button)]
    if not aside:
        return reply
    lines = tuple(f"→ {each.label}: {(each.url or '').partition(':')[2]}" for each in aside)
    return replace(
        reply,
        buttons=tuple(button for button in reply.buttons if button not in aside),
        sections=(*reply.sections, Section(lines=lines)),
    )


def _has_form(button: Button) -> bool:
    if button.action or button.url is None:
        return bool(button.action)
    return button.url.startswith(("http://", "https://")) or _phone_code(button.url) is not None


def _button(button: Button) -> dict[str, Any]:
    title = shortened(button.label, LIMITS.max_label) or "…"
    if button.action:
        # «show» would put the payload, not the label, into the citizen's own bubble.
        return {"title": title, "type": "oa.query.hide", "payload": payload(button.action)}
    url = button.url or ""
    if code := _phone_code(url):
        return {"title": title, "type": "oa.open.phone", "payload": {"phone_code": code}}
    return {"title": title, "type": "oa.open.url", "payload": {"url": url}}


def _phone_code(url: str) -> str | None:
    return national_number(url.removeprefix("tel:")) if url.startswith("tel:") else None


def _phone_request(picture: str) -> dict[str, Any]:
    element = {"title": ASK_TITLE, "subtitle": ASK_SUBTITLE}
    if picture:
        element["image_url"] = picture
    shown = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": shown}}
