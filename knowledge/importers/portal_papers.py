"""Papers of a procedure as the national portal lists them: cases, counts, glued rows, notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from knowledge.importers.cleaning import line, shorten, unlettered
from knowledge.model import Case, Paper

NAME_LIMIT = 600
"""Characters of a paper's name; longer ones hold whole articles of a law."""
NOTE_LIMIT = 250
"""A longer note is law text, not something to tell a citizen."""
MAX_NOTES = 3
MAX_COUNT = 20
"""More copies than any procedure asks for: a year glued to the count («20261 bản chính»)."""

_DEFAULT_CASE = "Giấy tờ cần nộp"
QUANTITY = re.compile(r"(bản chính|bản sao)\s*:\s*(\d{1,5})|(\d{1,5})\s*(bản chính|bản sao)", re.I)
# A count without a space before it never stands in a sentence: two rows were glued there.
_SEAM = re.compile(
    r"(?<![\s\d])(\d{1,2}) ?bản (chính|sao)(?:, ?(\d{1,2}) ?bản (sao))?(?=[^\s,.;:)\d])"
)
_FILE = re.compile(r"\.(?:docx?|pdf|xlsx?|rar|zip)$", re.I)
_FORM_START = re.compile(r"(?<=[^\s(])(?:Mẫu|mẫu|Phụ lục|Biểu mẫu|Mau|mau)[ _\-.\w()]{0,80}$")
_NOTE = re.compile(
    r"(?:lưu ý|ví dụ|ghi chú|chú ý|số lượng (?:bộ )?hồ sơ|số bộ hồ sơ|số lượng\b)", re.I
)
_CONDITIONAL = re.compile(
    r"(?:\(?trường hợp|trong trường hợp|đối với|người|cá nhân|cơ quan|khi |nếu |phiếu được|việc|"
    r"tổ chức|doanh nghiệp|ngoài hồ sơ|hồ sơ\b|các thành phần|thành phần|bước \d|căn cứ|trong đó|"
    r"phải |không |và |chậm nhất|công dân|nộp |xuất trình|\W)",
    re.I,
)
_RULE = re.compile(r"\b(?:phải bảo đảm|có trách nhiệm|không phải nộp|không được)\b", re.I)
_HEADING = re.compile(r"(?:--|bao gồm|thành phần hồ sơ(?: bao gồm| gồm)?|hồ sơ(?: bao gồm| gồm)?|)")


@dataclass(frozen=True)
class Papers:
    """Cases with papers, short notes found among them, and doubts about the source."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def _counts(item: dict[str, Any]) -> tuple[int | None, int | None]:
    """Originals and copies; the source gives them as numbers or as «1 bản chính, 1 bản sao»."""
    if "qty_text" not in item:
        raw = (item.get("original"), item.get("copy"))
        return tuple(n if isinstance(n, int) and n >= 0 else None for n in raw)  # type: ignore[return-value]
    found: dict[str, int] = {}
    for kind, after, before, behind in QUANTITY.findall(line(str(item["qty_text"] or ""))):
        found.setdefault((kind or behind).lower(), int(after or before))
    return found.get("bản chính"), found.get("bản sao")


def _split_form(name: str) -> tuple[str, str]:
    """Name and form file when a file's name is glued to the end: «…NĐ-CP;Mẫu số 01.docx»."""
    if not (end := _FILE.search(name)):
        return name, ""
    window = max(0, end.start() - 100)
    if start := _FORM_START.search(name[window : end.start()]):
        cut = window + start.start()
        return name[:cut], name[cut:]
    return name, ""


def _pieces(
    name: str, counts: tuple[int | None, int | None]
) -> list[tuple[str, tuple[int | None, int | None]]]:
    """Rows that were glued into one name, each with its own counts."""
    rows: list[tuple[str, tuple[int | None, int | None]]] = []
    start = 0
    for seam in _SEAM.finditer(name):
        first, kind, second, _ = seam.groups()
        originals = int(first) if kind == "chính" else None
        copies = int(first) if kind == "sao" else (int(second) if second else None)
        rows.append((name[start : seam.start()], (originals, copies)))
        start = seam.end()
    return [*rows, (name[start:], counts)]


