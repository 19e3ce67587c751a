"""Files of the outside world become drafts; each finding names the row it came from."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineWorkbook

from knowledge.importers.batch import MAX_BYTES, Batch, Place, Unreadable
from knowledge.importers.official_lists import header_of, read_official_list
from knowledge.importers.portal_json import read_portal
from knowledge.importers.workbook import is_own_workbook, read_workbook
from knowledge.importers.yaml_files import read_yaml

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from knowledge.importers.batch import Progress

READABLE = (
    "Đọc được: .yaml, thư mục các tệp .yaml, .xlsx do lệnh export tạo, "
    ".json/.jsonl/.jsonl.gz của Cổng Dịch vụ công, danh mục .xls/.xlsx."
)
MAX_ROWS = 200_000


def read(path: Path, *, today: date, progress: Progress | None = None) -> Batch:
    """The drafts of a file or a folder, whatever form it has.

    Raises :class:`Unreadable` naming the place when the file as a whole cannot be used.
    """
    if path.is_dir():
        return read_yaml(path, progress=progress)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    last = suffixes[-1] if suffixes else ""
    if last in (".yaml", ".yml"):
        return read_yaml(path, progress=progress)
    if last in (".json", ".jsonl") or suffixes[-2:] in ([".json", ".gz"], [".jsonl", ".gz"]):
        return read_portal(path, progress=progress)
    if last in (".xlsx", ".xls"):
        return _read_tables(path, today, progress)
    raise Unreadable(Place(path.name, ""), f"Chưa biết đọc loại tệp này. {READABLE}")


def _read_tables(path: Path, today: date, progress: Progress | None) -> Batch:
    tables = _tables(path)
    if is_own_workbook(list(tables)):
        return read_workbook(tables, path.name, progress=progress)
    for rows in tables.values():
        if header_of(rows):
            return read_official_list(rows, path.name, today=today, progress=progress)
    told = (
        "Không phải tệp do lệnh export tạo (thiếu trang «thu_tuc»), cũng không phải danh mục "
        "(thiếu cột «Mã số» và «Tên»)."
    )
    raise Unreadable(Place(path.name, ""), told)


def _tables(path: Path) -> dict[str, list[list[Any]]]:
    place = Place(path.name, "")
    _refuse_bombs(path, place)
    try:
        book = CalamineWorkbook.from_path(str(path))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MAX_ROWS)
            for name in book.sheet_names
        }
    except (CalamineError, OSError, ValueError, UnicodeDecodeError) as error:
        raise Unreadable(place, "Tệp Excel hỏng hoặc không phải tệp Excel.") from error


def _refuse_bombs(path: Path, place: Place) -> None:
    """A small packed file may unpack to more than the memory there is."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(place, "Tệp quá lớn (hơn 256 MB).")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                if sum(member.file_size for member in packed.infolist()) > MAX_BYTES:
                    raise Unreadable(place, "Tệp sau khi giải nén quá lớn (hơn 256 MB).")
    except (OSError, zipfile.BadZipFile) as error:
        raise Unreadable(place, "Tệp Excel hỏng hoặc không đọc được.") from error
