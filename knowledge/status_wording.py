"""How likely a message asks for one's own dossier: words and pairs of them, with fitted weights."""

from __future__ import annotations

import itertools
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.model import Record
from knowledge.text import MAX_CHARACTERS, fold, numberless, words
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).parent / "data"
LENGTHS = (2, 4, 7, 12, 20)
"""Words up to which messages count as equally long."""


class Spelling(Record):
    """What words are read as, and which say nothing at either end of a message."""

    alike: dict[str, tuple[str, ...]]
    first: frozenset[str]
    last: frozenset[str]


class StatusSigns:
    """Reads the signs of a message that are weighed."""

    def __init__(self, spelling: Spelling) -> None:
        self._alike = {each: means for means, said in spelling.alike.items() for each in said}
        self._first, self._last = spelling.first, spelling.last

    def read(self, text: str) -> frozenset[str]:
        """Words, neighbours, both ends («^» before, «$» behind) and about how many words."""
        said = self._said(text)
        length = sum(len(said) > most for most in LENGTHS)
        found = {*said, *_pairs(said), f"#{length}"}
        start, end = 0, len(said)
        while start < end and said[start] in self._first:
            start += 1
        while end > start and said[end - 1] in self._last:
            end -= 1
        for told in (said[start : start + 1], said[start : start + 2]):
            found.add("^" + " ".join(told))
        for told in (said[:end][-1:], said[:end][-2:]):
            found.add(" ".join(told) + "$")
        return frozenset(found)

    def _said(self, text: str) -> list[str]:
        said: list[str] = []
        for word in words(text[:MAX_CHARACTERS]):
            folded = numberless(fold(word))
            said += self._alike.get(folded, folded).split()
        return said


def _pairs(said: Sequence[str]) -> list[str]:
    return [" ".join(pair) for pair in itertools.pairwise(said)]


class _Fitted(Record):
    """What ``benchmarks/status.py`` wrote."""

    bias: float
    weights: dict[str, float]


class StatusWording:
    """A logistic rule over the signs; equal for messages with diacritics and without."""

    def __init__(self, spelling: Spelling, bias: float, weights: dict[str, float]) -> None:
        self._signs = StatusSigns(spelling)
        self._bias = bias
        self._weights = weights

    def parts(self, text: str) -> dict[str, float]:
        """What each sign adds to the log-odds, the strongest first, for explaining."""
        found = {
            sign: self._weights[sign] for sign in self._signs.read(text) if sign in self._weights
        }
        return dict(sorted(found.items(), key=lambda each: (-abs(each[1]), each[0])))

    def chance(self, text: str) -> float:
        """Probability, 0 to 1, that the message asks how a dossier stands."""
        weights = self._weights
        odds = self._bias + sum(weights.get(sign, 0.0) for sign in self._signs.read(text))
        return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def seed_spelling() -> Spelling:
    """The spelling that came with the program."""
    return Spelling.model_validate(_load("status_spelling.yaml"))


@cache
def fitted_wording() -> StatusWording:
    """The weights that came with the program, read once: every new index wants them."""
    found = _Fitted.model_validate(_load("status_weights.yaml"))
    return StatusWording(seed_spelling(), found.bias, found.weights)


def _load(name: str) -> object:
    return read_yaml(DATA / name)
