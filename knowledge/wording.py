"""How many phrases have a word, a neighbouring pair or a run of letters."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from knowledge.text import accented, canonical, fold

if TYPE_CHECKING:
    from collections.abc import Sequence


RUNS = (3, 4)
"""Letters of a run, blanks between words included: a slip spoils few of them."""


class Wording:
    """Counts over phrases; ``size`` is how many there are, by weight.

    Words and pairs are counted with their diacritics and without, runs of letters without.
    """

    def __init__(self) -> None:
        self.size = 0.0
        self._written: defaultdict[str, float] = defaultdict(float)
        self._folded: defaultdict[str, float] = defaultdict(float)
        self._runs: defaultdict[str, float] = defaultdict(float)

    def add(self, spoken: Sequence[str], weight: float = 1.0) -> None:
        """Count one phrase."""
        self.size += weight
        for counts, form in ((self._written, canonical), (self._folded, fold)):
            forms = [form(word) for word in spoken]
            for term in {*forms, *map(" ".join, itertools.pairwise(forms))}:
                counts[term] += weight
        for run in set(runs(spoken)):
            self._runs[run] += weight

    def copy(self) -> Wording:
        """The same counts, to count on from."""
        other = Wording()
        other.size = self.size
        other._written |= self._written
        other._folded |= self._folded
        other._runs |= self._runs
        return other

    def has(self, word: str) -> bool:
        """True when some phrase has the word, whatever its diacritics."""
        return fold(word) in self._folded

    def beside(self, other: Wording, spoken: Sequence[str]) -> tuple[float, float]:
        """How many phrases here and in the other have these words, side by side.

        What was typed with diacritics is counted with them, as long as either knows it so.
        """
        if all(map(accented, spoken)):
            term = " ".join(map(canonical, spoken))
            found = self._written.get(term, 0.0), other._written.get(term, 0.0)
            if any(found):
                return found
        term = " ".join(map(fold, spoken))
        return self._folded.get(term, 0.0), other._folded.get(term, 0.0)

    def runs_beside(self, other: Wording, every: Sequence[str]) -> list[tuple[float, float]]:
        """How many phrases here and in the other have each of some runs of letters."""
        here, there = self._runs, other._runs
        return [(here.get(run, 0.0), there.get(run, 0.0)) for run in every]


def runs(spoken: Sequence[str]) -> list[str]:
    """Every run of letters of a text, from left to right."""
    letters = f" {' '.join(map(fold, spoken))} "
    return [
        letters[start : start + length]
        for length in RUNS
        for start in range(len(letters) - length + 1)
    ]
