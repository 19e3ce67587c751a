"""«Nộp hôm nay thì khi nào có»: dates expected from limits, and honest words where none can be."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import pytest

from bot.app import build_services, seed_procedures
from bot.channels.render import render_text
from bot.channels.terminal import LIMITS
from handlers.conversation import Answer, Contact, Incoming, Memory, Status
from handlers.dispatch import converse
from handlers.estimate import estimate
from handlers.services import Services
from knowledge.model import Procedure, TimeLimit
from knowledge.text import fold
from tests.dossiers import AT, moment

SPLIT = "1.012784"
SATURDAY = moment("2026-11-28T09:00:00")
AFTERNOON = moment("2026-11-25T15:30:00")


@cache
def services() -> Services:
    return build_services(seed_procedures())


def text_of(answer: Answer) -> str:
    return "\n".join(part for each in answer.replies for part in render_text(each, LIMITS))


async def say(text: str, memory: Memory | None = None, at: datetime = AT) -> Answer:
    incoming = Incoming(contact=Contact(channel="web", id="an"), received_at=at, text=text)
    return (await converse(incoming, memory or Memory(), services()))[-1]


def told(*limits: dict[str, Any], at: datetime = AT) -> str:
    """The estimate of a record whose only filing has these limits."""
    record = services().procedure(SPLIT)
    assert record
    way = record.filings[0].model_copy(
        update={"limits": tuple(TimeLimit.model_validate(each) for each in limits)}
    )
    reply = estimate(record.model_copy(update={"filings": (way,)}), at, services())
    return "\n".join(render_text(reply, LIMITS))


@pytest.mark.parametrize(
    ("limit", "at", "says"),
    [
        ({"amount": 3}, AT, "thứ Hai 30/11 (3 ngày làm việc)."),
        ({"amount": 3, "unit": "day"}, AT, "thứ Hai 30/11 (3 ngày)."),
        ({"amount": 1, "unit": "month"}, AT, "thứ Sáu 25/12 (1 tháng)."),
        ({"amount": 8, "unit": "hour"}, AT, "9 giờ thứ Năm 26/11 (8 giờ)."),
        ({"amount": 40}, AT, "thứ Năm 21/01/2027 (40 ngày làm việc)."),
        ({"amount": 3}, SATURDAY, "thứ Năm 03/12 (3 ngày làm việc)."),
        ({"text": "Có ngay trong ngày; lâu hơn khi phải hỏi"}, AT, "hôm nay (Có ngay trong ngày"),
        ({"text": "Trong ngày"}, AFTERNOON, "thứ Năm 26/11 (Trong ngày)."),
        ({"text": "Trong ngày"}, SATURDAY, "thứ Hai 30/11 (Trong ngày)."),
    ],
)
def test_one_limit_is_one_day(limit: dict[str, Any], at: datetime, says: str) -> None:
    said = told(limit, at=at)
    assert f"nộp hôm nay thì dự kiến có: {says}" in said
    assert "dự kiến, tính từ" in said
    assert "ngày ghi trên giấy hẹn" in said


def test_a_closed_office_counts_from_its_next_opening() -> None:
    assert "tính từ hôm nay, khi" in told({"amount": 3})
    assert "tính từ thứ Hai 30/11 vì giờ này văn phòng đã nghỉ" in told({"amount": 3}, at=SATURDAY)


def test_several_limits_are_listed_with_their_cases() -> None:
    said = told({"amount": 3}, {"amount": 5, "condition": "ở xã miền núi"}, {"text": "Tùy vụ"})
    assert "tùy trường hợp" in said
    assert "– thứ Hai 30/11 (3 ngày làm việc)" in said
    assert "– thứ Tư 02/12 (5 ngày làm việc – ở xã miền núi)" in said
    assert "– chưa tính được ngày (Tùy vụ)" in said


@pytest.mark.parametrize("limit", [{"text": "Không quy định"}, {"amount": 900_000, "unit": "day"}])
def test_no_number_is_no_date(limit: dict[str, Any]) -> None:
    said = told(limit)
    assert "chưa tính được ngày" in said
    assert "dự kiến" not in said
    assert "chưa tính được ngày" in told()


@pytest.mark.parametrize(
    "text",
    [
        "nếu nộp hôm nay thì khi nào có",
        "giờ nộp thì bao giờ xong",
        "bữa nay nộp chừng nào có",
        "hôm nay em nộp hồ sơ thì ngày nào lấy được",
    ],
)
@pytest.mark.parametrize("written", [str, fold])
async def test_the_procedure_talked_about_is_meant(text: str, written: type[str]) -> None:
    answer = await say(written(text), Memory(procedure=SPLIT))
    assert (answer.status, answer.procedure) == (Status.ANSWERED, SPLIT)
    assert "dự kiến" in text_of(answer)


async def test_the_procedure_named_wins_over_the_one_talked_about() -> None:
    answer = await say(
        "nộp đơn hòa giải tranh chấp đất đai hôm nay thì khi nào xong", Memory(procedure=SPLIT)
    )
    assert answer.procedure == "1.012812"
    assert answer.memory.procedure == "1.012812"


async def test_what_is_named_but_not_clear_is_asked_back() -> None:
    answer = await say("xin phép xây nhà nộp hôm nay thì khi nào có", Memory(procedure="1.000894"))
    assert answer.procedure != "1.000894"
    assert "kết hôn" not in text_of(answer).lower()


async def test_without_a_procedure_it_is_asked_for() -> None:
    answer = await say("nếu nộp hôm nay thì khi nào có")
    assert answer.status is Status.CLARIFY_PROCEDURE
    assert "thủ tục nào" in text_of(answer)


@pytest.mark.parametrize(
    "text",
    ["hôm nay có làm việc không", "nộp hôm nay được không", "khi nào có", "lệ phí bao nhiêu"],
)
async def test_other_questions_are_left_alone(text: str) -> None:
    assert "dự kiến" not in text_of(await say(text, Memory(procedure=SPLIT)))


async def test_a_question_of_what_was_filed_is_for_the_database() -> None:
    answer = await say("hồ sơ em nộp hôm bữa khi nào có", Memory(procedure=SPLIT))
    assert answer.status is Status.CLARIFY_DOSSIER


def test_the_records_say_when_most_results_may_be_expected() -> None:
    """Of the curated records with a limit, nearly all give a day."""
    records: list[Procedure] = [
        each
        for each in services().index.procedures.values()
        if any(way.limits for way in each.filings)
    ]
    unknown = [
        each.code for each in records if "chưa tính được" in estimate(each, AT, services()).lead
    ]
    assert len(records) > 100
    assert len(unknown) <= 0.1 * len(records), unknown
