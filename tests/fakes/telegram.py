"""Telegram on loopback: the Bot API with its rules, and the citizens on the other side of it."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_pace import Rate, Rates
from tests.fakes import Bubble, Sticker, Trouble
from tests.fakes.telegram_api import BotApi, bubble_of
from tests.fakes.telegram_rules import entities_of

if TYPE_CHECKING:
    from bot.channels import Forms

TOKEN = "123456789:AAtest-token_of-loopback-only"
SECRET = "loopback-secret_1"
SPEED = 100.0
"""How much faster than Telegram's own the clock of flood limits runs."""
PER_MINUTE_OF_GROUP = 20
PER_SECOND_OF_ALL = 30
PERSON = (8, 5.0)
"""Messages to a person in so many seconds: about one a second with a short burst tolerated; the
real numbers are not documented."""


class NoForms:
    """An office without forms."""

    def read(self, name: str) -> bytes:
        raise KeyError(name)

    def address(self, name: str) -> str | None:
        return None


class FakeTelegram:
    """A bot's whole Telegram. Contacts are chat ids as text: positive people, negative groups."""

    name = "telegram"
    troubles = frozenset(Trouble) - {Trouble.CLOSED}

    def __init__(self, *, clock: Callable[[], float] | None = None) -> None:
        self.token = TOKEN
        self.me: dict[str, Any] = {
            "id": int(TOKEN.partition(":")[0]),
            "is_bot": True,
            "first_name": "Hỏi Một Cửa",
            "username": "HoiMotCua_bot",
        }
        self.reads_groups = False
        self.tells_size = True
        self.bubbles: list[Bubble] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every method called with the right token, and its parameters."""
        self.actions: list[str] = []
        self.answered: list[str] = []
        self.queries: set[str] = set()
        self.chats: dict[int, dict[str, Any]] = {}
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.keyboards: dict[int, Any] = {}
        """The keys that stand in place of the letters, for each chat."""
        self.topics: set[int] = set()
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.files: dict[str, bytes] = {}
        self.pending: list[dict[str, Any]] = []
        self.sent_updates: list[dict[str, Any]] = []
        self.allowed: list[str] = []
        self.webhook = ""
        self.webhook_secret = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.menu_button: Any = None
        self.retry_after = 1
        self._clock = clock or (lambda: time.monotonic() * SPEED)
        self._made: dict[int, deque[float]] = {}
        self._troubles: deque[Trouble] = deque()
        self._update = 700_000_000
        self._message = 0
        self._change = asyncio.Event()
        api = BotApi(self)
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", api.call)
        app.router.add_get("/file/bot{token}/{path:.+}", api.file)
        self._server = TestServer(app, host="127.0.0.1")
        self._client: ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self._server.start_server(shutdown_timeout=0.1)
        self._client = ClientSession(timeout=ClientTimeout(total=10))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client:
            await self._client.close()
        await self._server.close()

    @property
    def url(self) -> str:
        """Address of the Bot API, without a slash at the end."""
        return str(self._server.make_url("")).rstrip("/")

    def channel(self, forms: Forms | None = None, **options: Any) -> TelegramChannel:
        """A channel for this bot, at the pace of this fake's clock."""
        options = {"timeout": 2.0, "rates": scaled(Rates(), SPEED), **options}
        return TelegramChannel(
            token=TOKEN, api_url=self.url, secret=SECRET, forms=forms or NoForms(), **options
        )

    def hook(self, url: str | None) -> None:
        """As setWebhook with the secret of :meth:`channel`, or deleteWebhook."""
        self.webhook = url or ""
        self.webhook_secret = SECRET if url else ""

    # The citizens' side.

    async def say(self, contact: str, text: str, **more: Any) -> int:
        """Write; ``more`` are further fields of the message, such as ``reply_to_message``."""
        content = {"text": text, **more}
        if found := entities_of(text):
            content["entities"] = found
        return await self.write(contact, content)

    async def write(self, contact: str, content: dict[str, Any], kind: str = "message") -> int:
        """A message with any content. Whoever blocked the bot lets it in again by writing."""
        if int(contact) in self.blocked:
            await self.unblock(contact)
        message = self._incoming(int(contact), content)
        return await self._tell({kind: message})

    async def edit(self, contact: str, text: str) -> int:
        """Change the citizen's own last message."""
        chat = int(contact)
        last = max(
            number
            for (where, number), each in self.messages.items()
            if where == chat and each["from"]["id"] != self.me["id"]
        )
        message = {**self.messages[chat, last], "text": text, "edit_date": int(time.time())}
        self.messages[chat, last] = message
        return await self._tell({"edited_message": message})

    async def press(self, contact: str, label: str) -> int:
        """Press a button below the latest bubble, or a key in place of the letters.

        A label in full also finds a button that shows only its number and its beginning.
        """
        chat = int(contact)
        for (where, _), message in reversed(self.messages.items()):
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in (each for row in rows for each in row if where == chat):
                if _means(button["text"], label):
                    if "url" in button:
                        return 0
                    return await self.press_data(contact, button["callback_data"], message)
        for row in self.keyboards.get(chat, {}).get("keyboard", []):
            for key in row:
                if key["text"] == label and key.get("request_contact"):
                    return await self.share_phone(contact)
                if key["text"] == label:
                    return await self.say(contact, label)
        raise LookupError(f"no button {label!r}")

    async def press_data(
        self, contact: str, data: str, message: dict[str, Any] | None = None
    ) -> int:
        """A callback with any data, as a changed application can send it."""
        user = self._user(int(contact))
        query: dict[str, Any] = {
            "id": str(10**15 + self._update),
            "from": user,
            "chat_instance": "1",
            "data": data,
        }
        if message is not None:
            query["message"] = message
        self.queries.add(query["id"])
        return await self._tell({"callback_query": query})

    async def share_phone(
        self, contact: str, phone: str = "+84900000000", owner: int | None = None
    ) -> int:
        """Share a contact; the citizen's own unless somebody else is the owner."""
        shared = {
            "phone_number": phone,
            "first_name": "A",
            "user_id": int(contact) if owner is None else owner,
        }
        return await self.write(contact, {"contact": shared})

    async def send(self, contact: str, kind: Sticker, data: bytes = b"") -> int:
        """Send something that is no text."""
        file = {"file_id": self.store(data), "file_unique_id": f"u{len(self.files)}"}
        size = len(data)
        content: dict[str, Any]
        match kind:
            case Sticker.PHOTO:
                small = {"file_id": self.store(b"small"), "file_unique_id": "s"}
                content = {
                    "photo": [
                        {**small, "width": 90, "height": 90, "file_size": 5},
                        {**file, "width": 900, "height": 900, "file_size": size},
                    ]
                }
            case Sticker.VOICE:
                content = {"voice": {**file, "duration": 3, "mime_type": "audio/ogg"}}
            case Sticker.STICKER:
                flags = {"is_animated": False, "is_video": False, "type": "regular"}
                content = {"sticker": {**file, **flags, "width": 512, "height": 512}}
            case Sticker.LOCATION:
                content = {"location": {"latitude": 11.56, "longitude": 108.99}}
            case Sticker.FILE:
                named = {"file_name": "don.pdf", "mime_type": "application/pdf"}
                content = {"document": {**file, **named, "file_size": size}}
        return await self.write(contact, content)

    async def block(self, contact: str) -> int:
        """Block the bot, or throw it out of the group."""
        self.blocked.add(int(contact))
        return await self._membership(int(contact), "member", "kicked")

    async def unblock(self, contact: str) -> int:
        """Let it in again."""
        self.blocked.discard(int(contact))
        return await self._membership(int(contact), "kicked", "member")

    def migrate(self, old: str, new: str) -> None:
        """A group becomes a supergroup."""
        self.chats[int(new)] = {**self._chat(int(old)), "id": int(new), "type": "supergroup"}
        del self.chats[int(old)]
        self.migrated[int(old)] = int(new)

    # Telegram's side.

    async def redeliver(self, last: int = 1) -> list[int]:
        """Send the last updates again."""
        return [await self._deliver(each) for each in self.sent_updates[-last:]]

    async def deliver_pending(self) -> list[int]:
        """As Telegram does it: what was not acknowledged, in order, until one fails again."""
        statuses = []
        for update in list(self.pending):
            statuses.append(await self._deliver(update))
            if statuses[-1] // 100 != 2:
                break
        return statuses

    async def forge(self) -> int:
        """Somebody who does not know the secret."""
        message = self._incoming(1, {"text": "giả"})
        update = {"update_id": self._update + 10**6, "message": message}
        return await self._post(update, secret="wrong")

    def trouble(self, kind: Trouble, times: int = 1) -> None:
        """Refuse the next calls that would be bubbles."""
        assert kind in self.troubles
        self._troubles.extend([kind] * times)

    def next_trouble(self) -> Trouble | None:
        return self._troubles.popleft() if self._troubles else None

    def flood(self, chat: int) -> int:
        """Seconds to wait when there were too many calls; otherwise the call is counted."""
        now = self._clock()
        most, span = PERSON if chat > 0 else (PER_MINUTE_OF_GROUP, 60.0)
        for key, allowed, window in ((chat, most, span), (0, PER_SECOND_OF_ALL, 1.0)):
            made = self._made.setdefault(key, deque())
            while made and made[0] <= now - window:
                made.popleft()
            if len(made) >= allowed:
                return max(1, math.ceil(made[0] + window - now))
        for key in (chat, 0):
            self._made[key].append(now)
        return 0

    def next_message(self) -> int:
        self._message += 1
        return self._message

    def store(self, data: bytes) -> str:
        name = f"file{len(self.files)}"
        self.files[name] = data
        return name

    def keep(
        self,
        message: dict[str, Any],
        markup: Any,
        params: dict[str, Any],
        *,
        edits: bool = False,
        file: str | None = None,
    ) -> None:
        """A call was accepted."""
        chat = message["chat"]["id"]
        self.messages.pop((chat, message["message_id"]), None)
        self.messages[chat, message["message_id"]] = message
        if markup and "keyboard" in markup:
            self.keyboards[chat] = markup
        elif markup and "remove_keyboard" in markup:
            self.keyboards.pop(chat, None)
        self.bubbles.append(bubble_of(message, markup, edits=edits, file=file))

    async def changed(self, within: float, ended: asyncio.Event) -> None:
        """Wait for an update, for the end of a poll, or for so many seconds."""
        self._change.clear()
        waits = [asyncio.create_task(each.wait()) for each in (self._change, ended)]
        await asyncio.wait(waits, timeout=max(within, 0), return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()

    def _incoming(self, chat: int, content: dict[str, Any]) -> dict[str, Any]:
        message = {
            "message_id": self.next_message(),
            "from": self._user(chat),
            "chat": self._chat(chat),
            "date": int(time.time()),
            **content,
        }
        self.messages[chat, message["message_id"]] = message
        return message

    def _user(self, chat: int) -> dict[str, Any]:
        return {"id": abs(chat), "is_bot": False, "first_name": "Người dân", "language_code": "vi"}

    def _chat(self, chat: int) -> dict[str, Any]:
        if chat not in self.chats:
            kind = "private" if chat > 0 else "supergroup"
            title = {"first_name": "Người dân"} if chat > 0 else {"title": "Tổ dân phố"}
            self.chats[chat] = {"id": chat, "type": kind, **title}
        return self.chats[chat]

    async def _membership(self, chat: int, old: str, new: str) -> int:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.me, "status": status, **until}

        change = {
            "chat": self._chat(chat),
            "from": self._user(chat),
            "date": int(time.time()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        return await self._tell({"my_chat_member": change})

    async def _tell(self, content: dict[str, Any]) -> int:
        """Hand an update over; without a webhook it waits to be asked for."""
        if self.allowed and not set(self.allowed) & set(content):
            return 0
        self._update += 1
        update = {"update_id": self._update, **content}
        self.pending.append(update)
        self.sent_updates.append(update)
        self._change.set()
        return await self._deliver(update) if self.webhook else 0

    async def _deliver(self, update: dict[str, Any]) -> int:
        status = await self._post(update, secret=self.webhook_secret)
        if status // 100 == 2:
            self.pending = [each for each in self.pending if each is not update]
        else:
            said = f"Wrong response from the webhook: {status}"
            self.last_error = (int(time.time()), said)
        return status

    async def _post(self, update: dict[str, Any], *, secret: str) -> int:
        assert self._client, "the fake is not open"
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with self._client.post(self.webhook, json=update, headers=headers) as response:
                return response.status
        except (ClientError, TimeoutError):
            return 0


def scaled(rates: Rates, by: float) -> Rates:
    """The same rates on a clock that runs faster."""
    return Rates(
        person=Rate(every=rates.person.every / by, burst=rates.person.burst),
        group=Rate(every=rates.group.every / by, burst=rates.group.burst),
        overall=Rate(every=rates.overall.every / by, burst=rates.overall.burst),
    )


def _means(shown: str, label: str) -> bool:
    """A button shows a label, or its number and as much of it as there is room for."""
    if shown == label:
        return True
    start = re.sub(r"^\d+\) ", "", shown).removesuffix("…")
    return shown != start and label.startswith(start)
