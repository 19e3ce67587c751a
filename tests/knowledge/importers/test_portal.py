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


@pytest.mark.parametrize(
    "note",
    [
        "Lệ phí do HĐND tỉnh quy định",
        "theo Thông tư 12/2025/TT-BTC",
        "150.000 đồng/lần",
        "Mức thu phí theo biểu",
    ],
)
@pytest.mark.parametrize("free", ["Miễn phí", "Phí : 0 Đồng", "Phí : Không Đồng", "0 VNĐ"])
def test_no_way_of_writing_free_hides_its_note(tmp_path: Path, free: str, note: str) -> None:
    found, findings = one(tmp_path, methods=method(fee=free, fee_note=note))
    (fee,) = found.filings[0].fees
    assert fee.amount is None
    assert fee.text == note
    assert len(findings) == 1


def test_free_of_charge_contradicted_by_the_description(tmp_path: Path) -> None:
    rows = method(fee="Miễn phí", desc="Phí: theo biểu mức thu của Bộ")
    found, findings = one(tmp_path, methods=rows)
    (fee,) = found.filings[0].fees
    assert fee.amount is None
    assert "biểu mức thu" in str(fee.text)
    assert any("mô tả" in reason for reason in findings)


def test_free_and_a_sum_in_one_way_of_filing(tmp_path: Path) -> None:
    rows = method(fee="Miễn phí") + method(fee="20,000 Việt Nam Đồng")
    found, findings = one(tmp_path, methods=rows)
    assert [fee.amount for fee in found.filings[0].fees] == [20_000]
    assert any("Miễn phí" in reason for reason in findings)


@pytest.mark.parametrize("figure", ["1", "45", "90", "500", "900"])
def test_a_fee_in_a_wrong_scale_is_dropped_and_told(tmp_path: Path, figure: str) -> None:
    found, findings = one(tmp_path, methods=method(fee=f"{figure} VNĐ"))
    assert found.filings[0].fees == ()
    assert any(f"{figure} đồng" in reason for reason in findings)


def test_a_wrong_scale_is_mended_by_the_words_of_its_note_only(tmp_path: Path) -> None:
    rows = method(fee="900 Việt Nam Đồng", fee_note="Phí thẩm định: 900.000 đồng/lần")
    found, findings = one(tmp_path, methods=rows)
    (fee,) = found.filings[0].fees
    assert (fee.amount, fee.text) == (None, "Phí thẩm định: 900.000 đồng/lần")
    assert any("900 đồng" in reason for reason in findings)


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("1.000 VNĐ", 1_000),
        ("Phí : 10.000 Đồng", 10_000),
        ("1,500,000 Việt Nam Đồng", 1_500_000),
        ("150000 Đồng", 150_000),
    ],
)
def test_sums_are_understood(tmp_path: Path, raw: str, amount: int) -> None:
    found, findings = one(tmp_path, methods=method(fee=raw))
    assert [fee.amount for fee in found.filings[0].fees] == [amount]
    assert findings == []


@pytest.mark.parametrize("raw", ["10000.00 Đồng", "10.00 VNĐ", "1,5 Việt Nam Đồng"])
def test_a_sum_with_decimals_is_not_a_hundredfold(tmp_path: Path, raw: str) -> None:
    found, findings = one(tmp_path, methods=method(fee=raw))
    assert found.filings[0].fees == ()
    assert len(findings) == 1


def test_a_sum_that_contradicts_its_note_is_told(tmp_path: Path) -> None:
    rows = method(fee="20,000 Việt Nam Đồng", fee_note="25.000 đồng/hồ sơ")
    found, findings = one(tmp_path, methods=rows)
    assert found.filings[0].fees[0].condition == "25.000 đồng/hồ sơ"
    assert any("khác số tiền" in reason for reason in findings)


