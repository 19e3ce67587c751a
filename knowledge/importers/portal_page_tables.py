"""Tables on a page of the national portal: papers, ways of filing, legal bases."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from knowledge.importers.cleaning import line, tidy, unnumbered
from knowledge.importers.portal_filings import CHANNELS
from knowledge.importers.portal_laws import numbers
from knowledge.importers.portal_papers import QUANTITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Kind = Literal["papers", "methods", "legal_basis"]

_COLUMNS: dict[str, tuple[Kind, str]] = {
    "tên giấy tờ": ("papers", "name"),
    "mẫu đơn, tờ khai": ("papers", "form_tail"),
    "số lượng": ("papers", "qty_text"),
    "hình thức nộp": ("methods", "method"),
    "thời hạn giải quyết": ("methods", "time"),
    "phí, lệ phí": ("methods", "fee"),
    "mô tả": ("methods", "desc"),
    "số ký hiệu": ("legal_basis", "number"),
    "mã văn bản": ("legal_basis", "number"),
    "trích yếu": ("legal_basis", "name"),
    "tên văn bản pháp lý": ("legal_basis", "name"),
}
"""Headings of both forms of the page; the old form names a law's number first, the new one last."""
_UNITS = r"\s*(?:ngày|giờ|tháng)"
_LEADING_COUNT = re.compile(rf"(\d+){_UNITS}", re.I)


# A full stop never stands before a comma but where the portal put two texts together.
_GLUED = re.compile(r"(?<=[.;])\s*,\s+(?=[-+*]?\s?[A-ZĐÀ-Ỹ])")
_SUM = re.compile(r"(?:(?:Phí|Lệ phí)\s*:\s*)?[1-9][\d.,]*\s*\w{1,4}", re.I)
_ABOUT = re.compile(r"\W*([^:]{3,150}):")


@dataclass
class PageTable:
    """A table whose heading is known, while its rows are gathered."""

    kind: Kind
    columns: tuple[str, ...]
    case: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, cells: Sequence[str], *, cut: bool = False, gap: str = "") -> None:
        """One more row.

        ``cut`` says that it may be the rest of the row above, which the foot of a sheet cut in
        two; ``gap`` then stands between the halves of a cell.
        """
        row = {key: cell for key, cell in zip(self.columns, cells, strict=False) if key}
        above = self.rows[-1] if self.rows else None
        if cut and above is not None and not any(cell.strip() for cell in above.values()):
            self.rows[-1] = row
        elif cut and above is not None and self._rest(row):
            self.rows[-1] = {
                key: _rejoined(above.get(key, ""), row.get(key, ""), gap)
                for key in (*above, *(key for key in row if key not in above))
            }
        else:
            self.rows.append(row)

    def _rest(self, row: dict[str, str]) -> bool:
        """True for a row without the cell that every whole row of its kind has."""
        if self.kind == "papers":
            return not QUANTITY.search(line(row.get("qty_text", "")))
        if self.kind == "methods":
            return line(row.get("method", "")).lower() not in CHANNELS
        return not row.get("number", "").strip()


def _rejoined(first: str, second: str, gap: str) -> str:
    if not first or not second or first[-1].isspace() or second[0].isspace():
        return first + second
    return first + gap + second


def table_of(cells: Sequence[str]) -> PageTable | None:
    """The table that a row of headings opens; ``None`` for any other row."""
    known = [_COLUMNS.get(line(cell).casefold().rstrip(" :")) for cell in cells]
    kinds = {column[0] for column in known if column}
    if len(kinds) != 1 or sum(column is not None for column in known) < 2:
        return None
    return PageTable(kinds.pop(), tuple(column[1] if column else "" for column in known))


def papers_of(tables: Sequence[PageTable]) -> list[dict[str, Any]]:
    """Cases as the portal's JSON has them."""
    return [
        {
            "case": table.case,
            "items": [
                {
                    "name": unnumbered(line(row.get("name", ""))),
                    "form_tail": "; ".join(tidy(row.get("form_tail", "")).split("\n")),
                    "qty_text": row.get("qty_text", ""),
                }
                for row in table.rows
            ],
        }
        for table in tables
    ]


def laws_of(tables: Sequence[PageTable]) -> list[dict[str, str]]:
    """Legal bases; where a number stands under the title and the other way round, both change."""
    found = []
    for table in tables:
        for row in table.rows:
            number, name = line(row.get("number", "")), line(row.get("name", ""))
            if number and not numbers(number) and numbers(name) == [name.strip(" .;")]:
                number, name = name, number
            if number or name:
                found.append({"number": number, "name": name})
    return found


def methods_of(tables: Sequence[PageTable]) -> list[dict[str, str]]:
    """Ways of filing; each with the part of the description that is about its own limit.

    That part also tells whom a fee is for when the rows of one channel ask different fees.
    """
    rows = [row for table in tables for row in table.rows if any(map(str.strip, row.values()))]
    channels = [line(row.get("method", "")).lower() for row in rows]
    asked = {
        (channel, line(row.get("fee", ""))) for row, channel in zip(rows, channels, strict=True)
    }
    fees = Counter(channel for channel, _ in asked)
    found = []
    for row, channel in zip(rows, channels, strict=True):
        parts = unrepeated(line(row.get("desc", "")))
        own = list(_about(parts, row.get("time", ""))) if channels.count(channel) > 1 else []
        desc = own[0] if len(own) == 1 else "; ".join(part.rstrip(" .;") for part in parts)
        found.append({**row, "desc": desc})
        about = _ABOUT.match(own[0]) if len(own) == 1 else None
        if about and fees[channel] > 1 and _SUM.fullmatch(line(row.get("fee", ""))):
            found[-1]["fee_note"] = about.group(1).strip()
    return found


def _about(parts: Sequence[str], time: str) -> Iterator[str]:
    """Parts of a description that name the same number of days."""
    count = _LEADING_COUNT.match(line(time))
    if count:
        same = re.compile(rf"(?<!\d)0?{int(count.group(1))}{_UNITS}", re.I)
        yield from (part for part in parts if same.search(part))


def unrepeated(text: str) -> list[str]:
    """Parts of a description, each once.

    The portal prints the texts of all rows into each row, one behind the other with «, » between
    them: «A, A, A, B, B, B» is A and B. Text without repetition is one part.
    """
    pieces = text.split(", ")
    bare = [re.sub(r"\W+$", "", piece) for piece in pieces]
    following: dict[str, int] = {}
    ahead = [0] * len(pieces)
    for at in range(len(pieces) - 1, -1, -1):
        ahead[at] = following.get(bare[at], 0)
        following[bare[at]] = at
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(pieces):
        then = ahead[at]
        length = then - at
        if not then or bare[at:then] != bare[then : then + length]:
            parts[-1].append(pieces[at])
            at += 1
            continue
        # A block and its copies: one part, and what follows begins another.
        parts += [pieces[at:then], []]
        while bare[then : then + length] == bare[at : at + length]:
            then += length
        at = then
    split = (each.strip(" ,") for part in parts for each in _GLUED.split(", ".join(part)))
    return list(dict.fromkeys(each for each in split if each))
