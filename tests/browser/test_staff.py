"""The staff pages as officers use them, in a real Chromium: keyboard, no script, phone and PC."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.app import build_services, seed_procedures
from knowledge.accounts import Role
from tests.staffing import PASSWORD, Staffed

from .conftest import opened, staffed
from .office import SHOTS
from .test_webchat import faults, overflows

pytestmark = pytest.mark.browser

WIDTHS = ((360, 740), (1280, 800))
PAGES = {
    "home": "/staff/",
    "inbox": "/staff/inbox",
    "procedures": "/staff/procedures",
    "search": "/staff/procedures?q=lam+giay+khai+sinh",
    "procedure": "/staff/procedures/1.001193",
    "accounts": "/staff/accounts",
    "account": "/staff/accounts/2",
    "account-new": "/staff/accounts/new",
    "me": "/staff/me",
    "password": "/staff/me/password",
    "totp": "/staff/me/totp",
    "audit": "/staff/audit",
    "undelivered": "/staff/undelivered",
    "nowhere": "/staff/nowhere",
}
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(tmp_path, build_services(seed_procedures())) as running:
        running.hire("lan", Role.OFFICER, Role.APPROVER)
        running.hire("an.nguyen", Role.VIEWER, must_change=True)
        yield running


@pytest.fixture
async def visit(browser: Browser, site: Staffed) -> AsyncIterator[Open]:
    complaints: list[str] = []

    async def open_page(
        path: str = "/staff/", width: int = 1280, height: int = 800, **options: Any
    ) -> Page:
        url, viewport = str(site.server.make_url(path)), {"width": width, "height": height}
        return await opened(browser, url, complaints, viewport=viewport, **options)

    yield open_page
    assert complaints == []


async def sign_in(page: Page, login: str = "admin") -> None:
    await page.get_by_label("Tên đăng nhập").fill(login)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
async def test_every_page_is_sound(
    visit: Open, site: Staffed, width: int, height: int, scheme: str
) -> None:
    page = await visit(width=width, height=height, color_scheme=scheme)
    assert await faults(page) == []
    await page.screenshot(path=SHOTS / f"staff-login-{width}-{scheme}.png", full_page=True)
    await sign_in(page)
    await expect(page.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    for name, path in PAGES.items():
        await page.goto(str(site.server.make_url(path)))
        await page.screenshot(path=SHOTS / f"staff-{name}-{width}-{scheme}.png", full_page=True)
        assert await faults(page) == [], name
        assert not await overflows(page), name


async def test_the_keyboard_alone_without_script(visit: Open) -> None:
    page = await visit("/staff/procedures?confirmed=no", java_script_enabled=False)
    keys = page.keyboard
    await page.get_by_label("Tên đăng nhập").focus()
    await keys.type("admin")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    # Where one wanted to go before signing in.
    await expect(page).to_have_url(re.compile(r"/staff/procedures\?confirmed=no$"))
    await keys.press("Tab")
    await expect(page.get_by_role("link", name="Tới nội dung")).to_be_focused()
    await keys.press("Enter")
    for _ in range(4):
        await keys.press("Tab")
        if await page.locator("#q:focus").count():
            break
    await expect(page.get_by_label("Tìm như người dân hỏi")).to_be_focused()
    await keys.type("dang ky ket hon")
    await keys.press("Enter")
    first = page.get_by_role("row").nth(1)
    await expect(first).to_contain_text("Thủ tục đăng ký kết hôn")
    await first.get_by_role("link").focus()
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Người dân thấy")).to_be_visible()
    await page.get_by_role("link", name="Lệ phí").focus()
    await keys.press("Enter")
    await expect(page.get_by_role("article")).to_contain_text("Đăng ký kết hôn – lệ phí")


async def test_a_new_colleague_from_account_to_work(visit: Open, site: Staffed) -> None:
    page = await visit("/staff/accounts", width=360, height=740, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_role("link", name="Thêm tài khoản").click()
    await page.get_by_label("Họ tên").fill("Lê Thị <b>Hoa</b>")
    await page.get_by_label("Tên đăng nhập").fill("hoa.le")
    await page.get_by_label("Cán bộ").check()
    await page.get_by_role("button", name="Thêm").click()
    initial = await page.locator(".secret").inner_text()
    await page.screenshot(path=SHOTS / "staff-initial-360.png", full_page=True)
    other = await visit(width=360, height=740)
    await other.get_by_label("Tên đăng nhập").fill("hoa.le")
    await other.get_by_label("Mật khẩu").fill(initial)
    await other.get_by_role("button", name="Đăng nhập").click()
    await other.get_by_label("Mật khẩu hiện tại").fill(initial)
    await other.get_by_label("Mật khẩu mới", exact=True).fill("hoa sữa đầu phố thơm")
    await other.get_by_label("Nhập lại mật khẩu mới").fill("hoa sữa đầu phố thơm")
    await other.get_by_role("button", name="Đổi mật khẩu").click()
    await expect(other.get_by_role("status")).to_contain_text("Đã đổi mật khẩu")
    await expect(other.get_by_role("link", name="Tài khoản", exact=True)).to_have_count(0)
    # Locked by the admin, the colleague is out at once.
    await page.goto(str(site.server.make_url("/staff/accounts")))
    await page.get_by_role("link", name="Lê Thị <b>Hoa</b>").click()
    await page.get_by_role("button", name="Khóa tài khoản").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã khóa tài khoản")
    await other.reload()
    await expect(other.get_by_role("heading", name="Đăng nhập")).to_be_visible()


async def test_nothing_typed_is_lost_when_the_session_ends(visit: Open, site: Staffed) -> None:
    page = await visit("/staff/accounts/2", width=360, height=740, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_label("Họ tên").fill("Trần Thị Lan")
    with site.store.work() as work:
        work.accounts.end_all(1)
    await page.get_by_role("button", name="Lưu").click()
    await expect(page.get_by_role("status")).to_contain_text("những gì vừa nhập còn nguyên")
    await sign_in(page)
    await expect(page.locator("dl")).to_contain_text("Trần Thị Lan")
    await page.screenshot(path=SHOTS / "staff-kept-360.png", full_page=True)
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Trần Thị Lan")
