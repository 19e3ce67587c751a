"""Reads records of the national public-service portal from JSON, JSON Lines or gzip of either."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from knowledge.importers.batch import (
    MAX_BYTES,
    Batch,
    Draft,
    Finding,
    Place,
    Uniqueness,
    Unreadable,
)
from knowledge.importers.cleaning import line, shorten, tidy, title, unbulleted
from knowledge.importers.portal_filings import read_filings
from knowledge.importers.portal_laws import read_laws
from knowledge.importers.portal_papers import read_papers
from knowledge.importers.reasons import label, reason
from knowledge.model import PROCEDURE_CODE, Channel, Level, Procedure, Source

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.importers.batch import Progress

ORIGIN = "Cổng Dịch vụ công quốc gia, bản thu tháng 7/2026"
CHECKED_ON = date(2026, 7, 15)
ONLINE = "https://dichvucong.gov.vn/dich-vu-cong-truc-tuyen/"

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


def _texts(raw: object) -> str:
    return "" if raw is None else str(raw)


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
    kept = [shorten(step.strip(), STEP_LIMIT) for step in steps if step.strip()]
    return tuple(kept[:MAX_STEPS])


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
    return tuple(dict.fromkeys(kept))[:MAX_STEPS]


def read_decision(raw: str) -> str | None:
    """The number of the decision that published the procedure, without words around it."""
    text = line(raw).strip(" .;")
    found = _DECISION.search(text)
    return found.group() if found else (shorten(text, 120) or None)


def _office(raw: str) -> str | None:
    return shorten(line(raw).rstrip(" .;,"), 400) or None


class _Row:
    """One record of the portal on its way to a procedure."""

    def __init__(self, row: dict[str, Any], place: Place) -> None:
        self.row = row
        self.code = _PROVINCE_TAIL.sub("", line(_texts(row.get("code"))).strip(" ."))
        self.place = place
        self.findings: list[Finding] = []

    def doubt(self, field: str, text: str) -> None:
        self.findings.append(Finding(self.place.at(field), "doubtful", text))

    def fields(self) -> dict[str, Any]:
        """Fields of a procedure, empty ones included."""
        row = self.row
        name = title(_texts(row.get("name")))
        if _DISTRICT.search(name):
            self.doubt("Tên", "Tên còn ghi «cấp huyện», nay không còn cấp này.")
        levels, unknown = read_levels(_texts(row.get("level")))
        if unknown:
            self.doubt("Cấp thực hiện", f"Không hiểu cấp «{', '.join(unknown)}»; đã bỏ.")
        papers, filings = read_papers(row.get("papers")), read_filings(row.get("methods"))
        for text in papers.doubts:
            self.doubt("Thành phần hồ sơ", text)
        for text in filings.doubts:
            self.doubt("Cách thức thực hiện", text)
        online = any(filing.channel is Channel.ONLINE for filing in filings.filings)
        return {
            "code": self.code,
            "name": name,
            "field": line(_texts(row.get("field"))).strip(" .;"),
            "levels": levels,
            "office": _office(_texts(row.get("agency"))),
            "place": shorten(line(_texts(row.get("address"))), 400) or None,
            "subjects": read_subjects(_texts(row.get("subjects"))),
            "cases": papers.cases,
            "steps": read_steps(_texts(row.get("steps"))),
            "filings": filings.filings,
            "result": read_result(_texts(row.get("result"))) or None,
            "conditions": read_conditions(_texts(row.get("conditions"))),
            "legal_basis": read_laws(row.get("legal_basis")),
            "online_url": ONLINE + self.code if online else None,
            "notes": papers.notes,
        }

    def source(self) -> Source:
        return Source(
            decision=read_decision(_texts(self.row.get("decision"))),
            url=ONLINE + self.code,
            checked_on=CHECKED_ON,
            origin=ORIGIN,
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
    except RecursionError as error:
        raise Unreadable(Place(file, ""), "JSON lồng nhau quá sâu.") from error
    except json.JSONDecodeError as error:
        several = error.msg == "Extra data" or "\n{" in text.lstrip()[1:]
        if several and text.lstrip().startswith("{"):
            return None
        spot = Place(file, f"dòng {error.lineno}", f"cột {error.colno}")
        raise Unreadable(spot, "JSON hỏng từ chỗ này.") from error
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
        except (json.JSONDecodeError, RecursionError) as error:
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
            reading = _Row(row, _place_of(row, place))
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
    code = line(_texts(row.get("code")))[:24]
    return Place(place.file, f"{place.row}, mã {code}" if code else place.row)
