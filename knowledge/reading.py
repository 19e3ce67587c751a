"""A question as the search reads it: words, slips put right, meanings of the glossary."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.lexicon import tie
from knowledge.text import accented, canonical, fold, is_abbreviation, words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from knowledge.lexicon import Lexicon
    from knowledge.synonyms import Spoken
    from knowledge.vocabulary import Vocabulary

FILLER = 0.2
"""Cost of a query word without topic that a phrase lacks, against 1 for any other word."""
TYPO = 0.75
"""Credit for a word one slip away."""
SLIP = 0.6
"""Credit for another word one slip away that fits the neighbours better."""
SHORTEST_TYPO, LONGEST_WORD = 3, 12
"""Letters of unknown words that are corrected by themselves; longer ones are no syllables."""
SHORTEST_ABBREVIATION = 4
"""Letters of abbreviations that are corrected: of three, one slip leaves too little."""
SAID_OTHERWISE = 0.6
"""Credit towards a phrase for a word that came from the glossary."""
NEIGHBOURS = 12
"""Readings looked at of an unknown neighbour."""
MAX_QUERY_WORDS = 120


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the question with its rarity weight and where it came from."""

    word: str
    weight: float
    filler: bool = False
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the glossary says of some words of the question, by their places."""

    places: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as the index reads it: the tokens, and the credit of every known word form."""

    spoken: tuple[Spoken, ...]
    tokens: tuple[Token, ...]
    credits: dict[int, float]
    pairs: dict[int, float]
    costs: tuple[float, ...]
    forms: tuple[tuple[tuple[str, float], ...], ...]
    meanings: tuple[Meaning, ...]

    @property
    def total(self) -> float:
        """What it costs a phrase to have none of the words."""
        return sum(self.costs)


