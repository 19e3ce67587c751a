"""Tables to take along, sent while they are made: CSV that Excel reads, and XLSX; no formulas.

XLSX is written here and not by xlsxwriter: with a hundred thousand rows that takes twice the time
of everything else together, and nothing can be sent before the last row is there.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from itertools import chain, islice
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MARK = "\ufeff".encode()
"""Excel takes UTF-8 for what it is only after this mark."""
MOST_ROWS = 1_048_575
"""Rows of one sheet beside its heading (a limit of the XLSX format)."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML cannot hold, and carriage returns, which it would not give back."""
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""Excel would read «_x0041_» as «A» (ECMA-376, ST_Xstring)."""
_MAX_CELL = 32_000
"""Characters of one cell; the format allows a few more UTF-16 units."""
_PACKED = 2
"""How hard is packed: 6, the usual, takes three times as long for a fifth less."""
_AT_ONCE = 500
"""Rows that are packed together."""

Cell = str | float

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7F0F2"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf fontId="1" fillId="2" applyFont="1" applyFill="1"/></cellXfs>'
    "</styleSheet>",
}
"""What every workbook of one sheet holds beside the sheet and its name."""


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


class _Passed:
    """Bytes on their way out; a zip file writes into it without ever looking back."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        found, self._held = b"".join(self._held), []
        return found


def xlsx_pieces(
    title: str,
    header: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Cell]],
) -> Iterator[bytes]:
    """One sheet, piece by piece, so that memory does not grow with it.

    A cell of text is stored as text whatever it begins with. It is made safe all the same:
    somebody may save the sheet as CSV later.
    """
    out = _Passed()
    letters = [chr(ord("A") + place) for place in range(len(header))]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_PACKED) as book:
        for name, part in _PARTS.items():
            book.writestr(name, _HEAD + part)
        sheets = f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/>'
        workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        book.writestr("xl/workbook.xml", f"{_HEAD}{workbook}<sheets>{sheets}</sheets></workbook>")
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write((_opening(widths) + _row(1, header, letters, ' s="1"')).encode())
            numbered = enumerate(rows, 2)
            while first := next(numbered, None):
                together = chain([first], islice(numbered, _AT_ONCE - 1))
                lines = "".join(_row(number, row, letters) for number, row in together)
                sheet.write(lines.encode())
                if piece := out.taken():
                    yield piece
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


def _opening(widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, 1)
    )
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<cols>{columns}</cols><sheetData>'


def _row(number: int, row: Sequence[Cell], letters: Sequence[str], style: str = "") -> str:
    cells = []
    for letter, cell in zip(letters, row, strict=True):
        if not isinstance(cell, str):
            cells.append(f'<c r="{letter}{number}"><v>{cell}</v></c>')
        elif cell:
            cells.append(
                f'<c r="{letter}{number}"{style} t="inlineStr"><is>'
                f'<t xml:space="preserve">{_text(cell)}</t></is></c>'
            )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(cell: str) -> str:
    safe = _UNWRITABLE.sub("", safe_cell(cell)[:_MAX_CELL])
    return escape(_ESCAPE.sub("_x005F_", safe) if "_x" in safe else safe)
