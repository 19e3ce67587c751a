"""Pages of the national portal as Word or PDF become rows as its JSON has them, then drafts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from knowledge.importers.batch import Batch, Finding, Place, Uniqueness, Unreadable
from knowledge.importers.cleaning import line, tidy
from knowledge.importers.portal_laws import numbers
from knowledge.importers.portal_page_tables import (
    PageTable,
    laws_of,
    methods_of,
    papers_of,
    table_of,
)
from knowledge.importers.portal_row import PortalRow
from knowledge.importers.reasons import label
from knowledge.model import PROCEDURE_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from knowledge.importers.batch import Draft
    from knowledge.importers.documents import Block, Document

_SECTIONS = {
    "mã thủ tục": "code",
    "số quyết định": "decision",
    "tên thủ tục": "name",
    "cấp thực hiện": "level",
    "loại thủ tục": "kind",
    "lĩnh vực": "field",
    "trình tự thực hiện": "steps",
    "cách thức thực hiện": "methods",
    "thành phần hồ sơ": "papers",
    "đối tượng thực hiện": "subjects",
    "cơ quan thực hiện": "agency",
    "cơ quan có thẩm quyền": "authority",
    "địa chỉ tiếp nhận hs": "address",
    "địa chỉ tiếp nhận hồ sơ": "address",
    "cơ quan được ủy quyền": "delegate",
    "cơ quan phối hợp": "partner",
    "kết quả thực hiện": "result",
    "kết quả xử lý": "result",
    "căn cứ pháp lý": "legal_basis",
    "yêu cầu, điều kiện thực hiện": "conditions",
    "từ khóa": "keywords",
    "mô tả": "description",
}
"""Labels of both forms of the page, in small letters."""
_TITLE = "chi tiết thủ tục hành chính"
_FIELDS = {
    "code": "Mã",
    "name": "Tên",
    "description": "Mô tả",
    "papers": "Thành phần hồ sơ",
    "methods": "Cách thức thực hiện",
    "level": "Cấp thực hiện",
    **{
        section: label((key,))
        for section, key in (
            ("field", "field"),
            ("agency", "office"),
            ("address", "place"),
            ("subjects", "subjects"),
            ("steps", "steps"),
            ("conditions", "conditions"),
            ("result", "result"),
            ("legal_basis", "legal_basis"),
        )
    },
}
"""Names that findings give the sections."""
_EMPTY = re.compile(r"\W*không có thông tin\W*", re.I)
_RESULT_CODE = re.compile(r"Mã:\s*\S+(?: \S+)?")
_CODE = re.compile(rf"(?<![\d.]){PROCEDURE_CODE.pattern}(?!\d)")
# A full stop, a blank and a bullet: in Word exports whole lists run on in one paragraph.
_RUN_ON = re.compile(r"(?<=[.;:])\s+(?=[-+*•]\s*[A-ZĐÀ-Ỹ])")
_LONG_PARAGRAPH = 300
_HEADING = re.compile(r"\W*(?:bao gồm|thành phần hồ sơ(?: bao gồm| gồm)?|)\W*", re.I)
_PLAIN = ("decision", "name", "level", "field", "subjects", "address")
_NO_PAGE = (
    "Không thấy «Mã thủ tục»: đây không phải trang «Chi tiết thủ tục hành chính» "
    "tải từ Cổng Dịch vụ công quốc gia."
)


@dataclass
class Page:
    """What one procedure's page says, by section, and where each section begins."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    tables: list[PageTable] = field(default_factory=list)
    at: dict[str, str] = field(default_factory=dict)
    doubts: list[tuple[str, str, str]] = field(default_factory=list)
    """Place, section and reason of what could not be used."""

    def text(self, key: str) -> str:
        """Words of a section; the portal's «Không có thông tin» says nothing."""
        said = "\n".join(self.texts.get(key, ()))
        return "" if _EMPTY.fullmatch(said) else said

    def row(self) -> dict[str, Any]:
        """The same as a row of the portal's JSON."""
        row: dict[str, Any] = {key: self.text(key) for key in _PLAIN}
        by_kind = {
            kind: [table for table in self.tables if table.kind == kind]
            for kind in ("papers", "methods", "legal_basis")
        }
        found = _CODE.search(self.text("code"))
        results = tidy(self.text("result")).split("\n")
        return row | {
            "code": found.group() if found else line(self.text("code")),
            "agency": self.text("agency") or self.text("authority"),
            "steps": _parted(self.text("steps")),
            "conditions": _parted(self.text("conditions")),
            "result": "\n".join(each for each in results if not _RESULT_CODE.fullmatch(each)),
            "papers": papers_of(by_kind["papers"]),
            "methods": methods_of(by_kind["methods"]),
            "legal_basis": laws_of(by_kind["legal_basis"]) or self.text("legal_basis"),
        }


