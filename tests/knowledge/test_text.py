"""One form for equal writing; folding; words; nothing breaks it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import MAX_CHARACTERS, accented, canonical, clean, fold, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hòa"),
        ("thuỷ", "thủy"),
        ("khoẻ", "khỏe"),
        ("ĐĂNG", "đăng"),
        (unicodedata.normalize("NFD", "kết"), "kết"),
        ("viêc\u0323", "việc"),
    ],
)
def test_equal_words_have_one_form(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ma", "mà"), ("da", "đa"), ("tu", "tư"), ("sinh", "tử"), ("con", "côn")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_folding_takes_all_marks() -> None:
    assert fold("Đăng ký Kết HÔN, sổ đỏ ở Ủy ban") == "dang ky ket hon, so do o uy ban"


def test_cleaning_takes_what_nobody_sees() -> None:
    assert clean("  khai\u200b sinh\x00\x07\u202e  cho\n\ncon\ufeff ") == "khai sinh cho con"


def test_words_of_telex_leftovers() -> None:
    assert [fold(word) for word in words("ddawng kys keets hoon")] == ["dang", "ky", "ket", "hon"]


def test_words_leave_punctuation_and_emoji() -> None:
    assert words("khai sinh?! 😀 (cho con)…") == ["khai", "sinh", "cho", "con"]


def test_a_long_text_is_cut() -> None:
    assert len(clean("a" * 10_000)) <= 2 * MAX_CHARACTERS


def test_accented() -> None:
    assert accented("đất")
    assert not accented("dat")


@given(st.text(max_size=300))
def test_folding_is_stable_and_lower(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.text(max_size=300))
def test_cleaning_is_stable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text(alphabet=st.characters(), max_size=300))
def test_no_text_breaks_words(text: str) -> None:
    for word in words(text):
        assert word
        assert canonical(word) == canonical(canonical(word))
