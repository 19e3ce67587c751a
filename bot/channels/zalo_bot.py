"""Zalo Bot Platform: a static token, plain text without buttons, webhook or long poll (pilots)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from bot.channels import (
    ChannelError,
    Event,
    Finding,
    Forged,
    Limits,
    Malformed,
    Notice,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from bot.channels.render import render_text, with_addresses
from bot.channels.zalo_bot_api import API_URL, PICTURES_FROM, ZaloBotApi, refusal
from handlers.conversation import Attachment, Contact, Incoming, Section
from knowledge.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.channels import Forms
    from bot.channels.zalo_bot_api import Answer
    from handlers.conversation import Reply

SECRET_HEADER = "X-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, not a secret
MAX_TEXT = 2_000
"""Characters of one message (docs.zaloplatforms.com/docs/BOT, sendMessage)."""
LIMITS = Limits(max_text=MAX_TEXT, window=timedelta(hours=48))
REACTION = "message.reaction.received"
"""Seen by clients, in no document: a heart under an answer is no question."""
POLL_SECONDS = 30

HOW = "Gõ số bên dưới để chọn."
QUOTA = (
    "Gói miễn phí của Zalo Bot: nhiều nhất 50 người dùng mỗi bot và 3.000 tin mỗi tháng "
    "(theo tài liệu công bố, chưa kiểm chứng). Đông người hỏi thì dùng Zalo OA."
)

log = structlog.get_logger()

_ATTACHMENTS = {
    "message.image.received": Attachment.PHOTO,
    "message.sticker.received": Attachment.STICKER,
    "message.voice.received": Attachment.VOICE,
}


class ZaloBotChannel:
    """A bot of the Zalo Bot Platform.

    The platform delivers once: what it sends while nobody listens, or what a killed process had
    polled but not stored, is lost, and the citizen has to write again.
    """

    name = "zalo_bot"
    # Zalo tells of no way to write first, nor how long an answer may wait: taken as an OA's.
    limits = LIMITS

    def __init__(
        self,
        token: str,
        *,
        secret: str,
        forms: Forms,
        api_url: str = API_URL,
        pictures_from: tuple[str, ...] = PICTURES_FROM,
        patience: float = 15.0,
        idle: float = 1.0,
    ) -> None:
        """``secret`` is the webhook's, 8–256 ASCII characters.

        ``patience`` in seconds a call; ``idle`` the least seconds that an empty poll takes.
        """
        if not 8 <= len(secret) <= 256 or not secret.isascii() or not secret.isprintable():
            raise ValueError("the webhook's secret must have 8 to 256 ASCII characters")
        self._api = ZaloBotApi(token, url=api_url, pictures_from=pictures_from, patience=patience)
        self._secret = secret
        self._forms = forms
        self._idle = idle
        self._took_webhook_away = False

    async def open(self) -> None:
        """Take connections."""
        await self._api.open()

    async def close(self) -> None:
        """Give them back."""
        await self._api.close()

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Event, ...]:
        """The event of a webhook request, wrapped in ``{"ok", "result"}`` or flat."""
        found = next((v for k, v in headers.items() if k.lower() == SECRET_HEADER.lower()), "")
        given = found.encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret.encode()):
            raise Forged("wrong secret token")
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed("not JSON") from error
        if not isinstance(sent, dict):
            raise Malformed("not an object")
        return _events(sent.get("result", sent))

    def read(self, event: Event, *, at: datetime) -> Incoming | Notice:
        """What a citizen sent; in groups the platform passes on mentions and replies only."""
        said = self._read(event, at)
        message = event.body.get("message")
        chat = message.get("chat") if isinstance(message, dict) else None
        grouped = isinstance(chat, dict) and chat.get("chat_type") == "GROUP"
        return replace(said, public=True) if grouped and isinstance(said, Incoming) else said

    def _read(self, event: Event, at: datetime) -> Incoming | Notice:
        name, message = event.body.get("event_name"), event.body.get("message")
        if not isinstance(name, str) or not isinstance(message, dict):
            return Notice.IGNORED
        sender = message.get("from")
        if isinstance(sender, dict) and sender.get("is_bot") is True:
            return Notice.IGNORED
        contact = Contact(channel=self.name, id=event.contact)
        if name == "message.text.received":
            return Incoming(contact=contact, received_at=at, text=_text(message.get("text")))
        if name in _ATTACHMENTS:
            caption = _text(message.get("caption"))
            kind = _ATTACHMENTS[name]
            return Incoming(contact=contact, received_at=at, text=caption, attachment=kind)
        if not name.startswith("message.") or not name.endswith(".received") or name == REACTION:
            return Notice.IGNORED
        if text := _text(message.get("text")):
            return Incoming(contact=contact, received_at=at, text=text)
        # Also «unsupported»: files, and what children and protected people write, are withheld.
        return Incoming(contact=contact, received_at=at, attachment=Attachment.OTHER)

    def render(self, event: Event, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """As few messages as the texts fit into: each counts against the monthly quota."""
        return self.address(event.contact, replies)

    def address(self, contact: str, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """The same for something nobody asked for just now."""
        return tuple(
            Outgoing(contact=contact, call="sendMessage", body={"chat_id": contact, "text": text})
            for text in texts(replies, self._forms.address)
        )

    async def working(self, event: Event) -> None:
        """«đang soạn tin»; nobody misses it when it fails."""
        try:
            await self._api.call("sendChatAction", {"chat_id": event.contact, "action": "typing"})
        except ChannelError as error:
            log.debug("working_not_shown", channel=self.name, error=type(error).__name__)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Make one call."""
        answer = await self._api.call(outgoing.call, outgoing.body)
        if not answer.ok:
            raise refusal(answer)
        result = answer.result if isinstance(answer.result, dict) else {}
        return Sent(id=_identity(result.get("message_id")))

    async def fetch(self) -> tuple[Event, ...]:
        """One long poll: one event or none.

        Delivering is acknowledging here: the platform has no offset, so an event that is lost
        between this call and the store stays lost.
        """
        loop = asyncio.get_running_loop()
        rested = loop.time() + self._idle
        try:
            events = await self._polled()
        except TryLater:
            raise
        except ChannelError as error:
            raise Rejected(str(error)) from error
        if not events:
            # A platform that does not wait as it should is not asked a hundred times a second.
            await asyncio.sleep(max(rested - loop.time(), 0))
        return events

    async def _polled(self) -> tuple[Event, ...]:
        answer = await self._api.call(
            "getUpdates", {"timeout": str(POLL_SECONDS)}, waits=POLL_SECONDS
        )
        if answer.ok:
            updates = answer.result if isinstance(answer.result, list) else [answer.result]
            return tuple(event for update in updates for event in _events(update))
        if answer.code == 408:
            return ()
        # Which code says that a webhook is in the way is in no document: look.
        if answer.code not in (401, 429) and await self._webhook_taken_away():
            return ()
        raise refusal(answer)

    async def picture(self, event: Event) -> bytes | None:
        """The picture of a message, from Zalo's own hosts only."""
        message = event.body.get("message")
        fields = message if isinstance(message, dict) else {}
        url = fields.get("photo_url") or fields.get("photo")
        if event.body.get("event_name") != "message.image.received" or not isinstance(url, str):
            return None
        return await self._api.picture(url)

    async def check(self) -> tuple[Finding, ...]:
        """Whether the token is taken, who the bot is, where its webhook points."""
        try:
            me = await self._api.call("getMe", {})
        except ChannelError as error:
            return (_unreached(error),)
        if not me.ok:
            return (_refused(me),)
        bot = me.result if isinstance(me.result, dict) else {}
        who = bot.get("account_name") or bot.get("id") or "không rõ tên"
        found = [
            Finding(ok=True, text=f"Zalo Bot: token dùng được, bot {who}, gói {_plan(bot)}."),
            Finding(ok=True, text=QUOTA),
        ]
        try:
            url = await self._webhook()
        except ChannelError as error:
            return (*found, _unreached(error))
        if url:
            found.append(Finding(ok=True, text=f"Zalo gửi tin tới {url}."))
        else:
            text = (
                "Zalo chưa biết địa chỉ webhook. Có HMC_PUBLIC_URL thì chạy "
                "«python -m bot channels register»; không có thì chương trình tự hỏi tin mới."
            )
            found.append(Finding(ok=True, text=text))
        return tuple(found)

    async def register(self, url: str) -> tuple[Finding, ...]:
        """Set the webhook, and look whether it is set."""
        if urlsplit(url).scheme != "https":
            return (
                Finding(ok=False, text="Webhook phải là địa chỉ https://. Sửa HMC_PUBLIC_URL."),
            )
        try:
            answer = await self._api.call("setWebhook", {"url": url, "secret_token": self._secret})
            if not answer.ok:
                return (_refused(answer),)
            # The platform keeps an address even when its own look at it failed.
            stored = await self._webhook()
        except ChannelError as error:
            return (_unreached(error),)
        if stored != url:
            text = f"Zalo đang giữ địa chỉ khác: {stored or 'trống'}. Chạy lại lệnh này."
            return (Finding(ok=False, text=text),)
        return (Finding(ok=True, text=f"Đã báo webhook cho Zalo: {url}."),)

    async def _webhook(self) -> str:
        """The address the platform sends to; empty when there is none (it answers 404 then)."""
        answer = await self._api.call("getWebhookInfo", {})
        if not answer.ok and answer.code != 404:
            raise refusal(answer)
        found = answer.result.get("url") if isinstance(answer.result, dict) else ""
        return found if isinstance(found, str) else ""

    async def _webhook_taken_away(self) -> bool:
        """Polling is refused while a webhook is set: take it away, once for each start."""
        if self._took_webhook_away or not await self._webhook():
            return False
        self._took_webhook_away = True
        log.warning("webhook_taken_away", channel=self.name, why="polling was asked for")
        answer = await self._api.call("deleteWebhook", {})
        return answer.ok


