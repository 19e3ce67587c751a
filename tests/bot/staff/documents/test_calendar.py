"""Days in the table: the notice they need, and what a filing of today then comes to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.desk import Desk
from knowledge.accounts import Role
from knowledge.workdays import Workdays
from tests.staffing import SALT, Staffed, Visitor

from .forms import changed, opened, previewed


@pytest.fixture
async def minh(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("minh", Role.ADMIN)
    await visitor.sign_in("minh")
    return visitor


def next_workday(site: Staffed) -> date:
    return Workdays().next_working_day(site.now().date() + timedelta(days=1))


async def test_a_day_off_moves_what_is_filed_today(site: Staffed, minh: Visitor) -> None:
    day = next_workday(site)
    form = await opened(minh, "calendar")
    typed = {**form, "day": str(day), "kind": "off", "notice": "12/TB-UBND"}
    shown = await previewed(minh, "calendar", typed)
    assert shown.status == 200
    assert "Giờ mở cửa ngày này 7 giờ – 11 giờ 30, 13 giờ 30 – 17 giờ nghỉ" in shown.said
    assert "3 ngày làm việc, nộp bây giờ" in shown.said
    assert "nộp hôm nay thì khi nào có" in shown.said
    assert (await changed(minh, "calendar", **typed)).status == 303
    assert not Desk.open(site.store, SALT).services.office.working_day(day)


async def test_half_a_day(site: Staffed, minh: Visitor) -> None:
    day = next_workday(site)
    typed = {"day": str(day), "kind": "morning", "notice": "12/TB-UBND"}
    assert (await changed(minh, "calendar", **typed)).status == 303
    hours = Desk.open(site.store, SALT).services.office.workdays.hours_on(day)
    assert [each.spoken() for each in hours] == ["7 giờ – 11 giờ 30"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "morning", "notice": ""}, "Chưa nhập mục này"),
        ({"kind": "morning", "notice": "theo thông báo"}, "Ghi số của thông báo"),
        ({"kind": "night"}, "Chọn một cách trong danh sách"),
        ({"day": "2026-02-30"}, "Ngày ghi không đúng"),
        ({"day": "hôm nay"}, "Ngày ghi không đúng"),
        ({"day": "9999-12-31"}, "Ngày này quá xa"),
        ({"day": "1926-11-25"}, "Ngày này quá xa"),
        ({"day": "2026-01-10"}, "Ngày này đã có trong bảng"),
    ],
)
async def test_what_cannot_be(minh: Visitor, changes: dict[str, str], said: str) -> None:
    form = await opened(minh, "calendar")
    typed = {**form, "day": "2026-12-31", "kind": "off", "notice": "1/TB", **changes}
    shown = await previewed(minh, "calendar", typed)
    assert (shown.status, said in shown.said) == (422, True), shown.said


async def test_what_is_odd_is_told(site: Staffed, minh: Visitor) -> None:
    saturday = site.now().date() + timedelta(days=(5 - site.now().date().weekday()) % 7 + 7)
    form = await opened(minh, "calendar")
    typed = {**form, "day": str(saturday), "kind": "off", "notice": "1/TB"}
    assert "vốn đã nghỉ" in (await previewed(minh, "calendar", typed)).said
