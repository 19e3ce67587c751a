"""The cells of an .xlsx or .xls file, read so that no file can bring the program down."""

from __future__ import annotations

import re
import zipfile
import zlib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from knowledge.importers import child, unpack
from knowledge.importers.batch import MAX_BYTES, Place, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Tables = dict[str, list[list[Any]]]

SECONDS = 120
"""Time a workbook may take; the largest real ones take three."""
BROKEN = "Tệp Excel hỏng, có mật khẩu, hoặc không phải tệp Excel."
MACRO = "Tệp Excel có chứa macro. Hãy lưu lại thành .xlsx (không macro) rồi nhập."

_CHUNK = 1024 * 1024
_MOST_TAG = 400
"""Bytes kept from one chunk to the next, so that no cell's tag is cut in two."""
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]{0,200}\bt="e")[^>]{0,200}?\br="([A-Z]{1,3}\d{1,7})"')
_SHEET = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_KINDS: dict[str, Any] = {"datetime": datetime, "date": date, "time": time}


def read_tables(path: Path) -> Tables:
    """Rows of each sheet from its first cell on; sheets in the order of the workbook.

    Raises ``Unreadable`` for anything that is no sound workbook of bearable size, and for a cell
    whose formula failed: such a cell would otherwise look empty.
    """
    place = Place(path.name, "")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(place, "Tệp quá lớn (hơn 256 MB).")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                _check(packed, path.name)
    except (OSError, ValueError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        # RuntimeError includes NotImplementedError: packing methods and locks we do not know.
        raise Unreadable(place, BROKEN) from error
    return _unpacked(path, place)


def _check(packed: zipfile.ZipFile, file: str) -> None:
    if sum(member.file_size for member in packed.infolist()) > MAX_BYTES:
        raise Unreadable(Place(file, ""), "Tệp sau khi giải nén quá lớn (hơn 256 MB).")
    if any(name.lower().endswith("vbaproject.bin") for name in packed.namelist()):
        raise Unreadable(Place(file, ""), MACRO)
    for member in packed.namelist():
        # Read to its end: a member that holds more than it says fails its checksum here.
        for chunk in _chunks(packed, member):
            if member.startswith("xl/worksheets/") and (wrong := _ERROR_CELL.search(chunk)):
                row = f"trang {_sheet_name(packed, member)}, ô {wrong.group(1).decode()}"
                told = "Công thức trong ô này báo lỗi (#REF!, #N/A…); hãy sửa hoặc xóa ô."
                raise Unreadable(Place(file, row), told)


def _chunks(packed: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    kept = b""
    with packed.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            yield kept + chunk
            kept = chunk[-_MOST_TAG:]


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"[\s:]" + name + rb'="([^"]*)"', tag)
    return found.group(1).decode("utf-8", "replace") if found else ""


def _sheet_name(packed: zipfile.ZipFile, member: str) -> str:
    """The name people see of a sheet's file; the file's own when that cannot be found."""
    own = member.rpartition("/")[2]
    try:
        relations = _RELATION.findall(packed.read("xl/_rels/workbook.xml.rels"))
        sheets = _SHEET.findall(packed.read("xl/workbook.xml"))
    except KeyError:
        return own
    wanted = {
        _attribute(tag, b"Id") for tag in relations if _attribute(tag, b"Target").endswith(own)
    }
    names = (_attribute(tag, b"name") for tag in sheets if _attribute(tag, b"id") in wanted)
    return next(names, own)


def _unpacked(path: Path, place: Place) -> Tables:
    try:
        found = child.run(unpack, path, seconds=SECONDS, object_hook=_dated)
    except child.TooSlow as error:
        raise Unreadable(place, "Tệp Excel đọc quá lâu; có thể bị hỏng.") from error
    except child.Failed as error:
        if error.code == unpack.HIDDEN:
            # What nobody sees nobody has checked: often last year's list.
            told = "Tệp có trang tính bị ẩn. Hãy bỏ ẩn để xem, hoặc xóa trang đó, rồi nhập lại."
            raise Unreadable(place, told) from error
        if error.code == unpack.TOO_WIDE:
            told = "Có trang tính quá rộng; hãy xóa các hàng, cột trống có định dạng rồi lưu lại."
            raise Unreadable(place, told) from error
        raise Unreadable(place, BROKEN) from error
    return dict(found)


def _dated(value: dict[str, str]) -> object:
    ((kind, text),) = value.items()
    return _KINDS[kind].fromisoformat(text)
