"""YAML and the choice of a reader: what is wrong is named with its place."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from knowledge.importers import batch, portal_json, read, spreadsheet, yaml_files

from .making import own, refused, workbook
from .strategies import TODAY

GOOD = "code: '1.990001'\nname: Thả diều\nfield: Vui chơi\nsource: {checked_on: 2026-07-15}\n"
ROW = {"code": "1.990001", "name": "Thả diều", "field": "Vui chơi"}


def yaml_file(tmp_path: Path, text: str, name: str = "mot.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (GOOD + "feees: []\n", ["mã 1.990001", "feees", "gõ sai tên mục"]),
        (GOOD.replace("'1.990001'", "'abc'"), ["mã abc", "Mã (code)", "1.001193"]),
        (GOOD.replace("'1.990001'", "1.990001"), ["Mã (code)", "dấu nháy"]),
        (GOOD.replace("2026-07-15", "15/07/2026"), ["Ngày kiểm tra", "2026-07-15"]),
        (GOOD.replace("field: Vui chơi\n", ""), ["Lĩnh vực (field)", "Thiếu"]),
        (GOOD + "cases: [{name: a, papers: [{name: b, originals: nhiều}]}]\n",
         ["Trường hợp, giấy tờ 1 › Giấy tờ 1 › Số bản chính (originals)", "nhiều"]),
        (GOOD + "steps: [a]\nsteps: [b]\n", ["dòng 6, steps", "hai lần"]),
        (GOOD + "cases:\n- name: a\n  name: b\n", ["dòng 7, name", "hai lần"]),
        ("name: [hong\n\n", ["thiếu dấu đóng", "mở ra ở dòng 1"]),
        ('a: 1\nb: "x', ["dòng 2", "thiếu dấu nháy đóng"]),
        ("a: 1\nb:\n\t- c", ["dòng 3", "tab"]),
        ("a: 1\nb: c: d", ["dòng 2, cột 5", "hai chấm"]),
        ("a: 1\nb: \x01", ["dòng 2", "ký tự"]),
        ("", ["trống"]),
        ("# chỉ có ghi chú", ["trống"]),
        ("chỉ là chữ", ["Không phải"]),
        ("- 1\n- 2\n", ["bản ghi 1"]),
        (f"- {json.dumps(ROW)}\n", ["bản ghi 1, mã 1.990001", "source"]),
        ("[" * 2000, []),
        ("a: &a [x]\nb: [" + "*a, " * 200 + "]", ["tham chiếu"]),
        ("--- {}\n--- {}\n", ["dòng 2", "một phần"]),
    ],
)  # fmt: skip
def test_broken_yaml_is_named(tmp_path: Path, text: str, parts: list[str]) -> None:
    said = refused(yaml_file(tmp_path, text))
    for part in ["mot.yaml", *parts]:
        assert part in said


def test_yaml_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(GOOD.encode("utf-16"))
    assert "UTF-8" in refused(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read(tmp_path / "a.yaml", today=TODAY).drafts[0].procedure.name == "Thả diều"


def test_one_record_a_list_and_a_folder_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "thu").mkdir()
    one = yaml_file(tmp_path / "thu", GOOD)
    listed = yaml_file(tmp_path, "- " + GOOD.replace("\n", "\n  "), "danh_sach.yml")
    found = [read(path, today=TODAY).drafts[0] for path in (one, listed, tmp_path / "thu")]
    assert len({draft.procedure.model_dump_json() for draft in found}) == 1
    assert all(draft.whole for draft in found)


def test_a_folder_with_the_same_code_twice(tmp_path: Path) -> None:
    yaml_file(tmp_path, GOOD, "a.yaml")
    yaml_file(tmp_path, GOOD, "b.yaml")
    assert refused(tmp_path) == "b.yaml, Mã (code): Mã 1.990001 đã có ở a.yaml."


def test_a_folder_with_one_broken_file_gives_nothing(tmp_path: Path) -> None:
    yaml_file(tmp_path, GOOD, "a.yaml")
    yaml_file(tmp_path, "x: [", "b.yaml")
    assert refused(tmp_path).startswith("b.yaml, dòng ")


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "không có tệp" in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xlsx", b"\x00\x01 rubbish", "Excel"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, "Excel"),
        ("a.xlsx", b"PK\x03\x04" + b"\x07" * 900, "Excel"),
        ("a.xlsx", b"", "trống"),
        ("a.yaml", b"", "trống"),
        ("a.jsonl", b"PK\x03\x04" + b"\x07" * 900, "Excel"),
        ("a.jsonl.gz", b"{}", "gzip"),
        ("a.docx", b"PK\x03\x04" + b"\x07" * 900, "Tệp Word hỏng"),
        ("a.pdf", b"%PDF-1.7", "PDF hỏng"),
        ("a.txt", b"abc", "Đọc được: .yaml"),
        ("a", b"abc", "Đọc được: .yaml"),
    ],
)
def test_files_that_are_nothing_readable(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert said in refused(tmp_path / name)
    assert name in refused(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "a.xlsx" in refused(tmp_path / "a.xlsx")


def test_the_content_decides_before_the_suffix(tmp_path: Path) -> None:
    path = own(tmp_path / "a.xlsx")
    expected = read(path, today=TODAY).drafts[0].procedure
    for name in ("a.xls", "a.jsonl", "khong_duoi"):
        shutil.copy(path, tmp_path / name)
        assert read(tmp_path / name, today=TODAY).drafts[0].procedure == expected
    (tmp_path / "b.json").write_bytes(gzip.compress(json.dumps(ROW).encode()))
    assert read(tmp_path / "b.json", today=TODAY).drafts[0].procedure.name == "Thả diều"


def test_workbooks_that_are_neither_ours_nor_a_list(tmp_path: Path) -> None:
    said = refused(workbook(tmp_path / "khac.xlsx", {"Sheet1": [["a", "b"], [1, 2]]}))
    assert "«thu_tuc»" in said
    assert "«Mã số»" in said
    assert "«thu_tuc»" in refused(workbook(tmp_path / "trong.xlsx", {"Sheet1": []}))


def test_a_cut_workbook(tmp_path: Path) -> None:
    data = own(tmp_path / "a.xlsx").read_bytes()
    for length in (30, len(data) // 2, len(data) - 30):
        (tmp_path / "cut.xlsx").write_bytes(data[:length])
        assert "Excel" in refused(tmp_path / "cut.xlsx")


def test_a_workbook_that_makes_the_library_abort_is_only_refused(tmp_path: Path) -> None:
    path = tmp_path / "goc.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(1_048_575, 16_383, "b")  # 17 thousand million cells, written in 5 kB
    assert "Excel" in refused(path)


def test_a_sheet_with_a_stray_cell_far_away_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "xa.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write(0, 0, "a")
        page.write(99_999, 300, "b")
    assert "quá rộng" in refused(path)


def test_a_packed_bomb_is_refused_before_unpacking(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bom.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        chunk = b"\0" * (8 * 1024 * 1024)
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(batch.MAX_BYTES // len(chunk) + 1):
                member.write(chunk)
    assert (tmp_path / "bom.xlsx").stat().st_size < 2_000_000
    assert "quá lớn" in refused(tmp_path / "bom.xlsx")


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "doi.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * 5_000_000)
    size = (5_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    with zipfile.ZipFile(path) as packed:
        assert packed.infolist()[0].file_size == 10
    assert "Excel" in refused(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.yaml", "a.xlsx"])
def test_no_file_above_the_bound_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for module in (portal_json, yaml_files, spreadsheet):
        monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    path = tmp_path / name
    if name.endswith("xlsx"):
        own(path)
    else:
        data = json.dumps(ROW).encode() + b" " * 1_000
        path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert "quá lớn" in refused(path)
