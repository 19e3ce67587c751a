"""Words that mean exactly the same are read as one, in questions and in names alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.text import accented, canonical, fold, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge.vocabulary import Vocabulary

SHORT = 3
"""Letters up to which a bare syllable without diacritics means too many things."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as it is searched, and the words it was said with (none behind the first)."""

    word: str
    said: tuple[str, ...]


class Synonyms:
    """Reads «bằng khoán», «bìa đỏ» and «sổ hồng» as «sổ đỏ».

    Only what the glossary marks as the same is replaced; a meaning that depends on the sentence
    is added by the search and never takes a word's place.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._exact: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._folded: dict[tuple[str, ...], tuple[str, ...]] = {}
        for word in vocabulary.words:
            if not word.same:
                continue
            spoken = words(word.form)
            means = tuple(words(word.means[0]))
            self._exact[tuple(canonical(each) for each in spoken)] = means
            folded = tuple(fold(each) for each in spoken)
            if len(folded) > 1 or len(folded[0]) > SHORT or folded == tuple(spoken):
                self._folded.setdefault(folded, means)
        self._longest = max((len(key) for key in self._folded), default=0)

    def read(self, spoken: Sequence[str]) -> list[Spoken]:
        """The words with every known form replaced, the longest first, from left to right."""
        exact = [canonical(word) for word in spoken]
        folded = [fold(word) for word in spoken]
        bare = [not accented(word) for word in spoken]
        found: list[Spoken] = []
        place = 0
        while place < len(spoken):
            length, means = self._at(place, exact, folded, bare)
            if not length:
                found.append(Spoken(spoken[place], (spoken[place],)))
                place += 1
                continue
            said = tuple(spoken[place : place + length])
            found += [Spoken(word, () if number else said) for number, word in enumerate(means)]
            place += length
        return found

    def _at(
        self, place: int, exact: list[str], folded: list[str], bare: list[bool]
    ) -> tuple[int, tuple[str, ...]]:
        for length in range(min(self._longest, len(exact) - place), 0, -1):
            span = slice(place, place + length)
            means = self._exact.get(tuple(exact[span]))
            if means is None and all(bare[span]):
                means = self._folded.get(tuple(folded[span]))
            if means is not None:
                return length, means
        return 0, ()
