"""Signing in: password, then a one-time code where it is switched on."""

from __future__ import annotations

import asyncio
import math
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from bot.sealing import Unsealable
from bot.staff import kept, passwords
from bot.staff.exchange import COOKIE, ROOT, within
from bot.staff.gate import NEW_PASSWORD, log_in_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.staff.exchange import Exchange
    from knowledge.accounts import Credentials
    from knowledge.store import UnitOfWork

CODE_LIVES = timedelta(minutes=5)
"""After the password was right, how long the one-time code may take."""
WRONG = "Tên đăng nhập hoặc mật khẩu chưa đúng. Anh/chị nhập lại giúp em."
WRONG_CODE = "Mã chưa đúng hoặc đã dùng rồi. Anh/chị chờ mã mới rồi nhập lại giúp em."
TOO_LATE = "Quá thời gian nhập mã. Anh/chị đăng nhập lại giúp em."

log = structlog.get_logger()


async def show(exchange: Exchange) -> web.StreamResponse:
    """The log-in form."""
    then = within(exchange.asked("next"))
    if exchange.account is not None:
        raise web.HTTPFound(then)
    return await log_in_page(exchange, then=then)


async def submit(exchange: Exchange) -> web.StreamResponse:
    """Name and password: the same answer in the same time whichever of them is wrong."""
    login, password = exchange.sent("login"), exchange.raw("password")
    if wait := await _brake(exchange, login):
        return await _slow_down(exchange, wait)
    proof = await exchange.work(lambda work: work.accounts.credentials(login))
    proven = await asyncio.to_thread(
        exchange.site.passwords.proves, proof.password if proof else None, password
    )
    if proof is None or not proven or not proof.account.active:
        log.warning("staff_login_refused", why="password")
        return await log_in_page(
            exchange,
            status=403,
            kept=exchange.sent("kept"),
            problem=WRONG,
            then=within(exchange.sent("next")),
        )
    await _rehash_if_old(exchange, proof, password)
    if proof.totp is not None:
        return await _code_page(exchange, _Ticket.of(proof, exchange))
    return await _let_in(exchange, proof)


async def submit_code(exchange: Exchange) -> web.StreamResponse:
    """The one-time code, or a spare one."""
    try:
        ticket = _Ticket.read(exchange)
    except (Unsealable, ValueError, TypeError):
        return await log_in_page(exchange, status=403, kept=exchange.sent("kept"), problem=TOO_LATE)
    if wait := await _brake(exchange, ticket.login):
        return await _slow_down(exchange, wait)
    proof = await exchange.work(lambda work: work.accounts.credentials(ticket.login))
    if proof is None or not proof.account.active or ticket.is_stale(proof):
        return await log_in_page(exchange, status=403, kept=exchange.sent("kept"), problem=TOO_LATE)
    code = exchange.sent("code")
    if not await exchange.work(lambda work: prove_code(exchange, work, proof, code)):
        log.warning("staff_login_refused", why="code")
        return await _code_page(exchange, ticket, problem=WRONG_CODE)
    return await _let_in(exchange, proof)


def prove_code(exchange: Exchange, work: UnitOfWork, proof: Credentials, code: str) -> bool:
    """True when a one-time code or a spare code is right; it is used up then."""
    if proof.totp is None:
        return False
    account = proof.account.id
    step = passwords.step_of(exchange.site.seal.open(proof.totp), code, exchange.now)
    if step is not None:
        return work.accounts.use_totp_step(account, step)
    return work.accounts.use_recovery(account, passwords.recovery_hash(code))


