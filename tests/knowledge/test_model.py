"""The record refuses what would mislead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.model import Case, Procedure, applies

GOOD: dict[str, Any] = {
    "code": "1.000001",
    "name": "Thả diều",
    "field": "Vui chơi",
    "source": {"checked_on": "2026-07-15"},
}
QUESTION = {
    "key": "who",
    "text": "Ai?",
    "options": [{"key": "me", "label": "Tôi"}, {"key": "you", "label": "Người khác"}],
}


def make(**changes: Any) -> Procedure:
    return Procedure.model_validate({**GOOD, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "1.1"},
        {"code": "7.000001"},
        {"name": "   "},
        {"nmae": "sai tên mục"},
        {"replaces": ["1.000001"]},
        {"related": ["1.000001"]},
        {"valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        {"filings": [{"channel": "counter", "fees": [{"condition": "không có số"}]}]},
        {"filings": [{"channel": "counter", "fees": [{"amount": -1}]}]},
        {"filings": [{"channel": "counter", "limits": [{"unit": "day"}]}]},
        {"filings": [{"channel": "counter", "limits": [{"amount": 0}]}]},
        {"filings": [{"channel": "pigeon"}]},
        {"cases": [{"name": "a", "papers": [{"name": "b", "when": {"who": ["me"]}}]}]},
        {"questions": [QUESTION], "cases": [{"name": "a", "when": {"who": ["nobody"]}}]},
        {"questions": [{**QUESTION, "options": QUESTION["options"][:1]}]},
        {"revision": 0},
    ],
)
def test_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        make(**changes)


def test_json_and_back() -> None:
    mine = make(
        questions=[QUESTION],
        cases=[{"name": "a", "when": {"who": ["me"]}, "papers": [{"name": "b"}]}],
        valid_until="2027-01-01",
    )
    assert Procedure.model_validate(mine.model_dump(mode="json", exclude_defaults=True)) == mine


def test_in_force_on_its_days_only() -> None:
    mine = make(valid_from="2026-01-01", valid_until="2026-12-31")
    assert mine.in_force(date(2026, 1, 1))
    assert mine.in_force(date(2026, 12, 31))
    assert not mine.in_force(date(2025, 12, 31))
    assert not mine.in_force(date(2027, 1, 1))


def test_unanswered_questions_do_not_exclude() -> None:
    when = {"who": ("me",), "where": ("here", "there")}
    assert applies(when, {})
    assert applies(when, {"who": "me"})
    assert applies(when, {"who": "me", "where": "there"})
    assert not applies(when, {"who": "you"})
    assert not applies(when, {"who": "me", "where": "far"})


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("* Giấy tờ phải nộp:", True),
        ("Các giấy tờ phải xuất trình (bản chính), bao gồm", True),
        ("* Lưu ý", True),
        ("Trường hợp ủy quyền", False),
        ("Tàu đóng mới", False),
        ("a) Đối với cấp mới", False),
    ],
)
def test_headings_for_everybody_are_told_from_cases(name: str, shared: bool) -> None:
    assert Case(name=name).shared is shared


def test_alternatives_are_cases_without_questions() -> None:
    papers = [{"name": "đơn"}]
    two = [{"name": "Tàu mới", "papers": papers}, {"name": "Tàu cũ", "papers": papers}]
    headings = [{"name": "Giấy tờ phải nộp", "papers": papers}]
    assert len(make(cases=two + headings).alternatives) == 2
    assert make(cases=two[:1] + headings).alternatives == ()
    assert make(cases=two, questions=[QUESTION]).alternatives == ()
