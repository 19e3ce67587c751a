"""Reads lists of procedures that officers download: code, name, agency and field, no contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge.importers.batch import Batch, Draft, Finding, Place, Uniqueness, Unreadable
from knowledge.importers.cleaning import line, shorten, tidy, title
from knowledge.importers.sheets import code_of
from knowledge.model import PROCEDURE_CODE, Level, Procedure, Source
from knowledge.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from knowledge.importers.batch import Progress

    Rows = Sequence[Sequence[object]]

HEADER_WITHIN = 12
"""Rows from the top in which the header stands, below mottos and titles."""
NO_FIELD = "Chưa rõ lĩnh vực"

_HEADINGS: Mapping[str, str] = {
    "ma so": "code",
    "ma thu tuc": "code",
    "ma tthc": "code",
    "ma so tthc": "code",
    "ma so thu tuc": "code",
    "ma so thu tuc hanh chinh": "code",
    "ma_thu_tuc": "code",
    "ten": "name",
    "ten thu tuc": "name",
    "ten thu tuc hanh chinh": "name",
    "ten tthc": "name",
    "ten_thu_tuc": "name",
    "linh vuc": "field",
    "co quan thuc hien": "office",
    "ten_co_quan": "office",
    "cap thuc hien": "level",
    "quyet dinh": "decision",
    "so quyet dinh": "decision",
}
# Words that only look like a level: «cơ sở», «đường bộ», «nhiệm vụ», «địa phương», «phương tiện».
_LEVELS = (
    (re.compile(r"cấp xã|\bxã\b|\bphường\b|trạm y tế"), Level.COMMUNE),
    (
        re.compile(r"\btỉnh\b|(?<!cơ )\bsở (?!hữu)\w|thành phố|văn phòng đăng ký đất đai"),
        Level.PROVINCE,
    ),
    (
        re.compile(
            r"(?<!đường )(?<!cán )(?<!nội )(?<!toàn )\bbộ\b(?! phận)|(?<!chi )\bcục\b"
            r"|chi cục (?:hải quan|thuế)|(?:^|; |- )vụ \w|(?<!trực thuộc )trung ương"
        ),
        Level.MINISTRY,
    ),
)
_DISTRICT = re.compile(r"cấp huyện|công an huyện|ubnd huyện|ủy ban nhân dân huyện", re.I)


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


class _List:
    """Drafts and findings while the rows of a file are read."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.drafts: list[Draft] = []
        self.findings: list[Finding] = []
        self.seen = Uniqueness()

    def doubt(self, place: Place, text: str) -> None:
        self.findings.append(Finding(place, "doubtful", text))

    def reject(self, place: Place, text: str) -> None:
        self.findings.append(Finding(place, "rejected", text))

    def add(self, cells: dict[str, str], place: Place) -> None:
        """Read one row; a code that is no national code rejects it: nothing could be joined."""
        code, name = cells["code"].strip(" ."), title(cells["name"])
        if not PROCEDURE_CODE.fullmatch(code):
            told = f"«{code[:40]}» không phải mã quốc gia dạng 1.001193; không ghép được."
            self.reject(place.at("Mã"), told)
            return
        if not name:
            self.reject(place.at("Tên"), "Thiếu tên thủ tục.")
            return
        again, extra = self.seen.refused(code, name, place)
        self.findings.extend(extra)
        if again:
            return
        if _DISTRICT.search(name + "\n" + cells.get("office", "")):
            self.doubt(place.at("Cơ quan thực hiện"), "Còn ghi cấp huyện, nay không còn cấp này.")
        if not line(cells.get("field", "")):
            self.doubt(place.at("Lĩnh vực"), "Thiếu lĩnh vực.")
        self.drafts.append(self._draft(code, name, cells, place))

    def _draft(self, code: str, name: str, cells: dict[str, str], place: Place) -> Draft:
        parts = [line(part).strip(" .;") for part in cells.get("office", "").split("\n")]
        office = "; ".join(dict.fromkeys(part for part in parts if part))
        found = {
            "field": line(cells.get("field", "")).strip(" .;"),
            "office": shorten(office, 400),
            "levels": _levels(cells.get("level", "") or office),
        }
        stated = {key: value for key, value in found.items() if value}
        source = Source(
            decision=line(cells.get("decision", "")) or None,
            checked_on=self.today,
            origin=place.file,
        )
        procedure = Procedure.model_validate(
            {"code": code, "name": name, "field": NO_FIELD, "source": source, **stated}
        )
        return Draft(procedure, place, partial=True, known=frozenset(stated))


def read_official_lists(
    tables: Mapping[str, Rows], file: str, *, today: date, progress: Progress | None = None
) -> Batch:
    """Partial drafts of all sheets that hold a list; each draft's ``known`` names what it states.

    The name is never ``known``: lists shorten names, and a record always has one. Raises
    ``Unreadable`` when no sheet has a header with code and name.
    """
    headers = {name: header for name, rows in tables.items() if (header := header_of(rows))}
    if not headers:
        told = "Không thấy dòng tiêu đề có cột «Mã số» và «Tên»."
        raise Unreadable(Place(file, ""), told)
    found = _List(today)
    total = sum(len(tables[name]) - start - 1 for name, (start, _) in headers.items())
    done = 0
    for name, (start, columns) in headers.items():
        sheet = f"trang {name}, " if len(tables) > 1 else ""
        for number, row in enumerate(tables[name][start + 1 :], start + 2):
            cells = {key: _cell(key, row, at) for key, at in columns.items()}
            if any(cells.values()):
                found.add(cells, Place(file, f"{sheet}dòng {number}"))
            done += 1
            if progress:
                progress(done, total)
    return Batch(tuple(found.drafts), tuple(found.findings))


def _cell(key: str, row: Sequence[object], at: int) -> str:
    value = row[at] if at < len(row) else ""
    if key == "code":
        return tidy(code_of(value) or "")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value))


def _levels(said: str) -> tuple[Level, ...]:
    spoken = said.lower()
    return tuple(level for pattern, level in _LEVELS if pattern.search(spoken))
