"""What a Telegram update says to the office, and where an answer to it belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from telegram import ChatMember, Message, MessageEntity, Update
from telegram.constants import ChatType

from bot.channels import Notice
from bot.channels.telegram_html import sound
from bot.channels.telegram_menu import COMMANDS, START
from handlers.conversation import Attachment, Contact, Incoming

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from telegram import CallbackQuery, ChatMemberUpdated

    from bot.channels import Event

log = structlog.get_logger()

NAME = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that are read; Telegram sends no others."""
MAX_ACTION = 64
"""Bytes of callback data (Bot API, InlineKeyboardButton)."""
STALE = "stale"
"""No action of ours: answered like a button that is too old."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PHONE = re.compile(r"\+?\d{6,15}")
_ONLY_MESSAGE = frozenset({"update_id", "message"})
_ONLY_WORDS = frozenset({"message_id", "date", "from", "chat", "text"})
_KINDS = (
    ("photo", Attachment.PHOTO),
    ("sticker", Attachment.STICKER),
    # A moving picture also calls itself a document.
    ("animation", Attachment.STICKER),
    ("voice", Attachment.VOICE),
    ("audio", Attachment.VOICE),
    ("video_note", Attachment.VOICE),
    ("venue", Attachment.LOCATION),
    ("location", Attachment.LOCATION),
    ("document", Attachment.FILE),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an answer goes: a chat, and within it a bubble to change, to quote, or a topic."""

    contact: str
    edits: int | None = None
    quotes: int | None = None
    topic: int | None = None
    shared_phone: bool = False

    @property
    def group(self) -> bool:
        """Groups have negative ids."""
        return self.contact.startswith("-")


def chat_of(update: Mapping[str, Any]) -> int | None:
    """The id of the chat an update is from; ``None`` when it is none that we read."""
    for kind in ALLOWED_UPDATES:
        inner = update.get(kind)
        if kind == "callback_query" and isinstance(inner, dict):
            inner = inner.get("message")
        if isinstance(inner, dict) and isinstance(inner.get("chat"), dict):
            found = inner["chat"].get("id")
            return found if type(found) is int else None
    return None


def update_of(event: Event) -> Update | None:
    """The update in an event; ``None`` when Telegram's library cannot make sense of it."""
    try:
        return Update.de_json(event.body, None)
    except Exception as error:
        _unreadable(error)
        return None


def _only_words(update: Mapping[str, Any]) -> str | None:
    """What is said by the commonest update: a person's words, in private, and nothing beside them.

    ``None`` for every other. The library takes an update apart in the time of a whole call.
    """
    message = _object(update, "message")
    text, date = message.get("text"), message.get("date")
    if update.keys() != _ONLY_MESSAGE or message.keys() != _ONLY_WORDS:
        return None
    sender, chat = _object(message, "from"), _object(message, "chat")
    if sender.get("is_bot") is not False or chat.get("type") != ChatType.PRIVATE:
        return None
    if not isinstance(text, str) or type(date) is not int:
        return None
    said = sound(text).strip()
    return None if said.startswith("/") else said


def _unreadable(error: Exception) -> None:
    # What was said must not come into the log with the traceback.
    log.warning("telegram_unreadable", error=type(error).__name__)


