"""The officers' guide walked through in a real Chromium; on demand it draws the guide's pictures.

``HMC_GUIDE_PICTURES=1`` writes them anew; otherwise only their being there is looked at.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from bot.staff.routes import ROUTES
from knowledge import canned
from knowledge.accounts import Role
from knowledge.consents import Agreement
from knowledge.handover_messages import Sender, Words
from knowledge.handovers import Opening, Why
from knowledge.offices import VIETNAM
from knowledge.store import InquiryRecord
from tests.bot.test_file_imports import listed
from tests.staffing import PASSWORD, Staffed

from .conftest import opened
from .test_editing import element
from .test_staff import site

__all__ = ["site"]
pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "vi" / "huong-dan-can-bo.md"
PICTURES = ROOT / "docs" / "images" / "can-bo"
DRAWS = os.environ.get("HMC_GUIDE_PICTURES") == "1"
COLOURS = 64
BIRTH = "1.001193"
SHOWN_NAMES = (
    "() => [...document.querySelectorAll('h1,h2,h3,button,a,label,summary,legend,dt')]"
    ".map(each => each.textContent.trim().replace(/\\s+/g, ' '))"
)


class Walk:
    """Two officers at their screens; what their pages name is gathered."""

    def __init__(self, site: Staffed, page: Page) -> None:
        self.site, self.page = site, page
        self.names: set[str] = set()
        self.drawn: set[str] = set()

    async def go(self, path: str) -> None:
        await self.page.goto(str(self.site.server.make_url(path)))
        await self.look()

    async def look(self) -> None:
        """Gather what the page names."""
        self.names |= set(await self.page.evaluate(SHOWN_NAMES))

    async def press(self, name: str) -> None:
        """A button that the guide names."""
        await self.look()
        await self.page.get_by_role("button", name=name, exact=True).click()
        await self.page.wait_for_load_state()
        await self.look()

    async def picture(self, name: str, height: int = 640) -> None:
        """A picture of what is on the screen, as small as it stays readable."""
        await self.look()
        self.drawn.add(f"{name}.png")
        file = PICTURES / f"{name}.png"
        if not DRAWS:
            assert file.is_file(), f"not drawn yet: {file.name}"
            return
        clip = {"x": 0.0, "y": 0.0, "width": 900.0, "height": float(height)}
        taken = await self.page.screenshot(clip=clip, full_page=True)  # type: ignore[arg-type]
        picture = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS)
        picture.save(file, optimize=True)


@pytest.fixture
async def office(site: Staffed) -> Staffed:
    """A working day: questions missed, somebody who waits, a wrong answer that was seen."""
    site.hire("thu.ha", Role.OFFICER)
    site.hire("minh", Role.APPROVER)
    now = site.now()

    def line(text: str, status: str, contact: str, procedure: str | None = None) -> InquiryRecord:
        return InquiryRecord(
            at=now,
            channel="web",
            contact=contact,
            text=text,
            intent="procedure",
            status=status,
            milliseconds=1,
            procedure=procedure,
            revision=1 if procedure else None,
        )

    with site.store.work() as work:
        work.log([line("rước nàng về dinh", "unanswered_no_match", f"c{n}") for n in range(4)])
        work.log([line("giay chao doi cua be", "clarify_procedure", f"c{n}") for n in range(2)])
        work.log([line("lệ phí khai sinh", "answered", "an", BIRTH)])
        work.consents.agree(
            Agreement(
                channel="web",
                contact="an",
                procedure=BIRTH,
                sealed=site.seal.close("an"),
                wording="Em nhắn anh/chị ngay trong khung chat này, được không?",
                agreed_at=now,
            )
        )
        opening = Opening(
            channel="web",
            contact="an",
            sealed_contact=site.seal.close("an"),
            why=Why.ASKED,
            at=now - timedelta(minutes=12),
            expected_by=None,
        )
        replies = canned.seed_canned_replies().model_dump(mode="json")
        work.put_document(canned.DOCUMENT, replies, author="seed", at=now)
        number = work.handovers.open(opening, recall=3, since=now - timedelta(days=1))
        for text in ("gặp cán bộ", "con tôi sinh ở nhà thì lấy giấy chứng sinh ở đâu ạ"):
            said = Words(sender=Sender.CITIZEN, text=text, at=now - timedelta(minutes=11))
            work.handovers.messages.add(number, said)
    return site


@pytest.fixture
async def walk(office: Staffed, browser: Browser) -> AsyncIterator[Walk]:
    complaints: list[str] = []
    viewport = {"width": 900, "height": 640}
    url = str(office.server.make_url("/staff"))
    page = await opened(browser, url, complaints, patience=20_000, viewport=viewport)
    yield Walk(office, page)
    assert complaints == []


async def sign_in(walk: Walk, login: str) -> None:
    await walk.page.get_by_label("Tên đăng nhập").fill(login)
    await walk.page.get_by_label("Mật khẩu").fill(PASSWORD)
    await walk.press("Đăng nhập")


async def name_it(walk: Walk) -> None:
    page = walk.page
    await walk.go("/staff/procedures")
    await page.get_by_label("Tìm như người dân hỏi, hoặc theo mã").fill("giấy khai sinh")
    await walk.press("Tìm")
    await page.get_by_role("link", name="Thủ tục đăng ký khai sinh", exact=True).click()
    await page.get_by_label("Thêm tên thường gọi").fill("giấy chào đời")
    await walk.picture("them-ten")
    await walk.press("Thêm tên")
    await expect(page.get_by_role("status").first).to_contain_text("Đã thêm tên")
    await page.get_by_label("Thêm tên thường gọi").fill("giấy kết hôn")
    await walk.press("Thêm tên")
    await expect(page.get_by_role("button", name="Vẫn thêm")).to_be_visible()
    await walk.look()


async def change_a_fee(walk: Walk) -> int:
    page, site = walk.page, walk.site
    day = site.now().astimezone(VIETNAM).date() + timedelta(days=30)
    await walk.go(f"/staff/procedures/{BIRTH}")
    await page.get_by_role("link", name="Sửa thủ tục").click()
    await element(page, "filings.0.fees.0.amount").fill("8.000đ")
    await walk.press("Xem lại và gửi duyệt")
    await page.get_by_label("Vì sao sửa").fill("Nghị quyết 12/2026/NQ-HĐND")
    await page.get_by_label("Có hiệu lực từ ngày").fill(f"{day:%d/%m/%Y}")
    await walk.picture("xem-lai", 760)
    await walk.press("Gửi duyệt")
    with site.store.work() as work:
        [waiting] = work.revisions.waiting()
    return waiting.number


async def approve_it(walk: Walk, number: int) -> None:
    page, path = walk.page, f"/staff/procedures/{BIRTH}/revisions/{number}"
    await walk.press("Đăng xuất")
    await sign_in(walk, "minh")
    await walk.go("/staff/approval")
    await walk.go(path)
    await expect(page.locator("#replay")).not_to_have_attribute("aria-busy", "true", timeout=90_000)
    await walk.picture("duyet", 760)
    await page.locator("#replay").scroll_into_view_if_needed()
    if DRAWS:
        box = await page.locator("#replay").bounding_box()
        assert box
        taken = await page.locator("#replay").screenshot()
        picture = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS)
        picture.save(PICTURES / "neu-dua-vao-dung.png", optimize=True)
    walk.drawn.add("neu-dua-vao-dung.png")
    await walk.press("Duyệt")
    await expect(page.get_by_role("status").first).to_contain_text("tự có hiệu lực")
    await expect(page.get_by_role("button", name="Rút lại")).to_be_visible()
    with walk.site.store.work() as work:
        record = work.get("1.000894")
        assert record
        newer = record.model_copy(update={"place": "Quầy 3"})
        at = walk.site.now()
        work.write(newer, publish=True, author="hoa", reason="dời quầy", at=at)
    await walk.go("/staff/procedures/1.000894/revisions/1")
    await walk.go("/staff/procedures/1.000894")


async def the_rest(walk: Walk, folder: Path) -> None:
    page = walk.page
    for path, picture in (
        ("/staff/missed", "cau-hoi-bi-lo"),
        ("/staff/review?flag=unconfirmed", "ra-soat"),
        (f"/staff/corrections/{BIRTH}?revision=1", "dinh-chinh"),
        ("/staff/settings", "cai-dat"),
    ):
        await walk.go(path)
        await walk.picture(picture, 700)
    await walk.go("/staff/missed")
    await page.get_by_role("link", name="«rước nàng về dinh»").click()
    await walk.look()
    await walk.go("/staff/settings/calendar")
    await walk.go("/staff/settings/phrases")
    await walk.go("/staff/settings/wording/edit?key=thanks")
    await walk.press("Xem trước")
    await walk.go("/staff/export")
    await walk.go("/staff/inbox")
    await page.get_by_role("main").get_by_role("link").first.click()
    await walk.go("/staff/inbox/1")
    await page.get_by_label("Trả lời người dân").fill(
        "Anh/chị xin giấy xác nhận của người làm chứng, mang tới quầy 2 giúp em."
    )
    await walk.picture("hop-thu", 700)
    await walk.press("Nhận")
    await walk.go("/staff/try")
    await page.get_by_label("Câu hỏi").fill("cưới vợ cần gì")
    await walk.press("Hỏi")
    await walk.picture("hoi-thu", 800)
    await walk.go("/staff/import")
    await page.get_by_label("Tệp").set_input_files(brought(folder))
    await walk.press("Đọc và xem trước")
    await expect(page.get_by_role("heading", name="Sẽ thay đổi gì")).to_be_visible(timeout=60_000)
    await walk.picture("nhap", 700)


def brought(folder: Path) -> Path:
    """An official list with a record that is new, one that is known, and a code that is none."""
    file = folder / "danh-muc-phuong.xlsx"
    file.write_bytes(
        listed(
            (1, "1.009999", "Đăng ký khai sinh lưu động", "Hộ tịch"),
            (2, "1.009998", "Đăng ký kết hôn lưu động", "Hộ tịch"),
            (3, BIRTH, "Thủ tục đăng ký khai sinh", "Hộ tịch"),
            (4, "1.99", "Đăng ký khai tử lưu động", "Hộ tịch"),
        )
    )
    return file


async def conflict(walk: Walk) -> None:
    """A colleague was faster; and a session that ended."""
    page, site = walk.page, walk.site
    with site.store.work() as work:
        record = work.get("2.000815")
        assert record
        body = record.model_copy(update={"result": "Bản sao"})
        kept = body.model_dump(mode="json", exclude_defaults=True)
        work.revisions.save("2.000815", "admin", kept, base=1, expects=0, at=site.now())
        newer = record.model_copy(update={"place": "Tầng 1"})
        work.write(newer, publish=True, author="hoa", reason="dời quầy", at=site.now())
        work.write(
            newer.model_copy(update={"place": "Tầng 2"}),
            publish=False,
            author="seed",
            reason="nhập từ tệp",
            at=site.now(),
        )
    await walk.go("/staff/procedures/2.000815/draft")
    await walk.go("/staff/procedures/2.000815")
    await walk.go("/staff/accounts/2")
    await page.get_by_label("Họ tên").fill("Trần Thị Lan")
    with site.store.work() as work:
        work.accounts.end_all(1)
    await walk.press("Lưu")
    await sign_in(walk, "admin")
    await expect(page.get_by_role("button", name="Gửi lại")).to_be_visible()
    await walk.look()


async def test_everything_the_guide_names_is_there(
    walk: Walk, office: Staffed, tmp_path: Path
) -> None:
    await walk.picture("dang-nhap", 420)
    await sign_in(walk, "thu.ha")
    await walk.picture("viec-cua-toi", 560)
    await walk.go("/staff/me")
    await name_it(walk)
    number = await change_a_fee(walk)
    await approve_it(walk, number)
    await walk.press("Đăng xuất")
    await sign_in(walk, "admin")
    await the_rest(walk, tmp_path)
    await conflict(walk)
    text = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"\*\*([^*]+)\*\*", text)) - {"đậm", "và"}
    pages = {each.menu for each in ROUTES if each.menu}
    missing = {each for each in named if not _is_shown(each, walk.names | pages)}
    assert not missing, f"nowhere on the pages: {sorted(missing)}"
    assert set(re.findall(r"can-bo/([\w-]+\.png)", text)) == walk.drawn


def _is_shown(name: str, shown: set[str]) -> bool:
    """A button may say more than the guide: «Vì sao sửa (bắt buộc)»."""
    return any(each == name or each.startswith(f"{name} ") for each in shown)


def test_every_page_the_guide_names_is_a_route() -> None:
    paths = {route.path for route in ROUTES}
    for path in re.findall(r"`(/staff[^`]*)`", GUIDE.read_text(encoding="utf-8")):
        assert path in paths, path
