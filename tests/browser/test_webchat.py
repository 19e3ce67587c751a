"""The web chat as people use it, in a real Chromium."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from bot.channels import webchat

from .office import HERE, QUESTION, SHOTS

if TYPE_CHECKING:
    from .conftest import Open

pytestmark = pytest.mark.browser


async def ask(page: Page, text: str) -> None:
    await page.get_by_label(QUESTION).fill(text)
    await page.get_by_role("button", name="Gửi", exact=True).click()


async def answered(page: Page, text: str = "Đăng ký khai sinh") -> None:
    await expect(page.get_by_role("log")).to_contain_text(text)


async def overflows(page: Page) -> bool:
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
    )


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong, but for what it calls minor."""
    await page.evaluate((HERE / "vendor" / "axe.min.js").read_text("utf-8"))
    found = await page.evaluate("axe.run(document)")
    return [
        f"{fault['id']}: {node['html']}"
        for fault in found["violations"]
        if fault["impact"] != "minor"
        for node in fault["nodes"]
    ]


async def test_a_typed_question_gets_its_answer(visit: Open) -> None:
    page = await visit()
    await ask(page, "làm khai sinh cần gì")
    await answered(page)
    await expect(page.locator(".mine")).to_contain_text("làm khai sinh cần gì")
    await expect(page.locator(".reply ol li")).to_have_count(2)
    await expect(page.get_by_text("Nguồn: QĐ 163/QĐ-BTP")).to_be_visible()
    await expect(page.get_by_label(QUESTION)).to_have_value("")


async def test_waiting_is_said(visit: Open) -> None:
    page = await visit()
    await ask(page, "chậm")
    await expect(page.get_by_role("status")).to_contain_text("Em đang tìm câu trả lời")
    await answered(page)
    await expect(page.get_by_role("status")).to_be_empty()


async def test_a_suggestion_and_a_button_are_pressed(visit: Open) -> None:
    page = await visit()
    await page.get_by_role("button", name="Làm khai sinh cho con").click()
    await answered(page)
    await page.get_by_role("button", name="Trường hợp của tôi khác").click()
    await expect(page.locator(".ticks li")).to_have_text(
        [
            "☑Đã có: Giấy chứng sinh (bản chính)",
            "☐Chưa có: Tờ khai đăng ký khai sinh",
            "☐Chưa có: Căn cước",
        ]
    )
    await expect(page.locator(".ticks input, .ticks button")).to_have_count(0)
    link = page.get_by_role("link", name="Nộp trên mạng")
    await expect(link).to_have_attribute("href", "https://dichvucong.gov.vn")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_the_keyboard_alone_is_enough(visit: Open) -> None:
    page = await visit(1280, 800)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Tới ô nhập câu hỏi")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("làm khai")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("sinh")
    await expect(page.get_by_label(QUESTION)).to_have_value("làm khai\nsinh")
    await page.keyboard.press("Enter")
    await answered(page)
    await expect(page.get_by_label(QUESTION)).to_be_focused()
    await page.get_by_role("button", name="Các bước").focus()
    await page.keyboard.press("Space")
    await answered(page, "Bước 39")
    await expect(page.locator(".reply").last).to_be_focused()


async def test_the_input_method_keeps_its_enter(visit: Open) -> None:
    page = await visit()
    await page.get_by_label(QUESTION).fill("khai")
    await page.get_by_label(QUESTION).dispatch_event(
        "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
    )
    await expect(page.locator(".mine")).to_have_count(0)


async def test_the_beginning_of_a_long_answer_is_seen(visit: Open) -> None:
    page = await visit(reduced_motion="reduce")
    await ask(page, "khai sinh")
    await answered(page)
    await page.get_by_role("button", name="Các bước").click()
    await answered(page, "Bước 39")
    top = await page.locator(".reply .lead").last.evaluate("it => it.getBoundingClientRect().top")
    assert 0 <= top < 120


@pytest.mark.parametrize("size", [1, 3, 5])
async def test_a_phone_of_320_pixels_scrolls_one_way_only(visit: Open, size: int) -> None:
    page = await visit(320, 568, reduced_motion="reduce")
    for _ in range(size - 1):
        await page.get_by_role("button", name="Chữ to hơn").click()
    await ask(page, "khai sinh " + "dàidằngdặc" * 20)
    await answered(page)
    await page.get_by_role("button", name="Trường hợp của tôi khác").click()
    await answered(page, "đã có 1/3")
    assert not await overflows(page)
    reading = await page.evaluate(
        "innerHeight - Math.max(0, innerHeight - composer.getBoundingClientRect().top)"
    )
    assert reading > 568 / 2
    await page.screenshot(path=SHOTS / f"letters-{size}-320.png")


async def test_letters_grow_shrink_and_stay_so(visit: Open) -> None:
    page = await visit()
    pixels = "parseFloat(getComputedStyle(document.body).fontSize)"
    assert await page.evaluate(pixels) == 18
    await page.get_by_role("button", name="Chữ to hơn").click()
    assert await page.evaluate(pixels) == 21
    await page.reload()
    assert await page.evaluate(pixels) == 21
    for _ in range(2):
        await page.get_by_role("button", name="Chữ nhỏ hơn").click()
    await expect(page.get_by_role("button", name="Chữ nhỏ hơn")).to_be_disabled()


async def test_without_javascript_the_form_answers(visit: Open) -> None:
    page = await visit(java_script_enabled=False)
    await expect(page.get_by_role("button", name="Xoá cuộc trò chuyện")).to_be_hidden()
    await ask(page, "làm khai sinh cần gì")
    await expect(page).to_have_url(re.compile("/hoi$"))
    await answered(page)
    await page.get_by_role("button", name="Trường hợp của tôi khác").click()
    await answered(page, "đã có 1/3")
    await page.get_by_role("link", name="Về trang đầu").click()
    await page.get_by_role("button", name="Làm khai sinh cho con").click()
    await answered(page)
    await page.screenshot(path=SHOTS / "no-js-360.png", full_page=True)


