"""Review by date: the worklist, one click, the week's summary."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.app import build_services
from knowledge.accounts import Role
from knowledge.tables import RevisionState
from tests.staffing import Staffed, Visitor

MARRIAGE = "1.000894"


def aged(site: Staffed) -> None:
    """One record was looked at last a year ago."""
    day = site.now().date() - timedelta(days=365)
    records = list(site.services.index.procedures.values())
    site.services = build_services(
        [
            each.model_copy(update={"source": each.source.model_copy(update={"checked_on": day})})
            if each.code == MARRIAGE
            else each
            for each in records
        ]
    )


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    aged(site)
    await site.server.close()
    await site.start()
    site.hire("lan", Role.OFFICER)
    site.hire("mai", Role.APPROVER)
    site.fill()
    await visitor.sign_in("lan")
    return visitor


async def test_the_worklist_and_the_week(officer: Visitor) -> None:
    page = await officer.get("/staff/review?flag=overdue")
    assert "1 thủ tục, chờ lâu nhất đứng trước" in page.said
    assert MARRIAGE in page.said
    assert "– quá hạn xem lại: 1" in page.said
    everything = await officer.get("/staff/review?flag=unconfirmed&flag=x")
    assert "4 thủ tục" in everything.said
    assert "0 thủ tục" in (await officer.get("/staff/review?field=không có")).said
    assert "thủ tục cần anh/chị xem lại:" in (await officer.get("/staff/")).said


async def test_checked_today_waits_for_a_second_person(site: Staffed, officer: Visitor) -> None:
    await officer.get("/staff/review")
    assert (await officer.post(f"/staff/review/{MARRIAGE}")).status == 303
    assert "người thứ hai duyệt là có hiệu lực" in (await officer.get("/staff/review")).said
    today = site.now().date()
    with site.store.work() as work:
        (waiting,) = work.revisions.waiting(RevisionState.IN_REVIEW)
        assert abs(waiting.procedure.source.checked_on - today) <= timedelta(days=1)
        assert (waiting.author, waiting.reason) == ("lan", "đã kiểm tra lại, nội dung không đổi")
        work.revisions.approve(
            MARRIAGE, waiting.procedure.revision, reviewer="mai", at=site.now(), today=today
        )
    await officer.post(f"/staff/review/{MARRIAGE}")
    assert "đã ghi kiểm tra hôm nay rồi" in (await officer.get("/staff/review")).said
    assert site.actions().count("procedure.checked") == 1


async def test_what_stands_in_the_way_is_said(site: Staffed, officer: Visitor) -> None:
    await officer.get("/staff/review")
    await officer.post(f"/staff/review/{MARRIAGE}")
    await officer.get("/staff/review")
    await officer.post(f"/staff/review/{MARRIAGE}")
    assert "đang có một bản sửa chờ duyệt" in (await officer.get("/staff/review")).said
    with site.store.work() as work:
        assert work.revisions.drafts() == []
        work.revisions.save("1.001193", "lan", {}, base=1, expects=0, at=site.now())
    await officer.post("/staff/review/1.001193")
    assert "Anh/chị đang có bản nháp" in (await officer.get("/staff/review")).said
    for code in ("1.999999", "x"):
        assert (await officer.post(f"/staff/review/{code}")).status == 404
