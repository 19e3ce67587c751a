"""Telegram asked for messages by the real poller: kept, answered once, also over a restart."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from bot import gateway
from bot.channels import Polled
from handlers.services import Services
from tests.fakes import Trouble
from tests.fakes.telegram import FakeTelegram
from tests.rig import Rig, copied

AN = "7001"


@pytest.fixture
async def rig(template: Path, services: Services, tmp_path: Path) -> AsyncIterator[Rig]:
    async with FakeTelegram() as fake:
        made = Rig(fake, copied(template, tmp_path), services, tmp_path)
        await made.start(workers=False)
        fake.hook(None)
        yield made
        await made.close()


async def begin(rig: Rig) -> None:
    """Start again, now with workers; a webhook is not set."""
    await rig.stop()
    await rig.start()
    rig.platform.hook(None)


@contextlib.asynccontextmanager
async def polling(rig: Rig) -> AsyncIterator[None]:
    assert rig.delivery
    channel = cast("Polled", rig.channel)
    task = asyncio.create_task(gateway.poll("telegram", channel, rig.delivery))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def kept(rig: Rig) -> bool:
    """Telegram knows that every message is kept."""
    return cast("FakeTelegram", rig.platform).pending == []


async def test_messages_are_answered_in_order_and_acknowledged(rig: Rig) -> None:
    await begin(rig)
    async with polling(rig):
        assert await rig.platform.say(AN, "đăng ký kết hôn lệ phí") == 0
        assert await rig.platform.say(AN, "đăng ký khai tử ở đâu") == 0
        await rig.until(lambda: len(rig.said(AN)) == 2 and kept(rig))
    assert "kết hôn" in rig.said(AN)[0].text
    assert "khai tử" in rig.said(AN)[1].text


async def test_a_restart_before_the_acknowledgement_answers_once(rig: Rig) -> None:
    await rig.platform.say(AN, "đăng ký kết hôn lệ phí")
    channel = cast("Polled", rig.channel)
    events = await channel.fetch()
    assert rig.delivery
    await rig.delivery.accept("telegram", events)
    assert not kept(rig)
    await begin(rig)
    async with polling(rig):
        await rig.until(lambda: len(rig.said(AN)) == 1 and kept(rig))
        await rig.platform.say(AN, "đăng ký khai tử ở đâu")
        await rig.until(lambda: len(rig.said(AN)) == 2)


async def test_a_webhook_left_behind_does_not_stop_it(rig: Rig) -> None:
    await begin(rig)
    rig.platform.hook("http://127.0.0.1:9/old")
    async with polling(rig):
        await rig.platform.say(AN, "đăng ký kết hôn lệ phí")
        await rig.until(lambda: len(rig.said(AN)) == 1)


async def test_pressing_works_and_a_busy_platform_is_waited_for(rig: Rig) -> None:
    await begin(rig)
    async with polling(rig):
        await rig.platform.say(AN, "tách sổ")
        await rig.until(lambda: len(rig.said(AN)) == 1)
        rig.platform.trouble(Trouble.BUSY)
        await rig.platform.press(AN, rig.said(AN)[0].buttons[0])
        await rig.until(rig.postponed)
        await rig.until(lambda: len(rig.platform.bubbles) == 2)
    assert cast("FakeTelegram", rig.platform).answered
