"""Accounts, for admins: who may do what; a new one's password is shown once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff import passwords
from bot.staff.exchange import ROOT
from bot.staff.people import LAST_ADMIN, problem_of
from knowledge.accounts import LastAdmin, LoginTaken, Role
from knowledge.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.staff.exchange import Exchange
    from knowledge.accounts import Account
    from knowledge.store import UnitOfWork

ACCOUNTS = f"{ROOT}/accounts"


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """Every account."""
    found = await exchange.work(lambda work: work.accounts.all())
    return await exchange.page("accounts.html", accounts=found)


async def show_new(exchange: Exchange) -> web.StreamResponse:
    """The form for a new account."""
    return await _new_page(exchange)


async def add(exchange: Exchange) -> web.StreamResponse:
    """A new account with an initial password that must be changed at once."""
    login, name = exchange.sent("login").lower(), clean(exchange.sent("name"))[:120]
    roles, now, admin = _roles(exchange), exchange.now, exchange.me.login
    problem = problem_of(login, name, roles)
    if problem:
        return await _new_page(exchange, problem=problem)
    initial = passwords.made_up()
    hashed = await asyncio.to_thread(exchange.site.passwords.hash, initial)

    def write(work: UnitOfWork) -> Account:
        account = work.accounts.add(
            login,
            name=name,
            roles=roles,
            password=hashed,
            must_change=True,
            office=exchange.me.office,
            at=now,
        )
        work.audit.record(admin, "account.add", f"account:{login}", None, account.state(), at=now)
        return account

    try:
        account = await exchange.work(write)
    except LoginTaken:
        return await _new_page(exchange, problem="Tên đăng nhập này đã có người dùng.")
    return await exchange.page("initial.html", account=account, initial=initial)


async def show(exchange: Exchange) -> web.StreamResponse:
    """One account: name, roles, sessions, what can be done."""
    return await _one_page(exchange, await _account(exchange))


async def change(exchange: Exchange) -> web.StreamResponse:
    """Name and roles."""
    account, roles = await _account(exchange), _roles(exchange)
    name = clean(exchange.sent("name"))[:120]
    problem = problem_of(account.login, name, roles)
    if problem:
        return await _one_page(exchange, account, problem=problem)
    now = exchange.now
    return await _change(
        exchange,
        account,
        "account.change",
        lambda work: work.accounts.change(account, at=now, name=name, roles=roles),
        "Đã lưu.",
    )


async def set_active(exchange: Exchange) -> web.StreamResponse:
    """Lock an account, which signs it out everywhere at once, or open it again."""
    account, now = await _account(exchange), exchange.now
    active = exchange.sent("active") == "yes"
    return await _change(
        exchange,
        account,
        "account.activate" if active else "account.deactivate",
        lambda work: work.accounts.change(account, at=now, active=active),
        "Đã mở lại tài khoản." if active else "Đã khóa tài khoản và đăng xuất ở mọi nơi.",
    )


async def _change(
    exchange: Exchange,
    account: Account,
    action: str,
    do: Callable[[UnitOfWork], Account],
    notice: str,
) -> web.StreamResponse:
    """Do and record a change, or say why the last admin cannot go."""
    admin, now = exchange.me.login, exchange.now

    def write(work: UnitOfWork) -> None:
        # What others changed since the page was opened belongs into «before».
        before = work.accounts.get(account.id) or account
        after = do(work)
        work.audit.record(
            admin, action, f"account:{account.login}", before.state(), after.state(), at=now
        )

    try:
        await exchange.work(write)
    except LastAdmin:
        return await _one_page(exchange, account, problem=LAST_ADMIN)
    return await exchange.go(f"{ACCOUNTS}/{account.id}", notice)


async def reset_password(exchange: Exchange) -> web.StreamResponse:
    """A new initial password for someone who forgot theirs; shown once."""
    account, admin, now = await _account(exchange), exchange.me.login, exchange.now
    if account.id == exchange.me.id:
        raise web.HTTPSeeOther(f"{ROOT}/me/password")
    initial = passwords.made_up()
    hashed = await asyncio.to_thread(exchange.site.passwords.hash, initial)

    def write(work: UnitOfWork) -> None:
        work.accounts.set_password(account.id, hashed, at=now, must_change=True)
        work.attempts.forgive(account.login, "")
        work.audit.record(admin, "account.reset", f"account:{account.login}", at=now)

    await exchange.work(write)
    return await exchange.page("initial.html", account=account, initial=initial)


async def remove_totp(exchange: Exchange) -> web.StreamResponse:
    """Switch one-time codes off for someone who lost the phone and the spare codes."""
    account, admin, now = await _account(exchange), exchange.me.login, exchange.now

    def write(work: UnitOfWork) -> None:
        work.accounts.set_totp(account.id, None, (), at=now)
        work.audit.record(admin, "account.totp_off", f"account:{account.login}", at=now)

    await exchange.work(write)
    return await exchange.go(f"{ACCOUNTS}/{account.id}", "Đã gỡ mã một lần của tài khoản này.")


async def end_sessions(exchange: Exchange) -> web.StreamResponse:
    """Sign someone out everywhere."""
    account, admin, now = await _account(exchange), exchange.me.login, exchange.now
    mine = exchange.signed.id if exchange.signed else 0

    def write(work: UnitOfWork) -> int:
        ended = work.accounts.end_all(account.id, but=mine)
        work.audit.record(admin, "session.end", f"account:{account.login}", at=now)
        return ended

    ended = await exchange.work(write)
    return await exchange.go(f"{ACCOUNTS}/{account.id}", f"Đã đăng xuất ở {ended} nơi.")


def _roles(exchange: Exchange) -> frozenset[Role]:
    return frozenset(Role(each) for each in exchange.sent_all("role") if each in set(Role))


async def _account(exchange: Exchange) -> Account:
    number = exchange.number("id", 0)
    found = await exchange.work(lambda work: work.accounts.get(number))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _new_page(exchange: Exchange, *, problem: str = "") -> web.Response:
    return await exchange.page(
        "account_new.html",
        status=422 if problem else 200,
        problem=problem,
        login=exchange.sent("login"),
        name=exchange.sent("name"),
        roles=_roles(exchange),
    )


async def _one_page(exchange: Exchange, account: Account, *, problem: str = "") -> web.Response:
    now = exchange.now
    sessions = await exchange.work(lambda work: work.accounts.sessions(account.id, at=now))
    return await exchange.page(
        "account.html",
        status=422 if problem else 200,
        account=account,
        sessions=sessions,
        problem=problem,
        name=exchange.sent("name") or account.name,
        roles=_roles(exchange) or account.roles,
    )
