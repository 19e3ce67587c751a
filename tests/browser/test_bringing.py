"""Teaching, trying, bringing in and reviewing as officers do it, in a real Chromium."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.app import seed_procedures
from bot.desk import Desk
from handlers.conversation import Contact, Incoming
from knowledge.importers.exporters import export_xlsx
from knowledge.store import InquiryRecord
from tests.staffing import SALT, Staffed

from .office import SHOTS
from .test_staff import WIDTHS, Open, sign_in, site, visit
from .test_webchat import faults, overflows

__all__ = ["site", "visit"]
pytestmark = pytest.mark.browser
ASKED = "rước nàng về dinh"
MARRIAGE = "1.000894"
PAGES = {
    "missed": "/staff/missed",
    "review": "/staff/review?flag=unconfirmed",
    "correction": f"/staff/corrections/{MARRIAGE}",
    "try": "/staff/try",
    "imports": "/staff/import",
    "export": "/staff/export?q=ket+hon",
}


@pytest.fixture
async def asked(site: Staffed) -> Staffed:
    lines = [ASKED, ASKED, "ruoc nang ve dinh", "thả diều giấy ở sân", "đổi tên đường nhà em"]
    with site.store.work() as work:
        work.log(
            [
                InquiryRecord(
                    at=site.now(),
                    channel="web",
                    contact="a",
                    text=text,
                    intent="none",
                    status="unanswered_no_match" if place % 2 else "clarify_procedure",
                    milliseconds=1,
                )
                for place, text in enumerate(lines)
            ]
        )
    return site


@pytest.fixture
async def serving(asked: Staffed) -> AsyncIterator[Desk]:
    """A desk that looks for new knowledge as the server's does."""
    desk = Desk.open(asked.store, SALT)

    async def refresh() -> None:
        while True:
            await asyncio.sleep(2)
            await asyncio.to_thread(desk.refresh)

    task = asyncio.create_task(refresh())
    yield desk
    task.cancel()


@pytest.mark.parametrize(("width", "height"), WIDTHS)
async def test_every_page_is_sound(
    visit: Open, asked: Staffed, width: int, height: int, tmp_path: Path
) -> None:
    page = await visit(width=width, height=height)
    await sign_in(page)
    for name, path in PAGES.items():
        await page.goto(str(asked.server.make_url(path)))
        await page.screenshot(path=SHOTS / f"staff-{name}-{width}.png", full_page=True)
        assert await faults(page) == [], name
        assert not await overflows(page), name
    await page.goto(str(asked.server.make_url("/staff/missed")))
    await page.get_by_role("link", name=f"«{ASKED}»").click()
    await page.screenshot(path=SHOTS / f"staff-missed-group-{width}.png", full_page=True)
    assert await faults(page) == []
    await page.goto(str(asked.server.make_url("/staff/try")))
    await page.get_by_label("Câu hỏi").fill("cưới vợ cần gì")
    await page.get_by_role("button", name="Hỏi").click()
    await page.screenshot(path=SHOTS / f"staff-tried-{width}.png", full_page=True)
    assert await faults(page) == []
    assert not await overflows(page)
    await bring(str(asked.server.make_url("/staff/import")), page, tmp_path)
    await page.screenshot(path=SHOTS / f"staff-import-{width}.png", full_page=True)
    assert await faults(page) == []
    assert not await overflows(page)


async def bring(url: str, page: Page, folder: Path) -> None:
    """Upload a workbook with a changed record and a new one."""
    first, second = seed_procedures()[:2]
    file = folder / "thu-tuc.xlsx"
    changed = first.model_copy(update={"place": "Quầy số 9"})
    export_xlsx([changed, second.model_copy(update={"code": "1.999998", "related": ()})], file)
    await page.goto(url)
    await page.get_by_label("Tệp").set_input_files(file)
    await page.get_by_role("button", name="Đọc và xem trước").click()
    await expect(page.get_by_role("heading", name="Sẽ thay đổi gì")).to_be_visible(timeout=30_000)


async def test_taught_without_script_and_answered_within_five_seconds(
    visit: Open, asked: Staffed, serving: Desk
) -> None:
    page = await visit("/staff/missed", width=360, height=740, java_script_enabled=False)
    await sign_in(page, "lan")
    await page.get_by_role("link", name=f"«{ASKED}»").click()
    await page.get_by_label("Tìm bằng lời khác").fill("kết hôn")
    await page.get_by_role("button", name="Tìm").click()
    await page.get_by_label("Đăng ký kết hôn").first.check()
    await page.get_by_role("button", name="Dạy bot").click(timeout=30_000)
    await expect(page.get_by_role("status").first).to_contain_text("Đã dạy", timeout=30_000)
    taught = time.monotonic()
    said = ""
    while "Đăng ký kết hôn – cần mang" not in said:
        assert time.monotonic() - taught < 5, said
        contact = Contact(channel="web", id=str(time.monotonic_ns()))
        incoming = Incoming(contact=contact, received_at=asked.now(), text="ruoc nang ve dinh")
        said = "\n".join(reply.lead for reply in await serving.converse(incoming))
        await asyncio.sleep(0.2)
    await page.reload()
    await expect(page.get_by_role("main")).not_to_contain_text(f"«{ASKED}»")


async def test_a_file_is_shown_then_written_without_script(
    visit: Open, asked: Staffed, tmp_path: Path
) -> None:
    page = await visit("/staff/import", java_script_enabled=False)
    await sign_in(page, "lan")
    await bring(str(asked.server.make_url("/staff/import")), page, tmp_path)
    await expect(page.get_by_role("main")).to_contain_text("Ghi 2 bản nháp")
    await page.get_by_role("button", name="Ghi 2 bản nháp").click()
    await expect(page.get_by_role("status").first).to_contain_text(
        "Đã ghi 2 bản nháp", timeout=30_000
    )
