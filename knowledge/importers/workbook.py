"""Reads the project's own workbook back into whole records; exporters write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from knowledge.importers import layout
from knowledge.importers.batch import Batch, Draft, Place, Unreadable
from knowledge.importers.cleaning import line
from knowledge.importers.reasons import label, reason
from knowledge.importers.sheets import EXAMPLE, WrongCell, text
from knowledge.model import Procedure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from knowledge.importers.batch import Progress
    from knowledge.importers.layout import Sheet
    from knowledge.importers.sheets import Column

    Rows = Sequence[Sequence[Any]]

Loc = tuple[str | int, ...]


@dataclass
class _Record:
    """One record while its rows are gathered, and which row each part came from."""

    values: dict[str, Any]
    places: dict[Loc, Place]
    cases: dict[int, dict[str, Any]] = field(default_factory=dict)
    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    filings: dict[int, dict[str, Any]] = field(default_factory=dict)

    def append(self, key: str, value: Any, place: Place) -> None:
        """One more item of a list of the record."""
        items = self.values.setdefault(key, [])
        self.places[key, len(items)] = place
        items.append(value)

    def place_of(self, loc: Loc) -> Place:
        """The row that an error is about: the longest known part of its path."""
        for length in range(len(loc), -1, -1):
            if loc[:length] in self.places:
                return self.places[loc[:length]]
        return self.places[()]


def is_own_workbook(names: Sequence[str]) -> bool:
    """True when a workbook has this project's main sheet."""
    return layout.RECORD.name in names


def read_workbook(
    tables: Mapping[str, Rows], file: str, *, progress: Progress | None = None
) -> Batch:
    """Whole records of a workbook. Raises ``Unreadable`` naming sheet, row and column.

    Every sheet and column must be there, if empty: a record of this file replaces the stored one,
    so a sheet that somebody renamed would silently wipe all papers or fees.
    """
    _require_sheets(tables, file)
    records: dict[str, _Record] = {}
    for place, cells in _rows(tables, layout.RECORD, file):
        code = cells["code"]
        if code in records:
            told = f"Mã {code} đã có ở {records[code].places[()].row}."
            raise Unreadable(place.at("Mã"), told)
        records[code] = _Record(_nested(cells), {(): place})
    for key, sheet in layout.TEXTS.items():
        for place, cells in _rows(tables, sheet, file):
            _owner(records, cells, place).append(key, cells.get("text") or "", place)
    for sheet, gather in (
        (layout.QUESTIONS, _question),
        (layout.PAPERS, _paper),
        (layout.FILINGS, _filing),
        (layout.LIMITS, _limit),
        (layout.FEES, _fee),
        (layout.LAWS, _law),
        (layout.CONFLICTS, _conflict),
    ):
        for place, cells in _rows(tables, sheet, file):
            gather(_owner(records, cells, place), cells, place)
    drafts = []
    for done, record in enumerate(records.values(), 1):
        drafts.append(_draft(record))
        if progress:
            progress(done, len(records))
    return Batch(tuple(drafts))


def _require_sheets(tables: Mapping[str, Rows], file: str) -> None:
    for sheet in layout.ALL:
        if not tables.get(sheet.name):
            told = "Thiếu trang này hoặc dòng tiêu đề của nó. Giữ đủ các trang như khi xuất ra."
            raise Unreadable(Place(file, f"trang {sheet.name}"), told)


