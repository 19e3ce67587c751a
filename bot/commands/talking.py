"""chat, ask: the desk in a terminal."""

from __future__ import annotations

import asyncio
import secrets
import sys

import click

from bot.app import now
from bot.channels import terminal
from bot.channels.pickup import PickupChannel
from bot.channels.render import render_text, with_addresses
from bot.commands import common
from bot.delivery import Delivery
from bot.settings import Settings
from bot.talk import Talk
from handlers.conversation import Contact, Incoming, Reply


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
