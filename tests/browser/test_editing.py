"""The form of a record in a real Chromium: with and without script, keyboard, phone and PC."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from bot.channels import webchat
from bot.desk import Desk
from knowledge.offices import VIETNAM
from tests.staffing import SALT, Staffed
from tests.talking import Scripted

from .office import OFFICE, QUESTION, SHOTS
from .test_staff import WIDTHS, Open, sign_in, site, visit
from .test_webchat import faults, overflows

__all__ = ["site", "visit"]

pytestmark = pytest.mark.browser

CODE = "1.001193"
EDIT = f"/staff/procedures/{CODE}/edit"
PAGES = {
    "edit": EDIT,
    "new": "/staff/procedures/new",
    "alias": f"/staff/procedures/{CODE}/aliases",
    "draft": f"/staff/procedures/{CODE}/draft",
    "review": "/staff/approval",
    "worklist": "/staff/procedures?unsourced=yes",
}


async def sound(page: Page, name: str, width: int) -> None:
    await page.screenshot(path=SHOTS / f"staff-{name}-{width}.png", full_page=True)
    assert await faults(page) == [], name
    assert not await overflows(page), name


def element(page: Page, identity: str):  # type: ignore[no-untyped-def]
    return page.locator(f"[id='{identity}']")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
async def test_forms_are_sound(
    visit: Open, site: Staffed, width: int, height: int, scheme: str
) -> None:
    page = await visit(width=width, height=height, color_scheme=scheme)
    await sign_in(page)
    begin(site, result="Giấy khai sinh, trích lục", short_name="Khai sinh")
    for name, path in PAGES.items():
        await page.goto(str(site.server.make_url(path)))
        if name == "draft":
            await expect(page.locator("#replay[aria-busy]")).to_have_count(0, timeout=60_000)
        await sound(page, f"{name}-{scheme}", width)
    # Errors, a second window, then two people at once.
    await page.goto(str(site.server.make_url(EDIT)))
    await element(page, "source.checked_on").fill("hôm qua")
    await page.get_by_role("button", name="Xem lại và gửi duyệt").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await sound(page, f"edit-errors-{scheme}", width)
    begin(site, result="ở cửa sổ khác")
    await page.get_by_role("button", name="Xem lại và gửi duyệt").click()
    await expect(page.get_by_role("heading", name="vừa đổi ở cửa sổ khác")).to_be_visible()
    await sound(page, f"moved-{scheme}", width)
    publish(site, result="Bản chính", place="Tầng 1")
    await page.goto(str(site.server.make_url(f"/staff/procedures/{CODE}/draft")))
    await expect(page.get_by_role("heading", name="Bản đang dùng đã đổi")).to_be_visible()
    await sound(page, f"overtaken-{scheme}", width)
    with site.store.work() as work:
        work.revisions.rebase(CODE, "admin", at=site.now())
        number = work.revisions.submit(CODE, "admin", reason="thử", at=site.now()).number
    page = await visit(width=width, height=height, color_scheme=scheme)
    await sign_in(page, "lan")
    for name, path in (
        ("revision", f"/staff/procedures/{CODE}/revisions/{number}"),
        ("old", f"/staff/procedures/{CODE}/revisions/1"),
        ("reviewing", "/staff/approval"),
        ("procedure-actions", f"/staff/procedures/{CODE}"),
    ):
        await page.goto(str(site.server.make_url(path)))
        await sound(page, f"{name}-{scheme}", width)


def begin(site: Staffed, **changed: object) -> None:
    """Admin's draft, as another window keeps it."""
    with site.store.work() as work:
        record, kept = work.get(CODE), work.revisions.draft(CODE, "admin")
        assert record
        body = record.model_copy(update=changed).model_dump(mode="json", exclude_defaults=True)
        base = kept.base if kept else record.revision
        saves = kept.saves if kept else 0
        work.revisions.save(CODE, "admin", body, base=base, expects=saves, at=site.now())


