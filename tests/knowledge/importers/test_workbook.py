"""The project's own workbook: what people type is understood, what is wrong is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from knowledge.importers import layout, read
from knowledge.importers.batch import Unreadable

from .making import RECORD, Cells, own, refused, sheets_of, workbook
from .strategies import TODAY


def test_what_people_type_is_understood(tmp_path: Path) -> None:
    path = own(
        tmp_path / "a.xlsx",
        thu_tuc=[{**RECORD, "Mã": 1.99001, "Tên": date(2026, 7, 15), "Cán bộ đã xác nhận": "x"}],
        cach_nop=[{"Mã": 1.99001, "Cách nộp số": "1", layout.FILINGS.headings[2]: "counter"}],
        le_phi=[{"Mã": "1.990010", "Cách nộp số": 1, "Số tiền (đồng)": "8.000"}],
    )
    found = read(path, today=TODAY).drafts[0].procedure
    assert found.code == "1.990010"
    assert found.name == "15/07/2026"
    assert found.source.checked_on == date(2026, 7, 15)
    assert found.source.confirmed
    assert found.filings[0].fees[0].amount == 8_000


def test_papers_without_a_number_belong_to_the_case_above(tmp_path: Path) -> None:
    path = own(
        tmp_path / "a.xlsx",
        giay_to=[
            {"Trường hợp số": 1, "Trường hợp": "Mới", "Giấy tờ": "a"},
            {"Trường hợp số": 2, "Trường hợp": "Lại", "Giấy tờ": "b", "Bản chính": 0},
            {"Giấy tờ": "c", "Chỉ đưa xem": "có"},
        ],
    )
    new, renewed = read(path, today=TODAY).drafts[0].procedure.cases
    assert [paper.name for paper in new.papers] == ["a"]
    assert [paper.name for paper in renewed.papers] == ["b", "c"]
    assert renewed.papers[0].originals == 0
    assert renewed.papers[1].shown


CASE: Cells = {"Trường hợp số": 1, "Trường hợp": "a", "Giấy tờ": "x"}
ASKED: Cells = {"Khóa câu hỏi": "k", "Câu hỏi": "Ai?", "Khóa lựa chọn": "a", "Lựa chọn": "A"}
FILED: Cells = {"Cách nộp số": 1, layout.FILINGS.headings[2]: "counter"}


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        ({"thu_tuc": [{**RECORD, "Ngày kiểm tra": "mai"}]}, ["thu_tuc, dòng 2, Ngày kiểm tra"]),
        ({"thu_tuc": [{**RECORD, "Ngày kiểm tra": ""}]}, ["dòng 2", "checked_on", "Thiếu"]),
        ({"thu_tuc": [{**RECORD, "Mã": ""}]}, ["dòng 2, Mã", "Thiếu mã"]),
        ({"thu_tuc": [{**RECORD, "Mã": "abc"}]}, ["dòng 2, Mã", "1.001193"]),
        ({"thu_tuc": [{**RECORD, "Tên": ""}]}, ["dòng 2", "Tên"]),
        ({"thu_tuc": [RECORD, RECORD]}, ["dòng 3, Mã", "đã có ở"]),
        ({"thu_tuc": [{**RECORD, "Cán bộ đã xác nhận": "rồi"}]}, ["Cán bộ đã xác nhận", "rồi"]),
        ({"giay_to": [{**CASE, "Mã": "1.999999"}]}, ["giay_to, dòng 2, Mã", "1.999999"]),
        ({"giay_to": [{**CASE, "Bản chính": "hai"}]}, ["giay_to, dòng 2, Bản chính", "hai"]),
        ({"giay_to": [{**CASE, "Bản sao": "8,5"}]}, ["giay_to, dòng 2, Bản sao", "8,5"]),
        ({"giay_to": [{**CASE, "Bản sao": 1.5}]}, ["giay_to, dòng 2, Bản sao", "1.5"]),
        ({"giay_to": [CASE, {**CASE, "Bản sao": -1}]}, ["giay_to, dòng 3", "Số bản sao"]),
        ({"giay_to": [CASE, {**CASE, "Trường hợp": "b"}]}, ["giay_to, dòng 3, Trường hợp", "Khác"]),
        ({"giay_to": [CASE, {**CASE, "Giấy tờ": "", "Bản sao": 2}]}, ["giay_to, dòng 3", "Tên"]),
        ({"giay_to": [{**CASE, layout.WHEN.heading: "ai"}]}, ["giay_to, dòng 2", "câu_hỏi="]),
        ({"giay_to": [{**CASE, layout.WHEN.heading: "ai=a"}]}, ["thu_tuc, dòng 2", "câu hỏi"]),
        ({"cau_hoi": [ASKED]}, ["cau_hoi, dòng 2", "Lựa chọn"]),
        ({"cau_hoi": [ASKED, {**ASKED, "Câu hỏi": "Gì?"}]}, ["cau_hoi, dòng 3, Câu hỏi", "Khác"]),
        (
            {"cau_hoi": [ASKED, {**ASKED, "Khóa lựa chọn": "Hoa"}]},
            ["cau_hoi, dòng 3", "chữ thường"],
        ),
        ({"cach_nop": [FILED, FILED]}, ["cach_nop, dòng 3, Cách nộp số", "đã có"]),
        ({"cach_nop": [{**FILED, layout.FILINGS.headings[2]: "xe"}]}, ["cach_nop, dòng 2", "xe"]),
        ({"le_phi": [{"Cách nộp số": 4, "Số tiền (đồng)": 1}]}, ["le_phi, dòng 2", "số 4"]),
        ({"cach_nop": [FILED], "le_phi": [{"Cách nộp số": 1}]}, ["le_phi, dòng 2", "Phí phải"]),
        ({"cach_nop": [FILED], "thoi_han": [{"Cách nộp số": 1, "Số": 0}]}, ["thoi_han, dòng 2"]),
        ({"le_phi": [{"Cách nộp số": 1, "Số tiền (đồng)": "9" * 40}]}, ["le_phi", "quá lớn"]),
        ({"cac_buoc": [{"Bước": ""}]}, ["cac_buoc, dòng 2", "Để trống"]),
    ],
)
def test_a_wrong_cell_is_named(
    tmp_path: Path, rows: dict[str, list[Cells]], parts: list[str]
) -> None:
    said = refused(own(tmp_path / "a.xlsx", **rows))
    for part in ["a.xlsx, trang ", *parts]:
        assert part in said


@pytest.mark.parametrize("missing", [sheet.name for sheet in layout.ALL[1:]])
def test_a_missing_sheet_would_wipe_what_it_held(tmp_path: Path, missing: str) -> None:
    sheets = sheets_of()
    del sheets[missing]
    assert f"trang {missing}: Thiếu" in refused(workbook(tmp_path / "a.xlsx", sheets))


def test_a_missing_a_strange_and_a_repeated_column(tmp_path: Path) -> None:
    sheets = sheets_of()
    sheets["can_cu"] = [["Mã", "Số văn bản"]]
    assert "«Tên văn bản»" in refused(workbook(tmp_path / "a.xlsx", sheets))
    sheets["can_cu"] = [["Mã", "Số văn bản", "Tên văn bản", "Ghi thêm"]]
    assert "«Ghi thêm»" in refused(workbook(tmp_path / "a.xlsx", sheets))
    sheets["can_cu"] = [["Mã", "Số văn bản", "Tên văn bản", "Mã"]]
    assert "lặp" in refused(workbook(tmp_path / "a.xlsx", sheets))


def test_a_formula_that_failed_is_no_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets_of().items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
            if name == "le_phi":
                page.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    assert "trang le_phi, ô C2" in refused(path)


def test_the_workbook_tells_its_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = own(tmp_path / "a.xlsx", thu_tuc=[RECORD, {**RECORD, "Mã": "1.990002"}])
    read(path, today=TODAY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_a_refusal_survives_being_sent_between_processes(tmp_path: Path) -> None:
    import pickle

    with pytest.raises(Unreadable) as caught:
        read(own(tmp_path / "a.xlsx", thu_tuc=[RECORD, RECORD]), today=TODAY)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