def _rows(
    tables: Mapping[str, Rows], sheet: Sheet, file: str
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Rows of a sheet that hold something and are no examples of the template."""
    rows = tables[sheet.name]
    columns = _header(rows[0], sheet, file)
    for number, row in enumerate(rows[1:], 2):
        if all(text(cell) is None for cell in row):
            continue
        place = Place(file, f"trang {sheet.name}, dòng {number}")
        cells: dict[str, Any] = {}
        for at, column in columns.items():
            try:
                cells[column.key] = column.read(row[at] if at < len(row) else None)
            except WrongCell as error:
                raise Unreadable(place.at(column.heading), str(error)) from error
        if cells.get("code") == EXAMPLE:
            continue
        if not cells.get("code"):
            raise Unreadable(place.at("Mã"), "Thiếu mã thủ tục.")
        yield place, cells


def _header(row: Sequence[Any], sheet: Sheet, file: str) -> dict[int, Column]:
    place = Place(file, f"trang {sheet.name}, dòng 1")
    known = {column.heading: column for column in sheet.columns}
    found: dict[int, Column] = {}
    for at, cell in enumerate(row):
        heading = line(str(cell or ""))
        if not heading:
            continue
        if heading not in known or known[heading] in found.values():
            raise Unreadable(place, f"Cột «{heading[:40]}» lạ hoặc bị lặp.")
        found[at] = known[heading]
    for column in sheet.columns:
        if column not in found.values():
            raise Unreadable(place, f"Thiếu cột «{column.heading}».")
    return found


def _owner(records: dict[str, _Record], cells: dict[str, Any], place: Place) -> _Record:
    record = records.get(cells["code"])
    if record is None:
        told = f"Mã {cells['code']} không có ở trang {layout.RECORD.name}."
        raise Unreadable(place.at("Mã"), told)
    return record


def _stated(cells: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The cells of some keys that hold something; the model knows what an empty one means."""
    return {key: cells[key] for key in keys if cells.get(key) not in (None, (), {}, False)}


def _nested(cells: dict[str, Any]) -> dict[str, Any]:
    source = {
        key.removeprefix("source."): value
        for key, value in cells.items()
        if key.startswith("source.") and value is not None
    }
    keys = [key for key in cells if not key.startswith("source.")]
    return {**_stated(cells, *keys), "source": source}


def _same(first: Mapping[str, Any], cells: Mapping[str, Any], place: Place) -> None:
    """Refuse a row that says another thing of its question or case than that one's first row."""
    for heading, key, said in (
        ("Câu hỏi", "text", cells.get("text")),
        ("Trường hợp", "name", cells.get("case.name")),
        (layout.WHEN.heading, "when", cells.get("when")),
        ("Trường hợp chỉ khi", "when", cells.get("case.when")),
    ):
        if said and said != first.get(key):
            raise Unreadable(place.at(heading), "Khác với dòng đầu của cùng câu hỏi, trường hợp.")


def _question(record: _Record, cells: dict[str, Any], place: Place) -> None:
    key = cells.get("key") or ""
    if key not in record.questions:
        record.questions[key] = {**_stated(cells, "key", "text", "when"), "options": []}
        record.append("questions", record.questions[key], place)
    _same(record.questions[key], {key: cells.get(key) for key in ("text", "when")}, place)
    option = {"key": cells.get("option.key") or "", "label": cells.get("option.label") or ""}
    options = record.questions[key]["options"]
    at = list(record.questions).index(key)
    record.places["questions", at, "options", len(options)] = place
    options.append(option)


def _case(record: _Record, cells: dict[str, Any], place: Place) -> tuple[int, dict[str, Any]]:
    """The case of a row and its position; rows without a number follow the row above."""
    number = cells.get("place") or next(reversed(record.cases), 1)
    if number not in record.cases:
        case: dict[str, Any] = {"name": cells.get("case.name") or "", "papers": []}
        if cells.get("case.when"):
            case["when"] = cells["case.when"]
        record.cases[number] = case
        record.append("cases", case, place)
    case = record.cases[number]
    _same(case, {key: cells.get(key) for key in ("case.name", "case.when")}, place)
    return list(record.cases).index(number), case


_PAPER = ("name", "originals", "copies", "form", "condition", "shown", "when")


def _paper(record: _Record, cells: dict[str, Any], place: Place) -> None:
    at, case = _case(record, cells, place)
    paper = _stated(cells, *_PAPER)
    paper |= {key: 0 for key in ("originals", "copies") if cells.get(key) == 0}
    if not paper:
        return
    record.places["cases", at, "papers", len(case["papers"])] = place
    case["papers"].append(paper)


def _filing(record: _Record, cells: dict[str, Any], place: Place) -> None:
    number = cells.get("way") or len(record.filings) + 1
    if number in record.filings:
        raise Unreadable(place.at(layout.WAY.heading), f"Cách nộp số {number} đã có.")
    record.filings[number] = {**_stated(cells, "channel", "note"), "limits": [], "fees": []}
    record.append("filings", record.filings[number], place)


def _way(record: _Record, cells: dict[str, Any], place: Place) -> tuple[int, dict[str, Any]]:
    number = cells.get("way")
    if number not in record.filings:
        told = f"Không có cách nộp số {number or '…'} của mã này ở trang {layout.FILINGS.name}."
        raise Unreadable(place.at(layout.WAY.heading), told)
    return list(record.filings).index(number), record.filings[number]


def _limit(record: _Record, cells: dict[str, Any], place: Place) -> None:
    at, filing = _way(record, cells, place)
    record.places["filings", at, "limits", len(filing["limits"])] = place
    filing["limits"].append(_stated(cells, "amount", "unit", "text", "condition"))


def _fee(record: _Record, cells: dict[str, Any], place: Place) -> None:
    at, filing = _way(record, cells, place)
    record.places["filings", at, "fees", len(filing["fees"])] = place
    keys = ("per", "text", "condition", "basis", "valid_until")
    fee = _stated(cells, *keys)
    if cells.get("amount") is not None:
        fee["amount"] = cells["amount"]
    filing["fees"].append(fee)


def _law(record: _Record, cells: dict[str, Any], place: Place) -> None:
    record.append("legal_basis", _stated(cells, "number", "title"), place)


def _conflict(record: _Record, cells: dict[str, Any], place: Place) -> None:
    record.append("conflicts", _stated(cells, "aspect", "say", "basis"), place)


def _draft(record: _Record) -> Draft:
    try:
        return Draft(Procedure.model_validate(record.values), record.places[()])
    except ValidationError as error:
        first = error.errors()[0]
        place = record.place_of(first["loc"])
        raise Unreadable(
            place.at(label(first["loc"])),
            reason(first),
        ) from error
