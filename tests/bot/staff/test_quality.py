"""Judging: officers see drawn questions one by one; the share that is right has its interval."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import staff
from bot.anchors import Anchors
from bot.staff.tiles import interval
from knowledge.accounts import Role
from knowledge.audit import Filter
from knowledge.figures import begin_of
from knowledge.offices import VIETNAM
from knowledge.quality import WEEK, Accuracy, Label, monday_of
from tests.staffing import Staffed, Visitor, inquiry

PAGE = "/staff/quality"


@pytest.fixture
async def officer(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("lan", Role.OFFICER)
    site.fill()
    last = begin_of(monday_of(site.now().astimezone(VIETNAM).date()) - WEEK)
    with site.store.work() as work:
        for number in range(3):
            at = last + timedelta(hours=number)
            work.log([inquiry(f"câu số {number}", at=at, contact=f"{number}")])
        work.log([inquiry("nói trước đó", at=last - timedelta(days=9), contact="0")])
    jobs = {each.name: each for each in staff.jobs(site.store, Anchors.__new__(Anchors), site.now)}
    await jobs["draw_sample"].do()
    async with site.browser() as found:
        await found.sign_in("lan")
        yield found


async def test_one_after_another_until_none_waits(site: Staffed, officer: Visitor) -> None:
    assert "3 câu đang chờ chấm" in (await officer.get(PAGE)).said
    assert "câu trả lời chờ chấm" in (await officer.get("/staff/")).said
    path = (await officer.get(f"{PAGE}/next")).headers["Location"]
    for left in (2, 1, 0):
        page = await officer.get(path)
        assert "câu số" in page.said
        assert "Đăng ký khai sinh – cần mang" in page.said
        assert (await officer.post(path, {"label": "right", "note": "ok"})).status == 303
        answer = await officer.get(f"{PAGE}/next")
        path = answer.headers["Location"]
        with site.store.work() as work:
            assert work.quality.waiting() == left
    assert path == PAGE
    said = (await officer.get(PAGE)).said
    assert "Không còn câu nào chờ chấm. Cảm ơn" in said
    assert "100,0% khoảng tin cậy 95%: 43,9% – 100,0%, chấm 3 câu" in said
    for each in site.actions():
        assert each in {"session.open", "inquiry.open", "quality.label"}


async def test_a_second_thought_is_audited_with_the_first(site: Staffed, officer: Visitor) -> None:
    await officer.get(f"{PAGE}/1")
    await officer.post(f"{PAGE}/1", {"label": "right"})
    await officer.post(f"{PAGE}/1", {"label": "wrong"})
    with site.store.work() as work:
        last, first = work.audit.entries(Filter(action="quality.label"))
    assert (first.before, first.after) == (None, {"label": "Đúng", "by": "lan"})
    assert (last.before, last.after) == (first.after, {"label": "Sai", "by": "lan"})


async def test_nonsense_is_refused(site: Staffed, officer: Visitor) -> None:
    await officer.get(f"{PAGE}/1")
    answer = await officer.post(f"{PAGE}/1", {"label": "great"})
    assert answer.status == 422
    assert "chọn một cách chấm" in answer.said
    assert (await officer.get(f"{PAGE}/99")).status == 404
    assert (await officer.post(f"{PAGE}/99", {"label": "right"})).status == 404


async def test_accuracy_stands_beside_the_share_answered(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        for number, label in enumerate((Label.RIGHT, Label.RIGHT, Label.WRONG), 1):
            work.quality.label(number, label, by="lan", note="", at=site.now())
    said = (await officer.get("/staff/figures?period=30")).said
    assert "Trả lời đúng 66,7% khoảng tin cậy 95%: 20,8% – 93,9%, chấm 3 câu" in said
    assert said.index("Trả lời được") < said.index("Trả lời đúng") < said.index("Phải hỏi lại")


async def test_viewers_see_results_and_judge_nothing(site: Staffed, officer: Visitor) -> None:
    site.hire("xem", Role.VIEWER)
    async with site.browser() as viewer:
        await viewer.sign_in("xem")
        page = await viewer.get(PAGE)
        assert page.status == 200
        assert "Chấm câu tiếp theo" not in page.said
        assert (await viewer.get(f"{PAGE}/1")).status == 403


def test_nothing_judged_is_said() -> None:
    assert interval(Accuracy({}, 5)) == "chưa chấm câu nào"
