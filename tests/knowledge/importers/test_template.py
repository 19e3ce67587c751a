"""The officers' template explains every column and is itself no record."""

from __future__ import annotations

import zipfile
from pathlib import Path

from knowledge.importers import layout, read
from knowledge.importers.exporters import export_xlsx
from knowledge.importers.sheets import EXAMPLE
from knowledge.importers.spreadsheet import read_tables
from knowledge.importers.template import GUIDE, explained, export_template

from .making import RECORD, own
from .strategies import TODAY


def test_every_column_is_explained(tmp_path: Path) -> None:
    export_template(tmp_path / "mau.xlsx")
    tables = read_tables(tmp_path / "mau.xlsx")
    assert list(tables) == [GUIDE, *(sheet.name for sheet in layout.ALL)]
    told = [row[2] for row in tables[GUIDE] if len(row) > 2]
    for sheet in layout.ALL:
        for column in sheet.columns:
            assert explained(sheet, column.key) in told


def test_examples_are_shown_and_never_imported(tmp_path: Path) -> None:
    example = read(own(tmp_path / "a.xlsx"), today=TODAY).drafts[0].procedure
    export_template(tmp_path / "mau.xlsx", example)
    rows = read_tables(tmp_path / "mau.xlsx")["thu_tuc"]
    assert rows[1][:2] == [EXAMPLE, "Thả diều"]
    assert read(tmp_path / "mau.xlsx", today=TODAY).drafts == ()


def test_a_filled_in_template_is_read_beside_its_examples(tmp_path: Path) -> None:
    rows = [{**RECORD, "Mã": EXAMPLE}, RECORD]
    papers = [{"Mã": EXAMPLE, "Giấy tờ": "Ví dụ"}, {"Trường hợp": "Cần nộp", "Giấy tờ": "Đơn"}]
    path = own(tmp_path / "a.xlsx", thu_tuc=rows, giay_to=papers)
    (draft,) = read(path, today=TODAY).drafts
    assert [paper.name for paper in draft.procedure.papers] == ["Đơn"]


def test_choices_are_drop_downs_that_the_reader_takes(tmp_path: Path) -> None:
    export_template(tmp_path / "mau.xlsx")
    export_xlsx([], tmp_path / "rong.xlsx")
    for name in ("mau.xlsx", "rong.xlsx"):
        with zipfile.ZipFile(tmp_path / name) as packed:
            text = "".join(
                packed.read(member).decode()
                for member in packed.namelist()
                if member.startswith("xl/worksheets/")
            )
        for sheet in layout.ALL:
            for column in sheet.columns:
                assert not column.choices or f"{','.join(column.choices)}" in text
        assert text.count('type="list"') == 6
    for sheet in layout.ALL:
        for column in sheet.columns:
            for choice in column.choices:
                column.read(choice)
