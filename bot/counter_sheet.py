"""The counter's sheet «Phiếu hướng dẫn»: one procedure on paper, with codes that open the bot."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import segno
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from handlers import speech
from handlers.procedure import by_channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from handlers.wording import Wording
    from knowledge.model import Procedure, When
    from knowledge.offices import Office

FONT = "Times New Roman"
BOX = "☐"
_SIZES = ((11.5, 54, 98), (10.5, 59, 108), (9.5, 65, 119))
"""Points, lines of a sheet and letters of a line; the largest size that fits is taken."""
_QR_WIDTH = Cm(2.6)
_QR_SCALE = 12
_MARGIN = Cm(1.6)
_UNWRITABLE = {**dict.fromkeys(range(32)), 0xFFFE: None, 0xFFFF: None, 9: " ", 10: "\n"}
"""Characters that XML cannot hold."""


def writable(text: str) -> str:
    """Text without what a Word file cannot hold."""
    return text.translate(_UNWRITABLE)


@dataclass(frozen=True)
class QrCode:
    """What a printed code holds, and the words below it («Quét bằng Zalo»)."""

    content: str
    caption: str


_SCAN = {"telegram": "Quét để hỏi trên Telegram", "zalo": "Quét để hỏi trên Zalo"}


def opening(links: Iterable[tuple[str, str]]) -> list[QrCode]:
    """The codes that open some chats, given as channel and address."""
    return [QrCode(url, _SCAN[channel]) for channel, url in links]


@dataclass(frozen=True)
class _Part:
    """A heading with its lines; ``mark`` stands before each line, «#» numbers them."""

    heading: str
    lines: tuple[str, ...]
    mark: str


def counter_sheets(
    procedures: Sequence[Procedure],
    codes: Sequence[Sequence[QrCode]],
    office: Office,
    say: Wording,
) -> bytes:
    """A Word file with one sheet for each procedure; ``codes`` are its QR codes, in order.

    The type gets smaller, down to 9.5 points, where that makes a procedure fit one A4 page;
    longer ones go on over the page, for nothing is left out.
    """
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    font = document.styles["Normal"].font
    font.name = FONT
    document.styles["Normal"].element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.core_properties.title = "Phiếu hướng dẫn thủ tục hành chính"
    document.core_properties.author = office.name
    for number, (procedure, printed) in enumerate(zip(procedures, codes, strict=True)):
        _Sheet(document, procedure, say).write(printed, office, last=number == len(codes) - 1)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


