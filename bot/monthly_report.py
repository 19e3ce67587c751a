"""The monthly report as a Word file: the figures a report on administrative reform asks for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.counter_sheet import FONT, writable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
_BODY = Pt(13)
_SMALL = Pt(11)
_WIDTH, _FIRST = Cm(16), Cm(7)
"""Of a table, and of its first column, which holds names."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table under a heading, with what its figures mean; rows are as long as the header."""

    heading: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    meanings: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report says; ``period`` in words, ``made_on`` is the day it was made."""

    office: str
    title: str
    period: str
    made_on: date
    summary: Sequence[str]
    sections: Sequence[Section]


def monthly_report(report: Report) -> bytes:
    """The report in the form of official letters (Nghị định 30/2020/NĐ-CP): A4, Times New Roman."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin = Cm(3), Cm(2)
    page.top_margin = page.bottom_margin = Cm(2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, _BODY
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.core_properties.title = writable(report.title)
    document.core_properties.author = writable(report.office)
    _head(document, report)
    for number, line in enumerate(report.summary):
        paragraph = _paragraph(document, line)
        paragraph.paragraph_format.first_line_indent = Cm(1)
        paragraph.paragraph_format.space_before = Pt(0 if number else 12)
    for number, section in enumerate(report.sections, 1):
        _section(document, number, section)
    _paragraph(document, "NGƯỜI LẬP BÁO CÁO", bold=True, right=True, before=18)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _head(document: Any, report: Report) -> None:
    table = document.add_table(1, 2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    left, right = table.rows[0].cells
    _centred(left.paragraphs[0], report.office.upper(), bold=True)
    _centred(left.add_paragraph(), "Số:        /BC")
    _centred(right.paragraphs[0], NATION, bold=True)
    _centred(right.add_paragraph(), MOTTO, bold=True)
    day = report.made_on
    made = f"Ngày {day.day:02} tháng {day.month:02} năm {day.year}"
    _centred(right.add_paragraph(), made, italic=True)
    title = document.add_paragraph()
    title.paragraph_format.space_before = Pt(18)
    _centred(title, "BÁO CÁO", bold=True)
    _centred(document.add_paragraph(), report.title, bold=True)
    _centred(document.add_paragraph(), f"({report.period})", italic=True)


def _section(document: Any, number: int, section: Section) -> None:
    heading = _paragraph(document, f"{number}. {section.heading}", bold=True, before=12)
    heading.paragraph_format.keep_with_next = True
    table = document.add_table(1, len(section.header))
    table.style, table.autofit = "Table Grid", False
    for place, (cell, name) in enumerate(zip(table.rows[0].cells, section.header, strict=True)):
        _cell(cell, name, bold=True, right=place > 0)
    for row in section.rows:
        for place, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
            _cell(cell, text, right=place > 0)
    others = (_WIDTH - _FIRST) // (len(section.header) - 1)
    for place, column in enumerate(table.columns):
        for cell in column.cells:
            cell.width = others if place else _FIRST
    for meaning in section.meanings:
        paragraph = _paragraph(document, meaning, italic=True, before=3)
        paragraph.runs[0].font.size = _SMALL


def _cell(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(writable(text))
    run.bold, run.font.size = bold, _SMALL
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _centred(paragraph: Any, text: str, *, bold: bool = False, italic: bool = False) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(writable(text))
    run.bold, run.italic = bold, italic


def _paragraph(
    document: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    right: bool = False,
    before: float = 0,
) -> Any:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.space_after = Pt(4)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(writable(text))
    run.bold, run.italic = bold, italic
    return paragraph
