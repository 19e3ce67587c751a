"""The national portal's rows with all their dirt."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.importers import read
from knowledge.importers.batch import Batch, Unreadable
from knowledge.model import Channel, Level, Procedure, Unit

TODAY = date(2026, 11, 24)
ROW: dict[str, Any] = {
    "code": "1.990001",
    "name": "Thả diều",
    "field": "Vui chơi",
    "level": "Cấp Xã",
    "decision": "9/QĐ-THU",
    "subjects": "Công dân Việt Nam",
    "papers": [{"case": "--", "items": [{"name": "Đơn", "original": 1, "copy": 0}]}],
    "methods": [{"method": "Trực tiếp", "time": "3 Ngày làm việc", "fee": "10,000 đồng"}],
}


def read_rows(tmp_path: Path, *rows: object) -> Batch:
    file = tmp_path / "cong.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return read(file, today=TODAY)


def one(tmp_path: Path, **changes: Any) -> tuple[Procedure, list[str]]:
    batch = read_rows(tmp_path, ROW | changes)
    assert len(batch.drafts) == 1
    return batch.drafts[0].procedure, [str(finding.reason) for finding in batch.findings]


def method(**changes: str) -> list[dict[str, str]]:
    return [{"method": "Trực tiếp", "time": "3 Ngày làm việc", "fee": "", **changes}]


def test_a_clean_row(tmp_path: Path) -> None:
    found, findings = one(tmp_path)
    assert findings == []
    assert found.levels == (Level.COMMUNE,)
    assert found.filings[0].channel is Channel.COUNTER
    assert (found.filings[0].limits[0].amount, found.filings[0].limits[0].unit) == (
        3,
        Unit.WORKING_DAY,
    )
    assert found.filings[0].fees[0].amount == 10_000
    assert found.cases[0].papers[0].originals == 1
    assert found.source.checked_on == date(2026, 7, 15)
    assert found.source.origin == "Cổng Dịch vụ công quốc gia, bản thu tháng 7/2026"
    assert not found.source.confirmed


def test_the_draft_says_which_fields_the_portal_states(tmp_path: Path) -> None:
    batch = read_rows(tmp_path, ROW)
    known = batch.drafts[0].known
    assert {"name", "cases", "filings", "source"} <= known
    assert "aliases" not in known
    assert "result" not in known


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("1.\tThả diều ", "Thả diều"),
        ("Tha\u0309 die\u0302\u0300u", "Thả diều"),
        ("Thả\u00a0diều\u200b;", "Thả diều"),
        ("<p>Thả diều</p>", "Thả diều"),
        ("\uf0b7 Thả diều:", "Thả diều"),
    ],
)
def test_names_are_cleaned(tmp_path: Path, raw: str, clean: str) -> None:
    assert one(tmp_path, name=raw)[0].name == clean


def test_free_of_charge_contradicted_by_its_note_is_not_free(tmp_path: Path) -> None:
    note = "Mức thu theo nghị quyết của HĐND tỉnh"
    found, findings = one(tmp_path, methods=method(fee="Miễn phí", fee_note=note))
    fee = found.filings[0].fees[0]
    assert fee.amount is None
    assert fee.text == note
    assert any("Miễn phí" in reason for reason in findings)


def test_plain_free_of_charge_is_said_to_be_the_portals_word(tmp_path: Path) -> None:
    fee = one(tmp_path, methods=method(fee="Miễn phí"))[0].filings[0].fees[0]
    assert fee.amount is None
    assert "Cổng Dịch vụ công ghi miễn phí" in str(fee.text)


def test_a_fee_in_a_wrong_scale_is_dropped_and_told(tmp_path: Path) -> None:
    found, findings = one(tmp_path, methods=method(fee="45 VNĐ"))
    assert found.filings[0].fees == ()
    assert any("45 đồng" in reason for reason in findings)


@pytest.mark.parametrize(
    ("raw", "amount", "unit"),
    [("5 Ngày", 5, Unit.DAY), ("1 Giờ", 1, Unit.HOUR), ("2 Tháng", 2, Unit.MONTH)],
)
def test_units_of_time(tmp_path: Path, raw: str, amount: int, unit: Unit) -> None:
    limit = one(tmp_path, methods=method(time=raw))[0].filings[0].limits[0]
    assert (limit.amount, limit.unit) == (amount, unit)


def test_a_bare_number_is_not_taken_for_days(tmp_path: Path) -> None:
    found, findings = one(tmp_path, methods=method(time="7"))
    assert found.filings[0].limits[0].amount is None
    assert any("đơn vị" in reason for reason in findings)


def test_notes_among_the_papers_are_no_papers(tmp_path: Path) -> None:
    items = [
        {"name": "Đơn", "original": 1, "copy": 0},
        {"name": "* Lưu ý: mang theo bản chính để đối chiếu", "original": 0, "copy": 0},
    ]
    found, _ = one(tmp_path, papers=[{"case": "--", "items": items}])
    assert [paper.name for paper in found.papers] == ["Đơn"]
    assert any("đối chiếu" in note for note in found.notes)


def test_a_second_row_of_a_code_is_rejected_with_its_place(tmp_path: Path) -> None:
    batch = read_rows(tmp_path, ROW, ROW | {"name": "Khác"})
    assert len(batch.drafts) == 1
    rejected = [finding for finding in batch.findings if finding.severity == "rejected"]
    assert "dòng 2" in str(rejected[0].place)


@pytest.mark.parametrize(
    "changes", [{"code": "x"}, {"code": ""}, {"code": None}, {"name": ""}, {"field": ""}]
)
def test_rows_that_are_no_record_are_rejected(tmp_path: Path, changes: dict[str, Any]) -> None:
    batch = read_rows(tmp_path, ROW | changes)
    assert batch.drafts == ()
    assert batch.findings[0].severity == "rejected"
    assert "dòng 1" in str(batch.findings[0].place)


@pytest.mark.parametrize("value", [None, 7, "chữ", [], {}, [None], [[]], [{"items": 3}]])
@pytest.mark.parametrize("field", ["papers", "methods", "steps", "legal_basis", "level"])
def test_any_type_in_any_field_is_survived(tmp_path: Path, field: str, value: object) -> None:
    batch = read_rows(tmp_path, ROW | {field: value})
    assert len(batch.drafts) + len(batch.findings) >= 1


def test_gzip_and_json_list_read_the_same(tmp_path: Path) -> None:
    plain = read_rows(tmp_path, ROW).drafts[0].procedure
    packed = tmp_path / "cong.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(ROW).encode()))
    listed = tmp_path / "cong.json"
    listed.write_text(json.dumps([ROW]), "utf-8")
    for path in (packed, listed):
        assert read(path, today=TODAY).drafts[0].procedure == plain


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", b"", "trống"),
        ("a.jsonl", b'{"code": "1.000001"}\n{hong', "dòng 2"),
        ("a.json", b"[1, 2", "dòng 1"),
        ("a.jsonl.gz", gzip.compress(b"{}" * 900)[:20], "cụt"),
        ("a.jsonl.gz", b"\x1f\x8bkhong phai gzip", ""),
        ("a.jsonl", b"\xff\xfe\x00\x01", "UTF-8"),
        ("a.txt", b"abc", "Chưa biết đọc"),
        ("a", b"abc", "Chưa biết đọc"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Unreadable) as caught:
        read(tmp_path / name, today=TODAY)
    assert name in str(caught.value)
    assert said in str(caught.value)
