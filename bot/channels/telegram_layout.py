"""Replies as calls to Telegram: what stands in the bubble, what on the keyboard below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.channels import Outgoing
from bot.channels.render import aside, numbered, section_lines
from bot.channels.telegram_html import (
    MAX_CAPTION,
    Span,
    Tag,
    cut,
    messages,
    sound,
    visible,
    width,
)
from bot.channels.telegram_reading import MAX_ACTION, Place
from handlers.conversation import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handlers.conversation import Button, File, Reply, Section

MAX_BUTTONS = 100
SEEN = 36
"""Characters of a label that a phone shows on a button of full width; the rest is cut by it."""
HALF = 16
"""Characters of a label that it shows when two buttons share a row."""
MAX_LABEL = 64
SHORT_LEAD = 100
"""Up to here a first line is printed bold as a whole; more than that would shout."""
LONG_SOURCE = 200
"""A source longer than that is folded, so that the answer stays on the screen."""

CHOOSE = "Anh/chị chọn giúp em:"
RECEIVED = "Em đã nhận được."
SHARE_PHONE = "Gửi số điện thoại của tôi"

_WEB = re.compile(r"https?://(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]+(?::\d{1,4})?(?:[/?#]\S*)?")


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The buttons of a reply as Telegram takes them, and the lines for what it does not take."""

    rows: list[list[dict[str, str]]]
    choices: list[str]
    """Numbered lines of choices that are not readable on a button, or not there."""
    addresses: list[str]


def calls(place: Place, replies: Iterable[Reply]) -> tuple[Outgoing, ...]:
    """The calls that say some replies in one place."""
    made: list[Outgoing] = []
    for reply in replies:
        made += _calls(place, reply)
        if made:
            # Only one bubble can take the place of the old one, only the first quotes.
            place = replace(place, edits=None, quotes=None)
    if place.shared_phone:
        made = _without_phone_keyboard(place.contact, made)
    return tuple(made)


def _calls(place: Place, reply: Reply) -> list[Outgoing]:
    asks_phone = reply.asks_phone and not place.group
    keys = _keys(reply, drawn=not asks_phone)
    texts = messages(_spans(reply, keys))
    markup: dict[str, Any] = {"inline_keyboard": keys.rows} if keys.rows else {}
    if asks_phone:
        markup = _phone_keyboard(reply.buttons)
    if markup and not texts:
        texts = [CHOOSE]
    bodies = [_body(place, text) for text in texts]
    if markup:
        bodies[-1]["reply_markup"] = markup
    made = [Outgoing(contact=place.contact, call="sendMessage", body=body) for body in bodies]
    if reply.replaces and place.edits is not None and len(made) == 1 and not asks_phone:
        body = {**bodies[0], "message_id": place.edits}
        made = [Outgoing(contact=place.contact, call="editMessageText", body=body)]
    made += [_document(place, file) for file in reply.files]
    if made and place.quotes is not None and "message_id" not in made[0].body:
        made[0].body["reply_parameters"] = {
            "message_id": place.quotes,
            "allow_sending_without_reply": True,
        }
    return made


