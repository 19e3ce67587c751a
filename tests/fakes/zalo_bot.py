"""The Zalo Bot Platform on loopback: one update a poll, no buttons, no second delivery.

Rules from docs.zaloplatforms.com/docs/BOT and from what its users report; assumed, because
nothing is documented: 400 for a poll while a webhook is set, 404 «chat not found» for somebody
who never wrote, 3,000 messages as 429.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from time import time_ns
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from aiohttp.test_utils import TestServer

from bot.channels.zalo_bot import ZaloBotChannel
from tests.fakes import Bubble, Sticker, Trouble

TOKEN = "123456789:thu-nghiem"
SECRET = "bi-mat-thu-nghiem"
BOT = {
    "id": "1459232241454765289",
    "account_name": "bot.VDKyGxQvc",
    "account_type": "BASIC",
    "can_join_groups": False,
}


class Refusal(Exception):
    """The platform's own words for no."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


REFUSALS = {
    Trouble.BUSY: (429, "Quota exceeded"),
    Trouble.DOWN: (403, "Internal server error"),
    Trouble.WRONG: (400, "Bad Request"),
    Trouble.TOKEN: (401, "Unauthorized"),
    Trouble.LEFT: (404, "Not Found: chat not found"),
}


@dataclass
class Webhook:
    """Where the platform sends events; kept even when the address does not answer."""

    url: str
    secret: str
    updated_at: int


class NoForms:
    """An office without blank forms."""

    def read(self, name: str) -> bytes:
        raise KeyError(name)

    def address(self, name: str) -> str | None:
        return None


