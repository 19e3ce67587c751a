"""Findings about one record: what it states that cannot be right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from knowledge.facts import lint_facts
from knowledge.findings import Severity
from knowledge.lint import lint_procedures
from knowledge.model import Procedure
from knowledge.repealed import seed_repealed

TODAY = date(2026, 11, 25)


def record(**more: Any) -> Procedure:
    source = {"checked_on": "2026-07-15", "origin": "thử", **more.pop("source", {})}
    return Procedure.model_validate(
        {"code": "1.000001", "name": "Thả diều", "field": "Vui chơi", "source": source, **more}
    )


def findings(today: date = TODAY, **more: Any) -> list[tuple[Severity, str]]:
    found = lint_facts(record(**more), today=today, repealed=seed_repealed())
    return [(each.severity, each.text) for each in found]


def days(*steps: str, amount: int = 5, unit: str = "working_day") -> dict[str, Any]:
    limits = [{"amount": amount, "unit": unit}]
    return {"steps": steps, "filings": [{"channel": "counter", "limits": limits}]}


def fee(amount: int, basis: str | None = None) -> list[dict[str, Any]]:
    return [{"channel": "counter", "fees": [{"amount": amount, "basis": basis}]}]


def test_a_plain_record_has_no_findings() -> None:
    assert (
        findings(office="UBND phường", **days("Nộp.", "Trong 3 ngày làm việc trả kết quả.")) == []
    )


@pytest.mark.parametrize("place", ["UBND cấp huyện", "Ủy ban nhân dân huyện Ninh Hải"])
def test_an_office_that_is_gone_is_an_error(place: str) -> None:
    ((severity, text),) = findings(place=place)
    assert severity is Severity.ERROR
    assert "không còn cấp huyện" in text
    assert findings(place=place, today=date(2025, 6, 30)) == []


def test_a_step_at_the_district_is_worth_a_look_but_history_is_not() -> None:
    ((severity, _),) = findings(steps=["Nộp tại UBND huyện.", "Chờ cấp huyện ký."])
    assert severity is Severity.WARNING
    assert findings(notes=["Nay làm ở phường; trước 01/7/2025 làm ở cấp huyện."]) == []


@pytest.mark.parametrize("number", ["61/2018/NĐ-CP", "Nghị định 61/2018", "NĐ số 61/2018"])
def test_a_dead_basis_is_told_with_what_took_its_place(number: str) -> None:
    ((_, text),) = findings(legal_basis=[{"number": number}])
    assert "61/2018/NĐ-CP đã hết hiệu lực, nay là 118/2025/NĐ-CP" in text


@pytest.mark.parametrize("number", ["161/2018/NĐ-CP", "61/2018/NĐ-HĐND", "161/2018", "42/2022"])
def test_other_instruments_live(number: str) -> None:
    assert findings(legal_basis=[{"number": number}]) == []


def test_a_basis_dies_on_its_day() -> None:
    law = [{"number": "42/2022/NĐ-CP"}]
    assert findings(legal_basis=law, today=date(2026, 6, 30)) == []
    assert len(findings(legal_basis=law, today=date(2026, 7, 1))) == 1


def test_a_fee_needs_a_basis() -> None:
    assert [text for _, text in findings(filings=fee(8000))] == ["thu phí mà không ghi căn cứ thu."]
    assert findings(filings=fee(8000, "281/2016/TT-BTC")) == []
    assert findings(filings=fee(0)) == []
    assert findings(filings=fee(8000), legal_basis=[{"number": "281/2016/TT-BTC"}]) == []


@pytest.mark.parametrize(
    ("case", "told"),
    [
        (days("Trong 3 ngày làm việc.", "Trong 03 (ba) ngày làm việc."), "6 ngày làm việc"),
        (days("Trong 20 ngày.", amount=15, unit="day"), "20 ngày"),
    ],
)
def test_steps_longer_than_the_limit(case: dict[str, Any], told: str) -> None:
    ((_, text),) = findings(**case)
    assert told in text


@pytest.mark.parametrize(
    "step",
    [
        "Trong 60 ngày kể từ ngày sinh phải đi khai.",
        "Từ ngày 15 tháng 7.",
        "Trong 2 ngày làm việc, nếu phức tạp 5 ngày làm việc.",
        "Trong 20 ngày thì công bố.",
    ],
)
def test_other_days_are_no_steps_of_the_office(step: str) -> None:
    assert findings(**days(step)) == []


def test_a_contradiction_wants_a_basis_and_an_officer() -> None:
    conflict = {"aspect": "time", "say": "Cổng còn ghi 15 ngày."}
    assert "không ghi căn cứ" in findings(conflicts=[conflict])[0][1]
    based = conflict | {"basis": "Nghị định 217/2026/NĐ-CP"}
    assert "cần cán bộ xác nhận" in findings(conflicts=[based])[0][1]
    assert findings(conflicts=[based], source={"confirmed": True, "confirmed_by": "lan"}) == []


def test_the_lint_of_the_whole_tells_them_too() -> None:
    late = record(place="UBND cấp huyện", source={"check_by": "2026-11-01"})
    texts = [each.text for each in lint_procedures([late], today=TODAY)]
    assert any("không còn cấp huyện" in text for text in texts)
    assert "phải xem lại trước 01/11/2026." in texts