@dataclass(frozen=True, kw_only=True)
class _Ticket:
    """That the password was right; carried, sealed, by the form that asks for the code."""

    login: str
    password_at: float
    until: float

    @classmethod
    def of(cls, proof: Credentials, exchange: Exchange) -> _Ticket:
        return cls(
            login=proof.account.login,
            password_at=proof.account.password_at.timestamp(),
            until=(exchange.now + CODE_LIVES).timestamp(),
        )

    @classmethod
    def read(cls, exchange: Exchange) -> _Ticket:
        """Raises Unsealable, ValueError or TypeError for what we never gave, or too long ago."""
        kind, door, *rest = exchange.site.seal.open(exchange.sent("ticket").encode())
        ticket = cls(**dict(zip(("login", "password_at", "until"), rest, strict=True)))
        if kind != "ticket" or door != exchange.csrf or ticket.until < exchange.now.timestamp():
            raise ValueError("not a ticket of this browser")
        return ticket

    def close(self, exchange: Exchange) -> str:
        said = ["ticket", exchange.csrf, self.login, self.password_at, self.until]
        return exchange.site.seal.close(said).decode()

    def is_stale(self, proof: Credentials) -> bool:
        """True when the password was changed meanwhile."""
        return self.password_at != proof.account.password_at.timestamp()


async def _brake(exchange: Exchange, login: str) -> timedelta:
    address, now = exchange.address, exchange.now
    return await exchange.work(lambda work: work.attempts.begin(login, address, at=now))


async def _slow_down(exchange: Exchange, wait: timedelta) -> web.StreamResponse:
    seconds = math.ceil(wait.total_seconds())
    spoken = f"{seconds} giây" if seconds < 90 else f"{math.ceil(seconds / 60)} phút"
    response = await log_in_page(
        exchange,
        status=429,
        kept=exchange.sent("kept"),
        problem=f"Đã nhập sai nhiều lần. Anh/chị đợi {spoken} rồi thử lại.",
        then=within(exchange.sent("next")),
    )
    response.headers["Retry-After"] = str(seconds)
    return response


async def _code_page(
    exchange: Exchange, ticket: _Ticket, *, problem: str = ""
) -> web.StreamResponse:
    return await exchange.page(
        "code.html",
        status=403 if problem else 200,
        ticket=ticket.close(exchange),
        kept=exchange.sent("kept"),
        then=within(exchange.sent("next")),
        problem=problem,
    )


async def _rehash_if_old(exchange: Exchange, proof: Credentials, password: str) -> None:
    keeper = exchange.site.passwords
    if keeper.is_old(proof.password):
        newer = await asyncio.to_thread(keeper.hash, password)
        account, old = proof.account.id, proof.password
        await exchange.work(lambda work: work.accounts.rehash(account, old, newer))


async def _let_in(exchange: Exchange, proof: Credentials) -> web.StreamResponse:
    address, now, account = exchange.address, exchange.now, proof.account

    def note(work: UnitOfWork) -> None:
        work.attempts.forgive(account.login, address)
        work.audit.record(account.login, "session.open", f"account:{account.login}", at=now)

    inside = await new_session(exchange, proof, also=note)
    form = kept.reopen(exchange.sent("kept"), exchange.site.seal, now, account.id)
    if form is not None and not account.must_change:
        response: web.StreamResponse = await inside.page(
            "kept.html",
            form=form,
            why="Anh/chị đã đăng nhập lại. Những gì vừa nhập còn nguyên ở dưới; "
            "xem lại rồi bấm «Gửi lại».",
        )
    else:
        then = NEW_PASSWORD if account.must_change else within(exchange.sent("next"))
        response = web.HTTPSeeOther(then or f"{ROOT}/")
    inside.keep_cookie(response, COOKIE, inside.token)
    if isinstance(response, web.HTTPException):
        raise response
    return response


async def new_session(
    exchange: Exchange, proof: Credentials, *, also: Callable[[UnitOfWork], None]
) -> Exchange:
    """The exchange as that of a fresh session; the browser's old one ends."""
    token = secrets.token_urlsafe(32)
    old = exchange.request.cookies.get(COOKIE, "")
    now, account = exchange.now, proof.account

    def open_it(work: UnitOfWork) -> Exchange:
        found = work.accounts.session(old, at=now) if old else None
        if found:
            work.accounts.end(found[1].id, found[0].id)
        work.accounts.sign_in(
            account.id,
            token,
            at=now,
            address=exchange.address,
            browser=exchange.request.headers.get("User-Agent", ""),
        )
        also(work)
        opened = work.accounts.session(token, at=now)
        assert opened is not None
        return replace(exchange, token=token, signed=opened[0], account=opened[1])

    return await exchange.work(open_it)