class FakeZaloBot:
    """Strict where the documents are: what they forbid is refused, what they lack is 404.

    ``wrapped``: webhook bodies as ``{"ok", "result"}`` (documents) or flat (seen in production).
    ``statuses``: refusals as HTTP status too, or as 200 with ``ok: false``; both were measured.
    ``photo_key``: «photo_url» (current clients) or «photo» (documents).
    """

    name = "zalo_bot"
    troubles = frozenset({*REFUSALS, Trouble.SILENT})

    def __init__(
        self,
        *,
        wrapped: bool = True,
        statuses: bool = True,
        photo_key: str = "photo_url",
        longest_poll: float = 0.2,
    ) -> None:
        self.wrapped, self.statuses, self.photo_key = wrapped, statuses, photo_key
        self.longest_poll = longest_poll
        self.bubbles: list[Bubble] = []
        self.actions: list[tuple[str, str]] = []
        self.quota = 3_000
        self.webhook: Webhook | None = None
        self.pictures: dict[str, bytes] = {}
        self._pending: deque[dict[str, Any]] = deque()
        self._something = asyncio.Event()
        self._closing = asyncio.Event()
        self._sent: list[dict[str, Any]] = []
        self._known: set[str] = set()
        self._refusing: deque[Trouble] = deque()
        self._count = 0
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/media/{name}", self._media)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        self._client = ClientSession(timeout=ClientTimeout(total=10))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._client.close()
        await self._server.close()

    @property
    def url(self) -> str:
        """Address of its interface."""
        return str(self._server.make_url("")).rstrip("/")

    def channel(self, **options: Any) -> ZaloBotChannel:
        """A channel of ours for this platform."""
        settings = {"secret": SECRET, "forms": NoForms(), "patience": 0.5, "idle": 0.0, **options}
        return ZaloBotChannel(TOKEN, api_url=self.url, pictures_from=(self.url,), **settings)

    # What a test does

    def hook(self, url: str | None) -> None:
        """Send events there from now on; loopback is taken here, unlike in setWebhook."""
        self.webhook = Webhook(url, SECRET, _now()) if url else None

    async def say(self, contact: str, text: str, *, group: bool = False) -> int:
        """A citizen writes; in a group only what mentions the bot comes through."""
        fields = {"text": text}
        return await self._happen("message.text.received", contact, fields, group=group)

    async def press(self, contact: str, label: str) -> int:
        """There are no buttons: a citizen types the number beside the words, or the words."""
        latest = next((b for b in reversed(self.bubbles) if b.contact == contact), None)
        lines = re.findall(r"^(\d+)\) (.*)$", latest.text if latest else "", re.MULTILINE)
        number = next((number for number, words in lines if words == label), label)
        return await self.say(contact, number)

    async def send(
        self, contact: str, kind: Sticker, data: bytes = b"", *, caption: str = ""
    ) -> int:
        """A citizen sends something else."""
        match kind:
            case Sticker.PHOTO:
                name = self._new_id()
                self.pictures[name] = data
                fields = {self.photo_key: f"{self.url}/media/{name}"}
                if caption:
                    fields["caption"] = caption
                return await self._happen("message.image.received", contact, fields)
            case Sticker.STICKER:
                fields = {"sticker": "0e078a2cb269", "url": f"{self.url}/media/sticker"}
                return await self._happen("message.sticker.received", contact, fields)
            case Sticker.VOICE:
                fields = {"voice_url": f"{self.url}/media/voice.aac"}
                return await self._happen("message.voice.received", contact, fields)
            case _:
                return await self._happen("message.unsupported.received", contact, {})

    async def redeliver(self, last: int = 1) -> list[int]:
        """The platform never does this; a careful office survives it all the same."""
        return [await self._deliver(update) for update in self._sent[-last:]]

    async def forge(self) -> int:
        """Somebody who does not know the secret."""
        return await self._post(self._update("message.text.received", "ke-gia", {"text": "a"}), {})

    def trouble(self, kind: Trouble, times: int = 1) -> None:
        """Refuse the next messages."""
        if kind not in self.troubles:
            raise ValueError(f"{kind} does not happen here")
        self._refusing.extend([kind] * times)

    # What the platform does by itself

    def _new_id(self) -> str:
        self._count += 1
        return f"{self._count:020x}"

    def _update(
        self, event: str, contact: str, fields: dict[str, Any], *, group: bool = False
    ) -> Any:
        sender = f"thanh-vien-{contact}" if group else contact
        return {
            "event_name": event,
            "message": {
                "from": {"id": sender, "display_name": "Người dân", "is_bot": False},
                "chat": {"id": contact, "chat_type": "GROUP" if group else "PRIVATE"},
                **fields,
                "message_id": self._new_id(),
                "date": _now(),
                "message_type": "CHAT_MESSAGE",
            },
        }

    async def _happen(
        self, event: str, contact: str, fields: dict[str, Any], *, group: bool = False
    ) -> int:
        self._known.add(contact)
        update = self._update(event, contact, fields, group=group)
        self._sent.append(update)
        return await self._deliver(update)

    async def _deliver(self, update: dict[str, Any]) -> int:
        if self.webhook is None:
            self._pending.append(update)
            self._something.set()
            return 0
        return await self._post(update, {"X-Bot-Api-Secret-Token": self.webhook.secret})

    async def _post(self, update: dict[str, Any], headers: dict[str, str]) -> int:
        """One try; whoever is not there has missed it."""
        assert self.webhook is not None, "no webhook is set"
        body = {"ok": True, "result": update} if self.wrapped else update
        try:
            async with self._client.post(self.webhook.url, json=body, headers=headers) as answer:
                return answer.status
        except (ClientError, TimeoutError):
            return 0

    async def _media(self, request: web.Request) -> web.Response:
        found = self.pictures.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found, content_type="image/jpeg")

    # Its interface

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            if request.match_info["token"] != TOKEN:
                raise Refusal(*REFUSALS[Trouble.TOKEN])
            answer = METHODS.get(request.match_info["method"])
            if answer is None:
                raise Refusal(404, "Not Found: method not found")
            result = await answer(self, await _parameters(request))
        except Refusal as no:
            body = {"ok": False, "description": no.description, "error_code": no.code}
            return web.json_response(body, status=no.code if self.statuses else 200)
        return web.json_response({"ok": True, **({} if result is None else {"result": result})})

    async def _get_me(self, _given: dict[str, str]) -> dict[str, Any]:
        return BOT

    async def _get_updates(self, given: dict[str, str]) -> dict[str, Any]:
        if self.webhook is not None:
            raise Refusal(400, "Bad Request: can't use getUpdates while webhook is active")
        if not given.get("timeout", "30").isdigit():
            raise Refusal(400, "Bad Request: timeout")
        try:
            async with asyncio.timeout(min(int(given.get("timeout", 30)), self.longest_poll)):
                while not self._pending:
                    self._something.clear()
                    await self._something.wait()
        except TimeoutError:
            raise Refusal(408, "Request timeout") from None
        # Gone from here on: there is no offset to ask for it again.
        return self._pending.popleft()

    async def _set_webhook(self, given: dict[str, str]) -> dict[str, Any]:
        url, secret = given.get("url", ""), given.get("secret_token", "")
        if urlsplit(url).scheme != "https" or _private(urlsplit(url).hostname or ""):
            raise Refusal(400, "Bad Request: url")
        if not 8 <= len(secret) <= 256:
            raise Refusal(400, "Bad Request: secret_token")
        self.webhook = Webhook(url, secret, _now())
        return {"url": url, "updated_at": self.webhook.updated_at, "verification": {}}

    async def _delete_webhook(self, _given: dict[str, str]) -> dict[str, Any]:
        self.webhook = None
        return {"url": "", "updated_at": _now()}

    async def _get_webhook_info(self, _given: dict[str, str]) -> dict[str, Any]:
        if self.webhook is None:
            raise Refusal(404, "Not Found")
        return {"url": self.webhook.url, "updated_at": self.webhook.updated_at}

    async def _send_message(self, given: dict[str, str]) -> dict[str, Any]:
        text = unicodedata.normalize("NFC", given.get("text", ""))
        if not 1 <= len(text) <= 2_000:
            raise Refusal(400, "Bad Request: text")
        if unknown := set(given) - {"chat_id", "text", "parse_mode", "text_styles"}:
            raise Refusal(400, f"Bad Request: {sorted(unknown)}")
        return await self._bubble(given, text)

    async def _send_photo(self, given: dict[str, str]) -> dict[str, Any]:
        if urlsplit(given.get("photo", "")).scheme != "https":
            raise Refusal(400, "Bad Request: photo")
        if len(given.get("caption", "")) > 2_000:
            raise Refusal(400, "Bad Request: caption")
        return await self._bubble(given, given.get("caption", ""))

    async def _bubble(self, given: dict[str, str], text: str) -> dict[str, Any]:
        if self._refusing:
            await self._refuse(self._refusing.popleft())
        contact = given.get("chat_id", "")
        if contact not in self._known:
            raise Refusal(*REFUSALS[Trouble.LEFT])
        if self.quota < 1:
            raise Refusal(*REFUSALS[Trouble.BUSY])
        self.quota -= 1
        bubble = Bubble(contact=contact, id=self._new_id(), text=text, raw=dict(given))
        self.bubbles.append(bubble)
        return {"message_id": bubble.id, "date": _now()}

    async def _refuse(self, kind: Trouble) -> None:
        if kind is Trouble.SILENT:
            await self._closing.wait()
        raise Refusal(*REFUSALS.get(kind, REFUSALS[Trouble.DOWN]))

    async def _send_chat_action(self, given: dict[str, str]) -> None:
        if given.get("action") != "typing":
            raise Refusal(400, "Bad Request: action")
        if given.get("chat_id") not in self._known:
            raise Refusal(*REFUSALS[Trouble.LEFT])
        self.actions.append((given["chat_id"], given["action"]))


METHODS = {
    "getMe": FakeZaloBot._get_me,
    "getUpdates": FakeZaloBot._get_updates,
    "setWebhook": FakeZaloBot._set_webhook,
    "deleteWebhook": FakeZaloBot._delete_webhook,
    "getWebhookInfo": FakeZaloBot._get_webhook_info,
    "sendMessage": FakeZaloBot._send_message,
    "sendPhoto": FakeZaloBot._send_photo,
    "sendChatAction": FakeZaloBot._send_chat_action,
}
"""Names are case-sensitive; stickers and voice are never sent by an office."""


async def _parameters(request: web.Request) -> dict[str, str]:
    """JSON, form, multipart and query are all taken."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            sent = json.loads(await request.read() or b"{}")
        except ValueError:
            raise Refusal(400, "Bad Request: body") from None
        if not isinstance(sent, dict):
            raise Refusal(400, "Bad Request: body")
        found |= sent
    elif request.content_type.startswith(("application/x-www-form", "multipart/")):
        found |= await request.post()
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in found.items()
    }


def _private(host: str) -> bool:
    if host in ("", "localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _now() -> int:
    return time_ns() // 1_000_000