@dataclass(kw_only=True)
class Reader:
    """Reads updates for one bot; ``username`` is known once Telegram told it."""

    bot: int
    username: str | None = None

    def read(self, event: Event, at: datetime) -> Incoming | Notice:
        """What the update says; never raises."""
        said = _only_words(event.body)
        if said is not None:
            contact = Contact(channel=NAME, id=event.contact)
            return Incoming(contact=contact, received_at=at, text=said)
        update = update_of(event)
        if update is None:
            return Notice.IGNORED
        try:
            return self._read(update, event, at)
        except Exception as error:
            # The library lets required fields be missing.
            _unreadable(error)
            return Notice.IGNORED

    def _read(self, update: Update, event: Event, at: datetime) -> Incoming | Notice:
        contact = Contact(channel=NAME, id=event.contact)
        if update.my_chat_member:
            return _membership(update.my_chat_member)
        if update.callback_query:
            action = _action(update.callback_query)
            public = _is_group(event)
            return Incoming(contact=contact, received_at=at, action=action, public=public)
        message = update.message or update.edited_message
        if message is None or not self._from_a_person(message):
            return Notice.IGNORED
        said = self._message(message, contact, at)
        # The library's types do not tell a moving live location from an edited question.
        if said is None or (update.edited_message and not (said.text or said.action)):
            return Notice.IGNORED
        return said

    def place(self, event: Event) -> Place:
        """Where an answer to the event goes.

        Read from the raw update: taking it apart once more costs as much as a whole call.
        """
        query = _object(event.body, "callback_query")
        message = _object(query, "message")
        if message and message.get("date"):  # a message too old to be shown has the date 0
            ours = _object(message, "from").get("id") == self.bot
            return Place(
                contact=event.contact,
                edits=_number(message, "message_id") if ours else None,
                topic=_topic(message),
            )
        edited = _object(event.body, "edited_message")
        found = _object(event.body, "message") or edited
        private = not _is_group(event)
        return Place(
            contact=event.contact,
            quotes=_number(found, "message_id") if edited or not private else None,
            topic=_topic(found),
            shared_phone=private and bool(_object(found, "contact")),
        )

    def _from_a_person(self, message: Message) -> bool:
        # Admins who hide behind their group look like a bot with a chat as the sender.
        sender = message.from_user
        robot = sender is not None and sender.is_bot and message.sender_chat is None
        return not robot and not message.is_automatic_forward

    def _message(self, message: Message, contact: Contact, at: datetime) -> Incoming | None:
        private = message.chat.type == ChatType.PRIVATE
        text, mentioned = self._without_mention(message)
        command = _COMMAND.fullmatch(text)
        if command and command[2] and not self._is_us(command[2]):
            return None
        if not private and not (mentioned or self._answers_us(message)):
            known = command and (command[2] or command[1].lower() in (*COMMANDS, START))
            if not known:
                return None
        attachment = _attachment(message)
        phone = _own_phone(message) if private else None
        if attachment is None and phone is None and message.text is None:
            # Somebody joined, pinned or renamed something.
            return None
        action = None
        if command:
            text, action = _meaning(command[1].lower(), (command[3] or "").strip())
        return Incoming(
            contact=contact,
            received_at=at,
            text=text,
            action=action,
            attachment=None if phone else attachment,
            phone=phone,
            public=not private,
        )

    def _is_us(self, name: str) -> bool:
        return self.username is not None and name.lower() == self.username.lower()

    def _answers_us(self, message: Message) -> bool:
        to = message.reply_to_message
        return bool(to and to.from_user and to.from_user.id == self.bot)

    def _without_mention(self, message: Message) -> tuple[str, bool]:
        """What was said without our name, and whether that was mentioned."""
        text = message.text or message.caption or ""
        ours = [
            entity
            for entity, said in {
                **message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION]),
                **message.parse_caption_entities(
                    [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
                ),
            }.items()
            if self._is_us(said.removeprefix("@"))
            or (entity.user is not None and entity.user.id == self.bot)
        ]
        # Offsets count UTF-16 units.
        units = text.encode("utf-16-le", "replace")
        for entity in sorted(ours, key=lambda each: -each.offset):
            end = entity.offset + entity.length
            units = units[: 2 * entity.offset] + units[2 * end :]
        said = sound(units.decode("utf-16-le", "replace"))
        return (said.strip(" ,:;–-\n") if ours else said).strip(), bool(ours)


def _meaning(name: str, rest: str) -> tuple[str, str | None]:
    """What a command says, and the action it stands for."""
    if name == START:
        return "", f"start:{rest if _PAYLOAD.fullmatch(rest) else ''}"
    command = COMMANDS.get(name)
    if command is None:
        return f"{name.replace('_', ' ')} {rest}".strip(), None
    if rest and command.takes_text:
        return rest, None
    return "", command.action


def _action(query: CallbackQuery) -> str:
    data = query.data or ""
    fits = 0 < len(data.encode("utf-8", "replace")) <= MAX_ACTION
    return data if fits and data.isprintable() else STALE


def _is_group(event: Event) -> bool:
    return event.contact.startswith("-")


def _membership(change: ChatMemberUpdated) -> Notice:
    match change.new_chat_member.status:
        case ChatMember.LEFT | ChatMember.BANNED:
            return Notice.LEFT
        case ChatMember.MEMBER | ChatMember.ADMINISTRATOR | ChatMember.OWNER:
            return Notice.JOINED
        case _:
            return Notice.IGNORED


def _attachment(message: Message) -> Attachment | None:
    for name, kind in _KINDS:
        if getattr(message, name):
            if kind is Attachment.FILE and _is_picture(message):
                return Attachment.PHOTO
            return kind
    return Attachment.OTHER if message.effective_attachment else None


def _is_picture(message: Message) -> bool:
    document = message.document
    return document is not None and (document.mime_type or "").startswith("image/")


def _own_phone(message: Message) -> str | None:
    """The number of a shared contact when it is the sender's own: Telegram vouches for that."""
    shared, sender = message.contact, message.from_user
    if shared is None or sender is None or shared.user_id != sender.id:
        return None
    number = re.sub(r"[\s().-]", "", shared.phone_number or "")
    return number if _PHONE.fullmatch(number) else None


def _object(outer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = outer.get(name)
    return found if isinstance(found, dict) else {}


def _number(outer: Mapping[str, Any], name: str) -> int | None:
    found = outer.get(name)
    return found if type(found) is int else None


def _topic(message: Mapping[str, Any]) -> int | None:
    return _number(message, "message_thread_id") if message.get("is_topic_message") else None


def picture_id(event: Event, most: int) -> str | None:
    """The id of the largest picture in an event of at most so many bytes."""
    update = update_of(event)
    message = (update.message or update.edited_message) if update else None
    if message is None:
        return None
    sizes = sorted(message.photo, key=lambda each: each.width * each.height, reverse=True)
    for size in sizes:
        if (size.file_size or 0) <= most:
            return size.file_id
    document = message.document
    if document and _is_picture(message) and (document.file_size or 0) <= most:
        return document.file_id
    return None
