"""The columns of the project's own workbook, and how a cell holds a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CELL = 32_767
"""Characters a cell can hold (the format's own limit)."""

YES, NO = "có", "không"
EXAMPLE = "VÍ DỤ"
"""Stands in place of the code in rows that only show how to fill the workbook in."""
MAX_DIGITS = 15
"""Digits of a number; a spreadsheet keeps no more exactly."""
_WHOLE = re.compile(r"-?(?:\d{1,3}(?:[.,\s]\d{3})+|\d+)", re.ASCII)
"""A number as people type it; «8,5» is none, or half a paper would become 85 papers."""


class WrongCell(ValueError):
    """A cell holds something else than its column wants; the text is Vietnamese."""


@dataclass(frozen=True)
class Column:
    """One column: the model's key, the heading officers see, and how to read a cell.

    ``choices`` are offered as a drop-down; a column of lists takes several of them, with «;».
    """

    key: str
    heading: str
    read: Callable[[Any], Any]
    width: int = 20
    choices: tuple[str, ...] = ()


def text(cell: Any) -> str | None:
    """Words; a number that Excel made of them is written as it was typed."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).strip() or None


def code_of(cell: Any) -> str | None:
    """A procedure's code; a spreadsheet that took it for a number dropped its last zeros."""
    if isinstance(cell, float) and not cell.is_integer():
        return f"{cell:.6f}"
    return text(cell)


def number(cell: Any) -> int | None:
    """A whole number, also «8.000» as people type it."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if float(cell).is_integer() and abs(cell) < 10**MAX_DIGITS:
            return int(cell)
        raise WrongCell(f"Phải là số nguyên, đang ghi {cell}.")
    said = str(cell).strip()
    if not _WHOLE.fullmatch(said):
        raise WrongCell(f"Phải là số nguyên, đang ghi «{said[:40]}».")
    digits = re.sub(r"[.,\s]", "", said)
    if len(digits) > MAX_DIGITS:
        raise WrongCell("Số quá lớn.")
    return int(digits)


def flag(cell: Any) -> bool:
    """«có» or «không»; empty is no."""
    said = (text(cell) or NO).casefold()
    if said not in {YES, NO, "x", "yes", "no", "true", "false", "1", "0"}:
        raise WrongCell(f"Chỉ ghi «có» hoặc «không», đang ghi «{said[:40]}».")
    return said in {YES, "x", "yes", "true", "1"}


def day(cell: Any) -> date | None:
    """A date cell, «15/07/2026» or «2026-07-15»."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    said = text(cell)
    if said is None:
        return None
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(said, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise WrongCell(f"Phải là ngày, ví dụ 15/07/2026, đang ghi «{said[:40]}».")


def listed(cell: Any) -> tuple[str, ...]:
    """Short codes parted by «;»."""
    return tuple(part.strip() for part in (text(cell) or "").split(";") if part.strip())


def when(cell: Any) -> dict[str, tuple[str, ...]]:
    """«filer=other|relative; home=unknown»."""
    found: dict[str, tuple[str, ...]] = {}
    for part in listed(cell):
        key, sign, keys = part.partition("=")
        if not sign or not keys.strip():
            raise WrongCell(f"Phải có dạng câu_hỏi=lựa_chọn, đang ghi «{part[:40]}».")
        found[key.strip()] = tuple(each.strip() for each in keys.split("|"))
    return found


def cell_of(value: Any) -> str | int | date | None:
    """What is written for a value; ``None`` leaves the cell empty."""
    if isinstance(value, bool):
        return YES if value else None
    if isinstance(value, dict):
        return "; ".join(f"{key}={'|'.join(keys)}" for key, keys in value.items()) or None
    if isinstance(value, tuple):
        return "; ".join(str(each) for each in value) or None
    if value is None or isinstance(value, int | date):
        return value
    return str(value)
