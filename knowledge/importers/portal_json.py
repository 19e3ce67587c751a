"""Reads records of the national public-service portal from JSON, JSON Lines or gzip of either."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

from knowledge.importers.batch import (
    MAX_BYTES,
    Batch,
    Draft,
    Finding,
    Place,
    Uniqueness,
    Unreadable,
)
from knowledge.importers.cleaning import line
from knowledge.importers.portal_row import PortalRow, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.importers.batch import Progress


def _unpacked(path: Path) -> str:
    """The file's text; gzip is recognised by its first bytes."""
    place = Place(path.name, "")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(place, "Tệp quá lớn (hơn 256 MB).")
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                data = packed.read(MAX_BYTES + 1)
    except (EOFError, zlib.error) as error:
        raise Unreadable(place, "Tệp nén bị cụt hoặc hỏng; hãy tải lại.") from error
    except OSError as error:
        raise Unreadable(
            place, f"Không đọc được tệp ({error.strerror or 'tệp nén hỏng'})."
        ) from error
    if len(data) > MAX_BYTES:
        raise Unreadable(place, "Tệp sau khi giải nén quá lớn (hơn 256 MB).")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            Place(path.name, f"dòng {row}"), "Chữ không theo bảng mã UTF-8; hãy lưu lại dạng UTF-8."
        ) from error


def _whole(text: str, file: str) -> list[tuple[str, Any]] | None:
    """Records of one JSON document, numbered; None when the text is JSON Lines instead."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        several = error.msg == "Extra data" or "\n{" in text.lstrip()[1:]
        if several and text.lstrip().startswith("{"):
            return None
        spot = Place(file, f"dòng {error.lineno}", f"cột {error.colno}")
        raise Unreadable(spot, "JSON hỏng từ chỗ này.") from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(Place(file, ""), "JSON lồng quá sâu hoặc có số quá dài.") from error
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        rows = next((rows for rows in lists if "code" not in document), [document])
    else:
        rows = document if isinstance(document, list) else [document]
    return [(f"bản ghi {number}", row) for number, row in enumerate(rows, 1)]


def _by_line(text: str, file: str) -> list[tuple[str, Any]]:
    """Rows of JSON Lines. A broken line refuses the file: half a file is not imported."""
    rows = []
    for number, each in enumerate(text.split("\n"), 1):
        if not each.strip():
            continue
        try:
            rows.append((f"dòng {number}", json.loads(each)))
        except (ValueError, RecursionError) as error:
            column = f"cột {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            spot = Place(file, f"dòng {number}", column)
            raise Unreadable(spot, "Dòng JSON hỏng hoặc bị cụt.") from error
    return rows


def _rows(path: Path) -> list[tuple[str, Any]]:
    text = _unpacked(path)
    if not text.strip():
        raise Unreadable(Place(path.name, ""), "Tệp trống.")
    found = _whole(text, path.name) if "jsonl" not in path.name.lower() else None
    return found if found is not None else _by_line(text, path.name)


def _refused(row: object, place: Place) -> Finding | None:
    """Why a row is no record at all, or None."""
    if not isinstance(row, dict):
        return Finding(place, "rejected", "Không phải một bản ghi thủ tục.")
    return None


def read_portal(path: Path, *, progress: Progress | None = None) -> Batch:
    """Drafts of a portal file. Raises ``Unreadable`` when the file as a whole is no such file."""
    rows = _rows(path)
    drafts: list[Draft] = []
    findings: list[Finding] = []
    seen = Uniqueness()
    for done, (number, row) in enumerate(rows, 1):
        place = Place(path.name, number)
        if finding := _refused(row, place):
            findings.append(finding)
        else:
            reading = PortalRow(row, _place_of(row, place))
            draft = reading.draft()
            findings += reading.findings
            if draft:
                again, extra = seen.refused(reading.code, draft.procedure.name, draft.place)
                findings += extra
                drafts += [] if again else [draft]
        if progress:
            progress(done, len(rows))
    return Batch(tuple(drafts), tuple(findings))


def _place_of(row: dict[str, Any], place: Place) -> Place:
    code = line(words_of(row.get("code")))[:24]
    return Place(place.file, f"{place.row}, mã {code}" if code else place.row)
