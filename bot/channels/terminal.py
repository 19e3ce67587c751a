"""The chat in a terminal or a pipe: one message a line."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, TextIO

import structlog

from bot.channels import Limits
from bot.channels.render import render_text, with_addresses
from handlers.conversation import Contact, Incoming, Reply

if TYPE_CHECKING:
    from types import FrameType

Converse = Callable[[Incoming], Awaitable[tuple[Reply, ...]]]

LIMITS = Limits(max_text=100_000)
CONTACT = Contact(channel="terminal", id="terminal")
PROMPT = "Anh/chị hỏi: "
WELCOME = "Anh/chị gõ câu hỏi rồi bấm Enter. Muốn thôi thì bấm Ctrl-D."
GOODBYE = "Chào anh/chị. Khi cần giấy tờ gì, anh/chị cứ hỏi lại."
APOLOGY = "Em đang gặp trục trặc, chưa trả lời được câu này. Anh/chị thử lại sau ít phút giúp em."

log = structlog.get_logger()


async def run(
    converse: Converse,
    *,
    stdin: TextIO | BinaryIO,
    stdout: TextIO,
    interactive: bool,
    contact: Contact = CONTACT,
) -> None:
    """Answer line after line until the input ends; nothing else runs while a line is awaited."""
    source: TextIO | BinaryIO = getattr(stdin, "buffer", stdin)
    if reconfigure := getattr(stdout, "reconfigure", None):
        reconfigure(errors="replace")
    try:
        if interactive:
            _say(stdout, WELCOME)
        while (text := _next_line(source, stdout, interactive)) is not None:
            if text:
                for part in await _answer(converse, text, contact):
                    _say(stdout, part)
    except BrokenPipeError:
        # The reader of the pipe left, as «| head» does: there is nobody to say goodbye to.
        return
    except (KeyboardInterrupt, asyncio.CancelledError):
        # asyncio.run turns Ctrl-C into a cancellation; both mean «enough», not a failure.
        stdout.write("\n")
    if interactive:
        _say(stdout, GOODBYE)


async def _answer(converse: Converse, text: str, contact: Contact) -> list[str]:
    incoming = Incoming(contact=contact, received_at=datetime.now(UTC), text=text)
    try:
        replies = await converse(incoming)
    except Exception as failure:
        # No traceback here: log and chat share one screen.
        log.error("answer_failed", channel=contact.channel, error=type(failure).__name__)
        return [APOLOGY]
    return [part for reply in replies for part in render_text(with_addresses(reply, str), LIMITS)]


def _next_line(source: TextIO | BinaryIO, stdout: TextIO, interactive: bool) -> str | None:
    """The next message without its line end, or None at the end of the input."""
    if interactive:
        stdout.write(PROMPT)
        stdout.flush()
    with _interruptible():
        raw = source.readline()
    if not raw:
        if interactive:
            stdout.write("\n")
        return None
    line = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return line.encode("utf-8", "replace").decode().lstrip("\ufeff").strip()


def _say(stdout: TextIO, text: str) -> None:
    stdout.write(f"{text}\n\n")
    stdout.flush()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C break a blocking read; asyncio's own handler only sets a flag and reads on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Callable[[int, FrameType | None], object] | int | None
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