def _is_note(name: str, counts: tuple[int | None, int | None]) -> bool:
    if _NOTE.match(name):
        return True
    if any(counts) or (counts == (None, None) and not _RULE.search(name)):
        return False
    return bool(_CONDITIONAL.match(name) or _RULE.search(name) or name.endswith(":"))


def _case_name(raw: str) -> str:
    name = unlettered(line(raw)).rstrip(" .;:,").strip()
    if _HEADING.fullmatch(name.lower()) or not re.search(r"\w", name):
        return _DEFAULT_CASE
    return shorten(name, 300)


def _items(case: dict[str, Any]) -> list[dict[str, Any]]:
    found = case.get("items")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class _Reading:
    """Collects notes and doubts while the rows of one procedure are read."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.doubts: dict[str, None] = {}

    def note(self, text: str) -> None:
        text = text.strip(" ()")
        if 15 <= len(text) <= NOTE_LIMIT and not text.endswith(":") and text not in self.notes:
            self.notes.append(text)

    def plausible(self, count: int | None) -> int | None:
        if count is not None and count > MAX_COUNT:
            self.doubts[f"Số bản giấy tờ ghi {count}, có lẽ dính vào chữ phía trước; đã bỏ."] = None
            return None
        return count or None

    def paper(
        self, raw: str, counts: tuple[int | None, int | None], form: str, shown: bool
    ) -> Paper | None:
        """A paper, or None when the row is a note or empty."""
        name, glued_form = _split_form(raw)
        name = unlettered(name).strip(" ;,-–_")
        if not re.search(r"\w", name):
            return None
        if _is_note(name, counts):
            self.note(name)
            return None
        name = name.removesuffix(".").rstrip(" ;:,.") or name
        if len(name) > NAME_LIMIT:
            self.doubts["Có tên giấy tờ quá dài, đã rút gọn; nên tách lại bằng tay."] = None
        form = shorten(line(glued_form or form), 150)
        return Paper(
            name=shorten(name, NAME_LIMIT),
            originals=self.plausible(counts[0]),
            copies=self.plausible(counts[1]),
            form=form or None,
            shown=shown,
        )

    def papers(self, case: dict[str, Any], shown: bool) -> tuple[Paper, ...]:
        found: dict[tuple[str, int | None, int | None], Paper] = {}
        for item in _items(case):
            pieces = _pieces(line(str(item.get("name") or "")), _counts(item))
            form = line(str(item.get("form_tail") or ""))
            for number, (name, counts) in enumerate(pieces, 1):
                own_form = form if number == len(pieces) else ""
                if paper := self.paper(name, counts, own_form, shown):
                    found.setdefault((paper.name, paper.originals, paper.copies), paper)
        return tuple(found.values())


def read_papers(raw: object) -> Papers:
    """Cases of the portal's ``papers`` field; anything that is no list of cases yields none."""
    reading = _Reading()
    cases: list[Case] = []
    rows = 0
    for case in raw if isinstance(raw, list) else ():
        if not isinstance(case, dict):
            reading.doubts["Có trường hợp không đọc được; đã bỏ."] = None
            continue
        rows += sum(bool(str(item.get("name") or "").strip()) for item in _items(case))
        name = _case_name(str(case.get("case") or ""))
        if _NOTE.match(name):
            for item in _items(case):
                reading.note(unlettered(line(str(item.get("name") or ""))))
            continue
        shown = "xuất trình" in name.lower() and "nộp" not in name.lower()
        if papers := reading.papers(case, shown):
            cases.append(Case(name=name, papers=papers))
    if rows and not cases:
        told = "Không dòng nào trong thành phần hồ sơ giống tên giấy tờ; xem lại ở Cổng."
        reading.doubts[told] = None
    return Papers(tuple(cases), tuple(reading.notes[:MAX_NOTES]), tuple(reading.doubts))
