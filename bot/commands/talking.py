"""serve, chat, ask: the desk for people."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial

import click

from bot.app import now
from bot.channels import Channel, terminal
from bot.channels.pickup import PickupChannel
from bot.channels.render import render_text, with_addresses
from bot.channels.zalo_oa import ZaloOaChannel
from bot.commands import common
from bot.delivery import Delivery
from bot.forms import add_routes as add_form_routes
from bot.jobs import Job
from bot.receipts import ReceiptReader
from bot.settings import Settings
from bot.single import AlreadyServing, only_one
from bot.talk import Talk
from handlers.conversation import Contact, Incoming, Reply
from knowledge.onestop import demo_examples

RENEW_SECONDS = 600.0


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Phục vụ trang hỏi đáp (và các kênh đã cấu hình)."""
    from bot import staff
    from bot.server import Serving, run

    secret = settings.chat_secret
    desk, seal = common.desk(settings), common.seal(settings)
    channels = common.channels(settings, desk.store)
    forms = common.forms(settings)
    serving = Serving(
        desk=desk,
        seal=seal,
        spool=common.spool(),
        clock=now,
        chat_secret=secret.get_secret_value().encode() if secret else secrets.token_bytes(32),
        embed_origins=tuple(settings.embed_origins.split()),
        polling=not settings.public_url,
        zalo_verifier=settings.zalo_verifier,
        channels=channels,
        receipts=ReceiptReader(common.link_keys(settings)),
        jobs=(*_renewals(channels), *staff.jobs(desk.store, common.anchors(), now)),
        routes=(
            lambda app: add_form_routes(app, forms),
            partial(staff.add_routes, desk=desk, seal=seal, clock=now),
        ),
    )
    if common.onestop_setting(settings) == "demo":
        _tell_of_demo()
    try:
        with only_one(desk.store.file) if desk.store.file else nullcontext():
            run(serving, host=settings.host, port=settings.port)
    except AlreadyServing as error:
        raise click.ClickException(
            f"Đã có một tiến trình phục vụ dùng {error}. SQLite chỉ cho một; muốn chạy nhiều thì "
            "dùng PostgreSQL (DATABASE_URL)."
        ) from error


def _tell_of_demo() -> None:
    click.echo("Hồ sơ để tra thử (dữ liệu bịa; đặt HMC_ONESTOP để dùng thật):")
    for example in demo_examples(now()):
        click.echo(f"  {example.code}  4 số cuối: {example.digits}")


def _renewals(channels: tuple[Channel, ...]) -> Iterator[Job]:
    """Tokens that end are renewed long before."""
    for channel in channels:
        if isinstance(channel, ZaloOaChannel):
            yield Job(name="zalo renew", every=RENEW_SECONDS, do=channel.oauth.renew)


def _stranger() -> Contact:
    """A new conversation: another person may sit at this terminal now."""
    return Contact(channel="terminal", id=secrets.token_hex(8))


@click.command()
@click.pass_obj
def chat(settings: Settings) -> None:
    """Trò chuyện trong cửa sổ dòng lệnh; nhận cả ống dẫn, mỗi dòng một tin."""
    asyncio.run(_chat(settings))


async def _chat(settings: Settings) -> None:
    channel = PickupChannel("terminal", terminal.LIMITS)
    delivery = Delivery(
        common.desk(settings),
        (channel,),
        common.seal(settings),
        common.spool("terminal"),
        clock=now,
    )
    delivery.start()
    talk = Talk(channel, delivery, patience=60.0)

    async def converse(incoming: Incoming) -> tuple[Reply, ...]:
        return (await talk.ask(incoming)).replies

    try:
        await terminal.run(
            converse,
            stdin=sys.stdin,
            stdout=sys.stdout,
            interactive=sys.stdin.isatty(),
            contact=_stranger(),
        )
    finally:
        await delivery.stop()


@click.command()
@click.argument("question")
@click.pass_obj
def ask(settings: Settings, question: str) -> None:
    """Trả lời một câu hỏi."""
    incoming = Incoming(contact=_stranger(), received_at=now(), text=question)
    for reply in asyncio.run(common.desk(settings).converse(incoming)):
        click.echo("\n\n".join(render_text(with_addresses(reply, str), terminal.LIMITS)))
