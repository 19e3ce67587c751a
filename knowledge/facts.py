"""Checks of what one record states: gone levels, dead laws, fees, limits, contradictions."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from knowledge.findings import error, warning
from knowledge.model import Unit
from knowledge.repealed import leaning_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from knowledge.findings import Problem
    from knowledge.model import Procedure
    from knowledge.repealed import Repealed

NO_DISTRICTS_SINCE = date(2025, 7, 1)
"""There is no district level from this day on (two levels of local government)."""

_DISTRICT = re.compile(
    r"\b(?:cấp huyện|(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân|công an|phòng tư pháp)"
    r" (?:quận|huyện|thị xã))\b",
    re.IGNORECASE,
)
_FORMERLY = re.compile(r"\b(?:trước|cũ)\b", re.IGNORECASE)
"""«trước 01/7/2025 làm ở cấp huyện» tells what was."""
_FEE_LAW = re.compile(r"TT-BTC|NQ-HĐND|HĐND|phí", re.IGNORECASE)
_DAYS = re.compile(
    r"(\d{1,3})\s*(?:\([^)]{1,40}\)\s*)?ngày(\s+làm việc)?"
    r"(?!\s*(?:kể từ|từ|sau)\s+(?:khi\s+|ngày\s+)?(?:sinh|chết|mất|kết hôn|xảy ra))",
    re.IGNORECASE,
)
_DATE = re.compile(r"\bngày\s+\d{1,2}\b", re.IGNORECASE)


def lint_facts(each: Procedure, *, today: date, repealed: Sequence[Repealed]) -> Iterator[Problem]:
    """Findings about one record alone."""
    if today >= NO_DISTRICTS_SINCE:
        yield from _districts(each)
    yield from _dead_laws(each, today, repealed)
    yield from _fees(each)
    yield from _longer_steps(each)
    yield from _contradictions(each)


def _districts(each: Procedure) -> Iterator[Problem]:
    for text in filter(None, (each.office, each.place)):
        if _DISTRICT.search(text) and not _FORMERLY.search(text):
            yield error(each.code, f"nơi làm ghi «{text[:80]}», không còn cấp huyện.")
    told = [
        *each.steps,
        *each.conditions,
        *each.notes,
        *(paper.name for paper in each.papers),
        *(filing.note for filing in each.filings if filing.note),
        each.result or "",
    ]
    for text in told:
        if (found := _DISTRICT.search(text)) and not _FORMERLY.search(text):
            yield warning(each.code, f"còn nói «{found[0]}», không còn cấp huyện.")
            return


def _dead_laws(each: Procedure, today: date, repealed: Sequence[Repealed]) -> Iterator[Problem]:
    texts = [
        *(law.number for law in each.legal_basis),
        *(fee.basis for filing in each.filings for fee in filing.fees if fee.basis),
        *(conflict.basis for conflict in each.conflicts if conflict.basis),
    ]
    for found in leaning_on(texts, repealed, today=today):
        instead = f", nay là {found.by}" if found.by else ""
        yield warning(each.code, f"căn cứ {found.number} đã hết hiệu lực{instead}.")


def _fees(each: Procedure) -> Iterator[Problem]:
    lawful = any(_FEE_LAW.search(f"{law.number} {law.title or ''}") for law in each.legal_basis)
    if not lawful and any(
        fee.amount and not fee.basis for filing in each.filings for fee in filing.fees
    ):
        yield warning(each.code, "thu phí mà không ghi căn cứ thu.")


def _longer_steps(each: Procedure) -> Iterator[Problem]:
    """Days that the steps name, each the longest of its step, against the longest limit."""
    limits = [limit for filing in each.filings for limit in filing.limits]
    if not limits or any(limit.amount is None for limit in limits):
        return
    for unit, label in ((Unit.WORKING_DAY, "ngày làm việc"), (Unit.DAY, "ngày")):
        allowed = [limit.amount for limit in limits if limit.unit is unit and limit.amount]
        if not allowed or any(limit.unit is not unit for limit in limits):
            continue
        needed = sum(_longest(step, working=unit is Unit.WORKING_DAY) for step in each.steps)
        if needed > max(allowed):
            yield warning(
                each.code, f"các bước cộng lại {needed} {label}, thời hạn chỉ {max(allowed)}."
            )


def _longest(step: str, *, working: bool) -> int:
    found = [
        int(days[1])
        for days in _DAYS.finditer(step)
        if bool(days[2]) is working and not _DATE.match(step, days.start())
    ]
    return max(found, default=0)


def _contradictions(each: Procedure) -> Iterator[Problem]:
    for conflict in each.conflicts:
        if not conflict.basis:
            yield warning(
                each.code, f"nói cổng trái văn bản mà không ghi căn cứ: {conflict.say[:60]}"
            )
        elif not each.source.confirmed:
            yield warning(
                each.code,
                f"cổng trái văn bản ({conflict.basis[:60]}), cần cán bộ xác nhận bên nào đúng.",
            )
