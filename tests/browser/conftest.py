"""A running chat and a real Chromium to visit it with."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from bot.channels import webchat
from bot.forms import FormFolder, add_routes
from handlers.services import Services
from knowledge.accounts import Role
from knowledge.store import Store, migrate, open_engine
from tests.staffing import Staffed
from tests.talking import Scripted

from .office import OFFICE, converse

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Where Chromium is; without one these tests are skipped, but never by the CI."""
    found = shutil.which("chromium", path=f"/usr/bin{os.pathsep}{os.environ.get('PATH', '')}")
    if found:
        return found
    reason = "no chromium here: apt-get install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield started
        await started.close()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[TestServer]:
    app = web.Application()
    (tmp_path / "Mẫu CT01.pdf").write_bytes(b"%PDF-1.7 a form")
    add_routes(app, FormFolder(tmp_path))
    webchat.add_routes(
        app,
        Scripted(converse),
        secret=b"a secret of this test only",
        office_name=lambda: OFFICE,
        embed_origins=("http://localhost:*",),
    )
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@contextlib.asynccontextmanager
async def staffed(folder: Path, known: Services) -> AsyncIterator[Staffed]:
    """A running staff site with the seed's records and an admin who may do everything."""
    engine = open_engine(f"sqlite:///{folder / 'office.db'}")
    migrate(engine)
    running = Staffed(Store(engine), known)
    running.fill()
    running.hire("admin", *Role)
    await running.start()
    yield running
    await running.server.close()
    running.store.close()


Open = Callable[..., Awaitable[Page]]


async def opened(
    browser: Browser, url: str, complaints: list[str], *, patience: float = 5000, **options: Any
) -> Page:
    """A page of somebody who was never here; what it complains of is noted. ``patience`` in ms."""
    context = await browser.new_context(locale="vi-VN", **options)
    context.set_default_timeout(patience)
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    note_refusals(page, complaints)
    await page.goto(url)
    return page


@pytest.fixture
async def visit(browser: Browser, chat: TestServer) -> AsyncIterator[Open]:
    complaints: list[str] = []

    async def open_page(width: int = 360, height: int = 740, **options: Any) -> Page:
        viewport = {"width": width, "height": height}
        return await opened(
            browser, str(chat.make_url("/")), complaints, viewport=viewport, **options
        )

    yield open_page
    assert complaints == []


def note_refusals(page: Page, into: list[str]) -> None:
    """Write down what the page's own policy refused."""

    def hear(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            into.append(said.text)

    page.on("console", hear)
