"""serve, chat, ask: the desk for people."""

from __future__ import annotations

import asyncio
import secrets
import sys

import click

from bot.app import now
from bot.channels import terminal
from bot.channels.render import render_text
from bot.commands import common
from bot.settings import Settings
from handlers.conversation import Contact, Incoming


@click.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Phục vụ trang hỏi đáp (và các kênh đã cấu hình)."""
    from bot.server import run

    secret = settings.chat_secret
    run(
        common.desk(settings),
        host=settings.host,
        port=settings.port,
        chat_secret=secret.get_secret_value().encode() if secret else secrets.token_bytes(32),
        embed_origins=tuple(settings.embed_origins.split()),
    )


def _stranger() -> Contact:
    """A new conversation: another person may sit at this terminal now."""
    return Contact(channel="terminal", id=secrets.token_hex(8))


@click.command()
@click.pass_obj
def chat(settings: Settings) -> None:
    """Trò chuyện trong cửa sổ dòng lệnh; nhận cả ống dẫn, mỗi dòng một tin."""
    desk = common.desk(settings)
    asyncio.run(
        terminal.run(
            desk.converse,
            stdin=sys.stdin,
            stdout=sys.stdout,
            interactive=sys.stdin.isatty(),
            contact=_stranger(),
        )
    )


@click.command()
@click.argument("question")
@click.pass_obj
def ask(settings: Settings, question: str) -> None:
    """Trả lời một câu hỏi."""
    incoming = Incoming(contact=_stranger(), received_at=now(), text=question)
    for reply in asyncio.run(common.desk(settings).converse(incoming)):
        click.echo("\n\n".join(render_text(reply, terminal.LIMITS)))
