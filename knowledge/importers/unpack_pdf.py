"""Runs by itself, in a process of its own: prints paragraphs and tables of a PDF as JSON.

What a hostile file can do here ends this process only. Started by ``documents``; imports almost
nothing of the project, so that it starts fast.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    # Isolated mode knows neither the folder of the project nor the environment.
    sys.path.insert(0, str(Path(__file__).parents[2]))

from knowledge.confinement import confine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_MEMORY = 2 * 1024**3
"""Bytes of address space."""
MAX_SECONDS = 100
"""Seconds of processor time; the longest real page (43 sheets) takes four."""
MAX_PAGES = 200
MAX_CHARACTERS = 50_000
"""Characters of one sheet; a full one has four thousand."""
TOO_LONG = 3
"""Exit code: more sheets, or more on one of them, than a procedure's page has."""
NO_DOCUMENT = 4
"""Exit code: the library says that this is no PDF."""
LOCKED = 5
"""Exit code: the PDF opens with a password only."""
NO_TEXT = 6
"""Exit code: sheets without letters, as a scanner makes them."""

FEWEST_LETTERS = 40
"""Letters of a whole document; a scanner's own stamp has fewer."""
_MARGIN = 34.0
"""Points at the head and foot where browsers print the address and the number of the sheet."""
_SAME_LINE = 3.0
"""Points between the middles of letters of one line."""
_SAME_EDGE = 2.0
"""Points between the edges of a table's columns on two sheets."""
_PADDING = 4.0
"""Points between a cell's text and its border."""
_SLACK = 20.0
"""Points by which a line may be shorter than it seems when the blank behind it tells the break."""
_STARTS = re.compile(
    r"[-–—+*•·●○▪\x00\ue000-\uf8ff]|(?:[a-zđ]|\d{1,2}|[ivx]{1,4})\)|\d{1,2}\. |Bước \d|Mã:"
)
"""How a new paragraph begins; words like these are never the rest of a line that was too long."""


class _TooLong(Exception):
    """More than anybody would read."""


@dataclass
class Line:
    """One printed line: its text with the blanks that the file has, and where it stands."""

    text: str
    x0: float
    x1: float
    middle: float
    first: float
    """Width of its first word."""
    bold: bool


@dataclass
class Piece:
    """A line of running text, or a table, at its height on a sheet."""

    top: float
    line: Line | None = None
    table: Any = None


def _line(chars: list[Any]) -> Line:
    """Letters of one line in the order of the file unless that runs backwards."""
    if any(one["x0"] < other["x0"] - _SAME_LINE for other, one in pairwise(chars)):
        chars = sorted(chars, key=lambda char: float(char["x0"]))
    text = ""
    first = None
    for before, char in zip([None, *chars], chars):  # noqa: B905 - one shorter by intent
        gap = before is not None and char["x0"] - before["x1"] > 0.25 * char["size"]
        blank = char["text"].isspace()
        if gap and not blank and not text.endswith(" "):
            text += " "
        if text.strip() and first is None and (blank or text.endswith(" ")):
            first = before
        text += " " if blank else char["text"]
    end = (first or chars[-1])["x1"]
    inked = [char for char in chars if not char["text"].isspace()] or chars
    x0, x1 = float(inked[0]["x0"]), float(inked[-1]["x1"])
    bold = "bold" in str(inked[0]["fontname"]).lower()
    return Line(text, x0, x1, _middle(chars[0]), float(end) - x0, bold)


def _middle(char: Any) -> float:
    return float(char["top"] + char["bottom"]) / 2


def lines_of(chars: Iterable[Any]) -> list[Line]:
    """Printed lines from top to bottom."""
    rows: list[list[Any]] = []
    for char in chars:
        row = next(
            (r for r in rows[:-4:-1] if abs(_middle(r[0]) - _middle(char)) < _SAME_LINE), None
        )
        if row is None:
            rows.append([char])
        else:
            row.append(char)
    found = [_line(row) for row in rows if any(not char["text"].isspace() for char in row)]
    return sorted(found, key=lambda each: each.middle)


def seam(before: Line, after: Line, right: float) -> str:
    """What joins two lines: nothing or a blank where a long line was broken, else a line break."""
    start, end = after.text.lstrip(), before.text.rstrip()
    if before.bold != after.bold or _STARTS.match(start):
        return "\n"
    slack = _SLACK if before.text.endswith(" ") else 0.0
    fits = before.x1 + after.first < right - slack
    # A small letter behind no stop goes on with the sentence, however short the line is.
    if fits and not (start[:1].islower() and end[-1:] not in ".;:"):
        return "\n"
    return "" if before.text.endswith((" ", "/", "-")) else " "