def publish(site: Staffed, **changed: object) -> None:
    """A colleague's change takes force."""
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        theirs = record.model_copy(update=changed)
        work.write(theirs, publish=True, author="hoa", reason="việc của Hoa", at=site.now())


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
async def test_a_change_with_and_without_script(
    visit: Open, site: Staffed, width: int, height: int, script: bool
) -> None:
    page = await visit(EDIT, width=width, height=height, java_script_enabled=script)
    await sign_in(page)
    await element(page, "result").fill("Giấy khai sinh mới")
    await element(page, "add:cases.0.papers").click()
    last = page.locator("textarea:focus")
    await expect(last).to_have_attribute("id", re.compile(r"cases\.0\.papers\.\d+\.name"))
    await last.fill("Giấy tờ của bài thử")
    number = re.findall(r"\d+", await last.get_attribute("id") or "")[1]
    await element(page, f"up:cases.0.papers.{number}").click()
    above = int(number) - 1
    await expect(element(page, f"up:cases.0.papers.{above}")).to_be_focused()
    await expect(element(page, f"up:cases.0.papers.{above}")).to_be_in_viewport()
    moved = element(page, f"cases.0.papers.{above}.name")
    await expect(moved).to_have_value("Giấy tờ của bài thử")
    await element(page, "remove:cases.0.papers.0").click()
    await expect(element(page, f"cases.0.papers.{number}.name")).to_have_count(0)
    await expect(element(page, "result")).to_have_value("Giấy khai sinh mới")
    await page.get_by_role("button", name="Xem lại và gửi duyệt").click()
    await page.get_by_label("Vì sao sửa").fill("thử")
    await page.get_by_role("button", name="Gửi duyệt", exact=True).click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã gửi duyệt")
    with site.store.work() as work:
        before, [revision] = work.get(CODE), work.revisions.waiting()
    assert before
    found = revision.procedure
    assert found.result == "Giấy khai sinh mới"
    kept = [paper.name for paper in before.cases[0].papers[1:]]
    names = [paper.name for paper in found.cases[0].papers]
    assert names == [*kept[:-1], "Giấy tờ của bài thử", kept[-1]]


async def test_what_is_typed_is_kept_by_itself(visit: Open, site: Staffed) -> None:
    page = await visit(EDIT)
    await sign_in(page)
    await element(page, "result").fill("đang gõ")
    await expect(page.locator("#kept")).to_contain_text("Đã lưu nháp lúc", timeout=9000)
    await page.reload()
    await expect(element(page, "result")).to_have_value("đang gõ")
    await element(page, "place").fill("gõ thêm")
    await expect(page.locator("#kept")).to_contain_text("Đã lưu nháp lúc", timeout=9000)
    # What was kept beside the page is no other window for the button.
    await element(page, "place").fill("gõ nữa")
    await page.get_by_role("button", name="Lưu nháp").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã lưu nháp")
    await expect(element(page, "place")).to_have_value("gõ nữa")
    await expect(page.get_by_text("Đây là bản nháp của anh/chị")).to_be_visible()
    await page.get_by_role("button", name="Bỏ bản nháp").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã bỏ bản nháp")
    await page.goto(str(site.server.make_url(EDIT)))
    await expect(element(page, "result")).not_to_have_value("đang gõ")


async def test_an_ended_session_loses_nothing(visit: Open, site: Staffed) -> None:
    page = await visit(EDIT, width=360, height=740)
    await sign_in(page)
    await element(page, "result").fill("còn nguyên")
    with site.store.work() as work:
        work.accounts.end_all(1)
    await element(page, "add:steps").click()
    await expect(page.get_by_role("status")).to_contain_text("những gì vừa nhập còn nguyên")
    await sign_in(page)
    await expect(page.locator("dl")).to_contain_text("còn nguyên")
    await page.screenshot(path=SHOTS / "staff-edit-kept-360.png")
    await page.get_by_role("button", name="Gửi lại").click()
    await expect(element(page, "result")).to_have_value("còn nguyên")
    await expect(page.locator("textarea:focus")).to_have_attribute("id", re.compile(r"steps\."))


@pytest.mark.parametrize("script", [True, False])
async def test_a_name_with_the_keyboard_alone(visit: Open, site: Staffed, script: bool) -> None:
    page = await visit(f"/staff/procedures/{CODE}", java_script_enabled=script)
    await sign_in(page)
    keys = page.keyboard
    field = page.locator("#alias:focus")
    for _ in range(60):
        if await field.count():
            break
        await keys.press("Tab")
    await expect(field).to_be_visible()
    await keys.type("giấy chào đời của bé")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Đã thêm tên", timeout=30_000)
    with site.store.work() as work:
        record = work.get(CODE)
    assert record
    assert record.aliases[-1] == "giấy chào đời của bé"


