"""Settings in a real Chromium: accessible at both widths, changed with JavaScript off."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.desk import Desk
from knowledge.workdays import Workdays
from tests.staffing import SALT, Staffed, services

from .conftest import opened, staffed
from .office import SHOTS
from .test_staff import sign_in
from .test_webchat import faults, overflows

pytestmark = pytest.mark.browser

PAGES = {
    "settings": "",
    "office": "/office",
    "office-edit": "/office/edit",
    "calendar": "/calendar",
    "calendar-new": "/calendar/edit",
    "glossary": "/glossary",
    "glossary-edit": "/glossary/edit?key=s%E1%BB%95+h%E1%BB%93ng",
    "fillers": "/glossary/fillers",
    "phrases": "/phrases",
    "phrases-edit": "/phrases/edit?key=t%C3%A1ch+s%E1%BB%95",
    "sayings": "/phrases/sayings",
    "wording": "/wording",
    "wording-edit": "/wording/edit?key=hs.due.left",
    "wording-history": "/wording/history",
    "canned": "/canned",
}
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(tmp_path, services()) as running:
        yield running


@pytest.fixture
async def visit(browser: Browser, site: Staffed) -> AsyncIterator[Open]:
    complaints: list[str] = []

    async def open_page(path: str, width: int, **options: Any) -> Page:
        url, viewport = str(site.server.make_url(path)), {"width": width, "height": 800}
        return await opened(browser, url, complaints, patience=20_000, viewport=viewport, **options)

    yield open_page
    assert complaints == []


async def look(page: Page, name: str, width: int) -> None:
    await page.screenshot(path=SHOTS / f"settings-{name}-{width}.png", full_page=True)
    assert await faults(page) == [], name
    assert not await overflows(page), name


@pytest.mark.parametrize("width", [360, 1280])
async def test_every_page_is_sound(visit: Open, site: Staffed, width: int) -> None:
    with site.store.work() as work:
        body = {"sentences": {"thanks": "Dạ không có gì ạ."}}
        work.documents.put("wording", body, author="admin", at=site.now(), reason="gọn hơn")
    page = await visit("/staff/settings", width, color_scheme="dark" if width == 360 else "light")
    await sign_in(page)
    for name, path in PAGES.items():
        await page.goto(str(site.server.make_url(f"/staff/settings{path}")))
        await look(page, name, width)


@pytest.mark.parametrize("width", [360, 1280])
async def test_a_day_off_and_a_sentence_without_script(
    visit: Open, site: Staffed, width: int
) -> None:
    page = await visit("/staff/settings/calendar", width, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_role("link", name="Thêm ngày").click()
    day = Workdays().next_working_day(site.now().date() + timedelta(days=1))
    await page.get_by_label("Ngày", exact=True).fill(str(day))
    await page.get_by_label("Làm việc thế nào").select_option("chỉ làm buổi sáng")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_label("Số và ngày của thông báo")).to_have_attribute(
        "aria-invalid", "true"
    )
    await look_without_script(page, "calendar-wrong", width)
    await page.get_by_label("Làm việc thế nào").select_option("nghỉ cả ngày")
    await page.get_by_label("Số và ngày của thông báo").fill("12/TB-UBND ngày 20/11/2026")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_role("heading", name="Xem trước")).to_be_visible()
    await look_without_script(page, "calendar-preview", width)
    await page.get_by_role("button", name="Lưu").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã lưu")
    await page.goto(str(site.server.make_url("/staff/settings/wording/edit?key=hs.due.left")))
    await page.get_by_label("Câu", exact=True).fill("Ngày hẹn trả: {day} (còn {count} ngày).")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_text("Ngày hẹn trả: thứ Năm 26/11 (còn 3 ngày).")).to_be_visible()
    await look_without_script(page, "wording-preview", width)
    await page.get_by_label("Lý do sửa").fill("dễ hiểu hơn")
    await page.get_by_role("button", name="Lưu").click()
    await expect(page).to_have_url(re.compile("/staff/settings/wording$"))
    await page.get_by_role("link", name="Các bản").click()
    await expect(page.get_by_role("main")).to_contain_text("dễ hiểu hơn")
    office = Desk.open(site.store, SALT).services
    assert not office.office.working_day(day)
    assert office.wording("hs.due.left", day="x", count=2) == "Ngày hẹn trả: x (còn 2 ngày)."


async def look_without_script(page: Page, name: str, width: int) -> None:
    """A picture; axe needs the script that is off here."""
    await page.screenshot(path=SHOTS / f"settings-{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
async def test_previews_are_sound(visit: Open, width: int) -> None:
    page = await visit("/staff/settings/glossary/edit", width)
    await sign_in(page)
    await page.get_by_label("Từ hoặc cụm từ").fill("kết hôn")
    await page.get_by_label("Nghĩa là").fill("khai sinh")
    await page.get_by_label("Luôn đúng nghĩa này, trong mọi câu").check()
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_text("Tôi đã xem các câu trên, vẫn lưu")).to_be_visible()
    await look(page, "glossary-steals", width)
    await page.get_by_role("link", name="Thôi, không lưu").click()
    await page.get_by_role("link", name="Cài đặt", exact=True).last.click()
    await page.get_by_role("link", name="Văn phòng và giờ làm việc").click()
    await page.get_by_role("link", name="Sửa").click()
    await page.get_by_label("Buổi thứ nhất từ").fill("12:30")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_text("Giờ đóng phải sau giờ mở")).to_be_visible()
    await look(page, "office-wrong", width)
    await page.get_by_label("Buổi thứ nhất từ").fill("07:30")
    await page.get_by_role("button", name="Xem trước").click()
    await look(page, "office-preview", width)