def test_a_scale_of_fees_is_told_in_words(tmp_path: Path) -> None:
    note = "Cấp mới 20.000 đồng; cấp lại 40.000 đồng"
    found, _ = one(tmp_path, methods=method(fee="20,000 Việt Nam Đồng", fee_note=note))
    assert [(fee.amount, fee.text) for fee in found.filings[0].fees] == [(None, note)]


def test_a_limit_and_a_fee_that_ran_together_are_dropped(tmp_path: Path) -> None:
    rows = method(time="120", desc="VNĐ(20.000 vnđ /tờ khai)")
    found, findings = one(tmp_path, methods=rows)
    assert found.filings[0].limits == ()
    assert all(fee.amount is None for fee in found.filings[0].fees)
    assert any("dính vào nhau" in reason for reason in findings)


def test_days_and_working_days_in_one_way_of_filing_are_told(tmp_path: Path) -> None:
    rows = method(time="3 Ngày") + method(time="5 Ngày làm việc")
    found, findings = one(tmp_path, methods=rows)
    assert len(found.filings[0].limits) == 2
    assert any("ngày làm việc" in reason for reason in findings)


@pytest.mark.parametrize("raw", ["0", "0 Ngày", "Không quy định", ""])
def test_no_limit_is_no_limit(tmp_path: Path, raw: str) -> None:
    assert one(tmp_path, methods=method(time=raw))[0].filings[0].limits == ()


def test_a_way_of_filing_without_a_name_is_told(tmp_path: Path) -> None:
    found, findings = one(tmp_path, methods=[{"method": "Bồ câu", "time": "1 Ngày"}])
    assert found.filings == ()
    assert any("hình thức" in reason for reason in findings)


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


def test_cases_stay_apart_and_glued_rows_are_parted(tmp_path: Path) -> None:
    papers = [
        {
            "case": "a) Cấp mới:",
            "items": [{"name": "Đơn;1 bản chínhẢnh", "original": 0, "copy": 2}],
        },
        {"case": "b) Cấp lại:", "items": [{"name": "- Đơn", "original": 1, "copy": 0}]},
    ]
    found, _ = one(tmp_path, papers=papers)
    assert [case.name for case in found.cases] == ["Cấp mới", "Cấp lại"]
    assert [(p.name, p.originals, p.copies) for p in found.cases[0].papers] == [
        ("Đơn", 1, None),
        ("Ảnh", None, 2),
    ]


