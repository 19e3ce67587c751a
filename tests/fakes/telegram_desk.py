"""The office's side of a conversation over Telegram on loopback, for tests of the channel."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from aiohttp.test_utils import unused_port

from bot.channels import Event, Outgoing, Sent
from bot.channels.telegram import TelegramChannel
from handlers.conversation import Reply
from tests.fakes.telegram import SECRET, TOKEN, NoForms

ME = "5"
"""The citizen of most tests."""


def unreachable_channel(**options: Any) -> TelegramChannel:
    return TelegramChannel(
        token=TOKEN,
        api_url=f"http://127.0.0.1:{unused_port()}",
        secret=SECRET,
        forms=NoForms(),
        **options,
    )


async def say(channel: TelegramChannel, *replies: Reply, contact: str = ME) -> list[Sent]:
    return [await channel.send(call) for call in channel.address(contact, replies)]


async def answer(channel: TelegramChannel, event: Event, *replies: Reply) -> None:
    for call in channel.render(event, replies):
        # As the outbox keeps it.
        body = json.loads(json.dumps(call.body, ensure_ascii=False))
        await channel.send(Outgoing(contact=call.contact, call=call.call, body=body))


async def one(channel: TelegramChannel) -> Event:
    (event,) = await channel.fetch()
    return event


async def until(done: Callable[[], bool], within: float = 10.0) -> None:
    """Wait for something that another task does."""
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)
