"""Tables to take along: CSV that Excel reads, and XLSX, both safe from formulas."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MARK = "\ufeff".encode()
"""Excel takes UTF-8 for what it is only after this mark."""
MOST_ROWS = 1_048_575
"""Rows of one sheet beside its heading (a limit of the XLSX format)."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE = re.compile(r"[\ufffe\uffff]")
_MAX_CELL = 32_000
"""Characters of one cell; the format allows a few more UTF-16 units."""

Cell = str | float


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV; numbers stay numbers, text is made safe."""
    written = io.StringIO()
    csv.writer(written).writerows(
        [safe_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return written.getvalue().encode()


def write_xlsx(
    target: Path,
    title: str,
    header: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """One sheet, written row by row so that memory does not grow with it.

    A cell of text is stored as text whatever it begins with. It is made safe all the same:
    somebody may save the sheet as CSV later.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(target.parent),
    }
    with xlsxwriter.Workbook(str(target), options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E7F0F2"})
        page = book.add_worksheet(title)
        page.freeze_panes(1, 0)
        for at, (name, width) in enumerate(zip(header, widths, strict=True)):
            page.set_column(at, at, width)
            page.write_string(0, at, name, bold)
        for number, row in enumerate(rows, 1):
            _write_row(page, number, row)


def _write_row(page: Any, number: int, row: Sequence[Cell]) -> None:
    for at, cell in enumerate(row):
        if not isinstance(cell, str):
            page.write_number(number, at, cell)
        elif cell:
            page.write_string(number, at, _UNWRITABLE.sub("", safe_cell(cell)[:_MAX_CELL]))