def test_odd_papers_are_told(tmp_path: Path) -> None:
    many = [{"case": "--", "items": [{"name": "Đơn", "original": 2026, "copy": 0}]}]
    found, findings = one(tmp_path, papers=many)
    assert found.papers[0].originals is None
    assert any("2026" in reason for reason in findings)
    notes = [{"case": "--", "items": [{"name": "Lưu ý: mang bản gốc", "original": 0, "copy": 0}]}]
    found, findings = one(tmp_path, papers=notes)
    assert found.cases == ()
    assert any("Không dòng nào" in reason for reason in findings)
    long = [{"case": "--", "items": [{"name": "Đơn " * 400, "original": 1, "copy": 0}]}]
    assert any("quá dài" in reason for reason in one(tmp_path, papers=long)[1])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": "Bước " * 900}, "Trình tự"),
        ({"conditions": "Có " * 900}, "Điều kiện"),
        ({"result": "Giấy " * 900}, "Kết quả"),
        ({"methods": [{"method": "Trực tiếp", "desc": "Nộp " * 900}]}, "Cách nộp"),
        ({"steps": "\n".join(f"- việc {n}" for n in range(80))}, "Trình tự"),
        ({"name": "Thả diều (thực hiện tại cấp huyện)"}, "Tên"),
        ({"level": "Cấp Làng"}, "Cấp thực hiện"),
        ({"legal_basis": "theo lệ làng"}, "Căn cứ pháp lý"),
        ({"result": {"a": 1}}, "Kết quả"),
        ({"agency": ["Sở"]}, "Cơ quan thực hiện"),
        ({"papers": "Đơn"}, "Thành phần hồ sơ"),
        ({"papers": ["Đơn"]}, "Thành phần hồ sơ"),
        ({"methods": "Trực tiếp"}, "Cách thức thực hiện"),
        ({"methods": ["Trực tiếp"]}, "Cách thức thực hiện"),
    ],
)
def test_nothing_is_left_out_silently(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    batch = read_rows(tmp_path, ROW | changes)
    assert len(batch.drafts) == 1
    (finding,) = batch.findings
    assert finding.severity == "doubtful"
    assert str(finding.place).startswith(f"cong.jsonl, dòng 1, mã 1.990001, {field}")
    assert "{'" not in batch.drafts[0].procedure.model_dump_json()


def test_the_name_of_another_procedure_is_told(tmp_path: Path) -> None:
    batch = read_rows(tmp_path, ROW, ROW | {"code": "1.990002"})
    assert len(batch.drafts) == 2
    (finding,) = batch.findings
    assert (finding.severity, finding.place.field) == ("doubtful", "Tên")
    assert "1.990001" in finding.reason


def test_a_provinces_own_code(tmp_path: Path) -> None:
    assert one(tmp_path, code="1.990001.000.00.00.H44")[0].code == "1.990001.H44"


def test_legal_texts_are_parted_from_glued_words(tmp_path: Path) -> None:
    raw = "60/2014/QH1360/2014/QH13\nNghị định 123/2015/NĐ- CP04/2020/TT-BTPTHÔNG TƯ"
    numbers = [law.number for law in one(tmp_path, legal_basis=raw)[0].legal_basis]
    assert numbers == ["60/2014/QH13", "123/2015/NĐ-CP", "04/2020/TT-BTP"]


def test_steps_keep_their_order_and_their_lines(tmp_path: Path) -> None:
    raw = "Bước 1: Nộp đơn.\n+ ở xã\nBước 2: Nhận giấy."
    assert one(tmp_path, steps=raw)[0].steps == ("Nộp đơn.\n+ ở xã", "Nhận giấy.")


def test_broken_letters_can_be_printed(tmp_path: Path) -> None:
    file = tmp_path / "cong.jsonl"
    broken = '{"code": "1.990001", "name": "a\\ud800", "field": "b"}\n{"code": "1.\\ud800"}'
    file.write_text(broken, "utf-8")
    batch = read(file, today=TODAY)
    for draft in batch.drafts:
        draft.procedure.model_dump_json().encode()
    for finding in batch.findings:
        f"{finding.place}: {finding.reason}".encode()
    assert "dòng 2" in str(batch.findings[-1].place)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    rows = [ROW, ROW | {"code": "1.990002"}, ROW | {"code": "x"}, 7]
    first = read_rows(tmp_path, *rows)
    assert first == read_rows(tmp_path, *rows)
    assert [finding.severity for finding in first.findings] == ["doubtful", "rejected", "rejected"]


def test_progress_reaches_the_last_row(tmp_path: Path) -> None:
    file = tmp_path / "cong.jsonl"
    file.write_text("\n".join(json.dumps(ROW | {"code": f"1.99000{n}"}) for n in range(3)), "utf-8")
    seen: list[tuple[int, int]] = []
    read(file, today=TODAY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


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
        ("a.jsonl.gz", gzip.compress(b"{}" * 900, mtime=0)[:20], "cụt"),
        ("a.jsonl.gz", b"\x1f\x8bkhong phai gzip", "hỏng"),
        ("a.jsonl", b'{"code": ' + b"1" * 5_000 + b"}", "dòng 1"),
        ("a.json", b'{"code": ' + b"1" * 5_000 + b"}", "số quá dài"),
        ("a.json", b"[" * 200_000, "lồng quá sâu"),
        ("a.jsonl", b'{"code": "1.000001"}\n{"code": "1.0000', "dòng 2"),
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