async def test_the_form_with_the_keyboard_alone(visit: Open, site: Staffed) -> None:
    page = await visit(EDIT)
    await sign_in(page)
    keys = page.keyboard
    await element(page, "add:notes").focus()
    await keys.press("Enter")
    await expect(page.locator("textarea:focus")).to_have_attribute("id", re.compile(r"notes\."))
    await keys.type("Lưu ý gõ bằng bàn phím")
    await element(page, "short_name").focus()
    await keys.press("End")
    await keys.type(" (thử)")
    await keys.press("Enter")
    await expect(element(page, "short_name")).to_be_focused()
    await page.get_by_role("button", name="Xem lại và gửi duyệt").focus()
    await keys.press("Enter")
    await page.get_by_label("Vì sao sửa").focus()
    await keys.type("thử bàn phím")
    await keys.press("Tab")
    await keys.press("Tab")
    await expect(page.get_by_role("button", name="Gửi duyệt", exact=True)).to_be_focused()
    await keys.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Đã gửi duyệt")
    with site.store.work() as work:
        [revision] = work.revisions.waiting()
    found = revision.procedure
    assert found.notes[-1] == "Lưu ý gõ bằng bàn phím"
    assert found.title.endswith("(thử)")


@pytest.mark.parametrize("script", [True, False])
async def test_a_fee_from_a_day_approved_by_a_second_person(
    visit: Open, site: Staffed, script: bool
) -> None:
    day = site.now().astimezone(VIETNAM).date() + timedelta(days=30)
    page = await visit("/staff/procedures", java_script_enabled=script)
    await sign_in(page)
    await page.get_by_label("Tìm như người dân hỏi").fill("giấy khai sinh")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Thủ tục đăng ký khai sinh", exact=True).click()
    await page.get_by_role("link", name="Sửa thủ tục").click()
    await element(page, "filings.0.fees.0.amount").fill("8.000đ")
    await page.get_by_role("button", name="Xem lại và gửi duyệt").click()
    await expect(page.locator(".changes")).to_contain_text("8.000")
    await page.get_by_label("Vì sao sửa").fill("Nghị quyết 12/2026")
    await page.get_by_label("Có hiệu lực từ ngày").fill(f"{day:%d/%m/%Y}")
    await page.get_by_role("button", name="Gửi duyệt", exact=True).click()
    await expect(page.get_by_text("nên cần một người khác duyệt")).to_be_visible()

    other = await visit(java_script_enabled=script)
    await sign_in(other, "lan")
    await other.get_by_role("link", name="bản chờ anh/chị duyệt").click()
    await other.get_by_role("listitem").get_by_role("link", name="khai sinh").click()
    await expect(other.locator(".changes")).to_contain_text("8.000")
    if script:
        await expect(other.locator("#replay")).not_to_have_attribute(
            "aria-busy", "true", timeout=60_000
        )
    else:
        await other.get_by_role("link", name="Xem kết quả").click()
        await expect(other.locator("meta[http-equiv=refresh]")).to_have_count(0, timeout=60_000)
        await expect(other.locator("#replay")).to_contain_text("Không câu trả lời nào thay đổi")
        await other.get_by_role("link", name="Quay lại").click()
    await other.get_by_role("button", name="Duyệt", exact=True).click()
    said = f"tự có hiệu lực từ 0 giờ ngày {day:%d/%m/%Y}"
    await expect(other.get_by_role("status").first).to_contain_text(said)

    def fee() -> int | None:
        with site.store.work() as work:
            record = work.get(CODE)
        assert record
        return record.filings[0].fees[0].amount

    assert fee() != 8_000
    with site.store.work() as work:
        work.revisions.take_effect(day, site.now() + timedelta(days=30))
    assert fee() == 8_000


async def test_a_new_name_answers_in_the_web_chat(visit: Open, site: Staffed) -> None:
    name = "giấy chào đời của bé"
    page = await visit(f"/staff/procedures/{CODE}")
    await sign_in(page)
    await page.get_by_label("Thêm tên thường gọi").fill(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Đã thêm tên", timeout=30_000)
    desk = Desk.open(site.store, SALT)
    app = web.Application()
    webchat.add_routes(
        app,
        Scripted(desk.converse),
        secret=b"a secret of this test only",
        office_name=lambda: OFFICE,
    )
    server = TestServer(app)
    await server.start_server()
    await page.goto(str(server.make_url("/")))
    await page.get_by_label(QUESTION).fill(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Đăng ký khai sinh – cần mang:")).to_be_visible()
    await page.goto("about:blank")
    await server.close()
