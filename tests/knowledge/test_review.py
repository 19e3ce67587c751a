"""What must be looked at again, in a list, in a summary, and in the answer itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge.findings import error, warning
from knowledge.model import Procedure
from knowledge.review import Flag, check_by, weekly_summary, worklist

TODAY = date(2026, 11, 25)


def record(number: int, checked: date, **more: object) -> Procedure:
    source = {"checked_on": checked, "confirmed": True, "confirmed_by": "lan"}
    changes = {key: more.pop(key) for key in ("confirmed", "check_by") if key in more}
    return Procedure.model_validate(
        {
            "code": f"1.00000{number}",
            "name": f"Việc số {number}",
            "field": "Vui chơi",
            "source": source | changes,
            **more,
        }
    )


def test_a_day_of_its_own_goes_before_the_interval() -> None:
    assert check_by(record(1, date(2026, 1, 1)), timedelta(days=10)) == date(2026, 1, 11)
    own = record(1, date(2026, 1, 1), check_by=date(2026, 3, 1))
    assert check_by(own, timedelta(days=10)) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("day", "flags"),
    [
        (TODAY - timedelta(days=1), (Flag.OVERDUE,)),
        (TODAY, (Flag.DUE,)),
        (TODAY + timedelta(days=14), (Flag.DUE,)),
    ],
)
def test_days(day: date, flags: tuple[Flag, ...]) -> None:
    (item,) = worklist([record(1, TODAY, check_by=day)], today=TODAY)
    assert (item.flags, item.check_by) == (flags, day)


def test_what_was_looked_at_and_confirmed_is_not_in_the_list() -> None:
    assert worklist([record(1, TODAY, check_by=TODAY + timedelta(days=15))], today=TODAY) == []


def test_flags_and_order() -> None:
    conflict = {"aspect": "time", "say": "Cổng ghi khác."}
    records = [
        record(1, TODAY, conflicts=[conflict]),
        record(2, TODAY, confirmed=False),
        record(3, date(2026, 1, 1)),
        record(4, TODAY),
    ]
    problems = [error("1.000004, 1.000009", "cùng tên."), warning("1.000003", "dài.")]
    found = worklist(records, today=TODAY, problems=problems)
    assert [(each.procedure.code[-1], each.flags) for each in found] == [
        ("3", (Flag.OVERDUE,)),
        ("1", (Flag.CONTRADICTORY,)),
        ("2", (Flag.UNCONFIRMED,)),
        ("4", (Flag.FAULTY,)),
    ]
    only = worklist(records, today=TODAY, wanted=[Flag.UNCONFIRMED])
    assert [each.procedure.code for each in only] == ["1.000002"]


def test_the_summary_of_a_week() -> None:
    items = worklist([record(1, date(2026, 1, 1)), record(2, TODAY, confirmed=False)], today=TODAY)
    assert weekly_summary(items, today=TODAY).splitlines() == [
        "Tuần từ 25/11/2026, thủ tục cần anh/chị xem lại:",
        "– quá hạn xem lại: 1",
        "– cán bộ chưa xác nhận: 1",
        "30/06/2026 · 1.000001 · Việc số 1",
    ]
    assert "không có" in weekly_summary([], today=TODAY)
