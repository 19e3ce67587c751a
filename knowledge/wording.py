"""How many phrases have a word or a neighbouring pair, with its diacritics and without."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from knowledge.text import accented, canonical, fold

if TYPE_CHECKING:
    from collections.abc import Sequence


class Wording:
    """Counts over phrases; ``size`` is how many there are, by weight."""

    def __init__(self) -> None:
        self.size = 0.0
        self._written: defaultdict[str, float] = defaultdict(float)
        self._folded: defaultdict[str, float] = defaultdict(float)

    def add(self, spoken: Sequence[str], weight: float = 1.0) -> None:
        """Count one phrase."""
        self.size += weight
        for counts, form in ((self._written, canonical), (self._folded, fold)):
            forms = [form(word) for word in spoken]
            for term in {*forms, *map(" ".join, itertools.pairwise(forms))}:
                counts[term] += weight

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
