"""Checks of the knowledge that a schema cannot make: contradictions, gaps, things gone old."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.model import Aspect, Channel, Level
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from knowledge.model import Procedure
    from knowledge.phrases import Phrases

STALE_AFTER_DAYS = 365
"""A source not looked at for so long should be looked at again."""
LONG_TITLE = 110
"""Characters of a name from which a conversation needs a short one."""


class Severity(StrEnum):
    """An error misleads citizens; a warning is worth an officer's look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding about one record or rule, in plain Vietnamese."""

    where: str
    severity: Severity
    text: str

    def __str__(self) -> str:
        word = "LỖI" if self.severity is Severity.ERROR else "XEM"
        return f"{word} {self.where}: {self.text}"


def _error(where: str, text: str) -> Problem:
    return Problem(where=where, severity=Severity.ERROR, text=text)


def _warning(where: str, text: str) -> Problem:
    return Problem(where=where, severity=Severity.WARNING, text=text)


def lint_procedures(procedures: Sequence[Procedure], *, today: date) -> list[Problem]:
    """Problems of records and between records, in the order of the records."""
    codes = {each.code for each in procedures}
    problems: list[Problem] = []
    for each in procedures:
        problems += _sources(each, today)
        problems += _gaps(each)
        problems += _dates(each, today)
        problems += _links(each, codes)
    return problems + list(_shared_aliases(procedures)) + list(_replaced_twice(procedures))


def _sources(each: Procedure, today: date) -> Iterator[Problem]:
    age = (today - each.source.checked_on).days
    if age < 0:
        yield _error(each.code, "ngày kiểm tra nguồn nằm ở tương lai.")
    if age > STALE_AFTER_DAYS:
        yield _warning(each.code, f"nguồn kiểm tra đã {age} ngày, nên xem lại.")
    if not (each.source.decision or each.source.origin or each.source.url):
        yield _error(each.code, "không ghi nguồn nào.")
    if each.source.confirmed and not each.source.confirmed_by:
        yield _warning(each.code, "ghi đã xác nhận nhưng không ghi ai xác nhận.")


def _gaps(each: Procedure) -> Iterator[Problem]:
    present = {
        Aspect.PAPERS: bool(each.papers),
        Aspect.STEPS: bool(each.steps),
        Aspect.FEE: any(filing.fees for filing in each.filings),
        Aspect.TIME: any(filing.limits for filing in each.filings),
    }
    labels = {
        Aspect.PAPERS: "giấy tờ",
        Aspect.STEPS: "các bước",
        Aspect.FEE: "lệ phí",
        Aspect.TIME: "thời hạn",
    }
    for aspect, found in present.items():
        if not found and aspect not in each.unsourced:
            yield _warning(each.code, f"không có {labels[aspect]}, cũng không ghi là chưa rõ.")
    if len(each.title) > LONG_TITLE:
        yield _warning(each.code, "tên dài, nên có tên ngắn.")
    if Level.COMMUNE in each.levels and not each.aliases:
        yield _warning(each.code, "chưa có tên gọi thường ngày, người dân khó tìm ra.")
    for case in each.cases:
        for paper in case.papers:
            if (paper.when or case.when) and not paper.condition:
                name = paper.name[:60]
                yield _warning(each.code, f"«{name}» tùy trường hợp nhưng không ghi khi nào cần.")
    if each.online_url and not each.online_url.startswith("https://"):
        yield _error(each.code, "địa chỉ nộp trực tuyến không phải https.")
    channels = [filing.channel for filing in each.filings]
    if each.online_url and channels and Channel.ONLINE not in channels:
        yield _warning(each.code, "có địa chỉ trực tuyến nhưng cách nộp không có trực tuyến.")


def _dates(each: Procedure, today: date) -> Iterator[Problem]:
    if each.valid_until and each.valid_until < today:
        yield _warning(each.code, f"đã hết hiệu lực từ {each.valid_until:%d/%m/%Y}.")
    for filing in each.filings:
        fees = filing.fees
        if fees and all(fee.valid_until and fee.valid_until < today for fee in fees):
            yield _error(each.code, "mọi mức phí đều đã hết hạn áp dụng.")


def _links(each: Procedure, codes: set[str]) -> Iterator[Problem]:
    for code in each.related:
        if code not in codes:
            yield _warning(each.code, f"thủ tục liên quan {code} không có trong kho.")


def _shared_aliases(procedures: Iterable[Procedure]) -> Iterator[Problem]:
    owners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    spoken: dict[tuple[str, ...], str] = {}
    for each in procedures:
        for alias in each.aliases:
            key = tuple(fold(word) for word in words(alias))
            if each.code not in owners[key]:
                owners[key].append(each.code)
                spoken[key] = alias
    for key, codes in owners.items():
        if len(codes) > 1:
            where = ", ".join(codes)
            yield _error(where, f"cùng tên gọi «{spoken[key]}»; người dân sẽ bị hỏi lại mãi.")


def _replaced_twice(procedures: Iterable[Procedure]) -> Iterator[Problem]:
    by: dict[str, list[str]] = defaultdict(list)
    for each in procedures:
        for old in each.replaces:
            by[old].append(each.code)
    for old, codes in by.items():
        if len(codes) > 1:
            yield _error(", ".join(codes), f"cùng nói thay thế mã {old}.")


def lint_phrases(phrases: Phrases, procedures: Iterable[Procedure]) -> list[Problem]:
    """Ask-back rules and life events that lead to no record."""
    codes = {each.code for each in procedures}
    problems = []
    for rule in phrases.ask_back:
        for option in rule.options:
            if option.code not in codes:
                where = f"hỏi lại «{rule.phrases[0]}»"
                problems.append(_error(where, f"dẫn tới {option.code}, không có trong kho."))
    for event in phrases.life_events:
        for code in event.codes:
            if code not in codes:
                where = f"việc gia đình «{event.key}»"
                problems.append(_error(where, f"dẫn tới {code}, không có trong kho."))
    return problems