async def downloaded(page: Page) -> tuple[str, bytes]:
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Tải về: Mẫu CT01").click()
    found = await download.value
    return found.suggested_filename, (await found.path()).read_bytes()


async def test_a_form_is_downloaded(visit: Open) -> None:
    page = await visit()
    await ask(page, "mẫu")
    assert await downloaded(page) == ("Mẫu CT01.pdf", b"%PDF-1.7 a form")


async def test_a_form_is_downloaded_without_javascript(visit: Open) -> None:
    page = await visit(java_script_enabled=False)
    await ask(page, "mẫu")
    assert await downloaded(page) == ("Mẫu CT01.pdf", b"%PDF-1.7 a form")


async def test_a_message_lost_offline_is_sent_again(visit: Open) -> None:
    page = await visit(reduced_motion="reduce")
    await page.context.set_offline(True)
    await ask(page, "làm khai sinh cần gì")
    await expect(page.get_by_text("Mất mạng, tin chưa gửi được")).to_be_visible()
    await expect(page.locator(".mine")).to_contain_text("làm khai sinh cần gì")
    await page.screenshot(path=SHOTS / "offline-360.png")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Gửi lại").click()
    await answered(page)
    await expect(page.get_by_text("Mất mạng")).to_have_count(0)
    await expect(page.locator(".mine")).to_have_count(1)


async def test_a_message_lost_stays_after_a_reload(visit: Open) -> None:
    page = await visit()
    await page.route("**/api/chat/messages", lambda route: route.fulfill(status=502, body="x"))
    await ask(page, "làm khai sinh cần gì")
    await expect(page.get_by_text("Hệ thống đang bận")).to_be_visible()
    await page.unroute("**/api/chat/messages")
    await page.reload()
    await page.get_by_role("button", name="Gửi lại").click()
    await answered(page)


async def test_a_reload_keeps_conversation_and_draft(visit: Open) -> None:
    page = await visit()
    await ask(page, "khai sinh")
    await answered(page)
    await page.get_by_label(QUESTION).fill("câu đang gõ dở")
    await page.reload()
    await answered(page)
    await expect(page.locator(".mine")).to_have_text("Anh/chị hỏi: khai sinh")
    await expect(page.get_by_label(QUESTION)).to_have_value("câu đang gõ dở")
    await page.get_by_role("button", name="Các bước").click()
    await answered(page, "Bước 39")


async def test_the_conversation_is_deleted_after_a_question(visit: Open) -> None:
    page = await visit()
    await ask(page, "khai sinh")
    await answered(page)
    before = await page.context.cookies()
    assert [cookie["name"] for cookie in before] == [webchat.COOKIE]
    await page.get_by_role("button", name="Xoá cuộc trò chuyện").click()
    await page.get_by_role("button", name="Không xoá").click()
    await answered(page)
    await page.get_by_role("button", name="Xoá cuộc trò chuyện").click()
    async with page.expect_response("**/api/chat/messages"):
        await page.get_by_role("button", name="Xoá", exact=True).click()
    await expect(page.locator(".mine")).to_have_count(0)
    await expect(page.get_by_role("status")).to_have_text("Đã xoá cuộc trò chuyện.")
    assert await page.context.cookies() == []
    await page.reload()
    await expect(page.locator(".mine")).to_have_count(0)


async def test_markup_in_a_reply_stays_text(visit: Open) -> None:
    page = await visit()
    await ask(page, "html")
    await answered(page, "<img src=x onerror=alert(1)>")
    await expect(page.locator(".log img")).to_have_count(0)


async def test_telephones_can_be_pressed_and_other_numbers_not(visit: Open) -> None:
    page = await visit()
    await ask(page, "gọi ai")
    await answered(page, "Gọi 0259 382 1234, căn cước 058123456789, mã 1.001193.")
    await expect(page.locator(".log a")).to_have_count(1)
    await expect(page.locator(".log a")).to_have_attribute("href", "tel:02593821234")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_nobody_is_shut_out(visit: Open, width: int, scheme: str) -> None:
    page = await visit(
        width, 800 if width > 1000 else 640, color_scheme=scheme, reduced_motion="reduce"
    )
    await page.screenshot(path=SHOTS / f"start-{width}-{scheme}.png")
    assert await faults(page) == []
    await ask(page, "làm khai sinh cho con cần giấy tờ gì")
    await answered(page)
    await page.screenshot(path=SHOTS / f"answer-{width}-{scheme}.png")
    await page.get_by_role("button", name="Trường hợp của tôi khác").click()
    await answered(page, "đã có 1/3")
    await page.screenshot(path=SHOTS / f"checklist-{width}-{scheme}.png")
    await page.screenshot(path=SHOTS / f"whole-{width}-{scheme}.png", full_page=True)
    assert await faults(page) == []
    await page.get_by_role("button", name="Xoá cuộc trò chuyện").click()
    await page.screenshot(path=SHOTS / f"delete-{width}-{scheme}.png")
    assert await faults(page) == []
    assert not await overflows(page)


async def test_on_paper_only_the_conversation_stands(visit: Open) -> None:
    page = await visit(800, 1000)
    await ask(page, "khai sinh")
    await answered(page)
    await page.emulate_media(media="print")
    await expect(page.get_by_label(QUESTION)).to_be_hidden()
    await expect(page.get_by_role("button", name="Các bước")).to_be_hidden()
    await page.screenshot(path=SHOTS / "print.png", full_page=True)
