"""Runs by itself, in a process of its own: prints paragraphs and tables of a Word file as JSON.

What a hostile file can do here ends this process only. Started by ``documents``; imports almost
nothing of the project, so that it starts fast.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    # Isolated mode knows neither the folder of the project nor the environment.
    sys.path.insert(0, str(Path(__file__).parents[2]))

from knowledge.confinement import confine

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMORY = 2 * 1024**3
"""Bytes of address space."""
MAX_SECONDS = 100
"""Seconds of processor time."""
MAX_TEXT = 5_000_000
"""Characters of a document; the longest real page has three hundred thousand."""
TOO_LONG = 3
"""Exit code: more text than ``MAX_TEXT``."""
NO_DOCUMENT = 4
"""Exit code: the library says that this is no Word file."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}


class _TooLong(Exception):
    """More text than anybody would read."""


def _text(paragraph: Any) -> str:
    """Words of a paragraph, those in links, content controls and pending insertions included."""
    found = []
    for element in paragraph.iter(f"{_W}t", *_BREAKS):
        if element.tag == f"{_W}tab" and element.getparent().tag == f"{_W}tabs":
            continue
        found.append(_BREAKS.get(element.tag) or element.text or "")
    return "".join(found)


def _bold(paragraph: Any) -> bool:
    """True when the first words are bold, as the labels of the portal's export are."""
    for run in paragraph.iter(f"{_W}r"):
        if any((text.text or "").strip() for text in run.iter(f"{_W}t")):
            mark = run.find(f"{_W}rPr/{_W}b")
            return mark is not None and mark.get(f"{_W}val") not in {"0", "false"}
    return False


def _within(element: Any, *tags: str) -> Iterator[Any]:
    """Children of these kinds, those in content controls included, in order."""
    for child in element.iterchildren(f"{_W}sdt", f"{_W}sdtContent", *(_W + tag for tag in tags)):
        if child.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            yield from _within(child, *tags)
        else:
            yield child


def _row(row: Any) -> list[str]:
    return [
        "\n".join(_text(paragraph) for paragraph in cell.iter(f"{_W}p"))
        for cell in _within(row, "tc")
    ]


def blocks(body: Any) -> Iterator[dict[str, Any]]:
    """Paragraphs and tables in order; of a table its number, of a merged cell one cell."""
    size = tables = 0
    for element in _within(body, "p", "tbl"):
        if element.tag == f"{_W}p":
            text = _text(element)
            block: dict[str, Any] = {"text": text, "bold": _bold(element)}
            size += len(text)
        else:
            tables += 1
            rows = [_row(row) for row in _within(element, "tr")]
            block = {"rows": rows, "at": f"bảng {tables}"}
            size += sum(len(cell) for row in rows for cell in row)
        if size > MAX_TEXT:
            raise _TooLong
        yield block


def main(path: str) -> int:
    """Print ``{"blocks": […]}``; the exit code says what went wrong."""
    confine(memory=MAX_MEMORY, seconds=MAX_SECONDS)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - by content: the suffix is often wrong
            body = Document(file).element.body
        found = list(blocks(body))
    except _TooLong:
        return TOO_LONG
    except (OpcError, LxmlError, OSError, ValueError, KeyError, AttributeError, MemoryError):
        return NO_DOCUMENT
    json.dump({"blocks": found}, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
