"""One request to a staff page and its answer: who asks, what was sent, how a page is made."""

from __future__ import annotations

import asyncio
import hmac
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from aiohttp import web

from bot.protection import over_tls
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from aiohttp.web_request import FileField

    from bot.channels import Channel
    from bot.desk import Desk
    from bot.handover import HandoverDesk
    from bot.sealing import Seal
    from bot.staff.imports import Imports
    from bot.staff.missed import MissedBoard
    from bot.staff.passwords import Passwords
    from bot.staff.rendering import Pages
    from bot.staff.review import ReviewBoard
    from knowledge.accounts import Account, Signed
    from knowledge.store import UnitOfWork

ROOT = "/staff"
COOKIE = "hmc_staff"
DOOR = "hmc_staff_door"
"""Cookie of the log-in form, before there is a session."""
CSRF = "csrf"
_PATH_WITHIN = re.compile(rf"{ROOT}/[A-Za-z0-9_./?=&%+~,:-]*")
T = TypeVar("T")


def nowhere(_name: str) -> str | None:
    """An office without a public address."""
    return None


def no_links(_payload: str) -> tuple[tuple[str, str], ...]:
    """An office without chats that a link could open."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What connects the office with citizens.

    ``form_address`` is where a browser finds a blank form; ``links`` are the chats (channel,
    address) that a payload opens.
    """

    channels: Mapping[str, Channel] = field(default_factory=dict)
    form_address: Callable[[str], str | None] = nowhere
    links: Callable[[str], Iterable[tuple[str, str]]] = no_links


@dataclass(frozen=True, kw_only=True)
class Site:
    """What all staff pages share."""

    desk: Desk
    officers: HandoverDesk
    seal: Seal
    passwords: Passwords
    pages: Pages
    clock: Callable[[], datetime]
    headers: Mapping[str, str]
    missed: MissedBoard
    review: ReviewBoard
    imports: Imports
    outside: Outside = field(default_factory=Outside)


Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request. ``account`` is there wherever the route asks for a role."""

    request: web.Request
    site: Site
    token: str
    signed: Signed | None = None
    account: Account | None = None
    fields: Fields = ()
    files: dict[str, FileField] = field(default_factory=dict)

    @property
    def me(self) -> Account:
        """Who asks; only on routes that ask for a role."""
        assert self.account is not None
        return self.account

    @property
    def now(self) -> datetime:
        """The site's clock."""
        return self.site.clock()

    @property
    def today(self) -> date:
        """The day in Vietnam."""
        return self.now.astimezone(VIETNAM).date()

    @property
    def csrf(self) -> str:
        """What a form of this session must carry."""
        return csrf_of(self.token)

    @property
    def address(self) -> str:
        """Where the request comes from. A proxy on this machine is believed, nobody else."""
        remote = self.request.remote or ""
        if remote in ("127.0.0.1", "::1"):
            # What the proxy added itself stands last.
            return self.request.headers.get("X-Forwarded-For", remote).rpartition(",")[2].strip()
        return remote

    def sent(self, name: str) -> str:
        """A field of the form without blanks around it; empty when it is missing."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """A field of the form exactly as typed, for passwords."""
        return next((value for key, value in self.fields if key == name), "")

    def sent_all(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return [value for key, value in self.fields if key == name]

    def asked(self, name: str) -> str:
        """A value of the address (``?name=…``), cleaned."""
        return sound(self.request.query.get(name, "")).strip()[:200]

    def number(self, name: str, default: int = 1) -> int:
        """A number of the address or the path; nonsense is the default."""
        text = self.request.match_info.get(name) or self.asked(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default

    async def work(self, do: Callable[[UnitOfWork], T]) -> T:
        """Do something in one transaction, beside the loop."""

        def inside() -> T:
            with self.site.desk.store.work() as work:
                return do(work)

        return await asyncio.to_thread(inside)

    async def page(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """A page with its frame; what was noted for this session is shown on it."""
        notices: Sequence[str] = ()
        signed = self.signed
        if signed is not None:
            notices = await self.work(lambda work: work.accounts.take_notices(signed.id))
        text = self.site.pages.render(template, self, notices, values)
        return web.Response(text=text, content_type="text/html", status=status)

    def part(self, template: str, **values: Any) -> web.Response:
        """A piece of a page for a script; what was noted for the session waits for a page."""
        text = self.site.pages.render(template, self, (), values)
        return web.Response(text=text, content_type="text/html")

    async def download(self, name: str, content_type: str) -> web.StreamResponse:
        """A begun answer to write a file into, piece by piece; ``name`` is ASCII."""
        response = web.StreamResponse(headers=self.site.headers)
        response.content_type = content_type
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store"
        await response.prepare(self.request)
        return response

    async def go(self, path: str, notice: str = "") -> NoReturn:
        """Send the browser to another page of ours, which shows ``notice``."""
        signed = self.signed
        if notice and signed is not None:
            await self.work(lambda work: work.accounts.notify(signed.id, notice))
        raise web.HTTPSeeOther(path)

    def keep_cookie(self, response: web.StreamResponse, name: str, value: str) -> None:
        """Set a cookie that only these pages get and no script can read."""
        response.set_cookie(
            name,
            value,
            path=ROOT,
            httponly=True,
            samesite="Lax" if name == COOKIE else "Strict",
            secure=over_tls(self.request),
        )


def csrf_of(token: str) -> str:
    """The proof of a form: only who has the session's token can make it."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", "sha256").hexdigest()


def sound(text: str) -> str:
    """Text without halves of surrogate pairs and NULs, which no database takes."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def within(path: str) -> str:
    """A path if it leads to a staff page, else the first page: never to another site."""
    return path if _PATH_WITHIN.fullmatch(path) and "//" not in path else f"{ROOT}/"
