"""Sentences need exactly their values, and braces hold nothing but names."""

from __future__ import annotations

import pytest

from handlers.wording import Misplaced, Wording, places

SAY = Wording({"due": "Hẹn {day} ({count}).", "bye": "Chào."})


def test_places_are_names() -> None:
    assert places("Hẹn {day} ({count}).") == {"day", "count"}
    assert places("{{không phải chỗ}}") == frozenset()


@pytest.mark.parametrize(
    "sentence", ["{", "}", "{}", "{0}", "{a b}", "{day.year}", "{day[0]}", "{day!r}", "{day:>9}"]
)
def test_anything_else_in_braces_is_refused(sentence: str) -> None:
    with pytest.raises(Misplaced):
        places(sentence)
    assert not SAY.fits("due", sentence)


def test_a_sentence_written_anew_needs_the_same_values() -> None:
    assert SAY.fits("due", "{count} ngày nữa: {day}")
    assert not SAY.fits("due", "Hẹn {day}")
    assert not SAY.fits("bye", "Chào {name}")
    assert not SAY.fits("bye", "  ")
    assert not SAY.fits("hello", "Chào.")
    anew = SAY.rewritten({"bye": "Tạm biệt."})
    assert (anew("bye"), SAY("bye")) == ("Tạm biệt.", "Chào.")
