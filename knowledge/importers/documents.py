"""Word files and PDFs as paragraphs and tables, read so that no file can bring the program down."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from knowledge.importers import child, unpack_pdf, unpack_word
from knowledge.importers.batch import MAX_BYTES, Place, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 120
"""Time a document may take; the largest real ones take five."""
MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a document, unpacked; the largest real ones have a twentieth."""
SAVE_AS = "Mở tệp bằng Word hoặc LibreOffice, chọn «Lưu thành» loại .docx, rồi nhập tệp .docx đó."
BROKEN_WORD = f"Tệp Word hỏng, hoặc không phải tệp Word. {SAVE_AS}"
BROKEN_PDF = "Tệp PDF hỏng, hoặc không phải tệp PDF; hãy tải lại từ Cổng."

_OLD = "Tệp Word đời cũ (.doc), chương trình không đọc được. "
_LOCKED = "Tệp có mật khẩu. Hãy mở bằng mật khẩu, bỏ mật khẩu rồi lưu lại."
_MACRO = "Tệp Word có chứa macro. Hãy lưu lại thành .docx (không macro) rồi nhập."
_SCANNED = (
    "PDF này là ảnh quét, không có chữ để đọc. "
    "Hãy tải bản Word hoặc PDF của thủ tục từ Cổng Dịch vụ công."
)
_LONG = "Tệp quá dài so với trang của một thủ tục; hãy kiểm tra lại có đúng tệp không."

_OLE2 = b"\xd0\xcf\x11\xe0"
_OLD_PARTS = {
    "WordDocument": f"{_OLD}{SAVE_AS}",
    "EncryptedPackage": _LOCKED,
}
"""Streams of an OLE2 file that tell what it is."""
_DISGUISED = {
    b"{\\rtf": f"Đây là tệp RTF đặt tên Word. {SAVE_AS}",
    b"<": f"Đây là trang web đặt tên Word. {SAVE_AS}",
    b"MIME-Version": f"Đây là trang web đặt tên Word. {SAVE_AS}",
}


@dataclass(frozen=True)
class Block:
    """A paragraph or a table of a document.

    ``at`` says where it stands («trang 3», «bảng 2»); ``goes_on`` marks a table that continues
    the table before it, on the next sheet.
    """

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    at: str = ""
    bold: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Document:
    """What a document holds, in order, and the day it was made when the file says so."""

    blocks: tuple[Block, ...]
    made_on: date | None = None
    blanks: bool = True
    """True when lines that were broken keep the blank at their end, so that none is missing."""


def is_word(path: Path) -> bool:
    """True for a ZIP file that holds a Word text, whatever its name."""
    try:
        with zipfile.ZipFile(path) as packed:
            return "word/document.xml" in packed.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def told_of_old(path: Path) -> str:
    """What to say of a file under a Word name that is none of today's Word files."""
    with path.open("rb") as file:
        data = file.read(MAX_DOCUMENT)
    if data.startswith(_OLE2):
        parts = ((part.encode("utf-16-le"), told) for part, told in _OLD_PARTS.items())
        return next((told for part, told in parts if part in data), BROKEN_WORD)
    start = data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    return next((told for sign, told in _DISGUISED.items() if start.startswith(sign)), BROKEN_WORD)


def read_word(path: Path) -> Document:
    """Blocks of a Word file. Raises ``Unreadable`` for a locked, hostile or broken one."""
    place = Place(path.name, "")
    try:
        _check_size(path, place)
        with zipfile.ZipFile(path) as packed:
            if any(name.lower().endswith("vbaproject.bin") for name in packed.namelist()):
                raise Unreadable(place, _MACRO)
            _check_packed(packed, place)
    except (OSError, ValueError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise Unreadable(place, BROKEN_WORD) from error
    return _unpacked(unpack_word, path, {unpack_word.TOO_LONG: _LONG}, BROKEN_WORD)


def read_pdf(path: Path) -> Document:
    """Blocks of a PDF. Raises ``Unreadable`` for a locked, scanned, hostile or broken one."""
    _check_size(path, Place(path.name, ""))
    told = {
        unpack_pdf.TOO_LONG: _LONG,
        unpack_pdf.LOCKED: _LOCKED,
        unpack_pdf.NO_TEXT: _SCANNED,
    }
    return _unpacked(unpack_pdf, path, told, BROKEN_PDF)


def _check_size(path: Path, place: Place) -> None:
    if path.stat().st_size > MAX_DOCUMENT:
        raise Unreadable(place, f"Tệp quá lớn (hơn {MAX_DOCUMENT >> 20} MB).")


def _check_packed(packed: zipfile.ZipFile, place: Place) -> None:
    """Refuse a packing bomb; members are read to their end, for what they say may be a lie."""
    left = min(MAX_DOCUMENT, MAX_BYTES)
    for member in packed.infolist():
        with packed.open(member) as stream:
            while chunk := stream.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    told = f"Tệp sau khi giải nén quá lớn (hơn {MAX_DOCUMENT >> 20} MB)."
                    raise Unreadable(place, told)


def _unpacked(reader: Any, path: Path, told: dict[int, str], broken: str) -> Document:
    place = Place(path.name, "")
    try:
        found = child.run(reader, path, seconds=SECONDS)
    except child.TooSlow as error:
        raise Unreadable(place, "Tệp đọc quá lâu; có thể bị hỏng.") from error
    except child.Failed as error:
        raise Unreadable(place, told.get(error.code, broken)) from error
    blocks = [
        Block(**{**block, "rows": tuple(map(tuple, block.get("rows", ())))})
        for block in found["blocks"]
    ]
    return Document(tuple(blocks), _day(found.get("made", "")), found.get("blanks", True))


def _day(stamp: str) -> date | None:
    """The day of a PDF's time stamp, «D:20260717090442Z»."""
    try:
        return datetime.strptime(stamp.removeprefix("D:")[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
