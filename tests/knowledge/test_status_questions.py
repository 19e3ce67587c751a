"""The rules of questions about one's own dossier, over a handful of words."""

from __future__ import annotations

import pytest

from knowledge.phrases import StatusQuestions
from knowledge.status_questions import FAR, StatusSpotter

SPOTTER = StatusSpotter(
    StatusQuestions(
        things=("hồ sơ",),
        papers=("sổ",),
        after=("tới đâu", "trễ rồi"),
        sharp=("xong chưa",),
        last=("chưa",),
        before=("kiểm tra",),
        alone=("tới hẹn rồi",),
        filed=("nộp hôm qua",),
        waits=("chừng nào",),
        other=("cần gì",),
    )
)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("hồ sơ tách thửa của tôi tới đâu", True),
        ("HO SO TACH THUA TOI DAU", True),
        ("tới đâu hồ sơ", False),
        (f"hồ sơ {'a ' * FAR}tới đâu", True),
        (f"hồ sơ {'a ' * (FAR + 1)}tới đâu", False),
        ("sổ của tôi xong chưa", True),
        ("sổ của tôi tới đâu", False),
        ("hồ sơ chuyển lên tỉnh chưa vậy em ơi", True),
        ("hồ sơ đất chưa có sổ thì làm sao đây em", False),
        ("kiểm tra giúp em cái hồ sơ", True),
        ("kiểm tra đất", False),
        ("tới hẹn rồi", True),
        ("em nộp hôm qua, chừng nào có", True),
        ("chừng nào có", False),
        ("hồ sơ cần gì, làm tới đâu", False),
        ("hồ sơ trẻ rồi", False),
        ("", False),
    ],
)
def test_when_it_is_asked(text: str, asks: bool) -> None:
    assert SPOTTER.asks(text) is asks


def test_without_words_nothing_is_asked() -> None:
    """Documents that an older version wrote have none."""
    assert not StatusSpotter(StatusQuestions()).asks("hồ sơ tới đâu rồi")
