"""The form of a record in a real Chromium: with and without script, keyboard, phone and PC."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from knowledge.tables import RevisionState
from tests.staffing import Staffed

from .office import SHOTS
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
    for name, path in PAGES.items():
        await page.goto(str(site.server.make_url(path)))
        await sound(page, f"{name}-{scheme}", width)
    # Errors, then two people at once.
    await page.goto(str(site.server.make_url(EDIT)))
    await element(page, "source.checked_on").fill("hôm qua")
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await sound(page, f"edit-errors-{scheme}", width)
    await element(page, "source.checked_on").fill("25/11/2026")
    await page.get_by_label("Vì sao sửa").fill("xem lại")
    await element(page, "result").fill("Giấy khai sinh, trích lục")
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        theirs = record.model_copy(update={"result": "Bản chính", "place": "Tầng 1"})
        work.write(theirs, publish=False, author="hoa", reason="việc", at=site.now())
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.get_by_role("heading", name="Hai người cùng sửa")).to_be_visible()
    await sound(page, f"clash-{scheme}", width)


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
    await page.get_by_label("Vì sao sửa").fill("thử")
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu bản nháp")
    with site.store.work() as work:
        before, found = work.get(CODE), work.get(CODE, RevisionState.DRAFT)
    assert before
    assert found
    assert found.result == "Giấy khai sinh mới"
    kept = [paper.name for paper in before.cases[0].papers[1:]]
    names = [paper.name for paper in found.cases[0].papers]
    assert names == [*kept[:-1], "Giấy tờ của bài thử", kept[-1]]


async def test_what_is_typed_is_kept_by_itself(visit: Open, site: Staffed) -> None:
    page = await visit(EDIT)
    await sign_in(page)
    await element(page, "result").fill("đang gõ")
    await expect(page.locator("#kept")).to_contain_text("Đã giữ phần đang sửa lúc", timeout=9000)
    await page.reload()
    await expect(element(page, "result")).to_have_value("đang gõ")
    await expect(page.get_by_text("Đây là phần anh/chị đang sửa dở")).to_be_visible()
    await page.get_by_role("button", name="Bỏ phần sửa dở").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã bỏ phần đang sửa dở")
    await page.goto(str(site.server.make_url(EDIT)))
    await expect(element(page, "result")).not_to_have_value("đang gõ")


async def test_an_ended_session_loses_nothing(visit: Open, site: Staffed) -> None:
    page = await visit(EDIT, width=360, height=740)
    await sign_in(page)
    await page.get_by_label("Vì sao sửa").fill("thử")
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
    for _ in range(20):
        await keys.press("Tab")
        if await page.locator("#alias:focus").count():
            break
    await keys.type("giấy chào đời của bé")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Đã thêm tên")
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
    await page.get_by_label("Vì sao sửa").focus()
    await keys.type("thử bàn phím")
    await keys.press("Tab")
    await expect(page.get_by_role("button", name="Lưu bản nháp")).to_be_focused()
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu bản nháp")
    with site.store.work() as work:
        found = work.get(CODE, RevisionState.DRAFT)
    assert found
    assert found.notes[-1] == "Lưu ý gõ bằng bàn phím"
    assert found.title.endswith("(thử)")
