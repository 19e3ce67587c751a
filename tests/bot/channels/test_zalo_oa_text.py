"""Text on its way through Zalo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo_oa_text import (
    composed,
    mobile_number,
    national_number,
    payload,
    pressed,
    shortened,
)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_every_action_comes_back(action: str) -> None:
    assert pressed(payload(action)) == (action if action.strip() else None)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "khai sinh",
        "#a",
        "#a:",
        "#a:  ",
        "# a:x",
        " #a:x",
        "a:#a:x",
        "#a:x\ny",
        "#a:" + "x" * 65,
    ],
)
def test_what_is_no_press(typed: str) -> None:
    assert pressed(typed) is None


def test_bytes_count_in_an_action() -> None:
    assert pressed("#a:" + "ắ" * 21) == "ắ" * 21
    assert pressed("#a:" + "ắ" * 22) is None


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("một hai ba", 10, "một hai ba"),
        ("một hai ba", 9, "một hai…"),
        ("một hai ba", 4, "một…"),
        ("mộthaiba", 4, "một…"),
        ("", 3, ""),
    ],
)
def test_cut_at_a_word(text: str, most: int, cut: str) -> None:
    assert shortened(text, most) == cut


@given(st.text(max_size=40), st.integers(1, 20))
def test_never_longer(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most


def test_composed_counts_as_zalo_does() -> None:
    assert composed("ê\u0323") == "ệ"


@pytest.mark.parametrize(
    ("written", "mobile", "national"),
    [
        ("0912345678", "84912345678", "84912345678"),
        ("+84 912.345.678", "84912345678", "84912345678"),
        ("84912345678", "84912345678", "84912345678"),
        ("0259 3 123 456", None, "842593123456"),
        ("0259 123 456", "84259123456", "84259123456"),
        ("0236 1022", None, "842361022"),
        ("1022", None, None),
        ("1900 1009", None, None),
        ("912345678", None, None),
        ("09123456789012", None, None),
        ("không", None, None),
        ("", None, None),
    ],
)
def test_numbers(written: str, mobile: str | None, national: str | None) -> None:
    assert mobile_number(written) == mobile
    assert national_number(written) == national
