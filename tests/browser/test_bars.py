"""A new officer's first two tasks on the whole running server, at the pace of a person."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from knowledge.offices import VIETNAM

from .conftest import opened
from .office import QUESTION
from .test_editing import element
from .test_inbox import Office, office
from .test_staff import sign_in

__all__ = ["office"]
pytestmark = pytest.mark.browser
NAME = "giấy chào đời của bé"
TRIES = 20
"""How often the chat is asked until the running server has taken the name up."""
KEY_MS, LOOK_MS = 200, 1500
"""How long a person takes for a key, and to find what to press next on a page."""


class Person:
    """Types key by key and looks before pressing; ``spent`` are seconds since the beginning."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._begun = time.monotonic()

    @property
    def spent(self) -> float:
        return time.monotonic() - self._begun

    async def write(self, identity: str, text: str) -> None:
        await self.page.wait_for_timeout(LOOK_MS)
        field = element(self.page, identity)
        await field.fill("")
        await field.press_sequentially(text, delay=KEY_MS)

    async def press(self, role: str, name: str) -> None:
        await self.page.wait_for_timeout(LOOK_MS)
        await self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


async def test_a_name_answers_and_a_fee_is_approved(browser: Browser, office: Office) -> None:
    complaints: list[str] = []
    screen = await opened(browser, office.url("/staff/procedures"), complaints, patience=30_000)
    await sign_in(screen, "lan")
    chat = await opened(browser, office.url("/"), complaints, patience=30_000)
    officer = Person(screen)
    await officer.write("q", "khai sinh")
    await officer.press("button", "Tìm")
    await officer.press("link", "Thủ tục đăng ký khai sinh")
    await officer.write("alias", NAME)
    await officer.press("button", "Thêm tên")
    await expect(screen.get_by_role("status").first).to_contain_text("Đã thêm tên")
    lead = chat.get_by_text("Đăng ký khai sinh – cần mang:")
    for _ in range(TRIES):
        await chat.get_by_label(QUESTION).fill(NAME)
        await chat.keyboard.press("Enter")
        await expect(chat.locator(".bubble.reply").last).to_be_visible()
        await chat.wait_for_timeout(LOOK_MS)
        if await lead.count():
            break
    await expect(lead.first).to_be_visible()
    print(f"a name answers after {officer.spent:.0f} s")

    officer = Person(screen)
    day = datetime.now(UTC).astimezone(VIETNAM).date() + timedelta(days=30)
    await officer.press("link", "Sửa thủ tục")
    await officer.write("filings.0.fees.0.amount", "8.000")
    await officer.press("button", "Xem lại và gửi duyệt")
    await officer.write("reason", "Nghị quyết 12/2026")
    await officer.write("effective_from", f"{day:%d/%m/%Y}")
    await officer.press("button", "Gửi duyệt")
    await expect(screen.get_by_role("status").first).to_contain_text("Đã gửi duyệt")
    other = await opened(browser, office.url("/staff/approval"), complaints, patience=30_000)
    await sign_in(other, "hoa")
    approver = Person(other)
    await other.get_by_role("listitem").get_by_role("link", name="khai sinh").click()
    await expect(other.locator("#replay")).not_to_have_attribute("aria-busy", "true")
    await approver.press("button", "Duyệt")
    await expect(other.get_by_role("status").first).to_contain_text("tự có hiệu lực từ 0 giờ")
    print(f"a fee from a day is approved after {officer.spent:.0f} s")
    assert complaints == []
