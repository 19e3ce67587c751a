"""Known phrases are found as they were meant, not as their letters may be read."""

from __future__ import annotations

import pytest

from knowledge.phrases import Spotter
from knowledge.text import words


def found(phrase: str, said: str) -> bool:
    return bool(Spotter([(phrase, True)]).find(words(said)))


@pytest.mark.parametrize(
    ("phrase", "said", "expected"),
    [
        ("liên quân", "chơi liên quân", True),
        ("liên quân", "choi lien quan", True),
        ("liên quân", "giấy tờ liên quan", False),
        ("liên quân", "lien quân", False),
        ("liên quan", "giấy tờ liên quan", True),
        ("ly hôn", "ly hon o dau", True),
        ("tỏ tình", "tờ tinh", False),
    ],
)
def test_diacritics_decide_where_any_were_typed(phrase: str, said: str, *, expected: bool) -> None:
    assert found(phrase, said) is expected