def _parted(text: str) -> str:
    """Paragraph by paragraph, and where a list runs on in one paragraph, point by point."""
    return "\n".join(
        _RUN_ON.sub("\n", part) if len(part) > _LONG_PARAGRAPH else part
        for part in tidy(text).split("\n")
    )


class _Reader:
    """Walks over the blocks of a document and sorts them into pages."""

    def __init__(self, document: Document) -> None:
        self.pages: list[Page] = []
        self._gap = "" if document.blanks else " "
        self._section = ""
        self._case: list[str] = []
        self._table: PageTable | None = None
        self._in_facts = False
        # Labels are bold in the portal's file; where none is, some program has dropped that.
        self._bold = any(block.bold and _opened(block.text) for block in document.blocks)
        for block in document.blocks:
            if block.rows:
                self._read_table(block)
            for text in block.text.split("\n"):
                self._read_line(text, block)

    @property
    def page(self) -> Page:
        if not self.pages:
            self.pages.append(Page())
        return self.pages[-1]

    def _open(self, key: str, at: str) -> None:
        self._section = key
        self._forget_case(at)
        self.page.texts.setdefault(key, [])
        if at:
            self.page.at.setdefault(key, at)

    def _forget_case(self, at: str) -> str:
        """The case that the next table is about; other lines before that table are reported."""
        lost, case = self._case[:-1], "".join(self._case[-1:])
        for text in lost if case else ():
            if not _HEADING.fullmatch(text):
                told = f"Dòng «{text[:60]}» không thuộc bảng giấy tờ nào; đã bỏ."
                self.page.doubts.append((at, "papers", told))
        self._case = []
        return case

    def _read_line(self, text: str, block: Block) -> None:
        said = line(text)
        if not said:
            return
        if said.casefold() == _TITLE:
            self.pages.append(Page())
            self._section, self._table = "", None
            return
        opened = _opened(text) if block.bold or not self._bold else None
        if opened and opened[0] not in self.page.texts:
            key, rest = opened
            self._open(key, block.at)
            self.page.texts[key] += [rest] if rest else []
        elif self._section == "papers":
            # Between the tables stand the names of the cases.
            self._case.append(said)
        elif self._section:
            self.page.texts[self._section].append(tidy(text))
        self._table = None

    def _read_table(self, block: Block) -> None:
        rows = list(block.rows)
        if self._facts(rows, block):
            return
        if not block.goes_on:
            self._table = None
        cut = block.goes_on
        for row in rows:
            header = table_of(row)
            if header and cut and not self._case and self._table:
                # A browser prints the headings again on every sheet.
                continue
            if header:
                self._begin(header, block.at)
            elif len(row) == 1 and self._section == "papers":
                self._name_case(row[0], cut=cut)
            elif self._table:
                self._table.add(row, cut=cut, gap=self._gap)
            else:
                told = "Có bảng không nhận ra là bảng gì; đã bỏ."
                self.page.doubts.append((block.at, self._section, told))
                return
            cut = False

    def _begin(self, table: PageTable, at: str) -> None:
        case = self._forget_case(at)
        self._section = table.kind
        self.page.texts.setdefault(table.kind, [])
        if at:
            self.page.at.setdefault(table.kind, at)
        self._table = replace(table, case=case)
        self.page.tables.append(self._table)

    def _name_case(self, text: str, *, cut: bool) -> None:
        if cut and self._case:
            self._case[-1] = line(self._case[-1] + self._gap + text)
        else:
            self._case = [line(text)]

    def _facts(self, rows: list[tuple[str, ...]], block: Block) -> bool:
        """True for the two-column table of facts that opens the new form of the page."""
        keys = [_SECTIONS.get(line(row[0]).rstrip(" :").casefold()) for row in rows if row]
        goes_on = block.goes_on and self._in_facts
        self._in_facts = (
            len(keys) == len(rows)
            and (any(keys) or goes_on)
            and max(map(len, rows)) <= 2
            and not table_of(rows[0])
        )
        if not self._in_facts:
            return False
        for key, row in zip(keys, rows, strict=True):
            value = "".join(row[1:])
            if key:
                self._open(key, block.at)
                self.page.texts[key] = [value] if value.strip() else []
            elif value and self._section:
                # The rest of a value that the foot of the sheet cut in two.
                before = "".join(self.page.texts[self._section])
                self.page.texts[self._section] = [before + value]
        return True


