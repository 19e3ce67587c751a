"""Which neighbouring syllables are one Vietnamese word, learnt from the records' own text."""

from __future__ import annotations

import itertools
from functools import lru_cache

from knowledge.text import accented, fold


@lru_cache(maxsize=200_000)
def compounds(phrase: str) -> frozenset[tuple[str, str]]:
    """Folded pairs of syllables that belong to one word, as «khai sinh» in «làm khai sinh».

    pyvi takes a second and 100 MB to load, so it is loaded by the first phrase and not before.
    It segments accented text well and unaccented text not at all: without diacritics the answer
    is empty.
    """
    if not accented(phrase):
        return frozenset()
    from pyvi import ViTokenizer

    found: set[tuple[str, str]] = set()
    for word in ViTokenizer.tokenize(phrase).split():
        syllables = [fold(syllable) for syllable in word.split("_") if syllable]
        found.update(itertools.pairwise(syllables))
    return frozenset(found)
