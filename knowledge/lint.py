"""Checks of the knowledge that a schema cannot make: contradictions, gaps, things gone old."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from knowledge.facts import lint_facts
from knowledge.findings import Problem, Severity, error, warning
from knowledge.model import Aspect, Channel, Level
from knowledge.repealed import seed_repealed
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from knowledge.model import Procedure
    from knowledge.phrases import Phrases
    from knowledge.repealed import Repealed

__all__ = ["Problem", "Severity", "lint_phrases", "lint_procedures"]

STALE_AFTER_DAYS = 365
"""A source not looked at for so long should be looked at again."""
LONG_TITLE = 110
"""Characters of a name from which a conversation needs a short one."""


def lint_procedures(
    procedures: Sequence[Procedure], *, today: date, repealed: Sequence[Repealed] | None = None
) -> list[Problem]:
    """Problems of records and between records, in the order of the records.

    ``repealed`` are instruments without force, the reviewed list unless given.
    """
    repealed = seed_repealed() if repealed is None else repealed
    codes = {each.code for each in procedures}
    problems: list[Problem] = []
    for each in procedures:
        problems += _sources(each, today)
        problems += _gaps(each)
        problems += _dates(each, today)
        problems += _links(each, codes)
        problems += lint_facts(each, today=today, repealed=repealed)
    return problems + list(_shared_aliases(procedures)) + list(_replaced_twice(procedures))


def _sources(each: Procedure, today: date) -> Iterator[Problem]:
    age = (today - each.source.checked_on).days
    if age < 0:
        yield error(each.code, "ngày kiểm tra nguồn nằm ở tương lai.")
    if age > STALE_AFTER_DAYS:
        yield warning(each.code, f"nguồn kiểm tra đã {age} ngày, nên xem lại.")
    if each.source.check_by and each.source.check_by < today:
        yield warning(each.code, f"phải xem lại trước {each.source.check_by:%d/%m/%Y}.")
    if not (each.source.decision or each.source.origin or each.source.url):
        yield error(each.code, "không ghi nguồn nào.")
    if each.source.confirmed and not each.source.confirmed_by:
        yield warning(each.code, "ghi đã xác nhận nhưng không ghi ai xác nhận.")


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
            yield warning(each.code, f"không có {labels[aspect]}, cũng không ghi là chưa rõ.")
    if len(each.title) > LONG_TITLE:
        yield warning(each.code, "tên dài, nên có tên ngắn.")
    if Level.COMMUNE in each.levels and not each.aliases:
        yield warning(each.code, "chưa có tên gọi thường ngày, người dân khó tìm ra.")
    for case in each.cases:
        for paper in case.papers:
            if (paper.when or case.when) and not paper.condition:
                name = paper.name[:60]
                yield warning(each.code, f"«{name}» tùy trường hợp nhưng không ghi khi nào cần.")
    if each.online_url and not each.online_url.startswith("https://"):
        yield error(each.code, "địa chỉ nộp trực tuyến không phải https.")
    channels = [filing.channel for filing in each.filings]
    if each.online_url and channels and Channel.ONLINE not in channels:
        yield warning(each.code, "có địa chỉ trực tuyến nhưng cách nộp không có trực tuyến.")


def _dates(each: Procedure, today: date) -> Iterator[Problem]:
    if each.valid_until and each.valid_until < today:
        yield warning(each.code, f"đã hết hiệu lực từ {each.valid_until:%d/%m/%Y}.")
    for filing in each.filings:
        fees = filing.fees
        if fees and all(fee.valid_until and fee.valid_until < today for fee in fees):
            yield error(each.code, "mọi mức phí đều đã hết hạn áp dụng.")


def _links(each: Procedure, codes: set[str]) -> Iterator[Problem]:
    for code in each.related:
        if code not in codes:
            yield warning(each.code, f"thủ tục liên quan {code} không có trong kho.")


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
            yield error(where, f"cùng tên gọi «{spoken[key]}»; người dân sẽ bị hỏi lại mãi.")


def _replaced_twice(procedures: Iterable[Procedure]) -> Iterator[Problem]:
    by: dict[str, list[str]] = defaultdict(list)
    for each in procedures:
        for old in each.replaces:
            by[old].append(each.code)
    for old, codes in by.items():
        if len(codes) > 1:
            yield error(", ".join(codes), f"cùng nói thay thế mã {old}.")


def lint_phrases(phrases: Phrases, procedures: Iterable[Procedure]) -> list[Problem]:
    """Ask-back rules and life events that lead to no record."""
    codes = {each.code for each in procedures}
    problems = []
    for rule in phrases.ask_back:
        for option in rule.options:
            if option.code not in codes:
                where = f"hỏi lại «{rule.phrases[0]}»"
                problems.append(error(where, f"dẫn tới {option.code}, không có trong kho."))
    for event in phrases.life_events:
        for code in event.codes:
            if code not in codes:
                where = f"việc gia đình «{event.key}»"
                problems.append(error(where, f"dẫn tới {code}, không có trong kho."))
    return problems
