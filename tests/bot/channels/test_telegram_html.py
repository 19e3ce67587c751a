"""Emphasis as HTML, and cuts that never break it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.telegram_html import Span, Tag, cut, messages, sound, visible, width
from tests.fakes.telegram_rules import parse_html, text_of, units

SPANS = st.lists(st.builds(Span, st.text(max_size=120), st.sampled_from(Tag)), max_size=6)


def test_everything_is_escaped() -> None:
    spans = [Span('a <b> & "c"', Tag.BOLD), Span("\n"), Span("</i>", Tag.ITALIC)]
    assert messages(spans) == ['<b>a &lt;b&gt; &amp; "c"</b>\n<i>&lt;/i&gt;</i>']


def test_spaces_are_not_emphasised() -> None:
    assert messages([Span("x"), Span(" ", Tag.BOLD), Span("y")]) == ["x y"]


def test_a_folded_quote() -> None:
    assert messages([Span("x", Tag.FOLDED)]) == ["<blockquote expandable>x</blockquote>"]


def test_tags_are_closed_and_opened_again_at_a_cut() -> None:
    assert messages([Span("một hai ba bốn", Tag.BOLD)], 8) == ["<b>một hai</b>", "<b>ba bốn</b>"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aaa bbb\n\nccc ddd", ["aaa bbb", "ccc ddd"]),
        ("aaa bbb\nccc ddd", ["aaa bbb", "ccc ddd"]),
        ("aaaa bbbb cccc", ["aaaa bbbb", "cccc"]),
        ("aaaaaaaaaabbb", ["aaaaaaaaaa", "bbb"]),
        ("a\n\naaaa bbbb cccc", ["a\n\naaaa", "bbbb cccc"]),
    ],
)
def test_the_best_place_to_cut(text: str, expected: list[str]) -> None:
    assert messages([Span(text)], 10) == expected


def test_a_character_is_never_parted_from_its_marks() -> None:
    tone = "e\u0323\u0302"
    assert messages([Span(tone * 4)], 4) == [tone] * 4
    family = "👩\u200d👧"
    assert messages([Span("ab" + family)], 5) == ["ab", family]


def test_units_beyond_the_basic_plane_count_twice() -> None:
    assert width("a😀") == 3
    assert messages([Span("😀" * 4)], 4) == ["😀😀", "😀😀"]


def test_nothing_to_see_is_no_message() -> None:
    assert messages([Span(" \n"), Span("\u200b\u2800", Tag.BOLD)]) == []
    assert not visible("\u3164 \ufe0f")
    assert visible("\u200bế")


def test_what_nobody_takes_is_dropped() -> None:
    assert sound("a\0b\ud800c\u202ed\re\tf\n") == "ab?cd" + "e f\n"


def test_blank_lines_do_not_pile_up() -> None:
    assert messages([Span("a\n\n\n \n\nb")]) == ["a\n\nb"]


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("ngắn", 10, "ngắn"),
        ("Đăng ký khai sinh lưu động", 20, "Đăng ký khai sinh…"),
        ("mot hai – ba bon", 11, "mot hai…"),
        ("aaaaaaaaaaaa", 5, "aaaa…"),
        ("một\nhai", 20, "một hai"),
        ("😀😀😀", 4, "😀…"),
    ],
)
def test_labels_are_cut_between_words(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected
    assert width(cut(text, most)) <= most


@given(SPANS, st.integers(8, 60))
@example([Span("0" * 7 + "\u0301" * 9)], 8)
def test_every_piece_is_whole_and_fits(spans: list[Span], most: int) -> None:
    for piece in messages(spans, most):
        parsed, _ = parse_html(piece)
        assert 0 < units(parsed) <= most
        assert text_of({"text": piece, "parse_mode": "HTML"}, "text", most)[0] == parsed


@given(SPANS, st.integers(8, 60))
def test_nothing_visible_is_lost(spans: list[Span], most: int) -> None:
    said = "".join(parse_html(piece)[0] for piece in messages(spans, most))
    whole = sound("".join(span.text for span in spans))
    # A piece of invisible characters only may be left out.
    assert [each for each in said if visible(each)] == [each for each in whole if visible(each)]
