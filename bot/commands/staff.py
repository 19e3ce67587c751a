"""staff, audit: accounts from the command line, and the proof that the audit is whole."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

import click

from bot.anchors import DamagedAnchors
from bot.app import now
from bot.commands import common
from bot.settings import Settings
from bot.staff import passwords
from bot.staff.people import LAST_ADMIN, problem_of
from bot.staff.words import ROLES, when
from knowledge.accounts import LastAdmin, LoginTaken, Role
from knowledge.audit import Fault, Head
from knowledge.text import clean

if TYPE_CHECKING:
    from knowledge.accounts import Account
    from knowledge.store import Store, UnitOfWork

ROLE_CHOICE = click.Choice([role.value for role in Role])
ROLE_HELP = "officer (cán bộ), approver (người duyệt), admin (quản trị), viewer (người xem)."


def actor() -> str:
    """Who sits at this machine, for the audit."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


@click.group()
def staff() -> None:
    """Tài khoản của cán bộ: thêm, xem, khóa, đổi mật khẩu, đổi vai trò."""


@staff.command()
@click.argument("login")
@click.option("--name", prompt="Họ tên", help="Họ tên.")
@click.option("--role", "roles", multiple=True, type=ROLE_CHOICE, help=ROLE_HELP)
@click.pass_obj
def add(settings: Settings, login: str, name: str, roles: tuple[str, ...]) -> None:
    """Thêm tài khoản LOGIN. Mật khẩu được hỏi, hoặc đọc một dòng từ đầu vào."""
    login, name = login.strip().lower(), clean(name)[:120]
    chosen = frozenset(Role(role) for role in roles) or _ask_roles()
    if problem := problem_of(login, name, chosen):
        raise click.ClickException(problem)
    store = common.store(settings)
    with store.work() as work:
        if work.accounts.find(login):
            raise click.ClickException("Tên đăng nhập này đã có người dùng.")
    hashed = passwords.Passwords().hash(_ask_password(login))

    def write(work: UnitOfWork) -> Account:
        account = work.accounts.add(
            login, name=name, roles=chosen, password=hashed, must_change=False, at=now()
        )
        work.audit.record(
            actor(), "account.add", f"account:{login}", None, account.state(), at=now()
        )
        return account

    try:
        with store.work() as work:
            write(work)
    except LoginTaken as error:
        raise click.ClickException("Tên đăng nhập này đã có người dùng.") from error
    common.anchors().note(store)
    click.echo(f"Đã thêm {login} ({_said(chosen)}). Đăng nhập ở trang /staff/.")


@staff.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """Xem mọi tài khoản."""
    with common.store(settings).work() as work:
        accounts = work.accounts.all()
    if not accounts:
        click.echo("Chưa có tài khoản nào. Thêm: python -m bot staff add TÊN --role admin")
    for each in accounts:
        state = "" if each.active else "  ĐÃ KHÓA"
        click.echo(
            f"{each.login:<20} {each.name:<30} {_said(each.roles)}; "
            f"đăng nhập gần nhất: {when(each.last_login_at)}{state}"
        )


@staff.command()
@click.argument("login")
@click.option("--again", is_flag=True, help="Mở lại tài khoản đã khóa.")
@click.pass_obj
def deactivate(settings: Settings, login: str, again: bool) -> None:
    """Khóa tài khoản LOGIN; người đó bị đăng xuất ngay ở mọi nơi."""
    store = common.store(settings)
    account = _account(store, login)
    action = "account.activate" if again else "account.deactivate"
    try:
        with store.work() as work:
            after = work.accounts.change(account, at=now(), active=again)
            work.audit.record(
                actor(), action, _target(account), account.state(), after.state(), at=now()
            )
    except LastAdmin as error:
        raise click.ClickException(LAST_ADMIN) from error
    common.anchors().note(store)
    click.echo("Đã mở lại." if again else "Đã khóa và đăng xuất ở mọi nơi.")


