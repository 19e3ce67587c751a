"""One contract for every platform: what is acknowledged is answered, once, in order, whatever
the platform does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from sqlalchemy import text

from handlers.conversation import Reply, Section
from handlers.services import Services
from knowledge.store import open_engine
from tests.fakes import Platform, Sticker, Trouble
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa
from tests.rig import Rig, copied

PLATFORMS = (FakeTelegram, FakeZaloOa, FakeZaloBot)
AN, BINH = "7001", "7002"


@pytest.fixture(params=PLATFORMS, ids=lambda each: str(each.__name__))
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    async with cast("AbstractAsyncContextManager[Any]", request.param()) as opened:
        yield opened


@pytest.fixture
async def rig(
    platform: Platform, template: Path, services: Services, tmp_path: Path
) -> AsyncIterator[Rig]:
    made = Rig(platform, copied(template, tmp_path), services, tmp_path)
    await made.start()
    yield made
    await made.close()


async def test_a_question_is_answered(rig: Rig) -> None:
    assert await rig.platform.say(AN, "làm giấy khai sinh cho con cần gì") == 200
    await rig.idle()
    [bubble] = rig.said(AN)
    assert "Giấy chứng sinh" in bubble.text
    assert "Nguồn" in bubble.text
    with rig.store.work() as work:
        [logged] = work.inquiries(5)
    assert (logged.channel, logged.status) == (rig.platform.name, "answered")
    assert AN not in logged.contact


async def test_a_choice_by_button_or_number_is_answered(rig: Rig) -> None:
    await rig.platform.say(AN, "làm lại giấy khai sinh")
    await rig.idle()
    asked = rig.said(AN)[-1]
    if asked.buttons:
        await rig.platform.press(AN, asked.buttons[0])
    else:
        assert "1)" in asked.text
        await rig.platform.say(AN, "1")
    await rig.idle()
    with rig.store.work() as work:
        assert work.inquiries(1)[0].procedure == "2.000635"


async def test_a_forged_event_is_refused(rig: Rig) -> None:
    assert await rig.platform.forge() == 401
    await rig.idle()
    assert rig.platform.bubbles == []
    with rig.store.work() as work:
        assert work.inquiries(1) == []


async def test_a_duplicate_is_harmless(rig: Rig) -> None:
    await rig.platform.say(AN, "đăng ký kết hôn cần gì")
    assert await rig.platform.redeliver() == [200]
    await rig.idle()
    assert await rig.platform.redeliver() == [200]
    await rig.idle()
    assert len(rig.said(AN)) == 1


async def test_order_is_kept_for_each_citizen(rig: Rig) -> None:
    asked = ("đăng ký kết hôn lệ phí", "đăng ký khai tử ở đâu", "sao y bao nhiêu tiền")
    for question in asked:
        await rig.platform.say(AN, question)
        await rig.platform.say(BINH, question)
    await rig.idle()
    for citizen in (AN, BINH):
        said = [bubble.text for bubble in rig.said(citizen)]
        assert len(said) == 3
        for part, bubble in zip(("kết hôn", "khai tử", "Sao y"), said, strict=True):
            assert part.lower() in bubble.lower()


async def test_events_out_of_order_are_all_answered(rig: Rig) -> None:
    await rig.stop()
    await rig.start(workers=False)
    await rig.platform.say(AN, "đăng ký kết hôn lệ phí")
    await rig.platform.say(AN, "đăng ký khai tử ở đâu")
    # The older one comes once more behind the newer.
    assert await rig.platform.redeliver(2) == [200, 200]
    await rig.stop()
    await rig.start()
    await rig.idle()
    assert len(rig.said(AN)) == 2


async def test_an_over_long_reply_is_cut_within_the_limit(rig: Rig) -> None:
    lines = tuple(f"Dòng {number}: giấy tờ & <mẫu> số {number}" for number in range(400))
    await rig.platform.say(AN, "xin chào")
    await rig.idle()
    before = len(rig.said(AN))
    await rig.post(AN, Reply(lead="Rất dài", sections=(Section(lines=lines),)))
    await rig.idle()
    pieces = rig.said(AN)[before:]
    assert len(pieces) > 1
    together = "\n".join(piece.text for piece in pieces)
    for line in (lines[0], lines[200], lines[399]):
        assert line in together


async def _troubled(rig: Rig, kind: Trouble, wait: timedelta | None = None) -> None:
    """A question while the platform has a trouble; ``wait`` is how far the clock then goes on."""
    if kind not in rig.platform.troubles:
        pytest.skip(f"{rig.platform.name} has no such trouble")
    await rig.platform.say(AN, "xin chào")
    await rig.idle()
    rig.platform.bubbles.clear()
    rig.platform.trouble(kind)
    await rig.platform.say(AN, "đăng ký kết hôn lệ phí")
    if wait:
        await rig.until(rig.postponed)
        assert rig.said(AN) == []
        rig.ahead += wait
    await rig.idle()


@pytest.mark.parametrize("kind", [Trouble.BUSY, Trouble.DOWN, Trouble.TOKEN])
async def test_what_passes_is_waited_for(rig: Rig, kind: Trouble) -> None:
    await _troubled(rig, kind, wait=timedelta(minutes=5))
    [bubble] = rig.said(AN)
    assert "kết hôn" in bubble.text


async def test_silence_of_the_platform_is_outlasted(rig: Rig) -> None:
    await _troubled(rig, Trouble.SILENT)
    assert any("kết hôn" in bubble.text for bubble in rig.said(AN))


async def test_a_citizen_who_left_is_left_alone(rig: Rig) -> None:
    await _troubled(rig, Trouble.LEFT)
    assert rig.said(AN) == []
    with rig.store.work() as work:
        assert [dead.channel for dead in work.queues.dead()] == [rig.platform.name]
    # Writing again is coming back.
    await rig.platform.say(AN, "đăng ký khai tử ở đâu")
    await rig.idle()
    assert "khai tử" in rig.said(AN)[-1].text


async def test_a_refused_answer_becomes_an_apology(rig: Rig) -> None:
    await _troubled(rig, Trouble.WRONG)
    [bubble] = rig.said(AN)
    assert "trục trặc" in bubble.text
    with rig.store.work() as work:
        [dead] = work.queues.dead()
    assert dead.error.startswith("Rejected")


async def test_a_closed_window_is_not_knocked_at(rig: Rig) -> None:
    await _troubled(rig, Trouble.CLOSED)
    assert rig.said(AN) == []
    with rig.store.work() as work:
        [dead] = work.queues.dead()
    assert "ngoài khung giờ" in dead.error


async def test_a_restart_in_the_middle_loses_nothing(rig: Rig) -> None:
    await rig.stop()
    await rig.start(workers=False)
    assert await rig.platform.say(AN, "đăng ký kết hôn lệ phí") == 200
    assert await rig.platform.say(AN, "đăng ký khai tử ở đâu") == 200
    await rig.stop()
    assert rig.platform.bubbles == []
    await rig.start()
    await rig.idle()
    assert ["kết hôn" in rig.said(AN)[0].text, "khai tử" in rig.said(AN)[1].text] == [True, True]


@pytest.mark.parametrize("kind", list(Sticker))
async def test_what_is_no_text_gets_a_useful_reply(rig: Rig, kind: Sticker) -> None:
    if await rig.platform.send(AN, kind, b"\xff\xd8\xff\xe0 no picture") == 0:
        pytest.skip(f"{rig.platform.name} knows no {kind}")
    await rig.idle()
    assert rig.said(AN)[-1].text


@pytest.mark.parametrize(
    "typed", ["show:9.999999:fee", "opt:1.001193:a:b", "start:hs_AAAA", "\x00\x01", "😀" * 500]
)
async def test_a_payload_typed_by_hand_gets_a_useful_reply(rig: Rig, typed: str) -> None:
    await rig.platform.say(AN, typed)
    await rig.idle()
    assert rig.said(AN)[-1].text
    with rig.store.work() as work:
        assert "error" not in work.inquiries(1)[0].status


async def test_a_body_that_is_too_large_is_refused(rig: Rig) -> None:
    body = io.BytesIO(b"x" * (1024 * 1024 + 1))
    async with (
        aiohttp.ClientSession() as session,
        session.post(rig.hook, data=body) as response,
    ):
        assert response.status in (401, 413)
    assert rig.platform.bubbles == []


async def test_a_broken_database_spools_and_replays_in_order(rig: Rig, tmp_path: Path) -> None:
    engine = open_engine(rig.url)

    def rename(one: str, other: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))

    rename("inbox", "inbox_gone")
    statuses = [
        await rig.platform.say(AN, "đăng ký kết hôn lệ phí"),
        await rig.platform.say(AN, "đăng ký khai tử ở đâu"),
    ]
    assert statuses == [200, 200]
    assert (tmp_path / "spool.jsonl").stat().st_size > 0
    assert b"khai t" not in (tmp_path / "spool.jsonl").read_bytes()
    await asyncio.sleep(0.1)
    rename("inbox_gone", "inbox")
    engine.dispose()
    await rig.until(lambda: len(rig.said(AN)) == 2)
    assert "kết hôn" in rig.said(AN)[0].text
    assert "khai tử" in rig.said(AN)[1].text
    assert not (tmp_path / "spool.jsonl").exists()


async def test_without_any_durable_copy_nothing_is_acknowledged(rig: Rig, tmp_path: Path) -> None:
    engine = open_engine(rig.url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO inbox_gone"))
    # A folder where the spool should be: the disk does not take it either.
    (tmp_path / "spool.jsonl").mkdir()
    assert await rig.platform.say(AN, "đăng ký kết hôn lệ phí") == 503
    (tmp_path / "spool.jsonl").rmdir()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox_gone RENAME TO inbox"))
    engine.dispose()
    assert await rig.platform.redeliver() == [200]
    await rig.idle()
    assert len(rig.said(AN)) == 1
