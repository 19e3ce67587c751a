"""The fast index says what the plain rules say, whatever is asked."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import seed_procedures
from knowledge.model import Procedure
from knowledge.search import Index
from knowledge.text import fold
from knowledge.vocabulary import seed_vocabulary

from .oracle import Oracle

SOME = ("1.001193", "1.000656", "1.000894", "1.004873", "1.013978", "1.013831", "1.116410",
        "1.013076", "2.000635", "1.004222")  # fmt: skip
INQUIRIES = Path(__file__).parents[1] / "inquiries"


def few() -> list[Procedure]:
    return [
        each.model_copy(update={"aliases": each.aliases[:6]})
        for each in seed_procedures()
        if each.code in SOME
    ]


@cache
def index() -> Index:
    return Index(few(), seed_vocabulary())


@cache
def oracle() -> Oracle:
    return Oracle(few(), seed_vocabulary())


def agree(question: str) -> None:
    plain = oracle().best(question, index())
    found = {match.code: match.score for match in index().match(question, len(SOME))}
    for code, score in found.items():
        assert score == pytest.approx(plain[code], abs=2e-4), (question, code)
    best = max(plain.values(), default=0)
    if best > 0.01:
        assert max(found.values()) == pytest.approx(best, abs=2e-4), question


SENTENCES = [
    sentence
    for code in SOME
    for sentence in yaml.safe_load((INQUIRIES / f"{code}.yaml").read_bytes())["sentences"]
]
KNOWN = sorted({word for sentence in SENTENCES for word in sentence.split()})


@pytest.mark.parametrize("sentence", SENTENCES[::3])
def test_sentences(sentence: str) -> None:
    agree(sentence)
    agree(fold(sentence))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(KNOWN) | st.text(max_size=6), max_size=8).map(" ".join))
def test_any_words(question: str) -> None:
    agree(question)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.text(st.characters(), max_size=40).map(lambda text: text * 60))
def test_any_text_is_survived(text: str) -> None:
    for match in index().match(text):
        assert 0 <= match.score < 1.5
        assert match.code in SOME


def test_a_replaced_record_is_never_offered() -> None:
    old = few()[0].model_copy(update={"code": "1.000999"})
    new = few()[0].model_copy(update={"code": "1.000998", "replaces": ("1.000999",)})
    found = Index([old, new], seed_vocabulary())
    assert [match.code for match in found.match(old.name)] == ["1.000998"]
    assert found.replacing["1.000999"].code == "1.000998"


def test_an_empty_index_and_an_empty_question() -> None:
    assert Index([], seed_vocabulary()).match("khai sinh") == []
    assert index().match("") == []


def test_because_holds_the_citizens_own_words() -> None:
    match = index().match("mần bằng khoán lần đầu")[0]
    assert match.code == "1.013978"
    assert {"bằng", "khoán"} <= set(match.because)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("làm sổ hồng", "làm bìa đỏ"),
        ("mất cccd", "mất chứng minh nhân dân"),
        ("dang ky ket hon", "đk kết hôn"),
        ("khai sih cho con", "khai sinh cho con"),
    ],
)
def test_said_otherwise_means_the_same(one: str, other: str) -> None:
    assert index().match(one)[0].code == index().match(other)[0].code


@pytest.mark.parametrize(("typed", "meant"), [("ccdc", "căn cước"), ("hkttt", "hộ khẩu")])
def test_a_slip_in_an_abbreviation_is_corrected(typed: str, meant: str) -> None:
    assert " ".join(each.word for each in index().read(typed).spoken) == meant


def test_a_foreign_word_is_no_slip_of_an_abbreviation() -> None:
    assert [each.word for each in index().read("momo").spoken] == ["momo"]


@pytest.mark.parametrize(
    ("code", "alias"),
    [
        ("1.000894", "rước nàng về dinh"),
        ("1.001193", "đăng ký kết hôn"),
        ("2.000635", "giấy khai sinh bản sao lấy ở đâu"),
    ],
)
def test_one_name_more_is_as_if_the_index_were_built_with_it(code: str, alias: str) -> None:
    grown = index().with_name(code, alias)
    records = [
        each.model_copy(update={"aliases": (*each.aliases, alias)}) if each.code == code else each
        for each in few()
    ]
    built = Index(records, seed_vocabulary())
    for sentence in (*SENTENCES, alias, fold(alias)):
        found = [(match.code, match.score) for match in grown.match(sentence, len(SOME))]
        assert found == [(match.code, match.score) for match in built.match(sentence, len(SOME))]
    assert grown.procedures[code].aliases[-1] == alias
    assert alias not in index().procedures[code].aliases
