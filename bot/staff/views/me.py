"""My account: password, one-time codes, my sessions, signing out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import segno
from aiohttp import web

from bot.sealing import Unsealable
from bot.staff import passwords
from bot.staff.exchange import COOKIE, ROOT
from bot.staff.gate import LOGIN
from bot.staff.views.sign_in import new_session

if TYPE_CHECKING:
    from bot.staff.exchange import Exchange
    from knowledge.accounts import Credentials
    from knowledge.store import UnitOfWork

ME = f"{ROOT}/me"
TOTP = f"{ME}/totp"
WRONG = "Mật khẩu hiện tại chưa đúng."
TOO_OFTEN = "Đã nhập sai nhiều lần. Anh/chị đợi vài phút rồi thử lại."


async def show(exchange: Exchange) -> web.StreamResponse:
    """Name, roles, how I sign in, where I am signed in."""
    now, account = exchange.now, exchange.me.id
    sessions = await exchange.work(lambda work: work.accounts.sessions(account, at=now))
    return await exchange.page("me.html", sessions=sessions, signed=exchange.signed)


async def show_password(exchange: Exchange) -> web.StreamResponse:
    """The form for a new password."""
    return await exchange.page("password.html", problem="")


async def change_password(exchange: Exchange) -> web.StreamResponse:
    """A new password; every other session ends, this one goes on."""
    new, account, now = exchange.raw("password_new"), exchange.me, exchange.now
    proof, problem = await _proven_again(exchange)
    if not problem and new != exchange.raw("password_again"):
        problem = "Hai lần nhập mật khẩu mới không giống nhau."
    problem = problem or passwords.problem(new, account.login)
    if not problem and new == exchange.raw("password"):
        problem = "Mật khẩu mới phải khác mật khẩu hiện tại."
    if problem or proof is None:
        return await exchange.page("password.html", status=422, problem=problem)
    hashed = await asyncio.to_thread(exchange.site.passwords.hash, new)

    def put(work: UnitOfWork) -> None:
        work.accounts.set_password(account.id, hashed, at=now)

    def note(work: UnitOfWork) -> None:
        work.audit.record(account.login, "account.password", f"account:{account.login}", at=now)

    await exchange.work(put)
    inside = await new_session(exchange, proof, also=note)
    return await _on_with(inside, ME, "Đã đổi mật khẩu. Các nơi khác đã bị đăng xuất.")


async def show_totp(exchange: Exchange) -> web.StreamResponse:
    """A fresh secret as a QR code, and a field to prove that the app has it."""
    return await _totp_page(exchange, passwords.new_secret())


async def enrol_totp(exchange: Exchange) -> web.StreamResponse:
    """Switch one-time codes on once a right code came; the spare codes are shown this once."""
    account, now, seal = exchange.me, exchange.now, exchange.site.seal
    try:
        owner, secret = seal.open(exchange.sent("secret").encode())
    except (Unsealable, ValueError, TypeError):
        owner, secret = 0, ""
    if owner != account.id or account.has_totp:
        raise web.HTTPSeeOther(ME)
    _, problem = await _proven_again(exchange)
    step = passwords.step_of(secret, exchange.sent("code"), now)
    if problem or step is None:
        wrong = problem or "Mã 6 số chưa đúng. Anh/chị chờ mã mới trên điện thoại rồi nhập lại."
        return await _totp_page(exchange, secret, problem=wrong)
    codes = passwords.recovery_codes()
    hashes = [passwords.recovery_hash(code) for code in codes]

    def switch_on(work: UnitOfWork) -> None:
        work.accounts.set_totp(account.id, seal.close(secret), hashes, at=now)
        work.accounts.use_totp_step(account.id, step)
        work.audit.record(account.login, "account.totp_on", f"account:{account.login}", at=now)

    await exchange.work(switch_on)
    return await exchange.page("recovery.html", codes=codes)


async def end_totp(exchange: Exchange) -> web.StreamResponse:
    """Switch one-time codes off, with the password."""
    account, now = exchange.me, exchange.now
    _, problem = await _proven_again(exchange)
    if problem:
        await exchange.go(ME, f"{problem} Mã một lần vẫn bật.")

    def switch_off(work: UnitOfWork) -> None:
        work.accounts.set_totp(account.id, None, (), at=now)
        work.audit.record(account.login, "account.totp_off", f"account:{account.login}", at=now)

    await exchange.work(switch_off)
    return await exchange.go(ME, "Đã tắt mã một lần.")


async def end_sessions(exchange: Exchange) -> web.StreamResponse:
    """End one session of mine, or all but this one."""
    account, now, one = exchange.me, exchange.now, exchange.sent("session")
    this = exchange.signed.id if exchange.signed else 0

    def end(work: UnitOfWork) -> None:
        if one.isascii() and one.isdecimal():
            work.accounts.end(account.id, int(one))
        else:
            work.accounts.end_all(account.id, but=this)
        work.audit.record(account.login, "session.end", f"account:{account.login}", at=now)

    await exchange.work(end)
    return await exchange.go(ME, "Đã đăng xuất ở nơi đó." if one else "Đã đăng xuất mọi nơi khác.")


async def log_out(exchange: Exchange) -> web.StreamResponse:
    """End this session."""
    account, signed, now = exchange.me, exchange.signed, exchange.now

    def end(work: UnitOfWork) -> None:
        if signed:
            work.accounts.end(account.id, signed.id)
        work.audit.record(account.login, "session.close", f"account:{account.login}", at=now)

    await exchange.work(end)
    response = web.HTTPSeeOther(LOGIN)
    response.del_cookie(COOKIE, path=ROOT)
    raise response


async def _proven_again(exchange: Exchange) -> tuple[Credentials | None, str]:
    """What proves me, after my password was typed once more; else why not."""
    account, now, address = exchange.me, exchange.now, exchange.address

    def begin(work: UnitOfWork) -> Credentials | None:
        wait = work.attempts.begin(account.login, address, at=now)
        return None if wait else work.accounts.credentials(account.login)

    proof = await exchange.work(begin)
    if proof is None:
        return None, TOO_OFTEN
    right = await asyncio.to_thread(
        exchange.site.passwords.proves, proof.password, exchange.raw("password")
    )
    if not right:
        return None, WRONG
    await exchange.work(lambda work: work.attempts.forgive(account.login, address))
    return proof, ""


async def _totp_page(exchange: Exchange, secret: str, *, problem: str = "") -> web.Response:
    if exchange.me.has_totp:
        raise web.HTTPSeeOther(ME)
    drawn = segno.make(passwords.address_of(secret, exchange.me.login), error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", title="Mã QR để thêm vào ứng dụng"
    )
    return await exchange.page(
        "totp.html",
        status=422 if problem else 200,
        qr=drawn,
        secret=secret,
        sealed=exchange.site.seal.close([exchange.me.id, secret]).decode(),
        problem=problem,
    )


async def _on_with(inside: Exchange, path: str, notice: str) -> web.StreamResponse:
    try:
        return await inside.go(path, notice)
    except web.HTTPSeeOther as response:
        inside.keep_cookie(response, COOKIE, inside.token)
        raise
