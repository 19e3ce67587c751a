"""The chat on another site's page, in a real Chromium."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Request, expect

from .conftest import note_refusals
from .office import QUESTION, SHOTS

pytestmark = pytest.mark.browser


def host_site(body: str, *, host: str = "127.0.0.1", policy: str = "") -> TestServer:
    """Another site with the chat on its page."""

    async def show(_request: web.Request) -> web.Response:
        page = f'<!doctype html><html lang="vi"><title>Phường</title><h1>Trang phường</h1>{body}'
        headers = {"Content-Security-Policy": policy} if policy else {}
        return web.Response(text=page, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", show)
    return TestServer(app, host=host)


async def test_embedded_on_a_strict_foreign_site(browser: Browser, chat: TestServer) -> None:
    origin = f"http://127.0.0.1:{chat.port}"
    script = f'<script src="{origin}/embed.js" data-position="left"></script>'
    policy = f"default-src 'none'; script-src {origin}; frame-src {origin}"
    async with host_site(script, policy=policy) as foreign:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(5000)
        refused: list[str] = []
        note_refusals(page, refused)
        # «localhost» and «127.0.0.1» are two sites: cookies do not pass into the frame.
        await page.goto(f"http://localhost:{foreign.port}/")
        tokens: list[str] = []
        page.on("request", lambda request: tokens.extend(_token(request)))
        await _talk_in_frame(page)
        assert refused == []
        assert tokens[0] == ""
        assert len(tokens[1]) > 90


def _token(request: Request) -> list[str]:
    return [request.headers.get("x-chat-token", "")] if request.method == "POST" else []


async def _talk_in_frame(page: Page) -> None:
    opener = page.get_by_role("button", name="Hỏi thủ tục")
    await page.screenshot(path=SHOTS / "embed-closed-1280.png")
    await page.keyboard.press("Tab")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Hỏi thủ tục hành chính")).to_be_visible()
    frame = page.frame_locator("iframe")
    await frame.get_by_label(QUESTION).fill("khai sinh")
    await frame.get_by_label(QUESTION).press("Enter")
    await expect(frame.get_by_role("log")).to_contain_text("Đăng ký khai sinh")
    await frame.get_by_role("button", name="Trường hợp của tôi khác").click()
    await expect(frame.get_by_role("log")).to_contain_text("đã có 1/3")
    await page.screenshot(path=SHOTS / "embed-open-1280.png")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(frame.get_by_role("log")).to_contain_text("đã có 1/3")
    await page.get_by_role("button", name="Đóng").click()
    await expect(opener).to_be_focused()


async def test_embedded_on_a_phone_it_fills_the_screen(browser: Browser, chat: TestServer) -> None:
    script = f'<script src="{chat.make_url("/embed.js")}" data-label="Hỏi thủ tục"></script>'
    async with host_site(f'<meta name="viewport" content="width=device-width">{script}') as foreign:
        page = await browser.new_page(viewport={"width": 360, "height": 640})
        await page.goto(f"http://localhost:{foreign.port}/")
        await page.screenshot(path=SHOTS / "embed-closed-360.png")
        await page.get_by_role("button", name="Hỏi thủ tục").click()
        await expect(page.frame_locator("iframe").get_by_label(QUESTION)).to_be_visible()
        await page.screenshot(path=SHOTS / "embed-open-360.png")
        box = await page.locator("iframe").bounding_box()
        assert box
        assert box["width"] == 360


async def test_a_site_not_named_may_not_embed(browser: Browser, chat: TestServer) -> None:
    frame = f'<iframe src="http://127.0.0.1:{chat.port}/"></iframe>'
    async with host_site(frame, host="127.0.0.2") as foreign:
        page = await browser.new_page()
        refused: list[str] = []
        note_refusals(page, refused)
        await page.goto(f"http://127.0.0.2:{foreign.port}/")
        await expect(page.frame_locator("iframe").get_by_label(QUESTION)).to_have_count(0)
        assert "frame-ancestors" in refused[0]
