"""From «báo tôi khi thủ tục này thay đổi» to the correction, on the citizen's own channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.corrections import post_correction
from bot.sealing import Seal
from handlers.services import Services
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa
from tests.rig import KEY, Rig, copied

CODE = "1.000656"
AN, BINH = "7001", "7002"
TEXT = "Đính chính: đăng ký khai tử không thu lệ phí."


@pytest.fixture(params=[FakeTelegram, FakeZaloOa, FakeZaloBot])
async def rig(
    request: pytest.FixtureRequest, template: Path, services: Services, tmp_path: Path
) -> AsyncIterator[Rig]:
    async with request.param() as platform:
        running = Rig(platform, copied(template, tmp_path), services, tmp_path)
        await running.start()
        yield running
        await running.close()


async def say(rig: Rig, contact: str, *texts: str) -> None:
    platform: Any = rig.platform
    for text in texts:
        assert await platform.say(contact, text) == 200
        await rig.idle()


async def correct(rig: Rig) -> int:
    """An officer sends a correction of the revision in force."""
    assert rig.channel
    now = datetime.now(UTC)
    with rig.store.work() as work:
        record = work.get(CODE)
        assert record
        notice = work.consents.announce(
            CODE,
            [record.revision],
            TEXT,
            author="lan",
            at=now,
            shown_since=now - timedelta(days=30),
        )
        channels = {rig.channel.name: rig.channel}
        return post_correction(work, notice, channels, Seal([KEY]), at=now)


async def test_who_agreed_in_the_chat_gets_it_and_who_stopped_does_not(rig: Rig) -> None:
    for contact in (AN, BINH):
        await say(rig, contact, "đăng ký khai tử cần gì")
    await say(rig, AN, "báo tôi khi thủ tục này thay đổi", "Đồng ý nhận tin")
    assert await correct(rig) == 1
    await rig.idle()
    assert TEXT in rig.said(AN)[-1].text
    assert TEXT not in rig.said(BINH)[-1].text
    [kept] = await agreements(rig)
    assert "giữ địa chỉ của khung chat này" in kept.wording
    assert AN not in str(kept.contact)
    await say(rig, AN, "dừng báo")
    assert await correct(rig) == 0
    assert await agreements(rig) == []


async def agreements(rig: Rig) -> list[Any]:
    assert rig.channel
    assert rig.delivery
    contact = rig.delivery.contact_hash(rig.channel.name, AN)
    with rig.store.work() as work:
        return list(work.consents.agreements(rig.channel.name, contact))
