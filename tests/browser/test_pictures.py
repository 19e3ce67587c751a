"""A receipt's picture in a real Chromium: chosen, pasted, dropped; made small; read; not kept."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, Request, expect

from bot.app import now, open_store
from bot.channels import webchat_messages
from bot.desk import Desk
from bot.intake import Spool
from bot.receipts import ReceiptReader
from bot.sealing import Seal
from bot.server import Serving, build
from tests.bot.pictures import qr, receipt, saved, tilted
from tests.dossiers import CODE, DIGITS, SALT, Held, dossier, lookups

from .conftest import opened
from .office import SHOTS

pytestmark = pytest.mark.browser

KEY = b"a key that signs links in these tests"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestServer]:
    """The whole server, connected to one dossier."""
    store = open_store(f"sqlite:///{tmp_path / 'office.db'}")
    found = lookups(store, Held([dossier()]), now)
    desk = Desk.open(store, SALT, lambda services: replace(services, dossiers=found))
    serving = Serving(
        desk=desk,
        seal=Seal([Seal.new_key()]),
        spool=Spool(tmp_path / "spool"),
        clock=now,
        chat_secret=b"a secret of this test only",
        receipts=ReceiptReader((KEY,)),
    )
    server = TestServer(build(serving))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def page(browser: Browser, office: TestServer) -> AsyncIterator[Page]:
    complaints: list[str] = []
    phone: dict[str, Any] = {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
    }
    url = str(office.make_url("/"))
    yield await opened(browser, url, complaints, patience=15_000, **phone)
    assert complaints == []


def photo(kind: str = "JPEG", side: int = 3000) -> bytes:
    """A receipt as a phone takes it: large, tilted."""
    page = tilted(receipt(qr(CODE)), 8)
    by = side / max(page.size)
    return saved(page.resize((round(page.width * by), round(page.height * by))), kind)


def every_byte(home: Path) -> bytes:
    return b"".join(each.read_bytes() for each in home.glob("office.db*"))


def file(data: bytes, kind: str = "image/jpeg") -> FilePayload:
    return FilePayload(name="giay hen.jpg", mimeType=kind, buffer=data)


@contextmanager
def sent(page: Page) -> Iterator[list[bytes]]:
    """The pictures that leave the page."""
    found: list[bytes] = []

    def note(request: Request) -> None:
        body = request.post_data
        if body and "picture" in body:
            found.append(base64.b64decode(json.loads(body)["picture"]))

    page.on("request", note)
    yield found


async def asks_for_digits(page: Page) -> None:
    await expect(page.get_by_role("log")).to_contain_text("4 số cuối")


async def test_a_chosen_photo_is_made_small_read_and_answered(page: Page, tmp_path: Path) -> None:
    await page.screenshot(path=SHOTS / "photo-start-360.png")
    with sent(page) as pictures:
        async with page.expect_file_chooser() as choosing:
            await page.get_by_role("button", name="Chọn ảnh giấy hẹn").click()
        await (await choosing.value).set_files(file(photo("PNG", 4000), "image/png"))
        await asks_for_digits(page)
    [picture] = pictures
    assert picture.startswith(b"\xff\xd8\xff")
    assert len(picture) <= webchat_messages.MAX_SHRUNK
    assert max(Image.open(BytesIO(picture)).size) == 2000
    await expect(page.locator(".mine")).to_have_text("Anh/chị hỏi: [Ảnh giấy hẹn]")
    await page.screenshot(path=SHOTS / "photo-asked-360.png")
    await page.get_by_label("Câu hỏi của anh/chị").fill(DIGITS)
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("Tách thửa đất – của N. T. H.")
    await page.screenshot(path=SHOTS / "photo-answered-360.png")
    kept = await page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert base64.b64encode(picture[:60]).decode() not in kept
    stored = every_byte(tmp_path)
    assert base64.b64encode(picture[300:360]) not in stored
    assert CODE.encode() not in stored


async def test_the_camera_is_opened_where_there_is_one(page: Page) -> None:
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Chụp giấy hẹn").click()
    chooser = await choosing.value
    assert await chooser.element.get_attribute("capture") == "environment"
    await chooser.set_files(file(photo()))
    await asks_for_digits(page)


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_a_pasted_or_dropped_photo_is_sent(page: Page, way: str) -> None:
    await page.evaluate(
        """([data, way]) => {
          const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
          const files = new DataTransfer();
          files.items.add(new File([bytes], "a.jpg", { type: "image/jpeg" }));
          const said = { bubbles: true, cancelable: true };
          document.getElementById("question").dispatchEvent(way === "paste"
            ? new ClipboardEvent("paste", { clipboardData: files, ...said })
            : new DragEvent("drop", { dataTransfer: files, ...said }));
        }""",
        [base64.b64encode(photo(side=1400)).decode(), way],
    )
    await asks_for_digits(page)


async def test_what_is_no_picture_is_not_sent(page: Page) -> None:
    with sent(page) as pictures:
        await page.locator("#album").set_input_files(file(b"secret words"))
        await expect(page.get_by_role("status")).to_contain_text("không mở được ảnh")
    assert pictures == []
    await expect(page.locator(".mine")).to_have_count(0)


async def test_a_photo_that_could_not_be_sent_is_sent_again(page: Page) -> None:
    await page.context.set_offline(True)
    await page.locator("#album").set_input_files(file(photo(side=1400)))
    again = page.get_by_role("button", name="Gửi lại")
    await expect(again).to_be_visible()
    await page.context.set_offline(False)
    await again.click()
    await asks_for_digits(page)


async def test_the_plain_form_sends_a_photo_too(browser: Browser, office: TestServer) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(str(office.make_url("/")))
    await page.get_by_label("Ảnh giấy hẹn").set_input_files(file(photo()))
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await asks_for_digits(page)
    await page.screenshot(path=SHOTS / "photo-no-js-360.png", full_page=True)
    await page.get_by_label("Câu hỏi của anh/chị").fill(DIGITS)
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("Tách thửa đất – của N. T. H.")
