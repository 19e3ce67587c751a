"""The dashboard: periods, tiles and charts over figures counted by hand."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from docx import Document

from bot import staff
from bot.anchors import Anchors
from bot.staff.charts import Point, bars, columns, scale, stack
from bot.staff.tiles import changed, milliseconds, percent, points
from bot.staff.views.service.periods import Period, month_of, named, period_of
from knowledge.accounts import Role
from tests.staffing import Staffed, Visitor, inquiry

FIGURES = "/staff/figures"
TODAY = date(2026, 11, 25)


@pytest.fixture
async def viewer(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("xem", Role.VIEWER)
    site.fill()
    async with site.browser() as found:
        await found.sign_in("xem")
        yield found


async def count(site: Staffed) -> None:
    """What the server does every minute."""
    jobs = {each.name: each for each in staff.jobs(site.store, Anchors.__new__(Anchors), site.now)}
    await jobs["count_figures"].do()


async def test_figures_of_a_week_beside_the_week_before(site: Staffed, viewer: Visitor) -> None:
    with site.store.work() as work:
        for days, number in ((1, 6), (9, 4)):
            at = site.now() - timedelta(days=days)
            work.log([inquiry("một", at=at) for _ in range(number)])
        at = site.now() - timedelta(days=1)
        work.log([inquiry("hai", at=at, status="unanswered_no_match", procedure=None)] * 2)
    await count(site)
    said = (await viewer.get(f"{FIGURES}?period=7")).said
    assert "Lượt hỏi 8 tăng 100%; kỳ trước 4" in said
    assert "Trả lời được 75,0% giảm 25,0 điểm; kỳ trước 100,0%" in said
    assert "Chưa trả lời được 25,0%" in said
    assert "Zalo OA 8 4 tăng 100%" in said
    assert "Đăng ký khai sinh (1.001193) 6 4 tăng 50%" in said
    assert "Hộ tịch 6 4 tăng 50%" in said


async def test_an_office_without_inquiries(site: Staffed, viewer: Visitor) -> None:
    await count(site)
    page = await viewer.get(FIGURES)
    assert page.status == 200
    assert "Trả lời được chưa có" in page.said
    assert "Chưa có gì trong kỳ này" in page.said


async def test_each_chart_has_a_title_a_meaning_and_a_table(site: Staffed, viewer: Visitor) -> None:
    with site.store.work() as work:
        work.log([inquiry("một", at=site.now())])
    await count(site)
    page = (await viewer.get(FIGURES)).text
    titles = re.findall(r'<figcaption id="([^"]+)">', page)
    assert len(titles) == len(set(titles)) == page.count("<svg") == page.count("Bảng số<span")
    assert re.findall(r'role="img" aria-labelledby="([^"]+)"', page) == titles
    assert "style=" not in page


async def test_the_report_of_a_month_is_a_word_file(site: Staffed, viewer: Visitor) -> None:
    site.ahead = datetime(2026, 11, 10, 3, tzinfo=UTC) - datetime.now(UTC)
    with site.store.work() as work:
        for month, number in ((9, 2), (10, 3)):
            at = datetime(2026, month, 30, 3, tzinfo=UTC)
            work.log([inquiry("một", at=at) for _ in range(number)])
    await count(site)
    await viewer.sign_in("xem")
    answer = await viewer.get(f"{FIGURES}/report.docx")
    assert 'filename="bao-cao-thang-2026-10.docx"' in answer.headers["Content-Disposition"]
    document = Document(io.BytesIO(answer.body))
    said = "\n".join(each.text for each in document.paragraphs)
    assert "nhận 3 lượt hỏi (tháng trước 2)" in said
    assert "chưa hết" not in said
    cells = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert cells[1] == ["Lượt hỏi", "3", "2", "tăng 50%"]
    answer = await viewer.get(f"{FIGURES}/report.docx?month=2026-11")
    said = "\n".join(each.text for each in Document(io.BytesIO(answer.body)).paragraphs)
    assert "Tháng này chưa hết" in said
    for month in ("2026-12", "x"):
        assert (await viewer.get(f"{FIGURES}/report.docx?month={month}")).status == 404


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("period=forever", "Không có khoảng"),
        ("since=1926-01-01&until=2026-01-01", "nhiều nhất 366 ngày"),
        ("since=x", "không phải là một ngày"),
        ("since=2026-02-02&until=2026-01-01", "đứng sau"),
    ],
)
async def test_nonsense_is_said(viewer: Visitor, query: str, why: str) -> None:
    page = await viewer.get(f"{FIGURES}?{query}")
    assert page.status == 422
    assert why in page.said


@pytest.mark.parametrize(
    ("name", "since", "until", "before"),
    [
        ("7", (11, 19), (11, 25), ((11, 12), (11, 18))),
        ("30", (10, 27), (11, 25), ((9, 27), (10, 26))),
        ("month", (11, 1), (11, 25), ((10, 1), (10, 25))),
        ("last-month", (10, 1), (10, 31), ((9, 1), (9, 30))),
    ],
)
def test_periods(
    name: str,
    since: tuple[int, int],
    until: tuple[int, int],
    before: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    found = named(name, TODAY)
    assert (found.since, found.until) == (date(2026, *since), date(2026, *until))
    assert (found.before.since, found.before.until) == tuple(date(2026, *each) for each in before)


def test_the_last_day_of_march_is_compared_with_all_of_february() -> None:
    found = named("month", date(2026, 3, 31)).before
    assert found == Period(since=date(2026, 2, 1), until=date(2026, 2, 28))


def test_chosen_days_go_before_a_name() -> None:
    found, problem = period_of({"period": "7", "since": "2026-11-01", "until": "2026-11-02"}, TODAY)
    assert (found, problem) == (Period(since=date(2026, 11, 1), until=date(2026, 11, 2)), "")


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-12", "1999-01", "²026-01", "x-y"])
def test_months_that_are_none(text: str) -> None:
    assert month_of(text, TODAY) is None


def test_a_month() -> None:
    found = month_of("2026-02", TODAY)
    assert found is not None
    assert (found.since, found.until) == (date(2026, 2, 1), date(2026, 2, 28))
    assert found.before.since == date(2026, 1, 1)


def test_columns_stand_to_scale() -> None:
    drawn = str(columns("x", [Point("a", 5, 10), Point("<b>", 10)], str))
    assert re.findall(r'class="now" x="([\d.]+)%" y="[\d.]+" width="36%" height="([\d.]+)"', drawn)
    heights = [float(each) for each in re.findall(r'class="now".*?height="([\d.]+)"', drawn)]
    assert heights[0] * 2 == heights[1]
    assert "<b>" not in drawn
    assert drawn.count('class="before"') == 1


def test_bars_and_stacks_stand_to_scale() -> None:
    drawn = str(bars("x", [Point("a", 5), Point("b", 20, 10)], str))
    assert re.findall(r'class="now".*?width="([\d.]+)%"', drawn) == ["25", "100"]
    assert 'x1="50%"' in drawn
    drawn = str(stack("x", [("Kỳ này", [("answered", 0.25), ("none", 0.0), ("other", 0.75)])]))
    assert re.findall(r'class="part (\w+)" x="([\d.]+)%"', drawn) == [
        ("answered", "0"),
        ("other", "25"),
    ]


@pytest.mark.parametrize(
    ("most", "end"), [(0, 2), (2, 2), (3, 5), (7, 10), (10, 10), (11, 20), (130, 200), (2400, 2500)]
)
def test_scales(most: float, end: float) -> None:
    assert scale(most) == end


def test_words_of_figures() -> None:
    assert percent(0.8749) == "87,5%"
    assert percent(None) == "chưa có"
    assert changed(1, 0) == ""
    assert changed(1000, 1001) == "như cũ"
    assert points(0.5, 0.525) == "giảm 2,5 điểm"
    assert milliseconds(None, 3) == "trên 5 giây"
    assert milliseconds(1000, 3) == "dưới 1.000 ms"
    assert milliseconds(None, 0) == "chưa có"
