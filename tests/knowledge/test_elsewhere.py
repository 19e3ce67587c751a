"""What people say elsewhere is told from what they ask an office."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import build_services, seed_procedures
from handlers.services import Services
from knowledge.confidence import Confidence, fitted, signs
from knowledge.elsewhere import Elsewhere, Nearness
from knowledge.phrases import seed_phrases
from knowledge.search import Index
from knowledge.vocabulary import Vocabulary, seed_vocabulary
from knowledge.wording import Wording, runs


@cache
def services() -> Services:
    return build_services(seed_procedures())


@cache
def elsewhere() -> Elsewhere:
    return Elsewhere(seed_phrases(), seed_vocabulary())


def near(question: str) -> Nearness:
    index = services().index
    return elsewhere().nearness(index.read(question).tokens, index.wording)


def ours(question: str) -> float:
    return services().understanding.search(question, services().index).ours


@pytest.mark.parametrize("question", ["nấu bún bò", "đá banh tối nay", "mua điện thoại cũ"])
def test_other_topics_are_worded_otherwise(question: str) -> None:
    assert near(question).words < 0
    assert ours(question) < 0.2


@pytest.mark.parametrize("question", ["khai sinh cho con", "sang tên sổ đỏ", "đăng ký tạm trú"])
def test_procedures_are_worded_as_procedures(question: str) -> None:
    assert near(question).words > 0
    assert near(question).pairs > 0
    assert ours(question) > 0.9


def test_diacritics_tell_words_apart() -> None:
    here, there = Wording(), Wording()
    here.add(["bán", "đất"])
    there.add(["bàn", "ghế"])
    assert here.beside(there, ["bán"]) == (1, 0)
    assert here.beside(there, ["bàn"]) == (0, 1)
    assert here.beside(there, ["ban"]) == (1, 1)
    assert here.beside(there, ["bản"]) == (1, 1), "neither knows it so: letters alone decide"
    assert here.beside(there, ["bán", "đất"]) == (1, 0)


def test_a_word_nobody_knows_speaks_for_nothing() -> None:
    found = near("qwrtzp")
    assert (found.words, found.pairs, found.farthest, found.nearest) == (0, 0, 0, 0)
    assert found.unknown == 1


@pytest.mark.parametrize(
    ("question", "mistyped"),
    [("lam giayy khai sinhh", True), ("làm giấy khai sinh", False), ("làm giàu", False)],
)
def test_a_word_said_elsewhere_is_no_slip(question: str, mistyped: bool) -> None:
    assert near(question).mistyped is mistyped


def test_a_slip_spoils_few_runs_of_letters() -> None:
    assert near("tam vắgn tam trúu").letters > 0
    assert near("thờii tiếtt hômm nay").letters < 0


def test_runs_of_letters_cross_the_blanks() -> None:
    assert runs(["ở", "xã"]) == [" o ", "o x", " xa", "xa ", " o x", "o xa", " xa "]


def test_an_official_name_weighs_less_than_an_everyday_one() -> None:
    record = next(each for each in seed_procedures() if each.code == "1.001193")
    bare = record.model_copy(update={"aliases": (), "short_name": None})
    wording = Index([bare], Vocabulary()).wording
    assert wording.size == pytest.approx(0.1)


def test_the_rule_is_the_sum_of_its_parts() -> None:
    rule = Confidence(bias=-1.0, weights={"score": 2.0, "words": 1.0})
    found = {"score": 0.5, "words": 3.0, "length": 9.0}
    assert rule.parts(found) == {"score": 1.0, "words": 3.0}
    assert rule.ours(found) == pytest.approx(0.9526, abs=1e-4)
    assert rule.ours({"score": 1e9, "words": 0.0}) == pytest.approx(1.0)


def test_every_fitted_weight_has_its_sign() -> None:
    assert fitted().weights.keys() == signs(None, near("gì"), services().index.read("gì")).keys()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_probability(text: str) -> None:
    assert 0 <= ours(text) <= 1
