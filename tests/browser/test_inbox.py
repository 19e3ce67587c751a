"""A citizen wants a person, an officer answers in a browser, the citizen sees it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from bot import staff
from bot.app import open_store
from bot.desk import Desk
from bot.intake import Spool
from bot.sealing import Seal
from bot.server import Serving, build
from knowledge.accounts import Role
from knowledge.store import Store
from tests.rig import QUICK
from tests.staffing import CHEAP, PASSWORD

from .conftest import opened
from .office import QUESTION, SHOTS
from .test_staff import sign_in
from .test_webchat import faults, overflows

pytestmark = pytest.mark.browser

PC, PHONE = (1280, 800), (360, 740)
Open = Callable[..., Awaitable[Page]]


def now() -> datetime:
    return datetime.now(UTC)


class Office:
    """The whole server with two officers and a viewer."""

    def __init__(self, home: Path) -> None:
        self.store: Store = open_store(f"sqlite:///{home / 'office.db'}")
        desk = Desk.open(self.store, b"a salt for tests")
        seal = Seal([Seal.new_key()])
        for login, name, role in (
            ("lan", "Chị Lan", Role.OFFICER),
            ("hoa", "Chị Hoa", Role.APPROVER),
            ("xem", "Chị Xem", Role.VIEWER),
        ):
            with self.store.work() as work:
                work.accounts.add(
                    login,
                    name=name,
                    roles=[role],
                    password=CHEAP.hash(PASSWORD),
                    must_change=False,
                    at=now(),
                )
        serving = Serving(
            desk=desk,
            seal=seal,
            spool=Spool(home / "spool"),
            clock=now,
            chat_secret=b"a secret of this test only",
            pace=QUICK,
            routes=(
                lambda app, delivery: staff.add_routes(
                    app, desk=desk, delivery=delivery, seal=seal, clock=now, passwords=CHEAP
                ),
            ),
        )
        self.server = TestServer(build(serving))

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    def end_sessions(self) -> None:
        with self.store.work() as work:
            for account in work.accounts.all():
                work.accounts.end_all(account.id)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    found = Office(tmp_path)
    await found.server.start_server()
    yield found
    await found.server.close()


@pytest.fixture
async def visit(browser: Browser, office: Office) -> AsyncIterator[Open]:
    complaints: list[str] = []

    async def open_page(path: str, size: tuple[int, int] = PC, **options: Any) -> Page:
        viewport = dict(zip(("width", "height"), size, strict=True))
        return await opened(
            browser, office.url(path), complaints, patience=10_000, viewport=viewport, **options
        )

    yield open_page
    assert complaints == []


async def say(page: Page, text: str) -> None:
    """A citizen types and sends."""
    await page.get_by_label(QUESTION).fill(text)
    await page.get_by_role("button", name="Gửi", exact=True).click()


async def asked(visit: Open, *texts: str, **options: Any) -> Page:
    """A citizen on a phone who wants a person."""
    citizen = await visit("/", PHONE, **options)
    for text in (*texts, "gặp cán bộ"):
        await say(citizen, text)
        await expect(citizen.get_by_role("button", name="Gửi", exact=True)).to_be_enabled()
        await expect(citizen.locator(".bubble.mine").last).to_contain_text(text)
    await expect(citizen.locator(".bubble.reply").last).to_contain_text("Em đã chuyển câu hỏi")
    return citizen


async def at_desk(visit: Open, login: str = "lan", path: str = "/staff/inbox", **more: Any) -> Page:
    page = await visit(path, **more)
    await sign_in(page, login)
    return page


async def test_from_the_question_to_the_answer_without_a_reload(visit: Open) -> None:
    officer = await at_desk(visit)
    await expect(officer.get_by_text("Không ai đang chờ cán bộ.")).to_be_visible()
    citizen = await asked(visit, "đăng ký kết hôn với người Lào cần gì")
    # The list of an open page brings it by itself, and the tab says so.
    row = officer.get_by_role("link", name=re.compile("Lào"))
    await expect(row).to_be_visible(timeout=15_000)
    await expect(officer).to_have_title(re.compile(r"^\(1\) "))
    await row.click()
    log = officer.get_by_role("log")
    await expect(log).to_contain_text("đăng ký kết hôn với người Lào cần gì")
    await officer.get_by_role("button", name="Nhận", exact=True).click()
    await expect(officer.get_by_text("anh/chị đang giữ", exact=True)).to_be_visible()
    await officer.get_by_label("Trả lời người dân").fill("Chào anh chị")
    await say(citizen, "tôi ở phường mình, số 0912345678")
    await expect(log).to_contain_text("tôi ở phường mình")
    await expect(log).not_to_contain_text("0912345678")
    await officer.get_by_text("Câu soạn sẵn").click()
    await officer.get_by_role("button", name="Mời đến quầy").click()
    box = officer.get_by_label("Trả lời người dân")
    await expect(box).to_have_value(re.compile(r"^Chào anh chị\nViệc này cần xem giấy tờ gốc"))
    await officer.get_by_role("button", name="Gửi cho người dân").click()
    await expect(officer.locator(".said.officer")).to_contain_text("Chào anh chị")
    answer = citizen.locator(".bubble.reply").last
    await expect(answer).to_contain_text("Việc này cần xem giấy tờ gốc", timeout=25_000)
    await expect(answer).to_contain_text("Cán bộ trả lời:")
    await citizen.screenshot(path=SHOTS / "inbox-citizen-360.png", full_page=True)
    await officer.get_by_role("button", name="Xem phần bị che").click()
    await expect(log).to_contain_text("0912345678")
    await officer.get_by_text("Kết thúc", exact=True).click()
    await officer.get_by_role("button", name="Kết thúc trao đổi").click()
    await expect(officer.get_by_role("status").first).to_contain_text("máy trả lời tiếp")
    done = citizen.locator(".bubble.reply").last
    await expect(done).to_contain_text("kết thúc trao đổi", timeout=25_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, PC], ids=lambda size: str(size[0]))
async def test_every_page_is_sound(
    visit: Open, office: Office, size: tuple[int, int], scheme: str
) -> None:
    citizen = await asked(visit, "chữ rất dài " * 20)
    await say(citizen, "số tôi 0912345678")
    await expect(citizen.locator(".bubble.reply").last).to_contain_text("chuyển tin này")
    page = await at_desk(visit, size=size, color_scheme=scheme)

    async def sound(name: str) -> None:
        await page.screenshot(
            path=SHOTS / f"staff-inbox-{name}-{size[0]}-{scheme}.png", full_page=True
        )
        assert await faults(page) == [], name
        assert not await overflows(page), name

    await sound("list")
    await page.goto(office.url("/staff/inbox/1"))
    await sound("untaken")
    await page.get_by_label("Trả lời người dân").fill("Chào chị.\nMai chị ghé bộ phận một cửa nhé.")
    await page.get_by_role("button", name="Gửi cho người dân").click()
    for summary in ("Câu soạn sẵn", "Ghi chú nội bộ", "Chuyển cho đồng nghiệp", "Kết thúc"):
        await page.get_by_text(summary, exact=True).click()
    await page.get_by_label("Chỉ cán bộ thấy").fill("Hỏi lại phòng tư pháp")
    await page.get_by_role("button", name="Lưu ghi chú").click()
    await sound("held")
    await page.get_by_role("button", name="Xem phần bị che").click()
    await sound("revealed")
    await page.get_by_text("Chuyển cho đồng nghiệp", exact=True).click()
    await page.get_by_label("Đồng nghiệp", exact=True).select_option("hoa")
    await page.get_by_role("button", name="Chuyển", exact=True).click()
    await expect(page.get_by_text("Chị Hoa đang giữ").first).to_be_visible()
    await sound("of-another")
    await page.get_by_role("button", name="Nhận thay").click()
    await page.get_by_label("Trả lời người dân").fill(" ")
    await page.get_by_role("button", name="Gửi cho người dân").click()
    await expect(page.get_by_role("alert").first).to_contain_text("gõ nội dung")
    await sound("refused")
    await page.get_by_text("Kết thúc", exact=True).click()
    await page.get_by_role("button", name="Kết thúc trao đổi").click()
    await sound("closed")
    await page.goto(office.url("/staff/inbox?show=closed"))
    await sound("list-closed")
    viewer = await at_desk(visit, "xem", "/staff/inbox/1", size=size, color_scheme=scheme)
    assert await faults(viewer) == []
    await expect(viewer.locator("#desk")).to_have_count(0)


async def test_the_keyboard_alone_without_script_on_both_sides(visit: Open, office: Office) -> None:
    citizen = await asked(visit, "khai sinh cho con sinh ở Lào", java_script_enabled=False)
    page = await at_desk(visit, size=PHONE, java_script_enabled=False)
    keys = page.keyboard
    await page.get_by_role("link", name=re.compile("Lào")).focus()
    await keys.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("khai sinh cho con sinh ở Lào")
    await page.get_by_label("Trả lời người dân").focus()
    await keys.type("Chào chị.")
    await say(citizen, "con tôi sinh năm 2024")
    await page.get_by_role("button", name="Xem tin mới").focus()
    await keys.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("con tôi sinh năm 2024")
    box = page.get_by_label("Trả lời người dân")
    await expect(box).to_have_value("Chào chị.")
    await page.get_by_text("Câu soạn sẵn").focus()
    await keys.press("Enter")
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Space")
    await expect(box).to_have_value(re.compile(r"^Chào chị\.\nAnh/chị gửi giúp em mã hồ sơ"))
    await page.get_by_role("button", name="Gửi cho người dân").focus()
    await keys.press("Enter")
    await expect(page.locator(".said.officer")).to_contain_text("mã hồ sơ")
    await citizen.get_by_role("link", name="Xem câu trả lời mới").focus()
    await citizen.keyboard.press("Enter")
    for _ in range(2):
        await expect(citizen.locator(".bubble.reply").last).to_contain_text("mã hồ sơ")
        await citizen.reload()
    await citizen.screenshot(path=SHOTS / "inbox-citizen-plain-360.png", full_page=True)
    assert not await overflows(citizen)


async def test_nothing_typed_is_lost(visit: Open, office: Office) -> None:
    await asked(visit)
    page = await at_desk(visit, path="/staff/inbox/1")
    other = await at_desk(visit, "hoa", "/staff/inbox/1")
    await page.get_by_label("Trả lời người dân").fill("Chào chị, em Lan đây")
    await other.get_by_role("button", name="Nhận", exact=True).click()
    # The open page learns by itself that another has it.
    await expect(page.get_by_text("Tình trạng đã đổi")).to_be_visible()
    await page.get_by_role("button", name="Gửi cho người dân").click()
    await expect(page.get_by_role("alert").first).to_contain_text("Chị Hoa đang giữ")
    box = page.get_by_label("Trả lời người dân")
    await expect(box).to_have_value("Chào chị, em Lan đây")
    await page.get_by_role("button", name="Nhận thay").click()
    await expect(box).to_have_value("Chào chị, em Lan đây")
    office.end_sessions()
    await expect(page.locator("[data-trouble]")).to_contain_text("Phiên làm việc đã hết")
    await page.get_by_role("button", name="Gửi cho người dân").click()
    await sign_in(page, "lan")
    await expect(page.locator("dl")).to_contain_text("Chào chị, em Lan đây")
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(page.locator(".said.officer")).to_contain_text("Chào chị, em Lan đây")