def joined(lines: list[Line], right: float) -> str:
    """Paragraphs of lines within a left and a right edge."""
    if not lines:
        return ""
    text = lines[0].text
    for before, after in pairwise(lines):
        text += seam(before, after, right) + after.text
    return text


class Sheet:
    """One sheet of paper."""

    def __init__(self, page: Any) -> None:
        if len(page.chars) > MAX_CHARACTERS or len(page.edges) > MAX_CHARACTERS:
            raise _TooLong
        low, high = _MARGIN, float(page.height) - _MARGIN
        self.chars = [char for char in page.chars if low <= _middle(char) <= high]
        self.tables = page.find_tables()
        boxes = [table.bbox for table in self.tables]
        loose = [char for char in self.chars if not any(_inside(char, box) for box in boxes)]
        self.lines = lines_of(loose)
        self.right = max([*(each.x1 for each in self.lines), *(box[2] for box in boxes)], default=0)

    def pieces(self) -> list[Piece]:
        """Lines and tables from top to bottom."""
        found = [Piece(each.middle, line=each) for each in self.lines]
        found += [Piece(table.bbox[1], table=table) for table in self.tables]
        return sorted(found, key=lambda each: each.top)

    def rows(self, table: Any) -> list[list[str]]:
        """Cells of a table with the blanks at their ends; of merged cells one."""
        return [[self._cell(cell) for cell in row.cells if cell is not None] for row in table.rows]

    def _cell(self, box: tuple[float, float, float, float]) -> str:
        chars = [char for char in self.chars if _inside(char, box)]
        return joined(lines_of(chars), box[2] - _PADDING)


def _inside(char: Any, box: tuple[float, float, float, float]) -> bool:
    middle = float(char["x0"] + char["x1"]) / 2
    return box[0] <= middle < box[2] and box[1] <= _middle(char) < box[3]


def _edges(table: Any) -> list[float]:
    return sorted({round(cell[0]) for cell in table.cells} | {round(table.bbox[2])})


def _same_columns(one: Any, other: Any) -> bool:
    first, second = _edges(one), _edges(other)
    return len(first) == len(second) and all(
        abs(a - b) <= _SAME_EDGE
        for a, b in zip(first, second)  # noqa: B905 - as long
    )


def blocks(sheets: Iterable[Sheet]) -> Iterator[dict[str, Any]]:
    """Paragraphs and tables in order, each with the number of its sheet.

    A table that goes on at the head of the next sheet says so (``goes_on``), for its first row
    may be the rest of a row that was cut in two, even within a word.
    """
    text: dict[str, Any] = {}
    last: Line | None = None
    table = None
    right = 0.0
    for number, sheet in enumerate(sheets, 1):
        right = max(right, sheet.right)
        for piece in sheet.pieces():
            if piece.line is not None:
                glue = seam(last, piece.line, right) if last else ""
                text = text or {"text": "", "at": f"trang {number}"}
                text["text"] += glue + piece.line.text
                last, table = piece.line, None
                continue
            if text:
                yield text
            text, last = {}, None
            goes_on = table is not None and _same_columns(table, piece.table)
            rows = sheet.rows(piece.table)
            yield {"rows": rows, "at": f"trang {number}", "goes_on": goes_on}
            table = piece.table
    if text:
        yield text


def _blanks(found: list[dict[str, Any]]) -> bool:
    """True when the file keeps the blank behind a line that it broke."""
    return any(
        cell.endswith(" ") or " \n" in cell
        for block in found
        for row in block.get("rows", ())
        for cell in row
    )


def _letters(found: list[dict[str, Any]]) -> int:
    texts = [block.get("text", "") for block in found]
    texts += [cell for block in found for row in block.get("rows", ()) for cell in row]
    return sum(char.isalpha() for text in texts for char in text)


def _sheets(document: Any) -> Iterator[Sheet]:
    for page in document.pages:
        yield Sheet(page)
        page.close()


def main(path: str) -> int:
    """Print ``{"blocks": […], "made": "20260717…"}``; the exit code says what went wrong."""
    confine(memory=MAX_MEMORY, seconds=MAX_SECONDS)
    logging.disable()
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            if len(document.pages) > MAX_PAGES:
                return TOO_LONG
            made = str((document.metadata or {}).get("CreationDate") or "")
            found = list(blocks(_sheets(document)))
    except _TooLong:
        return TOO_LONG
    except PdfminerException as error:
        locked = isinstance(error.args[0], PDFPasswordIncorrect | PDFEncryptionError)
        return LOCKED if locked else NO_DOCUMENT
    except Exception:
        # Whatever the library trips over, the file is to blame.
        return NO_DOCUMENT
    if _letters(found) < FEWEST_LETTERS:
        return NO_TEXT
    json.dump({"blocks": found, "made": made, "blanks": _blanks(found)}, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
