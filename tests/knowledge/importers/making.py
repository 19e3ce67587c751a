"""Makes small workbooks for tests, sound ones and broken ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from knowledge.importers import layout, read
from knowledge.importers.batch import Unreadable

from .strategies import TODAY

Sheets = dict[str, list[list[Any]]]
Cells = dict[str, Any]

RECORD: Cells = {
    "Mã": "1.990001",
    "Tên": "Thả diều",
    "Lĩnh vực": "Vui chơi",
    "Ngày kiểm tra": "15/07/2026",
}


def refused(path: Path) -> str:
    """What is said of a file that must not be read."""
    with pytest.raises(Unreadable) as caught:
        read(path, today=TODAY)
    return str(caught.value)


def workbook(path: Path, sheets: Sheets) -> Path:
    """Any workbook, cell by cell."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return path


def sheets_of(**rows: list[Cells]) -> Sheets:
    """All sheets of the project's workbook; ``rows`` by sheet, each row by heading.

    The main sheet holds one sound record unless told otherwise; every row gets its code.
    """
    rows.setdefault("thu_tuc", [RECORD])
    return {
        sheet.name: [
            list(sheet.headings),
            *(
                [{"Mã": "1.990001", **row}.get(heading, "") for heading in sheet.headings]
                for row in rows.get(sheet.name, [])
            ),
        ]
        for sheet in layout.ALL
    }


def own(path: Path, **rows: list[Cells]) -> Path:
    """The project's workbook in a file."""
    return workbook(path, sheets_of(**rows))