def texts(replies: tuple[Reply, ...], form_address: Callable[[str], str | None]) -> tuple[str, ...]:
    """The messages that say some replies, as few as they fit into."""
    packed: list[str] = []
    for reply in replies:
        parts = render_text(_with_how(with_addresses(reply, form_address)), LIMITS)
        if packed and parts and len(packed[-1]) + 2 + len(parts[0]) <= MAX_TEXT:
            packed[-1] += f"\n\n{parts.pop(0)}"
        packed += parts
    # No Vietnamese letter grows longer by NFC, so what fitted still does.
    return tuple(unicodedata.normalize("NFC", text) for text in packed)


def _with_how(reply: Reply) -> Reply:
    """A word on what the numbers are for, unless the reply says it itself."""
    said = " ".join([reply.lead, *(line for each in reply.sections for line in each.lines)])
    if "go so" in fold(said) or not any(each.action and not each.aside for each in reply.buttons):
        return reply
    return replace(reply, sections=(*reply.sections, Section(lines=(HOW,))))


def _refused(answer: Answer) -> Finding:
    if answer.code == 401:
        text = (
            "Zalo không nhận token. Lấy lại token trong Zalo Bot Creator, ghi HMC_ZALO_BOT_TOKEN."
        )
    else:
        text = f"Zalo từ chối ({answer.code}): {answer.why or 'không nói lý do'}."
    return Finding(ok=False, text=text)