@staff.command()
@click.argument("login")
@click.pass_obj
def password(settings: Settings, login: str) -> None:
    """Đặt mật khẩu mới cho LOGIN; hỏi, hoặc đọc một dòng từ đầu vào."""
    store = common.store(settings)
    account = _account(store, login)
    hashed = passwords.Passwords().hash(_ask_password(account.login))
    with store.work() as work:
        work.accounts.set_password(account.id, hashed, at=now())
        work.audit.record(actor(), "account.reset", _target(account), at=now())
    common.anchors().note(store)
    click.echo("Đã đổi mật khẩu và đăng xuất ở mọi nơi.")


@staff.command()
@click.argument("login")
@click.argument("roles", nargs=-1, required=True, type=ROLE_CHOICE)
@click.pass_obj
def roles(settings: Settings, login: str, roles: tuple[str, ...]) -> None:
    """Đặt vai trò của LOGIN: officer, approver, admin, viewer; được nhiều vai trò."""
    store = common.store(settings)
    account = _account(store, login)
    chosen = frozenset(Role(role) for role in roles)
    try:
        with store.work() as work:
            after = work.accounts.change(account, at=now(), roles=chosen)
            work.audit.record(
                actor(),
                "account.change",
                _target(account),
                account.state(),
                after.state(),
                at=now(),
            )
    except LastAdmin as error:
        raise click.ClickException(LAST_ADMIN) from error
    common.anchors().note(store)
    click.echo(f"Vai trò của {account.login}: {_said(chosen)}.")


def _account(store: Store, login: str) -> Account:
    with store.work() as work:
        found = work.accounts.find(login)
    if found is None:
        raise click.ClickException(f"Không có tài khoản {login}.")
    return found


def _target(account: Account) -> str:
    return f"account:{account.login}"


def _said(roles: frozenset[Role]) -> str:
    return ", ".join(ROLES[role].lower() for role in Role if role in roles)


def _ask_roles() -> frozenset[Role]:
    if not sys.stdin.isatty():
        raise click.ClickException("Cần ít nhất một --role: " + ROLE_HELP)
    return frozenset([Role(click.prompt("Vai trò", type=ROLE_CHOICE, default="officer"))])


def _ask_password(login: str) -> str:
    """A good password: asked twice of a person, one line of a pipe."""
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().rstrip("\r\n")
        if problem := passwords.problem(typed, login):
            raise click.ClickException(problem)
        return typed
    while True:
        typed = click.prompt("Mật khẩu (ít nhất 12 ký tự)", hide_input=True)
        if problem := passwords.problem(typed, login):
            click.echo(problem)
        elif typed != click.prompt("Nhập lại mật khẩu", hide_input=True):
            click.echo("Hai lần nhập không giống nhau.")
        else:
            return str(typed)


@click.group()
def audit() -> None:
    """Nhật ký việc làm của cán bộ."""


@audit.command()
@click.option("--head", "heads", multiple=True, help="Dòng chốt đã chép lại trước đây.")
@click.pass_obj
def verify(settings: Settings, heads: tuple[str, ...]) -> None:
    """Chứng minh nhật ký không bị sửa, xóa, chèn hay cắt."""
    anchors = common.anchors()
    try:
        noted = [Head.read(head) for head in heads]
    except ValueError as error:
        raise click.ClickException("--head không đúng dạng «số:mã».") from error
    try:
        kept = anchors.read()
    except DamagedAnchors as error:
        raise click.ClickException(
            f"{anchors.file}, dòng {error}: không đọc được; tệp bị hỏng hoặc bị sửa."
        ) from error
    store = common.store(settings)
    try:
        with store.work() as work:
            found = work.audit.verify([*kept, *noted])
    except Fault as error:
        raise click.ClickException(f"Nhật ký KHÔNG còn nguyên. {error}") from error
    anchors.note(store)
    click.echo(
        f"Nhật ký nguyên vẹn: {found.count} dòng, đối chiếu {len(kept)} lần chốt"
        f" trong {anchors.file}."
    )
    click.echo(f"Dòng chốt để chép lại: {found}")