def _opened(text: str) -> tuple[str, str] | None:
    """The section that a line opens, and what the line itself says of it."""
    head, colon, rest = text.partition(":")
    key = _SECTIONS.get(line(head).casefold())
    # Without a colon only a heading in capitals opens a section.
    return (key, rest.strip()) if key and (colon or head.isupper()) else None


def read_pages(document: Document, file: str, *, today: date) -> Batch:
    """Drafts of the pages in a document. Raises ``Unreadable`` when there is none.

    The day of checking is the day the file was made, if it says so; else ``today``.
    """
    pages = [page for page in _Reader(document).pages if page.text("code")]
    if not pages:
        raise Unreadable(Place(file, ""), _NO_PAGE)
    made_on = document.made_on
    checked_on = made_on if made_on and made_on <= today else today
    drafts: list[Draft] = []
    findings: list[Finding] = []
    seen = Uniqueness()
    for page in pages:
        draft, told = _read_page(page, file, checked_on)
        if draft:
            again, extra = seen.refused(draft.procedure.code, draft.procedure.name, draft.place)
            told += extra
            drafts += [] if again else [draft]
        findings += told
    return Batch(tuple(drafts), tuple(findings))


def _read_page(page: Page, file: str, checked_on: date) -> tuple[Draft | None, list[Finding]]:
    row = page.row()
    origin = f"Cổng Dịch vụ công quốc gia, {file}"
    place = Place(file, f"mã {row['code'][:24]}")
    reading = PortalRow(row, place, origin=origin, checked_on=checked_on)
    draft = reading.draft()
    findings = [_placed(finding, page) for finding in reading.findings]
    for at, section, told in page.doubts:
        spot = Place(file, f"{at}, {place.row}" if at else place.row, _FIELDS.get(section, ""))
        findings.append(Finding(spot, "doubtful", told))
    if draft:
        findings += (
            _placed(Finding(place.at(name), "doubtful", told), page)
            for name, told in _doubts(page, row, file)
        )
    return draft, findings


def _odd_laws(laws: object) -> list[str]:
    """Numbers of laws that are none, as «2021/TT-BCAN»."""
    told = [law["number"] for law in laws] if isinstance(laws, list) else []
    return [number[:40] for number in told if number and not numbers(number)]


def _doubts(page: Page, row: dict[str, Any], file: str) -> Iterator[tuple[str, str]]:
    """What an officer should look at although the page can be read."""
    named = _CODE.search(file)
    if named and named.group() != row["code"]:
        yield "Mã", f"Tên tệp ghi mã {named.group()} nhưng trong tệp là mã {row['code']}."
    for key in ("papers", "methods"):
        if not row[key]:
            yield _FIELDS[key], "Không thấy bảng này trong tệp."
    if odd := _odd_laws(row["legal_basis"]):
        yield _FIELDS["legal_basis"], f"Số văn bản lạ, xem lại: {'; '.join(odd[:5])}."
    if page.text("description").strip():
        yield "Mô tả", "Có chữ ở mục này nhưng không nhập; xem lại nếu cần đưa vào «Điều kiện»."


def _placed(finding: Finding, page: Page) -> Finding:
    """The finding with the sheet or table where its section begins."""
    named = {name: key for key, name in _FIELDS.items()}
    named |= {label(("cases",)): "papers", label(("filings",)): "methods"}
    section = named.get(finding.place.field, "")
    at = page.at.get(section)
    if not at:
        return finding
    place = finding.place
    return replace(finding, place=Place(place.file, f"{at}, {place.row}", place.field))
