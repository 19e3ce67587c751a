"""Files of the outside world become drafts; each finding names the row it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.importers.batch import Batch, Place, Unreadable
from knowledge.importers.documents import (
    BROKEN_PDF,
    is_word,
    read_pdf,
    read_word,
    told_of_old,
)
from knowledge.importers.official_lists import header_of, read_official_lists
from knowledge.importers.portal_json import read_portal
from knowledge.importers.portal_pages import read_pages
from knowledge.importers.spreadsheet import BROKEN, read_tables
from knowledge.importers.workbook import is_own_workbook, read_workbook
from knowledge.importers.yaml_files import read_yaml

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from knowledge.importers.batch import Progress
    from knowledge.importers.documents import Document

READABLE = (
    "Đọc được: .yaml, thư mục các tệp .yaml, .xlsx do lệnh export tạo, "
    ".json/.jsonl/.jsonl.gz của Cổng Dịch vụ công, trang thủ tục của Cổng dạng .docx/.doc/.pdf, "
    "danh mục .xls/.xlsx."
)
_GZIP = b"\x1f\x8b"
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of .xlsx and .xls; of .docx and .doc too."""
_OTHER_OFFICE = frozenset([".odt", ".ppt", ".pptx", ".zip"])
_WORD = frozenset([".doc", ".docx", ".docm", ".rtf"])
_PDF = b"%PDF"


def read(path: Path, *, today: date, progress: Progress | None = None) -> Batch:
    """The drafts of a file or a folder, whatever form it has.

    The first bytes decide before the suffix: officers' programs save .xlsx under .xls and gzip
    without .gz. ``today`` becomes the day of checking of official lists. Raises
    :class:`Unreadable` naming the place when the file as a whole cannot be used.
    """
    if path.is_dir():
        return read_yaml(path, progress=progress)
    place = Place(path.name, "")
    head = _head(path, place)
    suffix = path.suffix.lower()
    if not head:
        raise Unreadable(place, "Tệp trống.")
    if document := _document(path, head, suffix):
        return read_pages(document, path.name, today=today)
    if head.startswith(_EXCEL) and suffix not in _OTHER_OFFICE:
        return _read_tables(path, today, progress)
    if head.startswith(_GZIP) or suffix in (".json", ".jsonl"):
        return read_portal(path, progress=progress)
    if suffix in (".yaml", ".yml"):
        return read_yaml(path, progress=progress)
    if suffix in (".xlsx", ".xls"):
        raise Unreadable(place, BROKEN)
    if suffix == ".gz":
        raise Unreadable(place, "Không phải tệp nén gzip, hoặc tệp hỏng; hãy tải lại.")
    raise Unreadable(place, f"Chưa biết đọc loại tệp này. {READABLE}")


def _document(path: Path, head: bytes, suffix: str) -> Document | None:
    """What a Word file or a PDF holds; ``None`` for a file that is neither by bytes nor name."""
    if head.startswith(_PDF):
        return read_pdf(path)
    if head.startswith(_EXCEL[0]) and is_word(path):
        return read_word(path)
    if suffix == ".pdf":
        raise Unreadable(Place(path.name, ""), BROKEN_PDF)
    if suffix in _WORD:
        raise Unreadable(Place(path.name, ""), told_of_old(path))
    return None


def _head(path: Path, place: Place) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise Unreadable(place, f"Không đọc được tệp ({error.strerror}).") from error


def _read_tables(path: Path, today: date, progress: Progress | None) -> Batch:
    tables = read_tables(path)
    if is_own_workbook(list(tables)):
        return read_workbook(tables, path.name, progress=progress)
    if any(header_of(rows) for rows in tables.values()):
        return read_official_lists(tables, path.name, today=today, progress=progress)
    told = (
        "Không phải tệp do lệnh export tạo (thiếu trang «thu_tuc»), cũng không phải danh mục "
        "(thiếu cột «Mã số» và «Tên»)."
    )
    raise Unreadable(Place(path.name, ""), told)
