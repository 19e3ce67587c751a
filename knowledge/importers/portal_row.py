"""One record of the national public-service portal becomes a draft, whatever file it stood in."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from knowledge.importers.batch import Draft, Finding, Place
from knowledge.importers.cleaning import line, shorten, tidy, title, unbulleted
from knowledge.importers.portal_filings import read_filings
from knowledge.importers.portal_laws import read_laws
from knowledge.importers.portal_papers import Papers, read_papers
from knowledge.importers.reasons import label, reason
from knowledge.model import (
    PROCEDURE_CODE,
    Case,
    Channel,
    Filing,
    Law,
    Level,
    Procedure,
    Source,
)

ORIGIN = "Cổng Dịch vụ công quốc gia, bản thu tháng 7/2026"
CHECKED_ON = date(2026, 7, 15)
ONLINE = "https://dichvucong.gov.vn/dich-vu-cong-truc-tuyen/"

_FIELDS = {"level": "levels", "agency": "office", "address": "place"}
_PARTS = {"papers": "Thành phần hồ sơ", "methods": "Cách thức thực hiện"}

STEP_LIMIT = 1_500
MAX_STEPS = 60

_PROVINCE_TAIL = re.compile(r"\.000\.00\.00(?=\.H\d\d$)")
_LEVELS = (
    (re.compile(r"xã|phường"), Level.COMMUNE),
    (re.compile(r"tỉnh"), Level.PROVINCE),
    (re.compile(r"bộ|trung ương"), Level.MINISTRY),
    (re.compile(r"khác"), Level.OTHER),
)
_RESULT_CODE = re.compile(r"[.;\s]*Mã:\s*KQ\.[A-Z]\d\d\.\d{6,7}[.;\s]*|[.;\s]*Mã:\s*KQ[\w.]*\s*")
_SUBJECT = re.compile(r"Cán bộ, công chức, viên chức|(?:[^,(]|\([^)]*\)?)+", re.I)
_INLINE_STEP = re.compile(r"(?<=[.;:)]) *(?:[-+*•] ?)?(?=Bước \d{1,2} ?[:.])")
_STEP = re.compile(r"[-+*• ]{0,4}Bước (\d{1,2}) ?[:.]?\s*", re.I)
_NOTHING = re.compile(r"(?:không(?: có| có thông tin| quy định| yêu cầu)?|\W*)[.;\s]*", re.I)
_DECISION = re.compile(r"\d+[a-z]?(?:/\d{4})?/Q[ĐD]-[\wĐ]+(?:-[\w]+)*")
_DISTRICT = re.compile(r"cấp huyện", re.I)


def words_of(raw: object) -> str:
    """Words of a value; anything but words and numbers has none («{}» must not be a name)."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return ""
    return str(raw).encode("utf-8", "replace").decode()


def _lines(raw: str) -> list[str]:
    return [each for each in tidy(raw).split("\n") if re.search(r"\w", each)]


def read_steps(raw: str) -> tuple[str, ...]:
    """Steps in order; lines under «Bước n» stay with it, «+» lines with the line above."""
    lines = _lines(_INLINE_STEP.sub("\n", tidy(raw)))
    numbered = sum(bool(_STEP.match(each)) for each in lines) > 1
    steps: list[str] = []
    for each in lines:
        starts = bool(_STEP.match(each)) if numbered else not each.startswith("+")
        text = each if numbered and not starts else unbulleted(each)
        if starts or not steps:
            steps.append(text)
        else:
            steps[-1] += "\n" + each
    if numbered and all(_STEP.match(step) for step in steps):
        numbers = [int(found.group(1)) for step in steps if (found := _STEP.match(step))]
        if numbers == list(range(1, len(steps) + 1)):
            steps = [_STEP.sub("", step, count=1) or step for step in steps]
    return tuple(shorten(step.strip(), STEP_LIMIT) for step in steps if step.strip())


def read_levels(raw: str) -> tuple[tuple[Level, ...], list[str]]:
    """Levels in a fixed order, and the parts that name none we know."""
    found: set[Level] = set()
    unknown: list[str] = []
    for part in line(raw).lower().split(","):
        level = next((level for pattern, level in _LEVELS if pattern.search(part)), None)
        if level:
            found.add(level)
        elif part.strip():
            unknown.append(part.strip())
    return tuple(level for level in Level if level in found), unknown


def read_subjects(raw: str) -> tuple[str, ...]:
    """Kinds of applicants; commas inside brackets and inside one known phrase do not part."""
    return tuple(dict.fromkeys(s.strip() for s in _SUBJECT.findall(line(raw)) if s.strip(" .;")))


def read_result(raw: str) -> str:
    """Results without the portal's result codes, parted by «; »."""
    parts = [part.strip(" .;") for part in _RESULT_CODE.sub("\n", tidy(raw)).split("\n")]
    return shorten("; ".join(dict.fromkeys(part for part in parts if part)), 1_000)


def read_conditions(raw: str) -> tuple[str, ...]:
    """Conditions line by line, without «Không có»."""
    texts = [unbulleted(each) for each in _lines(raw)]
    kept = [shorten(text, 800) for text in texts if text and not _NOTHING.fullmatch(text)]
    return tuple(dict.fromkeys(kept))


def read_decision(raw: str) -> str | None:
    """The number of the decision that published the procedure, without words around it."""
    text = line(raw).strip(" .;")
    found = _DECISION.search(text)
    return found.group() if found else (shorten(text, 120) or None)


