"""Marks: words that tell a procedure from its siblings, found in questions and in names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge.vocabulary import Vocabulary

MAX_WORDS = 120


class Marks:
    """Which marks a text carries, one bit each."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._bits: dict[tuple[str, ...], int] = {}
        for bit, mark in enumerate(vocabulary.marks):
            for form in mark.forms:
                key = tuple(fold(word) for word in words(form))
                self._bits[key] = self._bits.get(key, 0) | 1 << bit
        self._lengths = sorted({len(key) for key in self._bits})

    def of(self, spoken: Sequence[str]) -> int:
        """The marks of some words, bit by bit."""
        folded = [fold(word) for word in spoken[:MAX_WORDS]]
        found = 0
        for length in self._lengths:
            for start in range(len(folded) - length + 1):
                found |= self._bits.get(tuple(folded[start : start + length]), 0)
        return found
