"""switch: the bot, a channel or a procedure off and on from the machine itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from bot.app import now
from bot.commands import common
from bot.commands.staff import actor
from bot.settings import Settings
from bot.staff.words import CHANNELS, when
from knowledge.model import PROCEDURE_CODE
from knowledge.switches import Scope, Switch

if TYPE_CHECKING:
    from knowledge.store import UnitOfWork

USUAL = "Em đang tạm nghỉ để cơ quan kiểm tra lại. Anh/chị cần gấp thì gọi bộ phận một cửa."
WHAT = "bot, một kênh (telegram, zalo_oa, zalo_bot, web) hay một mã thủ tục."


@click.group()
def switch() -> None:
    """Tắt, bật bot, một kênh hay một thủ tục; có hiệu lực trong vòng năm giây."""


@switch.command()
@click.argument("what")
@click.option("--reason", required=True, help="Vì sao tắt; ghi vào nhật ký.")
@click.option("--sentence", default=USUAL, show_default=True, help="Câu người dân đọc.")
@click.option("--hours", type=click.FloatRange(0, 8760, min_open=True), help="Tự bật lại sau.")
@click.pass_obj
def off(settings: Settings, what: str, reason: str, sentence: str, hours: float | None) -> None:
    """Tắt WHAT: bot, tên kênh hay mã thủ tục."""
    scope, key = _meant(what)
    at = now()
    found = Switch(
        scope=scope,
        key=key,
        sentence=sentence,
        reason=reason,
        author=actor(),
        since=at,
        until=at + timedelta(hours=hours) if hours else None,
    )
    store = common.store(settings)

    def write(work: UnitOfWork) -> None:
        if scope is Scope.PROCEDURE and work.get(key) is None:
            raise click.ClickException(f"Không có thủ tục {key}.")
        before = work.switches.turn_off(found)
        state = before.state() if before else None
        work.audit.record(actor(), "switch.off", found.target, state, found.state(), at=at)

    with store.work() as work:
        write(work)
    common.anchors().note(store)
    click.echo(f"Đã tắt {what}. Bật lại: python -m bot switch on {what}")


@switch.command()
@click.argument("what")
@click.pass_obj
def on(settings: Settings, what: str) -> None:
    """Bật lại WHAT."""
    scope, key = _meant(what)
    store = common.store(settings)
    with store.work() as work:
        before = work.switches.turn_on(scope, key)
        if before is not None:
            work.audit.record(actor(), "switch.on", before.target, before.state(), None, at=now())
    common.anchors().note(store)
    click.echo(f"Đã bật lại {what}." if before else f"{what} đang chạy, không có gì để bật.")


@switch.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """Xem những gì đang tắt."""
    with common.store(settings).work() as work:
        board = work.switches.board(now())
    for each in board.switches:
        until = f", tự bật lại {when(each.until)}" if each.until else ""
        click.echo(
            f"{each.key or 'bot':<12} {each.reason} ({each.author}, {when(each.since)}{until})"
        )
    if not board.switches:
        click.echo("Mọi thứ đang chạy.")


def _meant(what: str) -> tuple[Scope, str]:
    if what == Scope.BOT:
        return Scope.BOT, ""
    if what in CHANNELS:
        return Scope.CHANNEL, what
    if PROCEDURE_CODE.fullmatch(what):
        return Scope.PROCEDURE, what
    raise click.ClickException(f"Không hiểu «{what}»: {WHAT}")
