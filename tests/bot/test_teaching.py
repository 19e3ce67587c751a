"""An everyday name is taught, guarded, and steals from nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.app import build_services, seed_procedures
from bot.desk import Desk
from bot.replay import Candidate, Material, clashes, outcome
from bot.teaching import Lesson, Stealing, Unreached, Unteachable, teach
from handlers.decision import decide
from knowledge.missed import Verdict
from knowledge.phrases import seed_phrases
from knowledge.store import Store, Write
from knowledge.text import fold
from knowledge.vocabulary import seed_vocabulary
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


def test_what_the_desk_knows_already_is_not_built_anew(
    office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.open(office, b"salt", today=lambda: TODAY)
    built: list[object] = []
    monkeypatch.setattr("bot.teaching.build_services", lambda *given: built.append(given))
    with pytest.raises(Stealing):
        teach(office, lesson("1.000002", "diều giấy"), at=NOW, today=TODAY, known=desk.known)
    done = teach(office, lesson("1.000001", "đèn trời"), at=NOW, today=TODAY, known=desk.known)
    assert (done, built) == (Write.UPDATED, [])


def test_an_old_desk_is_not_believed(office: Store) -> None:
    desk = Desk.open(office, b"salt", today=lambda: TODAY)
    teach(office, lesson("1.000001", "thả đèn trời"), at=NOW, today=TODAY)
    with pytest.raises(Stealing):
        teach(office, lesson("1.000002", "thả đèn trời"), at=NOW, today=TODAY, known=desk.known)


def test_names_left_out_of_a_replay_could_not_have_been_lost() -> None:
    records = seed_procedures()
    material = Material(
        version=1,
        today=TODAY,
        procedures=tuple(records),
        vocabulary=seed_vocabulary(),
        phrases=seed_phrases(),
    )
    before = build_services(records)
    by_code = {each.code: each for each in records}
    for code, name in (("1.001193", "giấy kết hôn"), ("2.000815", "sao y khai sinh")):
        taught = by_code[code].model_copy(update={"aliases": (*by_code[code].aliases, name)})
        after = replace(before, index=before.index.with_name(code, name))
        _, lost = clashes(material, Candidate(procedure=taught), (before, after))
        some = [each for each in records if "kết hôn" in each.title or "sao" in each.title]
        for record in some:
            for alias in record.aliases:
                for written in (alias, fold(alias)):
                    held = outcome(written, before).answered == record.code
                    if held and outcome(written, after).answered != record.code:
                        assert alias in {each.phrase for each in lost}
