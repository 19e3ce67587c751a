"""YAML, the project's workbook and official lists: what is wrong is named with its place."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from knowledge.importers import read
from knowledge.importers.batch import MAX_BYTES, Unreadable
from knowledge.model import Level

TODAY = date(2026, 11, 24)
GOOD = "code: '1.990001'\nname: Thả diều\nfield: Vui chơi\nsource: {checked_on: 2026-07-15}\n"


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        read(path, today=TODAY)
    return str(caught.value)


def yaml_file(tmp_path: Path, text: str, name: str = "mot.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD + "feees: []\n", ["1.990001", "feees"]),
        (GOOD.replace("'1.990001'", "'abc'"), ["Mã", "1.001193"]),
        (GOOD.replace("2026-07-15", "hôm qua"), ["Ngày kiểm tra", "15/07/2026"]),
        (GOOD + "cases: [{name: a, papers: [{name: b, originals: nhiều}]}]\n", ["Số bản chính"]),
        ("name: [hong", ["dòng"]),
        ("a: b: c", ["dòng 1"]),
        ("", ["trống"]),
        ("chỉ là chữ", ["Không phải"]),
        ("- 1\n- 2\n", ["bản ghi 1"]),
        ("[" * 2000, []),
        ("a: &a [x]\nb: [" + "*a, " * 200 + "]", ["tham chiếu"]),
    ],
)
def test_broken_yaml_is_named(tmp_path: Path, text: str, parts: list[str]) -> None:
    said = refused(yaml_file(tmp_path, text))
    for part in ["mot.yaml", *parts]:
        assert part in said


def test_a_folder_with_the_same_code_twice(tmp_path: Path) -> None:
    yaml_file(tmp_path, GOOD, "a.yaml")
    yaml_file(tmp_path, GOOD, "b.yaml")
    said = refused(tmp_path)
    assert "b.yaml" in said
    assert "a.yaml" in said


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "không có tệp" in refused(tmp_path)


Sheets = dict[str, list[list[Any]]]


def workbook(path: Path, sheets: Sheets) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return path


RECORD = ["Mã", "Tên", "Lĩnh vực", "Ngày kiểm tra"]
MINE: Sheets = {"thu_tuc": [RECORD, ["1.990001", "Thả diều", "Vui chơi", "15/07/2026"]]}


def test_what_people_type_is_understood(tmp_path: Path) -> None:
    fees = [["Mã", "Cách nộp số", "Số tiền (đồng)"], ["1.990001", "1", "8.000"]]
    ways = [["Mã", "Cách nộp số", "Cách nộp (counter, online, post)"], ["1.990001", 1, "counter"]]
    path = workbook(tmp_path / "a.xlsx", {**MINE, "cach_nop": ways, "le_phi": fees})
    found = read(path, today=TODAY).drafts[0].procedure
    assert found.source.checked_on == date(2026, 7, 15)
    assert found.filings[0].fees[0].amount == 8_000


@pytest.mark.parametrize(
    ("sheets", "parts"),
    [
        ({"thu_tuc": [RECORD, ["1.990001", "a", "b", "ngày mai"]]}, ["thu_tuc", "dòng 2", "Ngày"]),
        ({"thu_tuc": [[*RECORD, "Tên lạ"]]}, ["thu_tuc", "Tên lạ"]),
        ({"thu_tuc": [RECORD, ["", "a", "b", ""]]}, ["dòng 2", "Thiếu mã"]),
        ({"thu_tuc": [RECORD, *[MINE["thu_tuc"][1]] * 2]}, ["dòng 3", "đã có ở"]),
        ({**MINE, "giay_to": [["Mã", "Giấy tờ"], ["1.999999", "x"]]}, ["giay_to", "1.999999"]),
        (
            {**MINE, "giay_to": [["Mã", "Trường hợp", "Giấy tờ", "Bản chính"],
                                 ["1.990001", "a", "x", "hai"]]},
            ["giay_to", "dòng 2", "Bản chính", "hai"],
        ),
        (
            {**MINE, "le_phi": [["Mã", "Cách nộp số", "Số tiền (đồng)"], ["1.990001", 4, 1000]]},
            ["le_phi", "cách nộp số 4"],
        ),
        (
            {**MINE, "giay_to": [["Mã", "Trường hợp", "Giấy tờ", "Chỉ khi (câu_hỏi=lựa_chọn)"],
                                 ["1.990001", "a", "x", "ai"]]},
            ["giay_to", "dòng 2"],
        ),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named(tmp_path: Path, sheets: Sheets, parts: list[str]) -> None:
    said = refused(workbook(tmp_path / "a.xlsx", sheets))
    for part in ["a.xlsx", *parts]:
        assert part in said


def test_files_that_are_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "rac.xlsx").write_bytes(b"\x00\x01 rubbish")
    assert "Excel" in refused(tmp_path / "rac.xlsx")
    (tmp_path / "rac.xls").write_bytes(b"")
    assert "Excel" in refused(tmp_path / "rac.xls")
    other = workbook(tmp_path / "khac.xlsx", {"Sheet1": [["a", "b"], [1, 2]]})
    assert "thu_tuc" in refused(other)


def test_a_packed_bomb_is_refused_before_unpacking(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bom.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        chunk = b"\0" * (8 * 1024 * 1024)
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(MAX_BYTES // len(chunk) + 1):
                member.write(chunk)
    assert (tmp_path / "bom.xlsx").stat().st_size < 2_000_000
    assert "quá lớn" in refused(tmp_path / "bom.xlsx")


LIST: Sheets = {
    "Danh sách": [
        ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"],
        ["1.990001", "1.\tThả  diều;", "Bộ Gió", "UBND cấp xã\nSở Gió", "Vui chơi"],
        [23604, "Mã nội bộ", "", "", ""],
        ["", "", "", "", ""],
        ["1.990002", "Không lĩnh vực", "", "Cục Gió", ""],
    ]
}


def test_an_official_list_gives_partial_drafts(tmp_path: Path) -> None:
    batch = read(workbook(tmp_path / "ds.xlsx", LIST), today=TODAY)
    first, second = batch.drafts
    assert first.partial
    assert first.procedure.name == "Thả diều"
    assert first.procedure.office == "UBND cấp xã; Sở Gió"
    assert first.procedure.levels == (Level.COMMUNE, Level.PROVINCE)
    assert first.known == {"field", "office", "levels"}
    assert second.procedure.levels == (Level.MINISTRY,)
    told = {str(finding.place): finding for finding in batch.findings}
    assert told["ds.xlsx, dòng 4, Mã"].severity == "rejected"
    assert "23604" in told["ds.xlsx, dòng 4, Mã"].reason
    assert told["ds.xlsx, dòng 6, Lĩnh vực"].severity == "doubtful"
