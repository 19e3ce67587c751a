"""The gate before every staff page: session, role, proof of the form, and what refusals say."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import web
from aiohttp.web_request import FileField

from bot.staff import kept
from bot.staff.exchange import COOKIE, CSRF, DOOR, ROOT, Exchange, sound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from bot.staff.exchange import Site
    from knowledge.accounts import Role

MOST = 1024 * 1024
"""Bytes of a form; routes that take files allow more."""
LOGIN = f"{ROOT}/login"
NEW_PASSWORD = f"{ROOT}/me/password"
LOGOUT = f"{ROOT}/logout"
RESTRICTED = frozenset([NEW_PASSWORD, LOGOUT])
"""All that is open to someone who has to choose a password first."""

EXPIRED = (
    "Phiên làm việc đã hết hạn. Anh/chị đăng nhập lại; những gì vừa nhập còn nguyên, "
    "em đưa lại ngay sau khi đăng nhập."
)
OTHER_SESSION = (
    "Trang này mở từ phiên đăng nhập trước. Những gì anh/chị nhập còn nguyên ở dưới; "
    "xem lại rồi bấm «Gửi lại»."
)
BROKEN = (
    "Có lỗi ở phía hệ thống, chưa lưu được. Những gì anh/chị nhập còn nguyên ở dưới; "
    "đợi một chút rồi bấm «Gửi lại»."
)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Route:
    """One page or action.

    ``roles``: one of them is needed; ``None`` is open to people who are not signed in.
    ``menu`` is its name in the navigation. ``most`` are the bytes a form may have. ``watched`` is
    what a script asks for by itself: that alone keeps no session alive.
    """

    method: str
    path: str
    handler: Callable[[Exchange], Awaitable[web.StreamResponse]]
    roles: frozenset[Role] | None
    menu: str = ""
    most: int = MOST
    watched: bool = False


def guarded(route: Route, site: Site) -> Handler:
    """The route's handler behind the gate."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            response = await _through(request, route, site)
        except web.HTTPException as moved:
            moved.headers["Cache-Control"] = "no-store"
            raise
        # Pages hold what only some may see; assets say themselves how long they last.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return handle


async def _through(request: web.Request, route: Route, site: Site) -> web.StreamResponse:
    exchange = await _opened(request, route, site)
    if route.method == "POST":
        if _from_elsewhere(request):
            return await refuse(exchange, 403)
        try:
            exchange = await _with_form(exchange, route)
        except web.HTTPRequestEntityTooLarge:
            return await refuse(exchange, 413)
        except ValueError:
            return await refuse(exchange, 400)
    try:
        return await _handled(exchange, route)
    finally:
        for each in exchange.files.values():
            each.file.close()


async def _handled(exchange: Exchange, route: Route) -> web.StreamResponse:
    if (refusal := await _refusal(exchange, route)) is not None:
        return refusal
    try:
        return await route.handler(exchange)
    except web.HTTPException as failure:
        if failure.status == 404:
            return await refuse(exchange, 404)
        raise
    except Exception:
        log.exception("staff_page_failed", path=route.path)
        return await _again(exchange, BROKEN, 500) or await refuse(exchange, 500)


async def _opened(request: web.Request, route: Route, site: Site) -> Exchange:
    token = request.cookies.get(COOKIE, "")
    exchange = Exchange(request=request, site=site, token=token)
    now = site.clock()
    used = not route.watched
    if found := await exchange.work(lambda work: work.accounts.session(token, at=now, used=used)):
        return replace(exchange, signed=found[0], account=found[1])
    door = request.cookies.get(DOOR) or secrets.token_urlsafe(32)
    return replace(exchange, token=door)


async def _with_form(exchange: Exchange, route: Route) -> Exchange:
    if (exchange.request.content_length or 0) > route.most:
        # Said before everything is read: half a file would lie in memory for nothing.
        raise web.HTTPRequestEntityTooLarge(route.most, exchange.request.content_length or 0)
    request = exchange.request.clone(client_max_size=route.most)
    fields: list[tuple[str, str]] = []
    files: dict[str, FileField] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, FileField):
            files[name] = value
        elif isinstance(value, str):
            fields.append((sound(name), sound(value).replace("\r\n", "\n")))
    return replace(exchange, fields=tuple(fields), files=files)


async def _refusal(exchange: Exchange, route: Route) -> web.StreamResponse | None:
    """The answer for who may not pass; ``None`` for who may."""
    proven = route.method != "POST" or hmac.compare_digest(
        exchange.raw(CSRF).encode("utf-8", "replace"), exchange.csrf.encode()
    )
    account = exchange.account
    if route.roles is None:
        return None if proven else await _log_in_anew(exchange)
    if account is None:
        return await _sign_in_first(exchange, route)
    if account.must_change and route.path not in RESTRICTED:
        raise web.HTTPFound(NEW_PASSWORD)
    if not route.roles & account.roles:
        return await refuse(exchange, 403)
    if proven:
        return None
    return await _again(exchange, OTHER_SESSION, 403) or await refuse(exchange, 403)


async def _sign_in_first(exchange: Exchange, route: Route) -> web.StreamResponse:
    request = exchange.request
    if route.method != "POST":
        raise web.HTTPFound(f"{LOGIN}?next={quote(request.path_qs, safe='')}")
    token = request.cookies.get(COOKIE, "")
    author = await exchange.work(lambda work: work.accounts.expired(token)) if token else None
    form = kept.keepable(request.path_qs, exchange.fields, author)
    # A form that another site made up must not wait here for one careless click.
    if form is None or not _from_here(request):
        raise web.HTTPFound(LOGIN)
    sealed = await asyncio.to_thread(kept.close, form, exchange.site.seal, exchange.now)
    return await log_in_page(exchange, status=403, kept=sealed, notice=EXPIRED)


async def _log_in_anew(exchange: Exchange) -> web.StreamResponse:
    return await log_in_page(
        exchange,
        status=403,
        kept=exchange.sent("kept"),
        notice="Trang đăng nhập này đã cũ. Anh/chị nhập lại giúp em.",
    )


async def log_in_page(
    exchange: Exchange,
    *,
    status: int = 200,
    kept: str = "",
    notice: str = "",
    problem: str = "",
    then: str = "",
) -> web.Response:
    """The log-in form with the cookie that proves it."""
    response = await exchange.page(
        "login.html",
        status=status,
        kept=kept,
        notice=notice,
        problem=problem,
        then=then,
        login=exchange.sent("login"),
    )
    exchange.keep_cookie(response, DOOR, exchange.token)
    return response


async def _again(exchange: Exchange, why: str, status: int) -> web.StreamResponse | None:
    """The same form once more with a valid proof; ``None`` when it must not be shown again."""
    request = exchange.request
    if request.method != "POST" or exchange.account is None or not _from_here(request):
        return None
    form = kept.keepable(request.path_qs, exchange.fields, exchange.account.id)
    if form is None:
        return None
    return await exchange.page("kept.html", status=status, form=form, why=why)


async def refuse(exchange: Exchange, status: int) -> web.StreamResponse:
    """A page that says why not, in words."""
    return await exchange.page("refused.html", status=status, code=status)


def _from_here(request: web.Request) -> bool:
    """True when the browser vouches that one of our own pages sent the form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    hosts = {request.host, request.headers.get("X-Forwarded-Host", request.host)}
    return bool(origin) and urlsplit(origin).netloc in hosts


def _from_elsewhere(request: web.Request) -> bool:
    """True when the browser says that another site sent the form."""
    told = "Sec-Fetch-Site" in request.headers or request.headers.get("Origin") is not None
    return told and not _from_here(request)
