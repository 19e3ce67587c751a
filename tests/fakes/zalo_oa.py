"""A Zalo Official Account on loopback: its interface, its webhooks, its citizens, its clock."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.channels.zalo_oa import ZaloOaChannel
from bot.channels.zalo_oa_api import Urls
from tests.fakes import Bubble, Sticker, Trouble
from tests.fakes.zalo_oa_hooks import Delivery, Hooks, signature
from tests.fakes.zalo_oa_http import Interface
from tests.fakes.zalo_oa_people import Person
from tests.fakes.zalo_oauth import ACCESS_LIVES, FakeOauth

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.channels import Tokens

TEMPLATE = "7895417a7d3f9461cd2e"
_ATTACHMENTS: dict[Sticker, tuple[str, dict[str, Any]]] = {
    Sticker.VOICE: ("audio", {"url": "https://v.zdn.vn/a.amr"}),
    Sticker.STICKER: ("sticker", {"id": "1", "url": "https://s.zdn.vn/1.png"}),
    Sticker.LOCATION: ("location", {"coordinates": {"latitude": "10.76", "longitude": "106.68"}}),
    Sticker.FILE: ("file", {"url": "https://f.zdn.vn/a.pdf", "name": "a.pdf", "size": "12345"}),
}


class KeptTokens:
    """Tokens of one process without a database."""

    def __init__(self) -> None:
        self.kept: dict[str, str] | None = None
        self.saves = 0
        self.failing = 0
        self._lock = asyncio.Lock()

    async def load(self) -> dict[str, str] | None:
        """What was saved last."""
        return self.kept

    async def save(self, tokens: dict[str, str]) -> None:
        """Keep; ``failing`` times the disk is full."""
        if self.failing:
            self.failing -= 1
            raise OSError("disk full")
        self.kept = dict(tokens)
        self.saves += 1

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """One at a time."""
        async with self._lock:
            yield


class Shelf:
    """Blank forms in memory."""

    def __init__(self) -> None:
        self.forms: dict[str, bytes] = {}
        self.public = "https://xa.example.gov.vn/mau"

    def read(self, name: str) -> bytes:
        """The bytes of a form."""
        return self.forms[name]

    def address(self, name: str) -> str | None:
        """Where it can be fetched."""
        return f"{self.public}/{name}" if self.public else None


class FakeZaloOa:
    """Implements ``tests.fakes.Platform``; its clock can be advanced, never turned back."""

    name = "zalo_oa"
    troubles = frozenset(Trouble)

    def __init__(self, *, signs: Literal["body", "header"] = "body", echoes: bool = True) -> None:
        self.app_id = "360846524940903967"
        self.app_secret = "app-secret-of-this-test"
        self.oa_secret = "oa-secret-of-this-test"
        self.oa_id = "388613280878808645"
        self.bubbles: list[Bubble] = []
        self.people: dict[str, Person] = {}
        self.phones: dict[str, int] = {}
        """Numbers with Zalo: 0, or the error that a template message to them gets."""
        self.templates = {TEMPLATE: {"ho_ten": 30, "ma_ho_so": 30, "trang_thai": 30, "ngay": 20}}
        self.template_quota = 500
        self.pictures: dict[str, bytes | str] = {}
        """Pictures by name; text leads elsewhere."""
        self.waiting_troubles: deque[Trouble] = deque()
        self.closing = asyncio.Event()
        self.calls = 0
        self.shelf = Shelf()
        self.tokens = KeptTokens()
        self._echoes = echoes
        self._ahead = timedelta()
        self.told: list[Delivery] = []
        """Events that citizens caused, in order."""
        self._background: set[asyncio.Task[Any]] = set()
        self.oauth = FakeOauth(self.app_id, self.app_secret, self.clock)
        self.hooks = Hooks(self.app_id, self.oa_secret, self.clock, signs=signs)
        self.interface = Interface(self)
        self.give_pair()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        self.interface.add_routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        await self.hooks.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closing.set()
        await self.settle()
        await self.hooks.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Address of the interface."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def clock(self) -> datetime:
        """The platform's time, which the channel shares."""
        return datetime.now(UTC) + self._ahead

    def timestamp(self) -> str:
        """Now, as Zalo writes it."""
        return str(int(self.clock().timestamp() * 1000))

    def local_hour(self) -> int:
        """The hour in Vietnam."""
        return self.clock().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).hour

    async def advance(self, by: timedelta) -> list[int]:
        """Time passes; statuses of the deliveries that came due meanwhile."""
        self._ahead += by
        return await self.hooks.deliver_due()

    async def advance_to(self, hour: int) -> None:
        """On to the next time it is this hour in Vietnam."""
        now = self.clock().astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
        then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        await self.advance((then - now) % timedelta(days=1))

    def give_pair(self) -> None:
        """The pair in force as an operator would have stored it."""
        self.tokens.kept = {
            "access_token": self.oauth.access,
            "refresh_token": self.oauth.refresh,
            "expires_at": (self.oauth.issued_at + ACCESS_LIVES).isoformat(),
        }

    def channel(self, *, tokens: Tokens | None = None, **options: Any) -> ZaloOaChannel:
        """A channel of ours for this platform."""
        settings: dict[str, Any] = {
            "app_id": self.app_id,
            "app_secret": self.app_secret,
            "oa_secret": self.oa_secret,
            "tokens": tokens or self.tokens,
            "forms": self.shelf,
            "clock": self.clock,
            "urls": Urls(api=self.url, business=f"{self.url}/business", oauth=f"{self.url}/oauth"),
            "picture_hosts": (self.url,),
            "patience": 1.0,
        }
        return ZaloOaChannel(**{**settings, **options})

    def hook(self, url: str | None) -> None:
        """Where events go from now on."""
        self.hooks.url = url
        self.hooks.unsubscribed = False

    async def probe(self) -> int:
        """What the console does when the address is saved."""
        return await self.hooks.post(b"{}", {"Content-Type": "application/json"})

    def event(self, name: str, contact: str, **more: Any) -> dict[str, Any]:
        """An event as it is written; ``more`` goes into it."""
        return {
            "app_id": self.app_id,
            "sender": {"id": contact},
            "user_id_by_app": "552177279717587730",
            "recipient": {"id": self.oa_id},
            "event_name": name,
            **more,
            "timestamp": self.timestamp(),
        }

    async def tell(self, event: dict[str, Any]) -> int:
        """Deliver an event of a citizen; the status."""
        delivery = self.hooks.written(event)
        self.told.append(delivery)
        return await self.hooks.deliver(delivery)

    async def say(self, contact: str, text: str) -> int:
        """A citizen writes."""
        return await self._message(contact, "text", {"text": text})

    async def press(self, contact: str, label: str) -> int:
        """A press comes back as text; a line «3) …» or «Gõ «…»» is answered by typing."""
        for bubble in reversed(self.bubbles):
            if bubble.contact != contact:
                continue
            payload = bubble.raw.get("attachment", {}).get("payload", {})
            for button in payload.get("buttons", ()):
                if button["title"] == label and button["type"].startswith("oa.query."):
                    return await self.say(contact, button["payload"])
            if line := re.search(rf"^(\d+)\) {re.escape(label)}$", bubble.text, re.MULTILINE):
                return await self.say(contact, line[1])
            if f"«{label}»" in bubble.text:
                return await self.say(contact, label)
        raise AssertionError(f"no button {label!r}")

    async def send(self, contact: str, kind: Sticker, data: bytes = b"") -> int:
        """A citizen sends something else than text."""
        if kind is Sticker.PHOTO:
            name = f"{secrets.token_hex(6)}.jpg"
            self.pictures[name] = data
            url = f"{self.url}/photo/{name}"
            return await self.send_picture(contact, url)
        word, payload = _ATTACHMENTS[kind]
        attachments = [{"type": word, "payload": payload}]
        return await self._message(contact, word, {"attachments": attachments})

    async def send_picture(self, contact: str, url: str) -> int:
        """A picture at any address."""
        attachments = [{"type": "image", "payload": {"thumbnail": url, "url": url}}]
        return await self._message(contact, "image", {"attachments": attachments})

    async def _message(self, contact: str, word: str, message: dict[str, Any]) -> int:
        message = {**message, "msg_id": secrets.token_hex(10)}
        if contact.startswith("anonymous:"):
            _, visitor, message["conversation_id"] = contact.split(":")
            return await self.tell(self.event(f"anonymous_send_{word}", visitor, message=message))
        self.person(contact).interact(self.clock())
        return await self.tell(self.event(f"user_send_{word}", contact, message=message))

    async def follow(self, contact: str) -> int:
        """A citizen follows the OA."""
        person = self.person(contact)
        person.follows = True
        person.interact(self.clock())
        return await self.tell(self._management("follow", {"follower": {"id": contact}}))

    async def unfollow(self, contact: str) -> int:
        """A citizen leaves."""
        self.person(contact).follows = False
        return await self.tell(self._management("unfollow", {"follower": {"id": contact}}))

    async def withdraw(self, contact: str) -> int:
        """A citizen asks that everything known of them is erased."""
        self.person(contact).follows = False
        return await self.tell(self._management("user_withdraw", {"user_id": contact}))

    async def submit_info(self, contact: str, info: dict[str, Any]) -> int:
        """A citizen fills in the form that was asked for."""
        self.person(contact).interact(self.clock())
        return await self.tell(self.event("user_submit_info", contact, info=info))

    async def officer_answers(self, contact: str, text: str) -> int:
        """An officer types in Zalo's own window."""
        return await self.tell(self._from_office(contact, text, admin_id="1234567890"))

    def _management(self, name: str, who: dict[str, Any]) -> dict[str, Any]:
        return {
            "oa_id": self.oa_id,
            **who,
            "user_id_by_app": "552172779717587730",
            "event_name": name,
            "app_id": self.app_id,
            "timestamp": self.timestamp(),
        }

    def _from_office(self, contact: str, text: str, **sender: str) -> dict[str, Any]:
        event = self.event("oa_send_text", self.oa_id, message={"text": text, "msg_id": _id()})
        event["sender"].update(sender)
        event["recipient"]["id"] = contact
        return event

    def person(self, contact: str) -> Person:
        """What the platform knows of a citizen."""
        return self.people.setdefault(contact, Person())

    def echo(self, contact: str, bubble: Bubble) -> None:
        """Tell of our own message, that it arrived, and that it was seen."""
        if not self._echoes:
            return
        received = self._from_office(contact, "")
        received |= {"event_name": "user_received_message", "message": {"msg_id": bubble.id}}
        seen = {**received, "event_name": "user_seen_message", "message": {"msg_ids": [bubble.id]}}
        for event in (self._from_office(contact, bubble.text), received, seen):
            self._later(self.hooks.deliver(self.hooks.written(event)))

    def report_delivery(self, phone: str, message: str, tracking: str) -> None:
        """Tell that a template message arrived."""
        told = {"delivery_time": self.timestamp(), "msg_id": message, "tracking_id": tracking}
        event = self.event("user_received_message", self.oa_id, message=told)
        event["recipient"]["id"] = phone
        self._later(self.hooks.deliver(self.hooks.written(event, {"X-ZEvent-Server": "ZNS"})))

    def _later(self, doing: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(doing)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def settle(self) -> None:
        """Wait until nothing more is on its way to the webhook."""
        while self._background:
            await asyncio.wait(self._background)

    async def redeliver(self, last: int = 1) -> list[int]:
        """Send what citizens said last once more."""
        return [await self.hooks.deliver(each) for each in self.told[-last:]]

    async def forge(self) -> int:
        """Somebody who does not know the secret sends an event."""
        delivery = self.hooks.written(
            self.event("user_send_text", "1", message={"text": "x", "msg_id": _id()})
        )
        wrong = signature(self.app_id, delivery.body, self.timestamp(), "guessed")
        return await self.hooks.post(
            delivery.body, {**delivery.headers, "X-ZEvent-Signature": wrong}
        )

    def trouble(self, kind: Trouble, times: int = 1) -> None:
        """Refuse the next messages of the office."""
        self.waiting_troubles.extend([kind] * times)


def _id() -> str:
    return secrets.token_hex(10)