class Reader:
    """Reads questions with the words of one lexicon.

    ``asides`` tells which places of a question ask for an aspect, as «mất mấy
    ngày» does: they cost no more than fillers, though «mất» alone means a loss.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        vocabulary: Vocabulary,
        asides: Callable[[Sequence[str]], frozenset[int]],
    ) -> None:
        self._lexicon = lexicon
        self._asides = asides
        self._expansions = vocabulary.expansions()
        self._longest = max((len(key) for key in self._expansions), default=1)
        self._folded_expansions = self._without_accents()
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in lexicon.features:
            if " " not in word:
                self._by_length[len(word)].append(word)
        self._corrections: dict[str, tuple[str, ...]] = {}
        self._abbreviations = sorted(
            form
            for form in vocabulary.short_forms()
            if len(form) >= SHORTEST_ABBREVIATION and is_abbreviation(form)
        )

    def read(self, question: str) -> Reading:
        """How the index reads a question: words, corrections, glossary meanings."""
        asked = (self._abbreviation(word) for word in words(question)[:MAX_QUERY_WORDS])
        said = self._lexicon.synonyms.read(list(asked))
        spoken = [each.word for each in said]
        tokens: list[Token] = []
        costs: list[float] = []
        forms: list[tuple[tuple[str, float], ...]] = []
        heard: set[str] = set()
        aside = self._asides(spoken)
        letters = [fold(word) for word in spoken]
        for place, (word, folded) in enumerate(zip(spoken, letters, strict=True)):
            filler = folded in self._lexicon.fillers or place in aside
            options = self._forms(letters, place)
            best = max(
                (self._lexicon.weights[self._lexicon.features[o]] * c for o, c in options),
                default=None,
            )
            weight = float(best if best is not None else self._lexicon.rarest)
            cost = weight * (FILLER if filler else 1.0)
            # A word said twice is not two things to find.
            costs.append(cost if folded not in heard else 0.0)
            heard.add(folded)
            corrected = options[0][0] if options and options[0][0] != folded else None
            tokens.append(Token(word, round(cost, 3), filler, corrected))
            forms.append(options)
        meanings = tuple(self._meanings_in(spoken))
        found, pairs = self._credits(forms, meanings)
        return Reading(
            tuple(said), tuple(tokens), found, pairs, tuple(costs), tuple(forms), meanings
        )

    def _abbreviation(self, word: str) -> str:
        """The abbreviation that an unknown word is one slip away from, or the word."""
        folded = fold(word)
        length = len(folded)
        if (
            not SHORTEST_ABBREVIATION - 1 <= length <= LONGEST_WORD
            or folded in self._lexicon.features
        ):
            return word
        if not is_abbreviation(folded) or folded in self._abbreviations or self._near(folded):
            return word
        found = process.extractOne(folded, self._abbreviations, scorer=OSA.distance, score_cutoff=1)
        return found[0] if found else word

    def _credits(
        self, forms: Sequence[tuple[tuple[str, float], ...]], meanings: Sequence[Meaning]
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Credit of every word and pair that the question has, or that the glossary adds."""
        found: dict[int, float] = {}
        pairs: dict[int, float] = {}
        for option, credit in itertools.chain.from_iterable(forms):
            self._credit(found, option, credit)
        for left, right in itertools.pairwise(forms):
            for one, credit in left:
                for other, more in right:
                    self._credit(pairs, tie(one, other), credit * more)
        for meaning in meanings:
            for word in meaning.words:
                self._credit(found, word, SAID_OTHERWISE)
            for feature in map(tie, meaning.words, meaning.words[1:]):
                self._credit(pairs, feature, SAID_OTHERWISE)
        return found, pairs

    def _credit(self, into: dict[int, float], feature: str, credit: float) -> None:
        number = self._lexicon.features.get(feature)
        if number is not None:
            into[number] = max(into.get(number, 0.0), credit)

    def _forms(self, folded: Sequence[str], place: int) -> tuple[tuple[str, float], ...]:
        """Known words a word of the question may be, with their credit.

        A known word is itself, and perhaps also a slip: «khai sin» is «khai sinh» when only that
        makes one word with its neighbour.
        """
        word = folded[place]
        known = word in self._lexicon.features
        if len(word) > LONGEST_WORD or (word,) in self._expansions:
            return ((word, 1.0),) if known else ()
        before = self._readings(folded[place - 1]) if place else ()
        after = self._readings(folded[place + 1]) if place + 1 < len(folded) else ()
        fitting = self._fitting(before, word, after)
        if known:
            return ((word, 1.0), *((other, SLIP) for other in fitting))
        others = fitting or self._likely(before, word, after)
        return tuple((other, TYPO) for other in others)

    def _readings(self, word: str) -> tuple[str, ...]:
        """What a neighbour may be: itself when it is known, or what is one slip away."""
        return (word,) if word in self._lexicon.features else self._near(word)[:NEIGHBOURS]

    def _likely(self, before: Sequence[str], word: str, after: Sequence[str]) -> tuple[str, ...]:
        """Known words one slip away, those that some name has beside a neighbour first."""
        if len(word) < SHORTEST_TYPO:
            return ()
        known, near = self._lexicon.features, self._near(word)
        beside = [other for other in near if _ties(before, other, after, known)]
        return tuple(dict.fromkeys((*beside[:2], *near)))[:4]

    def _fitting(self, before: Sequence[str], word: str, after: Sequence[str]) -> tuple[str, ...]:
        """Words one slip away that make a compound with a neighbour; none when the word does."""
        whole = self._lexicon.compounds
        if _ties(before, word, after, whole):
            return ()
        near = (other for other in self._near(word) if _ties(before, other, after, whole))
        return tuple(itertools.islice(near, 2))

    def _near(self, folded: str) -> tuple[str, ...]:
        """Other known words one slip away, the commonest first."""
        known = self._corrections.get(folded)
        if known is None:
            near = [
                word
                for length in (len(folded) - 1, len(folded), len(folded) + 1)
                for word, distance, _ in process.extract(
                    folded,
                    self._by_length.get(length, ()),
                    scorer=OSA.distance,
                    score_cutoff=1,
                    limit=None,
                )
                if distance
            ]
            near.sort(key=lambda word: -len(self._lexicon.postings[self._lexicon.features[word]]))
            known = tuple(near)
            if len(self._corrections) < 50_000:
                self._corrections[folded] = known
        return known

    def _meanings_in(self, spoken: Sequence[str]) -> Iterator[Meaning]:
        canonicals = [canonical(word) for word in spoken]
        for start in range(len(spoken)):
            for length in range(1, min(self._longest, len(spoken) - start) + 1):
                key = tuple(canonicals[start : start + length])
                for meaning in self._meanings(key):
                    places = tuple(range(start, start + length))
                    yield Meaning(places, tuple(fold(word) for word in meaning))

    def _meanings(self, key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        exact = self._expansions.get(key)
        if exact is not None:
            return exact
        if any(accented(word) for word in key):
            return ()
        return self._folded_expansions.get(key, ())

    def _without_accents(self) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        table: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        for key, meanings in self._expansions.items():
            folded = tuple(fold(word) for word in key)
            # One short bare syllable means too many things once its accent is gone.
            if len(folded) > 1 or len(folded[0]) > 3 or folded == key:
                table[folded] = table.get(folded, ()) + meanings
        return table


def _ties(before: Sequence[str], word: str, after: Sequence[str], known: Container[str]) -> bool:
    """True when the word and a reading of a neighbour are among the known pairs."""
    # Plain loops: this is asked for every word one slip away from every word.
    for one in before:
        if tie(one, word) in known:
            return True
    for one in after:  # noqa: SIM110
        if tie(word, one) in known:
            return True
    return False
