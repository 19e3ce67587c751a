"""Runs by itself, in a process of its own: prints the cells of an Excel file as JSON.

A broken or hostile workbook can make the reading library abort the whole process or ask for more
memory than there is. Here that ends this process only. Started by ``spreadsheet``; imports
almost nothing of the project, so that it starts fast.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    # Isolated mode knows neither the folder of the project nor the environment.
    sys.path.insert(0, str(Path(__file__).parents[2]))

from knowledge.confinement import confine

MAX_MEMORY = 2 * 1024**3
"""Bytes of address space."""
MAX_CELLS = 20_000_000
"""Cells of one sheet, the empty ones before the last row and column included."""
TOO_WIDE = 3
"""Exit code: a sheet spans more cells than ``MAX_CELLS``."""
NO_WORKBOOK = 4
"""Exit code: the library says that this is no workbook."""
HIDDEN = 5
"""Exit code: there is a sheet that nobody sees."""


def _cell(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return {type(value).__name__: value.isoformat()}
    if isinstance(value, timedelta):
        return str(value)
    return value


def _row(cells: list[Any]) -> list[object]:
    """The cells up to the last one that holds something."""
    last = len(cells)
    while last and cells[last - 1] in ("", None):
        last -= 1
    return [_cell(value) for value in cells[:last]]


def main(path: str) -> int:
    """Print ``[[sheet name, rows], …]``; the exit code says what went wrong."""
    confine(memory=MAX_MEMORY)
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    found = []
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - by content: the suffix is often wrong
            book = CalamineWorkbook.from_filelike(file)
        if any(each.visible != SheetVisibleEnum.Visible for each in book.sheets_metadata):
            return HIDDEN
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > MAX_CELLS:
                return TOO_WIDE
            rows = [_row(cells) for cells in sheet.to_python(skip_empty_area=False)]
            while rows and not rows[-1]:
                rows.pop()
            found.append([name, rows])
    except (CalamineError, OSError, ValueError):
        return NO_WORKBOOK
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