def _body(place: Place, text: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "chat_id": int(place.contact),
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if place.topic is not None:
        body["message_thread_id"] = place.topic
    return body


def _document(place: Place, file: File) -> Outgoing:
    body: dict[str, Any] = {"chat_id": int(place.contact), "form": file.name}
    title = cut(sound(file.title), MAX_CAPTION)
    if visible(title):
        body["caption"] = title
    if place.topic is not None:
        body["message_thread_id"] = place.topic
    return Outgoing(contact=place.contact, call="sendDocument", body=body)


def _spans(reply: Reply, keys: Keys) -> list[Span]:
    lead = _lead(reply)
    sections = [block for section in reply.sections if (block := _section(section))]
    # «…cần mang:» and its list are one thing.
    joined = sections[0] if sections and _leads_in(reply) else None
    choices = [[Span("\n".join(keys.choices))]] if keys.choices else []
    addresses = [[Span("\n".join(keys.addresses))]] if keys.addresses else []
    # Choices follow the question; behind a list they would part it from its heading.
    if all(section.shape is Shape.PLAIN for section in reply.sections):
        blocks = [lead, *choices, *sections, *addresses]
    else:
        blocks = [lead, *sections, *choices, *addresses]
    blocks.append(_source(reply.source))
    spans: list[Span] = []
    for block in filter(None, blocks):
        gap = "\n" if block is joined else "\n\n"
        spans += [Span(gap), *block] if spans else block
    return spans


def _leads_in(reply: Reply) -> bool:
    first = reply.sections[0]
    listed = first.shape in (Shape.NUMBERED, Shape.BULLETS, Shape.CHECKLIST)
    return listed and not first.heading and reply.lead.endswith(":")


def _lead(reply: Reply) -> list[Span]:
    """The title in bold where the line has one, a short line as a whole, a lone sentence plain."""
    if not visible(reply.lead):
        return []
    if not (reply.sections or reply.source or reply.buttons):
        return [Span(reply.lead)]
    title, dash, rest = reply.lead.partition(" – ")
    if dash and (reply.sections or reply.source):
        return [Span(title, Tag.BOLD), Span(dash + rest)]
    short = len(reply.lead) <= SHORT_LEAD
    return [Span(reply.lead, Tag.BOLD if short else Tag.NONE)]


def _section(section: Section) -> list[Span]:
    lines = section_lines(section)
    if not any(map(visible, lines)):
        return []
    if not section.heading:
        return [Span("\n".join(lines))]
    first, *rest = lines
    return [Span(first, Tag.BOLD), Span("".join(f"\n{line}" for line in rest))]


def _source(source: str) -> list[Span]:
    if not visible(source):
        return []
    tag = Tag.FOLDED if len(source) > LONG_SOURCE else Tag.ITALIC
    return [Span(f"Nguồn: {source}", tag)]


def _keys(reply: Reply, *, drawn: bool) -> Keys:
    """Buttons for what can be pressed; ``drawn`` is false when there is no room for any."""
    keys: list[dict[str, str]] = []
    choices: list[str] = []
    addresses: list[str] = []
    spelled = _spelled(reply)
    for number, button in numbered(reply.buttons):
        label = " ".join(sound(button.label).split())
        if not visible(label):
            continue
        room = drawn and len(keys) < MAX_BUTTONS
        if number is None:
            address = button.url or ""
            if room and _WEB.fullmatch(address) and sound(address) == address:
                keys.append({"text": cut(label, MAX_LABEL), "url": address})
            else:
                addresses.append(f"→ {label}: {re.sub('^(?:tel|mailto):', '', address)}")
        elif room and _fits(button.action):
            shown = cut(f"{number}) {label}", SEEN) if spelled else cut(label, MAX_LABEL)
            keys.append({"text": shown, "callback_data": button.action})
            if spelled:
                choices.append(f"{number}) {label}")
        elif drawn:
            choices.append(f"{number}) {label}")
    behind = [
        {"text": cut(label, MAX_LABEL), "callback_data": button.action}
        for button in aside(reply.buttons)
        if drawn and _fits(button.action) and visible(label := sound(button.label))
    ]
    rows = [*_rows(keys), *_rows(behind)]
    return Keys(rows=rows, choices=choices, addresses=addresses)


def _spelled(reply: Reply) -> bool:
    """True when the choices must stand in the text, because a button cannot show one of them.

    Beside a list of papers they are not spelled out: two rows of numbers would confuse.
    """
    labels = [button.label for _, button in numbered(reply.buttons) if button.action]
    listed = any(section.shape in (Shape.NUMBERED, Shape.CHECKLIST) for section in reply.sections)
    return not listed and len(labels) > 1 and any(width(label) > SEEN for label in labels)


def _fits(action: str) -> bool:
    return sound(action) == action and 0 < len(action.encode()) <= MAX_ACTION


def _rows(keys: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Two short labels share a row; a long one has its own."""
    rows: list[list[dict[str, str]]] = []
    open_row = False
    for key in keys:
        short = width(key["text"]) <= HALF
        if short and open_row:
            rows[-1].append(key)
            open_row = False
        else:
            rows.append([key])
            open_row = short
    return rows


def _phone_keyboard(buttons: tuple[Button, ...]) -> dict[str, Any]:
    """Keys instead of letters: one shares the phone number, the others are typed by pressing.

    A message has one keyboard only, and only this kind can ask for a phone number; a label that
    comes back as text means its button all the same.
    """
    labels = [" ".join(sound(each.label).split()) for each in buttons if each.action]
    others = [[{"text": label}] for label in labels if visible(label)]
    return {
        "keyboard": [[{"text": SHARE_PHONE, "request_contact": True}], *others[: MAX_BUTTONS - 1]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def _without_phone_keyboard(contact: str, made: list[Outgoing]) -> list[Outgoing]:
    """Take the keys that asked for the phone number away again."""
    if any("keyboard" in call.body.get("reply_markup", {}) for call in made):
        return made
    remove = {"remove_keyboard": True}
    for call in made:
        if "reply_markup" not in call.body:
            call.body["reply_markup"] = remove
            return made
    first = _body(Place(contact=contact), RECEIVED)
    return [Outgoing(contact=contact, call="sendMessage", body={**first, "reply_markup": remove}),
            *made]  # fmt: skip
