"""A draft is tried on past questions, on regression cases and on everybody's names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.replay import Candidate, Material, Report, gather, replay, replay_aside
from knowledge.model import Procedure
from knowledge.phrases import AskBack, Choice, seed_phrases
from knowledge.regression import Case
from knowledge.store import InquiryRecord, Store
from knowledge.vocabulary import Word, seed_vocabulary

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def record(code: str, name: str, *aliases: str, **more: object) -> Procedure:
    values = {
        "code": code,
        "name": name,
        "field": "Vui chơi",
        "aliases": aliases,
        "levels": ["commune"],
        "source": {"checked_on": "2026-07-15", "origin": "thử"},
        **more,
    }
    return Procedure.model_validate(values)


KITES = record("1.000001", "Cấp giấy phép thả diều", "xin thả diều", "diều giấy")
FIREWORKS = record(
    "1.000002", "Cấp giấy phép bắn pháo hoa", "xin bắn pháo", "pháo bông", "lửa nghệ thuật"
)
BIRDS = record("1.000003", "Đăng ký nuôi chim cảnh", "nuôi chim cảnh")


def material(*questions: tuple[str, int], cases: Iterable[tuple[str, str]] = ()) -> Material:
    return Material(
        version=1,
        today=TODAY,
        procedures=(KITES, FIREWORKS, BIRDS),
        vocabulary=seed_vocabulary(),
        phrases=seed_phrases(),
        questions=questions,
        cases=tuple(
            Case(phrase=phrase, code=code, author="lan", created_at=NOW) for phrase, code in cases
        ),
    )


def renamed(record: Procedure, *aliases: str) -> Candidate:
    return Candidate(procedure=record.model_copy(update={"aliases": aliases}))


def shifts(report: Report) -> list[tuple[str, int, str | None, str | None]]:
    return [
        (each.question, each.asked, each.before.answered, each.after.answered)
        for each in report.shifts
    ]


def test_answers_that_would_change_are_told_with_how_often_they_were_asked() -> None:
    found = replay(
        material(("xin thả diều", 3), ("chơi đèn trời", 2), ("thả đèn trời", 7)),
        renamed(KITES, *KITES.aliases, "thả đèn trời", "chơi đèn trời"),
    )
    assert shifts(found) == [
        ("thả đèn trời", 7, None, "1.000001"),
        ("chơi đèn trời", 2, None, "1.000001"),
    ]
    assert (found.asked, found.broken, found.collisions) == (3, (), ())


def test_what_shares_nothing_with_the_change_is_not_asked_again() -> None:
    questions = (("nuôi chim cảnh", 1), ("xin bắn pháo", 1), ("thả đèn trời", 1))
    found = replay(material(*questions), renamed(KITES, *KITES.aliases, "thả đèn trời"))
    assert (found.asked, found.replayed) == (3, 1)
    assert found.shifts
    whole = replay(
        material(*questions), renamed(KITES, *KITES.aliases, "thả đèn trời"), everything=True
    )
    assert whole.shifts == found.shifts


def test_a_new_fee_changes_no_matching() -> None:
    draft = KITES.model_copy(update={"notes": ("coi chừng dây điện",)})
    found = replay(material(("xin thả diều", 1)), Candidate(procedure=draft))
    assert (found.replayed, found.shifts) == (0, ())


def test_a_lost_name_loses_its_question_and_breaks_its_case() -> None:
    found = replay(
        material(
            ("lửa nghệ thuật", 4), cases=[("lửa nghệ thuật", "1.000002"), ("diều giấy", "1.000001")]
        ),
        renamed(FIREWORKS, "xin bắn pháo", "pháo bông"),
    )
    assert shifts(found) == [("lửa nghệ thuật", 4, "1.000002", None)]
    assert [(each.phrase, each.owner) for each in found.broken] == [("lửa nghệ thuật", "1.000002")]


def test_a_name_of_another_procedure_collides() -> None:
    found = replay(material(), renamed(FIREWORKS, *FIREWORKS.aliases, "diều giấy"))
    (collision,) = found.collisions
    assert (collision.phrase, collision.owner) == ("diều giấy", "1.000001")
    assert collision.before.answered == "1.000001"
    assert collision.after.answered is None


def test_findings_on_the_draft_are_told() -> None:
    draft = record("1.000009", "Việc mới", source={"checked_on": "2026-07-15"})
    found = replay(material(), Candidate(procedure=draft))
    assert any("không ghi nguồn nào" in each.text for each in found.findings)
    assert all("1.000009" in each.where for each in found.findings)


def test_a_glossary_is_tried() -> None:
    words = seed_vocabulary()
    draft = words.model_copy(
        update={"words": (*words.words, Word(form="bong bông giời", means=("thả diều",)))}
    )
    found = replay(material(("xin bong bông giời", 2)), Candidate(vocabulary=draft))
    assert [each.question for each in found.shifts] == ["xin bong bông giời"]
    assert "1.000001" in found.shifts[0].after.codes


def test_an_ask_back_rule_is_tried() -> None:
    phrases = seed_phrases()
    rule = AskBack(
        phrases=("xin thả diều",),
        ask="Diều nào?",
        options=(Choice(label="giấy", code="1.000001"), Choice(label="pháo", code="1.000002")),
    )
    draft = phrases.model_copy(update={"ask_back": (*phrases.ask_back, rule)})
    found = replay(material(("xin thả diều", 2), ("pháo bông", 1)), Candidate(phrases=draft))
    assert [(each.question, each.after.decision) for each in found.shifts] == [
        ("xin thả diều", "clarify")
    ]


@pytest.mark.parametrize("written", ["xin thả diều", "xin tha dieu"])
def test_questions_come_from_the_log(store: Store, written: str) -> None:
    def line(text: str, days: int) -> InquiryRecord:
        return InquiryRecord(
            at=NOW - timedelta(days=days),
            channel="web",
            contact="a",
            text=text,
            intent="procedure",
            status="answered",
            milliseconds=1,
        )

    with store.work() as work:
        work.write(KITES, publish=True, author="x", reason="x", at=NOW)
        work.log([line(written, 1), line(written, 2), line("[menu]", 1), line("cũ", 91)])
        work.regression.add("diều", "1.000001", author="lan", at=NOW)
        found = gather(work, today=TODAY, since=NOW - timedelta(days=90))
        version = work.version()
    assert found.questions == ((written, 2),)
    assert [each.code for each in found.procedures] == ["1.000001"]
    assert [each.phrase for each in found.cases] == ["diều"]
    assert found.version == version


async def test_a_replay_runs_beside_the_server() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    draft = renamed(KITES, *KITES.aliases, "thả đèn trời")
    found = await replay_aside(material(("thả đèn trời", 7)), draft)
    ticking.cancel()
    assert shifts(found) == [("thả đèn trời", 7, None, "1.000001")]
    assert ticks > 10


def test_a_name_said_otherwise_collides_too() -> None:
    words = seed_vocabulary()
    same = Word(form="bong giời", means=("đèn lồng",), same=True)
    birds = BIRDS.model_copy(update={"aliases": ("đèn lồng",)})
    known = replace(
        material(),
        procedures=(KITES, FIREWORKS, birds),
        vocabulary=words.model_copy(update={"words": (*words.words, same)}),
    )
    found = replay(known, renamed(FIREWORKS, *FIREWORKS.aliases, "bong giời"))
    assert [(each.phrase, each.owner) for each in found.collisions] == [("đèn lồng", BIRDS.code)]
