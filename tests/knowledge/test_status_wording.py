"""The learned reading of questions about one's own dossier."""

from __future__ import annotations

import pytest

from knowledge.status_wording import Spelling, StatusSigns, StatusWording, fitted_wording
from knowledge.text import fold

SPELLING = Spelling(
    alike={"ho so": ("hs",), "@": ("em", "toi")},
    first=frozenset(["@", "oi"]),
    last=frozenset(["@", "a"]),
)


def test_signs_are_words_neighbours_ends_and_length() -> None:
    assert StatusSigns(SPELLING).read("Em ơi hs nộp 15/8 ạ") == {
        "@", "oi", "ho", "so", "nop", "0/0", "a",
        "@ oi", "oi ho", "ho so", "so nop", "nop 0/0", "0/0 a",
        "^ho", "^ho so", "0/0$", "nop 0/0$", "#2",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "?!", "em", "em em oi", "0" * 9_000, "hồ " * 9_000])
def test_whatever_is_typed_has_a_chance(text: str) -> None:
    assert 0 <= fitted_wording().chance(text) <= 1


def test_weights_add_up_to_the_chance() -> None:
    wording = StatusWording(SPELLING, -1.0, {"ho so": 2.0, "0": -0.5, "nop$": 9.0})
    assert wording.parts("hs 12 tôi") == {"ho so": 2.0, "0": -0.5}
    assert wording.chance("hs 12 tôi") == pytest.approx(0.6225, abs=1e-4)
    assert wording.chance("chào") == pytest.approx(0.2689, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("em gửi bộ giấy hôm kia, nay mình làm tới khúc nào rồi chị", True),
        ("mi coi giùm tau cái giấy tau nộp bữa tê", True),
        ("đăng ký kết hôn cần giấy tờ gì", False),
        ("giá vàng hôm nay", False),
    ],
)
def test_the_fitted_weights_tell_both_apart(text: str, asked: bool) -> None:
    wording = fitted_wording()
    assert (wording.chance(text) >= 0.5) is asked
    assert wording.chance(fold(text)) == wording.chance(text)
