"""An everyday name is taught, guarded, and steals from nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.desk import Desk
from bot.teaching import Lesson, Stealing, Unreached, Unteachable, teach
from handlers.decision import decide
from knowledge.missed import Verdict
from knowledge.store import Store, Write
from tests.bot.test_replay import BIRDS, FIREWORKS, KITES

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)


@pytest.fixture
def office(store: Store) -> Store:
    with store.work() as work:
        for each in (KITES, FIREWORKS, BIRDS):
            work.write(each, publish=True, author="seed", reason="x", at=NOW)
    return store


def lesson(code: str, phrase: str, *answers: str) -> Lesson:
    return Lesson(code=code, phrase=phrase, author="lan", answers=answers)


def test_a_running_desk_knows_the_name_at_its_next_look(office: Store) -> None:
    desk = Desk.open(office, b"salt", today=lambda: TODAY)
    assert decide("thả đèn trời", desk.services).decision != "answer"
    done = teach(office, lesson("1.000001", "thả đèn trời", "tha den giời"), at=NOW, today=TODAY)
    assert done is Write.UPDATED
    assert desk.refresh() is True
    found = decide("tha den troi", desk.services)
    assert (found.decision, found.matches[0].code) == ("answer", "1.000001")
    with office.work() as work:
        (case,) = work.regression.all()
        decisions = list(work.missed.decisions().values())
        newest = work.revisions.history("1.000001")[0]
    assert (case.phrase, case.code, case.author) == ("thả đèn trời", "1.000001", "lan")
    assert {each.verdict for each in decisions} == {Verdict.TAUGHT}
    assert {each.phrase for each in decisions} == {"thả đèn trời", "tha den giời"}
    assert (newest.author, newest.reason) == ("lan", "tên gọi mới: thả đèn trời")


@pytest.mark.parametrize("phrase", ["diều giấy", "DIEU GIAY"])
def test_a_name_that_steals_is_refused_and_shown(office: Store, phrase: str) -> None:
    with pytest.raises(Stealing, match="diều giấy") as refused:
        teach(office, lesson("1.000002", phrase), at=NOW, today=TODAY)
    assert [(each.phrase, each.owner) for each in refused.value.stolen] == [
        ("diều giấy", "1.000001")
    ]
    with office.work() as work:
        assert work.regression.all() == []
        found = work.get("1.000002")
    assert found == FIREWORKS


def test_what_was_taught_to_one_is_not_stolen_by_another(office: Store) -> None:
    teach(office, lesson("1.000001", "thả đèn trời"), at=NOW, today=TODAY)
    with pytest.raises(Stealing):
        teach(office, lesson("1.000002", "thả đèn trời"), at=NOW, today=TODAY)


def test_a_name_that_means_something_else_is_refused(office: Store) -> None:
    with pytest.raises(Unreached):
        teach(office, lesson("1.000001", "gặp cán bộ"), at=NOW, today=TODAY)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("1.000001", "  "),
        ("1.000001", "123"),
        ("1.000001", "thả diều " * 40),
        ("1.000001", "thả diều cho Nguyễn Văn An"),
        ("1.000001", "thả diều số 079203001234"),
        ("1.999999", "thả đèn trời"),
    ],
)
def test_what_is_no_name_is_refused_in_words(office: Store, code: str, phrase: str) -> None:
    with pytest.raises(Unteachable, match=r"\.$"):
        teach(office, lesson(code, phrase), at=NOW, today=TODAY)
    with office.work() as work:
        assert work.regression.all() == []


def test_a_known_name_only_gets_its_case(office: Store) -> None:
    assert teach(office, lesson("1.000001", "diều giấy"), at=NOW, today=TODAY) is Write.UNCHANGED
    with office.work() as work:
        assert [each.phrase for each in work.regression.all()] == ["diều giấy"]
