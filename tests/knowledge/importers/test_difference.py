"""Changes are told where they are, in words, and never look like none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from knowledge.difference import SHOWN, difference
from knowledge.model import Procedure

from .strategies import procedures

DAYS = "«số: 3, đơn vị: ngày làm việc» → «số: 3, đơn vị: ngày»"
PAPERS = [{"name": "Đơn", "copies": 1}, {"name": "Ảnh"}]


def record(**changes: Any) -> Procedure:
    plain = {"code": "1.990001", "name": "a", "field": "b", "source": {"checked_on": "2026-07-15"}}
    return Procedure.model_validate(plain | changes)


def filed(**changes: Any) -> dict[str, Any]:
    return {"filings": [{"channel": "online", **changes}]}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, {"result": "Giấy"}, ["Kết quả: thêm «Giấy»"]),
        ({"result": "Giấy"}, {}, ["Kết quả: bỏ «Giấy»"]),
        ({"levels": ["commune"]}, {"levels": ["commune", "province"]},
         ["Cấp thực hiện: thêm «cấp tỉnh»"]),
        ({"unsourced": ["online"]}, {}, ["Chưa thấy nguồn cho: bỏ «nộp trực tuyến»"]),
        ({"valid_from": date(2026, 7, 1)}, {"valid_from": date(2026, 8, 1)},
         ["Hiệu lực từ: «01/07/2026» → «01/08/2026»"]),
        ({"notes": ["a", "a"]}, {"notes": ["a"]}, ["Lưu ý: bỏ «a»"]),
        ({"steps": ["a", "b"]}, {"steps": ["b", "a"]}, ["Trình tự: «thứ tự cũ» → «thứ tự mới»"]),
        ({"steps": ["a", "b", "c"]}, {"steps": ["b", "a"]},
         ["Trình tự: bỏ «c»", "Trình tự: «thứ tự cũ» → «thứ tự mới»"]),
        ({"result": "a\nb"}, {"result": "a b"},
         ["Kết quả: «a b» → «a b (khác cách ngắt dòng, khoảng trắng)»"]),
        (filed(fees=[{"amount": 0}]), filed(fees=[{"amount": 5000}]),
         ["Cách nộp, thời hạn, phí › trực tuyến › Phí, lệ phí: «số: 0» → «số: 5.000»"]),
        (filed(limits=[{"amount": 3}]), filed(limits=[{"amount": 3, "unit": "day"}]),
         ["Cách nộp, thời hạn, phí › trực tuyến › Thời hạn: " + DAYS]),
        ({"cases": [{"name": "Mới", "papers": PAPERS}]},
         {"cases": [{"name": "Mới", "papers": [{"name": "Đơn", "copies": 2}]}]},
         ["Trường hợp, giấy tờ › Mới › Giấy tờ › Đơn › Số bản sao: «1» → «2»",
          "Trường hợp, giấy tờ › Mới › Giấy tờ: bỏ «Ảnh»"]),
        ({}, {"source": {"checked_on": "2026-07-15", "confirmed": True}},
         ["Nguồn › Cán bộ đã xác nhận: «không» → «có»"]),
        ({"revision": 2}, {"revision": 3}, []),
    ],
)  # fmt: skip
def test_what_is_told(old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    assert [str(change) for change in difference(record(**old), record(**new))] == told


def test_long_texts_show_the_place_where_they_differ() -> None:
    (change,) = difference(record(result="x " * 300 + "cũ"), record(result="x " * 300 + "mới"))
    assert change.old.endswith("cũ")
    assert change.new.endswith("mới")
    assert len(change.old) <= SHOWN


@settings(max_examples=40, deadline=None)
@given(procedures(), procedures())
def test_different_records_never_look_the_same(one: Procedure, other: Procedure) -> None:
    assert difference(one, one) == ()
    changes = difference(one, other)
    assert changes == difference(one, other)
    assert bool(changes) == (one != other)
    for change in changes:
        assert change.old != change.new
        assert max(len(change.old), len(change.new)) <= SHOWN
    fields = list(Procedure.model_fields)
    order = [fields.index(change.field) for change in changes]
    assert order == sorted(order)