class _Sheet:
    """One procedure on its way to paper."""

    def __init__(self, document: Any, procedure: Procedure, say: Wording) -> None:
        self.document = document
        self.procedure = procedure
        self.say = say
        self.parts = [part for part in self._parts() if part.lines]
        self.size = self._size()

    def write(self, codes: Sequence[QrCode], office: Office, *, last: bool) -> None:
        """Put everything on paper."""
        self._head(codes, office)
        for part in self.parts:
            self._paragraph(part.heading, bold=True, before=4)
            for number, text in enumerate(part.lines, 1):
                mark = f"{number}." if part.mark == "#" else part.mark
                self._paragraph(f"{mark}\t{text[:1].upper()}{text[1:]}", hanging=True)
        source = f"Nguồn: {speech.source(self.procedure, self.say)}"
        end = self._paragraph(source, italic=True, before=6)
        if not last:
            end.add_run().add_break(WD_BREAK.PAGE)

    def _parts(self) -> Iterator[_Part]:
        found, say = self.procedure, self.say
        if not found.papers:
            yield _Part("Giấy tờ cần mang", (say("papers.unknown", title=found.title),), "–")
        cases = [case for case in found.cases if case.papers]
        for case in cases:
            heading = case.name.strip(" -*+:;.") if len(cases) > 1 else "Giấy tờ cần mang"
            if "giấy tờ" not in heading.lower():
                heading = f"Giấy tờ – {heading}"
            lines = [
                speech.paper(paper, say) + ("" if paper.condition else self._when(paper.when))
                for paper in case.papers
            ]
            yield _Part(heading + self._when(case.when), tuple(dict.fromkeys(lines)), BOX)
        fees = [(way.channel, speech.fee(fee, say)) for way in found.filings for fee in way.fees]
        yield _Part(
            "Phí, lệ phí", by_channel(fees, say) or (say("fee.unknown", title=found.title),), "–"
        )
        limits = [(way.channel, speech.limit(each)) for way in found.filings for each in way.limits]
        yield _Part(
            "Thời gian giải quyết",
            by_channel(limits, say) or (say("time.unknown", title=found.title),),
            "–",
        )
        yield _Part("Nơi nộp", self._places(), "–")
        yield _Part("Các bước", found.steps, "#")
        yield _Part("Điều kiện", found.conditions, "–")
        told = (*(conflict.say for conflict in found.conflicts), *found.notes)
        if found.unsourced:
            parts = ", ".join(say(f"aspect.{aspect}").lower() for aspect in found.unsourced)
            told += (f"{parts}: {say('unsourced').removeprefix('Phần này ')}",)
        yield _Part("Lưu ý", told, "–")

    def _places(self) -> tuple[str, ...]:
        found, say = self.procedure, self.say
        lines = []
        if where := found.place or found.office:
            lines.append(where.rstrip("."))
        if found.place and found.office:
            lines.append(say("place.holder", office=found.office.rstrip(".")))
        if found.online_url:
            lines.append(say("place.online", url=found.online_url))
        return tuple(lines) or (say("place.unknown", title=found.title),)

    def _when(self, when: When) -> str:
        """« (khi …)»: the answers of the checklist under which something is needed."""
        labels = {
            (question.key, option.key): option.label
            for question in self.procedure.questions
            for option in question.options
        }
        told = [
            " hoặc ".join(labels[question, key].lower() for key in keys)
            for question, keys in when.items()
        ]
        return f" (khi: {'; '.join(told)})" if told else ""

    def _size(self) -> float:
        for size, lines, letters in _SIZES:
            needed = 9 + len(self.procedure.name) // (letters // 2)
            for part in self.parts:
                needed += 2
                texts = [each for text in part.lines for each in text.split("\n")]
                needed += sum(1 + len(text) // letters for text in texts)
            if needed <= lines:
                return size
        return _SIZES[-1][0]

    def _head(self, codes: Sequence[QrCode], office: Office) -> None:
        """Office and title on the left, the codes on the right."""
        table = self.document.add_table(1, 1 + len(codes))
        table.autofit = False
        wide = Cm(21) - 2 * _MARGIN - len(codes) * Cm(3)
        cells = table.rows[0].cells
        for number, cell in enumerate(cells):
            cell.width = table.columns[number].width = Cm(3) if number else wide
        self._run(cells[0].paragraphs[0], office.name.upper(), size=self.size)
        title = cells[0].add_paragraph()
        title.paragraph_format.space_before = Pt(6)
        self._run(title, "PHIẾU HƯỚNG DẪN", bold=True, size=self.size + 3)
        self._run(cells[0].add_paragraph(), self.procedure.name, bold=True, size=self.size + 1)
        told = f"Mã thủ tục: {self.procedure.code}"
        contact = [each for each in (office.address, office.phone) if each]
        told += f" · {' · '.join(contact)}" if contact else ""
        self._run(cells[0].add_paragraph(), told, size=self.size)
        for cell, code in zip(cells[1:], codes, strict=True):
            self._picture(cell, code)
        for cell in cells:
            for paragraph in cell.paragraphs[1:]:
                paragraph.paragraph_format.space_after = Pt(0)
        _ruled(table)

    def _picture(self, cell: Any, code: QrCode) -> None:
        image = io.BytesIO()
        segno.make(code.content, micro=False, error="m").save(image, kind="png", scale=_QR_SCALE)
        image.seek(0)
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture = paragraph.add_run().add_picture(image, width=_QR_WIDTH)
        # Read aloud instead of the picture, and shown where pictures are not.
        properties = picture._inline.docPr  # noqa: SLF001 - the library has no public way
        properties.set("descr", f"{code.caption}: {code.content}")
        below = cell.add_paragraph()
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(below, code.caption, size=8.5)

    def _paragraph(
        self,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        hanging: bool = False,
        before: float = 0,
    ) -> Any:
        paragraph = self.document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before, shape.space_after = Pt(before), Pt(1)
        shape.line_spacing = 1.0
        shape.keep_with_next = bold
        if hanging:
            shape.left_indent, shape.first_line_indent = Cm(0.7), Cm(-0.7)
            shape.tab_stops.add_tab_stop(Cm(0.7))
        self._run(paragraph, text, bold=bold, italic=italic, size=self.size)
        return paragraph

    @staticmethod
    def _run(
        paragraph: Any, text: str, *, size: float, bold: bool = False, italic: bool = False
    ) -> None:
        mark, tab, rest = text.partition("\t")
        clean = writable(mark) + tab + writable(rest)
        run = paragraph.add_run(clean)
        run.bold, run.italic = bold, italic
        run.font.size = Pt(size)


def _ruled(table: Any) -> None:
    """A line below the head of the sheet."""
    borders = OxmlElement("w:tblBorders")
    line = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "808080")):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    table._tbl.tblPr.append(borders)  # noqa: SLF001 - the library has no public way