def _office(raw: str) -> str | None:
    return shorten(line(raw).rstrip(" .;,"), 400) or None


def _cut(value: object) -> bool:
    """True when a text in it was shortened; texts of papers' names are told with the papers."""
    if isinstance(value, str):
        return value.endswith("…")
    if isinstance(value, tuple):
        return any(_cut(each) for each in value)
    if isinstance(value, Case):
        return value.name.endswith("…")
    return isinstance(value, BaseModel) and any(_cut(each) for _, each in value)


class PortalRow:
    """One record of the portal on its way to a procedure.

    ``origin`` and ``checked_on`` say where the record was taken from and on which day that was
    the portal's word.
    """

    def __init__(
        self,
        row: dict[str, Any],
        place: Place,
        *,
        origin: str = ORIGIN,
        checked_on: date = CHECKED_ON,
    ) -> None:
        self.row = row
        self.code = _PROVINCE_TAIL.sub("", line(words_of(row.get("code"))).strip(" ."))
        self.place = place
        self.findings: list[Finding] = []
        self.origin = origin
        self.checked_on = checked_on

    def doubt(self, field: str, text: str) -> None:
        self.findings.append(Finding(self.place.at(field), "doubtful", text))

    def text(self, key: str) -> str:
        """Words of a field; a doubt when it holds something else."""
        raw = self.row.get(key)
        said = words_of(raw)
        if not said and raw not in (None, "", [], {}):
            self.doubt(label((_FIELDS.get(key, key),)), "Không phải chữ; đã bỏ.")
        return said

    def listed(self, key: str) -> object:
        """A field that holds a list; a doubt when it holds something else."""
        raw = self.row.get(key)
        if raw not in (None, "", {}) and not isinstance(raw, list):
            self.doubt(_PARTS[key], "Không phải một danh sách; đã bỏ.")
        return raw

    def capped(self, key: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        if len(texts) > MAX_STEPS:
            self.doubt(label((key,)), f"Có {len(texts)} mục, chỉ lấy {MAX_STEPS} mục đầu.")
        return texts[:MAX_STEPS]

    def name(self) -> str:
        name = title(self.text("name"))
        if _DISTRICT.search(name):
            self.doubt("Tên", "Tên còn ghi «cấp huyện», nay không còn cấp này.")
        return name

    def levels(self) -> tuple[Level, ...]:
        levels, unknown = read_levels(self.text("level"))
        if unknown:
            self.doubt("Cấp thực hiện", f"Không hiểu cấp «{', '.join(unknown)}»; đã bỏ.")
        return levels

    def laws(self) -> tuple[Law, ...]:
        raw = self.row.get("legal_basis")
        laws = read_laws(raw if isinstance(raw, list) else self.text("legal_basis"))
        if raw and not laws:
            self.doubt(label(("legal_basis",)), "Không thấy số văn bản nào; đã bỏ.")
        return laws

    def parts(self) -> tuple[Papers, tuple[Filing, ...]]:
        """Papers and ways of filing, with their doubts."""
        papers, filings = read_papers(self.listed("papers")), read_filings(self.listed("methods"))
        for text in papers.doubts:
            self.doubt(_PARTS["papers"], text)
        for text in filings.doubts:
            self.doubt(_PARTS["methods"], text)
        return papers, filings.filings

    def fields(self) -> dict[str, Any]:
        """Fields of a procedure, empty ones included."""
        papers, filings = self.parts()
        found: dict[str, Any] = {
            "code": self.code,
            "name": self.name(),
            "field": line(self.text("field")).strip(" .;"),
            "levels": self.levels(),
            "office": _office(self.text("agency")),
            "place": shorten(line(self.text("address")), 400) or None,
            "subjects": read_subjects(self.text("subjects")),
            "cases": papers.cases,
            "steps": self.capped("steps", read_steps(self.text("steps"))),
            "filings": filings,
            "result": read_result(self.text("result")) or None,
            "conditions": self.capped("conditions", read_conditions(self.text("conditions"))),
            "legal_basis": self.laws(),
            "notes": papers.notes,
        }
        for key, value in found.items():
            if _cut(value):
                self.doubt(label((key,)), "Có đoạn quá dài, đã rút gọn (chỗ có dấu «…»).")
        if any(filing.channel is Channel.ONLINE for filing in filings):
            found["online_url"] = ONLINE + self.code
        return found

    def source(self) -> Source:
        return Source(
            decision=read_decision(words_of(self.row.get("decision"))),
            url=ONLINE + self.code,
            checked_on=self.checked_on,
            origin=self.origin,
        )

    def draft(self) -> Draft | None:
        """The draft, or None after a rejecting finding."""
        if not PROCEDURE_CODE.fullmatch(self.code):
            text = f"Mã «{self.code[:40]}» không có dạng 1.001193."
            self.findings = [Finding(self.place.at("Mã"), "rejected", text)]
            return None
        stated = {key: value for key, value in self.fields().items() if value not in (None, ())}
        try:
            procedure = Procedure(**stated, source=self.source())
        except ValidationError as error:
            self.findings += [
                Finding(self.place.at(label(each["loc"])), "rejected", reason(each))
                for each in error.errors()
            ]
            return None
        return Draft(procedure, self.place, known=frozenset({*stated, "source"}))
