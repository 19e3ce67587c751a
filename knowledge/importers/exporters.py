"""Writes records as YAML or as a workbook; importing them again changes nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter
import yaml

from knowledge.importers import layout, sheets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from knowledge.importers.layout import Sheet
    from knowledge.importers.sheets import Column
    from knowledge.model import Procedure

    Row = dict[str, Any]

_UNWRITABLE = re.compile(r"[\ufffe\uffff]")
DROPDOWN_ROWS = 5_000
"""Rows of a sheet that offer drop-downs."""
YAML_SUFFIXES = (".yaml", ".yml")


class TooLong(Exception):
    """A value does not fit into a cell; export as YAML instead. The text is Vietnamese."""


class _Dumper(yaml.CSafeDumper):
    """Writes line separators as escapes: plain, a reader takes them for the end of a line."""


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = '"' if _SEPARATORS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_SEPARATORS = re.compile(r"[\x85\u2028\u2029\ufeff]")
_Dumper.add_representer(str, _text)


def as_data(procedure: Procedure) -> dict[str, Any]:
    """A record as plain values, without its revision: that number belongs to a database."""
    return procedure.model_dump(mode="json", exclude_defaults=True, exclude={"revision"})


def export_yaml(procedures: Iterable[Procedure], target: Path) -> None:
    """One file when ``target`` is named .yaml, else a folder with one file for each record."""
    if target.suffix.lower() in YAML_SUFFIXES:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_yaml([as_data(each) for each in procedures]), encoding="utf-8")
        return
    target.mkdir(parents=True, exist_ok=True)
    for each in procedures:
        (target / f"{each.code}.yaml").write_text(_yaml(as_data(each)), encoding="utf-8")


def _yaml(data: object) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def export_xlsx(procedures: Iterable[Procedure], target: Path) -> None:
    """A workbook with one sheet for each kind of part.

    Text is written as text: a cell that begins with «=» stays a word and is no formula.
    Raises ``TooLong`` when a text does not fit into a cell; no file is left then.
    """
    records = list(procedures)
    rows = [(sheet, list(rows_of(records, sheet))) for sheet in layout.ALL]
    for sheet, found in rows:
        for row in found:
            _check(sheet, row)
    with workbook(target) as book:
        for sheet, found in rows:
            write_sheet(book, sheet, found)


def workbook(target: Path) -> Any:
    """An empty workbook at ``target`` that keeps every text a text."""
    target.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(str(target), options)


def write_sheet(book: Any, sheet: Sheet, rows: Iterable[Row], *, example: bool = False) -> Any:
    """One sheet with its headings, drop-downs and rows; rows of an example are grey."""
    colour = {"font_color": "#7F7F7F", "italic": True} if example else {}
    heading = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E7F0F2"})
    body = book.add_format({"text_wrap": True, "valign": "top", **colour})
    days = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top", **colour})
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 2)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, column.heading, heading)
        if column.choices:
            page.data_validation(1, at, DROPDOWN_ROWS, at, _dropdown(column))
    for number, row in enumerate(rows, 1):
        for at, column in enumerate(sheet.columns):
            _write(page, number, at, sheets.cell_of(row.get(column.key)), body, days)
    return page


def _dropdown(column: Column) -> dict[str, Any]:
    several = column.read is sheets.listed
    return {
        "validate": "list",
        "source": list(column.choices),
        # A list refuses what is typed beside it; a cell of several values must not.
        "show_error": not several,
        "error_title": "Không có lựa chọn này",
        "error_message": "Chọn một trong danh sách, hoặc để trống.",
    }


def _check(sheet: Sheet, row: Row) -> None:
    """Refuse what the reader would not give back; better no file than one that loses something."""
    for column in sheet.columns:
        value = row.get(column.key)
        cell = sheets.cell_of(value)
        problem = ""
        if isinstance(cell, str):
            # Excel counts UTF-16 units: a rare letter or a small picture takes two.
            length = len(cell.encode("utf-16-le")) // 2
            if length > sheets.MAX_CELL:
                problem = f"dài {length} ký tự, quá sức một ô Excel"
            elif _UNWRITABLE.search(cell):
                problem = "có ký tự mà Excel không ghi được"
        if not problem and not _comes_back(column, cell, value):
            problem = "có giá trị mà một ô Excel không giữ được"
        if problem:
            told = f"{row['code']}: «{column.heading}» {problem}."
            raise TooLong(f"{told} Xuất ra YAML thay cho XLSX.")


def _comes_back(column: Column, cell: object, value: object) -> bool:
    try:
        read = column.read(cell)
    except sheets.WrongCell:
        return False
    return bool(read == value) or (not read and not value and value != 0)


def _write(
    page: Any, row: int, at: int, value: str | int | date | None, body: Any, days: Any
) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(row, at, value, days)
    elif isinstance(value, int):
        page.write_number(row, at, value, body)
    else:
        page.write_string(row, at, value, body)


def rows_of(records: Iterable[Procedure], sheet: Sheet) -> Iterator[Row]:
    """What a sheet says of some records, row by row."""
    for each in records:
        for row in _ROWS[sheet.name](each):
            yield {"code": each.code, **row}


def _record(each: Procedure) -> Iterator[Row]:
    source = {f"source.{key}": value for key, value in each.source}
    yield {**dict(each), **source}


def _texts(key: str) -> Any:
    return lambda each: ({"text": text} for text in getattr(each, key))


def _questions(each: Procedure) -> Iterator[Row]:
    if len({question.key for question in each.questions}) < len(each.questions):
        raise TooLong(f"{each.code}: hai câu hỏi cùng khóa. Xuất ra YAML thay cho XLSX.")
    for question in each.questions:
        for option in question.options:
            yield {**dict(question), "option.key": option.key, "option.label": option.label}


def _papers(each: Procedure) -> Iterator[Row]:
    for place, case in enumerate(each.cases, 1):
        about = {"place": place, "case.name": case.name, "case.when": case.when}
        if not case.papers:
            yield about
        for paper in case.papers:
            yield {**about, **dict(paper)}


def _filings(each: Procedure) -> Iterator[Row]:
    for way, filing in enumerate(each.filings, 1):
        yield {"way": way, "channel": filing.channel.value, "note": filing.note}


def _limits(each: Procedure) -> Iterator[Row]:
    for way, filing in enumerate(each.filings, 1):
        for limit in filing.limits:
            yield {"way": way, **dict(limit), "unit": limit.unit.value}


def _fees(each: Procedure) -> Iterator[Row]:
    for way, filing in enumerate(each.filings, 1):
        for fee in filing.fees:
            yield {"way": way, **dict(fee)}


def _laws(each: Procedure) -> Iterator[Row]:
    yield from (dict(law) for law in each.legal_basis)


def _conflicts(each: Procedure) -> Iterator[Row]:
    yield from ({**dict(one), "aspect": one.aspect.value} for one in each.conflicts)


_ROWS: dict[str, Any] = {
    layout.RECORD.name: _record,
    **{sheet.name: _texts(key) for key, sheet in layout.TEXTS.items()},
    layout.QUESTIONS.name: _questions,
    layout.PAPERS.name: _papers,
    layout.FILINGS.name: _filings,
    layout.LIMITS.name: _limits,
    layout.FEES.name: _fees,
    layout.LAWS.name: _laws,
    layout.CONFLICTS.name: _conflicts,
}
