"""Reads lists of procedures that officers download: code, name, agency and field, no contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.importers.batch import Batch, Draft, Finding, Place, Uniqueness, Unreadable
from knowledge.importers.cleaning import line, shorten, tidy, title
from knowledge.model import PROCEDURE_CODE, Level, Procedure, Source
from knowledge.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from knowledge.importers.batch import Progress

    Rows = Sequence[Sequence[object]]

HEADER_WITHIN = 12
"""Rows from the top in which the header stands, below mottos and titles."""
_HEADINGS: Mapping[str, str] = {
    "ma so": "code",
    "ma thu tuc": "code",
    "ma tthc": "code",
    "ma_thu_tuc": "code",
    "ten": "name",
    "ten thu tuc": "name",
    "ten thu tuc hanh chinh": "name",
    "ten tthc": "name",
    "ten_thu_tuc": "name",
    "linh vuc": "field",
    "co quan thuc hien": "office",
    "ten_co_quan": "office",
    "quyet dinh": "decision",
    "so quyet dinh": "decision",
}
_LEVELS = (
    (re.compile(r"cap xa|ubnd xa|phuong|cong an xa|tram y te"), Level.COMMUNE),
    (re.compile(r"\btinh\b|\bso \w|thanh pho|van phong dang ky dat dai"), Level.PROVINCE),
    (re.compile(r"\bbo\b|\bcuc\b|\bvu\b|tong cuc|trung uong"), Level.MINISTRY),
)


def header_of(rows: Rows) -> tuple[int, dict[str, int]] | None:
    """Where the header stands and which column holds what; None when this is no such list."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            heading = _HEADINGS.get(fold(line(str(cell))).strip(" .:"))
            if heading:
                columns.setdefault(heading, place)
        if {"code", "name"} <= set(columns):
            return number, columns
    return None


def read_official_list(
    rows: Rows, file: str, *, today: date, progress: Progress | None = None
) -> Batch:
    """Partial drafts of a list. Raises ``Unreadable`` when there is no header with code and name.

    A code that is no national code (a province's inner number) rejects the row: nothing could
    ever be joined to it.
    """
    header = header_of(rows)
    if header is None:
        told = "Không thấy dòng tiêu đề có cột «Mã số» và «Tên»."
        raise Unreadable(Place(file, ""), told)
    start, columns = header
    drafts: list[Draft] = []
    findings: list[Finding] = []
    seen = Uniqueness()
    body = rows[start + 1 :]
    for done, row in enumerate(body, 1):
        place = Place(file, f"dòng {start + done + 1}")
        cells = {key: _cell(row, at) for key, at in columns.items()}
        if any(cells.values()):
            _read_row(cells, place, today, drafts, findings, seen)
        if progress:
            progress(done, len(body))
    return Batch(tuple(drafts), tuple(findings))


def _cell(row: Sequence[object], at: int) -> str:
    value = row[at] if at < len(row) else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value))


def _read_row(
    cells: dict[str, str],
    place: Place,
    today: date,
    drafts: list[Draft],
    findings: list[Finding],
    seen: Uniqueness,
) -> None:
    code, name = cells["code"].strip(" ."), title(cells["name"])
    if not PROCEDURE_CODE.fullmatch(code):
        told = f"«{code[:40]}» không phải mã quốc gia dạng 1.001193; không ghép được."
        findings.append(Finding(place.at("Mã"), "rejected", told))
        return
    if not name:
        findings.append(Finding(place.at("Tên"), "rejected", "Thiếu tên thủ tục."))
        return
    again, extra = seen.refused(code, name, place)
    findings.extend(extra)
    if again:
        return
    office = "; ".join(part.strip(" .;") for part in cells.get("office", "").split("\n"))
    stated = {
        "name": name,
        "field": line(cells.get("field", "")).strip(" .;") or "Chưa rõ lĩnh vực",
        "office": shorten(office, 400) or None,
        "levels": _levels(office),
    }
    source = Source(
        decision=line(cells.get("decision", "")) or None, checked_on=today, origin=place.file
    )
    known = frozenset(key for key, value in stated.items() if value) - {"name"}
    if not cells.get("field"):
        findings.append(Finding(place.at("Lĩnh vực"), "doubtful", "Thiếu lĩnh vực."))
    procedure = Procedure(code=code, source=source, **stated)
    drafts.append(Draft(procedure, place, partial=True, known=known))


def _levels(office: str) -> tuple[Level, ...]:
    spoken = fold(office)
    return tuple(level for pattern, level in _LEVELS if pattern.search(spoken))
