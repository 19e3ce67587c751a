"""Missed questions: tallied, grouped, decided on, and open again when missed again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from handlers.conversation import Status
from knowledge.missed import STATUSES, Asked, Kind, Verdict, grouped, judged, suggested
from knowledge.model import Procedure
from knowledge.search import Index
from knowledge.store import InquiryRecord, Store
from knowledge.vocabulary import Vocabulary, Word

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
WORDS = Vocabulary(
    words=(Word(form="sổ hồng", means=("sổ đỏ",), same=True),), fillers="em cho hỏi ở đâu vậy ạ"
)


def log(store: Store, *lines: tuple[str, str], at: datetime = NOW) -> None:
    with store.work() as work:
        work.log(
            [
                InquiryRecord(
                    at=at,
                    channel="web",
                    contact="a",
                    text=text,
                    intent="none",
                    status=status,
                    milliseconds=1,
                )
                for text, status in lines
            ]
        )


def asked(*texts: str) -> list[Asked]:
    return [
        Asked(text=text, kinds=Counter({Kind.UNANSWERED: 10 - place}), last=NOW)
        for place, text in enumerate(texts)
    ]


def test_statuses_are_those_of_the_log() -> None:
    assert set(STATUSES) <= {str(each) for each in Status}


def test_what_was_missed_is_tallied(store: Store) -> None:
    log(
        store,
        *[("xin giấy thả diều", "unanswered_no_match")] * 3,
        ("xin giấy thả diều", "clarify_procedure"),
        ("khai sinh", "answered"),
        ("[menu]", "unanswered_no_match"),
        ("", "unanswered_no_match"),
        ("[số] thì sao", "clarify_procedure"),
    )
    log(store, ("cũ rồi", "unanswered_no_match"), at=SINCE - timedelta(days=1))
    with store.work() as work:
        found = work.missed.asked(since=SINCE)
    assert [(each.text, each.kinds) for each in found] == [
        ("xin giấy thả diều", {Kind.UNANSWERED: 3, Kind.ASKED_BACK: 1}),
        ("[số] thì sao", {Kind.ASKED_BACK: 1}),
    ]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("xin giấy thả diều", "xin giay tha dieu", True),
        ("xin giấy thả diều", "em cho hỏi xin giấy thả diều ở đâu vậy ạ", True),
        ("cấp lại sổ hồng", "cấp lại sổ đỏ", True),
        ("xin giấy thả diều", "xin giấy bắn pháo", False),
        ("thả diều", "ở đâu vậy ạ", False),
    ],
)
def test_alike_questions_are_one_group(one: str, other: str, together: bool) -> None:
    other_topics = asked("bán vé số", "mở quán cà phê", "nuôi chó trong nhà")
    groups = grouped([*asked(one, other), *other_topics], WORDS)
    assert [one, other] in [[each.text for each in group] for group in groups] or not together
    assert sum(len(group) for group in groups) == 5
    assert len(groups) == (4 if together else 5)


def test_the_most_frequent_question_leads_its_group() -> None:
    groups = judged(grouped(asked("hỏi chuyện khác", "thả diều", "tha dieu"), WORDS), {})
    assert [(each.phrase, each.count) for each in groups] == [
        ("thả diều", 17),
        ("hỏi chuyện khác", 10),
    ]


def test_a_decision_holds_for_the_group_and_can_be_taken_back(store: Store) -> None:
    log(store, ("thả diều", "unanswered_no_match"), ("cho hỏi thả diều", "unanswered_no_match"))
    with store.work() as work:
        work.missed.decide(["thả diều"], Verdict.OUT_OF_SCOPE, author="lan", at=NOW, note="vui")
        (group,) = work.missed.groups(WORDS, since=SINCE)
        assert group.verdict is Verdict.OUT_OF_SCOPE
        assert group.decision
        assert (group.decision.author, group.decision.note) == ("lan", "vui")
        later = NOW + timedelta(minutes=1)
        work.missed.decide(["THA DIEU"], Verdict.OPEN, author="mai", at=later)
        (group,) = work.missed.groups(WORDS, since=SINCE)
        assert group.verdict is Verdict.OPEN


def test_a_taught_question_that_is_missed_again_is_open(store: Store) -> None:
    log(store, ("thả diều", "unanswered_no_match"))
    with store.work() as work:
        work.missed.decide(["thả diều"], Verdict.TAUGHT, author="lan", at=NOW, code="1.000001")
        assert work.missed.groups(WORDS, since=SINCE)[0].verdict is Verdict.TAUGHT
    log(store, ("cho hỏi thả diều ạ", "clarify_procedure"), at=NOW + timedelta(hours=1))
    with store.work() as work:
        assert work.missed.groups(WORDS, since=SINCE)[0].verdict is Verdict.OPEN


def test_each_group_comes_with_procedures_it_may_mean() -> None:
    record = Procedure.model_validate(
        {
            "code": "1.000001",
            "name": "Cấp giấy phép thả diều",
            "field": "Vui chơi",
            "source": {"checked_on": "2026-07-15"},
        }
    )
    groups = judged(grouped(asked("xin phép thả diều", "bán vé số"), WORDS), {})
    found = suggested(groups, Index([record], WORDS))
    assert [[match.code for match in each.matches] for each in found] == [["1.000001"], []]


def test_a_regression_case_moves_with_its_words(store: Store) -> None:
    with store.work() as work:
        work.regression.add("thả diều", "1.000001", author="lan", at=NOW)
        work.regression.add("Tha dieu", "1.000002", author="mai", at=NOW)
        (case,) = work.regression.all()
        assert (case.phrase, case.code, case.author) == ("Tha dieu", "1.000002", "mai")
        work.regression.remove("THẢ DIỀU")
        assert work.regression.all() == []
