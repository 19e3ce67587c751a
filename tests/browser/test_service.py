"""Pages on how the service does, in a real Chromium: phone and PC, day and night."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.app import build_services, seed_procedures
from knowledge.quality import WEEK, Label, monday_of
from knowledge.store import UnitOfWork
from knowledge.switches import AnnouncementKind, Scope, Switch
from tests.staffing import Staffed, inquiry

from .conftest import staffed
from .office import SHOTS
from .test_staff import Open, sign_in, visit
from .test_webchat import faults, overflows

__all__ = ["visit"]

pytestmark = pytest.mark.browser

PAGES = {
    "inquiries": "/staff/inquiries",
    "inquiries-wrong": "/staff/inquiries?since=1926-01-01&until=2026-01-01",
    "conversation": "/staff/inquiries/2",
    "figures": "/staff/figures",
    "figures-year": "/staff/figures?period=365",
    "switches": "/staff/switches",
    "quality": "/staff/quality",
    "quality-one": "/staff/quality/1",
}
UNANSWERED = {"status": "unanswered_no_match", "procedure": None, "aspect": None, "score": None}
CLARIFIED = {"status": "clarify_procedure", "procedure": None, "aspect": None, "score": 0.41}
CODES = ("1.001193", "1.000894", "1.004222", "2.000815", "1.000656", "1.004884", "2.000908")


def asked_of(site: Staffed) -> None:
    """Citizens who asked, well and badly; two months of others; a filter that was kept."""
    now = site.now()
    with site.store.work() as work:
        work.log(
            [
                inquiry("cho em hỏi làm giấy khai sinh cho con cần gì ạ", at=now),
                inquiry("[show:1.001193:fee]", at=now, aspect="fee", score=None),
                inquiry("[tên] hẹn hôm qua " + "r" * 90, at=now, **UNANSWERED),
                inquiry("lam giay khai sinh", at=now, contact="khác", **CLARIFIED),
            ]
        )
        work.saved_filters.save(1, "inquiries", "Chưa trả lời", "status=unanswered", at=now)
    chance = random.Random(3)
    lines = []
    for _ in range(900):
        at = now - timedelta(days=1 + chance.triangular(0, 62, 10), hours=chance.random() * 9)
        outcome = chance.choice(({}, {}, {}, UNANSWERED, CLARIFIED))
        lines.append(
            inquiry(
                "hỏi",
                at=at,
                **{
                    "channel": chance.choice(("telegram", "zalo_oa", "zalo_oa", "web")),
                    "contact": f"{chance.randrange(200)}",
                    "procedure": chance.choice(CODES[: chance.randint(1, len(CODES))]),
                    "milliseconds": chance.lognormvariate(1.5, 0.8),
                    **outcome,
                },
            )
        )
    with site.store.work() as work:
        work.log(lines)
    with site.store.work() as work:
        for day in work.figures.stale(now):
            work.figures.count(day, at=now)
        _judged(work, now)
        _switched(work, now)


def _judged(work: UnitOfWork, now: datetime) -> None:
    monday = monday_of(now.date())
    for weeks in (2, 1):
        work.quality.draw(monday - weeks * WEEK, at=now)
    labels = [*[Label.RIGHT] * 8, Label.PARTLY, Label.WRONG, Label.SHOULD_ASK]
    for number in range(2, 80):
        work.quality.label(number, labels[number % 11], by="lan", note="", at=now)


def _switched(work: UnitOfWork, now: datetime) -> None:
    sentence = "Cơ quan đang kiểm tra lại nội dung này nên em chưa trả lời."
    switch = Switch(
        scope=Scope.PROCEDURE,
        key="1.001193",
        sentence=sentence,
        reason="Mức phí sai",
        author="lan",
        since=now,
        until=now + timedelta(hours=5),
    )
    work.switches.turn_off(switch)
    work.switches.announce(
        AnnouncementKind.STORM,
        "Bão số 9: chiều nay cơ quan nghỉ, sáng mai làm lại.",
        begins_at=now,
        ends_at=now + timedelta(hours=8),
        author="lan",
        at=now,
    )


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(tmp_path, build_services(seed_procedures())) as running:
        asked_of(running)
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 800)])
async def test_every_page_is_sound(
    visit: Open, site: Staffed, width: int, height: int, scheme: str
) -> None:
    page = await visit(width=width, height=height, color_scheme=scheme)
    await sign_in(page)
    await expect(page.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    for name, path in PAGES.items():
        await page.goto(str(site.server.make_url(path)))
        await page.screenshot(path=SHOTS / f"staff-{name}-{width}-{scheme}.png", full_page=True)
        assert await faults(page) == [], name
        assert not await overflows(page), name


async def test_the_log_without_script(visit: Open) -> None:
    page = await visit("/staff/inquiries", width=360, height=740, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_label("Có các từ").fill("GIẤY khai sinh")
    await page.get_by_label("Kết thúc").select_option("Đã trả lời")
    await page.get_by_role("button", name="Lọc", exact=True).click()
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_text("Lưu bộ lọc này").click()
    await page.get_by_label("Tên bộ lọc").fill("Khai sinh")
    await page.get_by_role("button", name="Lưu bộ lọc").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu bộ lọc «Khai sinh»")
    await page.get_by_role("link", name="Khai sinh", exact=True).click()
    await page.get_by_role("link", name="Xem cuộc hỏi đáp").click()
    await expect(page.locator(".past > li")).to_have_count(3)
    await page.get_by_text("Nếu hỏi lúc này").first.click()
    await expect(page.locator(".past details[open]")).to_contain_text("đăng ký khai sinh")
    await page.screenshot(path=SHOTS / "staff-conversation-open-360.png", full_page=True)


def silenced(site: Staffed) -> bool:
    with site.store.work() as work:
        return work.switches.board(site.now()).silenced("web", site.now()) is not None


async def test_the_bot_is_switched_off_and_on_without_script(visit: Open, site: Staffed) -> None:
    page = await visit("/staff/switches", width=360, height=740, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_text("Tắt cả bot").click()
    form = page.locator("details[open]")
    await form.get_by_label("Vì sao tắt").fill("Trả lời sai mức phí")
    await page.screenshot(path=SHOTS / "staff-switches-open-360.png", full_page=True)
    await form.get_by_role("button", name="Tắt", exact=True).click()
    await expect(page.get_by_role("status")).to_contain_text("Đã tắt: cả bot")
    assert silenced(site)
    await page.get_by_role("button", name="Bật lại cả bot").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã bật lại: cả bot")
    assert not silenced(site)


async def test_answers_are_judged_one_after_another(visit: Open, site: Staffed) -> None:
    page = await visit("/staff/quality", width=360, height=740, java_script_enabled=False)
    await sign_in(page)
    await page.get_by_role("link", name="Chấm câu tiếp theo").click()
    await page.get_by_label("Đúng một phần").check()
    await page.get_by_role("button", name="Ghi, sang câu tiếp").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã ghi")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("đúng chưa")