def _unreached(error: ChannelError) -> Finding:
    text = f"Không hỏi được Zalo ({error}). Kiểm tra mạng và HMC_ZALO_BOT_API_URL, rồi chạy lại."
    return Finding(ok=False, text=text)


def _plan(bot: dict[str, Any]) -> str:
    return str(bot.get("account_type") or "không rõ")


def _events(update: object) -> tuple[Event, ...]:
    """The event of one update; nothing when there is nobody to answer."""
    if not isinstance(update, dict) or not isinstance(message := update.get("message"), dict):
        return ()
    chat = message.get("chat")
    contact = _identity(chat.get("id") if isinstance(chat, dict) else None)
    if not contact:
        return ()
    body = {"event_name": update.get("event_name"), "message": message}
    # An event without an id of its own is known again by what it says.
    written = json.dumps(body, sort_keys=True).encode()
    identity = _identity(message.get("message_id")) or hashlib.sha256(written).hexdigest()
    return (Event(id=identity, contact=contact, body=body),)


def _identity(value: object) -> str:
    """Ids are strings; a number is taken too."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _text(str(value))


def _text(value: object) -> str:
    # JSON may carry halves of surrogate pairs and NULs, which a database does not take.
    text = value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return unicodedata.normalize("NFC", text).replace("\0", "")
