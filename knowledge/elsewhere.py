"""Whether a question is worded like those for an office, or like everything else people say."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.synonyms import Synonyms
from knowledge.text import words
from knowledge.wording import Wording, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from knowledge.phrases import Phrases
    from knowledge.reading import Token
    from knowledge.vocabulary import Vocabulary

UNSEEN = 0.5
"""Added to every count, so that a word heard on one side only is no proof."""
FILLER = 0.5
"""Share of a filler's log-odds that counts."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Log-odds that the words come from a procedure's phrases and not from elsewhere.

    ``words`` and ``pairs`` are sums over the root of the length, ``farthest`` and ``nearest``
    the word that speaks most against and the pair that speaks most for a procedure;
    ``unknown`` counts words that neither side has, over the same root. ``letters`` is the same as
    ``words`` for runs of letters as they were typed, ``letter`` their mean: a mistyped word is
    unknown, most of its letters are not. ``mistyped``: some word was put right.
    """

    words: float
    pairs: float
    farthest: float
    nearest: float
    unknown: float
    letters: float
    letter: float
    mistyped: bool


class Elsewhere:
    """Words and pairs of sentences that no office has a procedure for (naive Bayes)."""

    def __init__(self, phrases: Phrases, vocabulary: Vocabulary) -> None:
        synonyms = Synonyms(vocabulary)
        self._wording = Wording()
        for sentence in dict.fromkeys([*phrases.elsewhere, *_topics(phrases)]):
            self._wording.add([each.word for each in synonyms.read(words(sentence))])

    def nearness(self, tokens: Sequence[Token], ours: Wording) -> Nearness:
        """Compare with the wording of the procedures."""
        slips = [self._is_slip(token) for token in tokens]
        spoken = [
            token.corrected if slip and token.corrected else token.word
            for token, slip in zip(tokens, slips, strict=True)
        ]
        found: list[float] = []
        unknown = 0
        for token, word in zip(tokens, spoken, strict=True):
            odds = self._odds(ours, (word,))
            if odds is not None:
                found.append(odds * (FILLER if token.filler else 1.0))
            elif not token.filler:
                unknown += 1
        tied = [
            odds
            for pair in itertools.pairwise(spoken)
            if (odds := self._odds(ours, pair)) is not None
        ]
        root = math.sqrt(max(len(spoken), 1))
        letters, letter = self._letters([token.word for token in tokens], ours)
        return Nearness(
            sum(found) / root,
            sum(tied) / root,
            min(found, default=0.0),
            max(tied, default=0.0),
            unknown / root,
            letters,
            letter,
            any(slips),
        )

    def _is_slip(self, token: Token) -> bool:
        """True for a word put right that is said nowhere: «giàu» is no slip of «giấy»."""
        return token.corrected is not None and not self._wording.has(token.word)

    def _letters(self, typed: Sequence[str], ours: Wording) -> tuple[float, float]:
        """Log-odds of the runs of letters: their sum over the root of their number, their mean."""
        every = runs(typed)
        known = ours.runs_beside(self._wording, every)
        found = [self._log_odds(ours, here, there) for here, there in known if here or there]
        total = sum(found)
        return total / math.sqrt(max(len(every), 1)), total / max(len(found), 1)

    def _odds(self, ours: Wording, spoken: Sequence[str]) -> float | None:
        """None for what neither side has ever said."""
        counts = ours.beside(self._wording, spoken)
        return self._log_odds(ours, *counts) if any(counts) else None

    def _log_odds(self, ours: Wording, here: float, there: float) -> float:
        sizes = (there + UNSEEN) * (ours.size + 2 * UNSEEN)
        return math.log((here + UNSEEN) * (self._wording.size + 2 * UNSEEN) / sizes)


def _topics(phrases: Phrases) -> Iterable[str]:
    """What is refused by name: it teaches the words of other topics too."""
    for said in phrases.intents.said:
        if said.intent == "out_of_scope":
            yield from (phrase for phrase in said.phrases if "{x}" not in phrase)
