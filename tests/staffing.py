"""A staffed office for tests: the real pages over a real database, and a browser without a face."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer

from bot import staff
from bot.app import build_services, seed_procedures
from bot.channels.pickup import PickupChannel
from bot.delivery import Delivery
from bot.desk import Desk
from bot.intake import Spool
from bot.sealing import Seal
from bot.server import WEB_LIMITS
from bot.staff.exchange import Outside
from bot.staff.passwords import Passwords
from handlers.services import Services
from knowledge.accounts import Account, Role
from knowledge.store import InquiryRecord, Store

CHEAP = Passwords(memory_kib=64, rounds=1)
"""Argon2 at no price: hundreds of log-ins in a test run."""
PASSWORD = "con mèo nằm trên mái nhà"
SALT = b"a salt for tests"
EXAMPLES = ("1.000894", "1.001193", "1.004222", "2.000815")


def services() -> Services:
    """Knowledge of a few records: enough to search in."""
    return build_services([each for each in seed_procedures() if each.code in EXAMPLES])


def inquiry(text: str, *, at: datetime, **other: Any) -> InquiryRecord:
    """A line of the log: by default an answer about registering a birth."""
    usual = {
        "channel": "zalo_oa",
        "contact": "abc",
        "intent": "procedure",
        "status": "answered",
        "milliseconds": 3.5,
        "procedure": "1.001193",
        "aspect": "papers",
        "score": 0.93,
        "revision": 1,
    }
    return InquiryRecord(at=at, text=text, **{**usual, **other})


@dataclass
class Staffed:
    """A running site; ``ahead`` sets its clock forward."""

    store: Store
    services: Services
    ahead: timedelta = timedelta()
    seal: Seal = field(default_factory=lambda: Seal([Seal.new_key()]))
    outside: Outside = field(default_factory=Outside)
    server: TestServer = field(init=False)
    page: PickupChannel = field(default_factory=lambda: PickupChannel("web", WEB_LIMITS))
    delivery: Delivery = field(init=False)
    """Works only after its ``start``."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def fill(self) -> None:
        """The example records, in force."""
        with self.store.work() as work:
            work.write_all(
                self.services.index.procedures.values(),
                publish=True,
                author="seed",
                reason="bản đầu",
                at=self.now(),
            )

    def hire(self, login: str, *roles: Role, must_change: bool = False) -> Account:
        """An account with :data:`PASSWORD`."""
        with self.store.work() as work:
            return work.accounts.add(
                login,
                name=f"Chị {login.title()}",
                roles=roles,
                password=CHEAP.hash(PASSWORD),
                must_change=must_change,
                at=self.now(),
            )

    async def start(self) -> None:
        app = web.Application()
        desk = Desk(store=self.store, services=self.services, salt=SALT)
        spool = Spool(Path(tempfile.gettempdir()) / secrets.token_hex(8))
        self.delivery = Delivery(desk, (self.page,), self.seal, spool, clock=self.now)
        staff.add_routes(
            app,
            desk=desk,
            delivery=self.delivery,
            seal=self.seal,
            clock=self.now,
            passwords=CHEAP,
            outside=self.outside,
        )

        async def stop(_app: web.Application) -> None:
            await self.delivery.stop()

        app.on_cleanup.append(stop)
        self.server = TestServer(app)
        await self.server.start_server()

    def actions(self) -> list[str]:
        """What the audit holds, the oldest first."""
        from knowledge.audit import Filter

        with self.store.work() as work:
            return [each.action for each in work.audit.entries(Filter(), limit=999)][::-1]

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Visitor]:
        """Somebody with a browser of their own."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield Visitor(self, session)


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]
    body: bytes

    @property
    def csrf(self) -> str:
        return self.value("csrf")

    def value(self, name: str) -> str:
        """The value of a field of the page's forms."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""

    @property
    def said(self) -> str:
        """The words of the page without its tags."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


@dataclass
class Visitor:
    """A browser: cookies kept, redirects not followed, forms sent with what the page gave."""

    site: Staffed
    session: ClientSession
    csrf: str = ""

    async def _taken(self, response: ClientResponse) -> Answer:
        body = await response.read()
        text = body.decode("utf-8", "replace")
        answer = Answer(response.status, text, dict(response.headers), body)
        self.csrf = answer.csrf or self.csrf
        return answer

    async def get(self, path: str) -> Answer:
        url = self.site.server.make_url(path)
        async with self.session.get(url, allow_redirects=False) as response:
            return await self._taken(response)

    async def post(
        self,
        path: str,
        fields: Any = (),
        *,
        csrf: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a form as our own page would, or with another proof or other headers."""
        server = self.site.server
        sent = [("csrf", self.csrf if csrf is None else csrf), *dict(fields).items()]
        if isinstance(fields, list):
            sent = [sent[0], *fields]
        ours = {"Origin": str(server.make_url("/")).rstrip("/")}
        async with self.session.post(
            server.make_url(path), data=sent, headers=headers or ours, allow_redirects=False
        ) as response:
            return await self._taken(response)

    async def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> Answer:
        """Log in; the proof of later forms is taken from the first page."""
        await self.get("/staff/login")
        answer = await self.post("/staff/login", {"login": login, "password": password, **more})
        if answer.status == 303:
            await self.get(answer.headers["Location"])
        return answer
