"""An immutable index over procedures: a question in, ranked matches with reasons out."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from knowledge.lexicon import Lexicon
from knowledge.reading import Reader
from knowledge.text import accented, canonical, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from knowledge.model import Procedure
    from knowledge.reading import Reading
    from knowledge.vocabulary import Vocabulary

OTHER_ACCENT = 0.55
"""Credit for the same letters under other diacritics, when the citizen typed diacritics."""
MEANING = 0.9
"""Credit for a word that came from the glossary and not from the citizen."""
QUERY_REST = 0.75
"""How much unmatched words of the question count against."""
MARK_MISSING, MARK_EXTRA = 0.8, 0.88
"""What is left of a score for a mark of the question that the phrase lacks, and the reverse."""
WHOLE, WHOLE_SHARP = 0.08, 6.0
"""Head start of a phrase that is the question and no more, and how fast it is lost."""
EVERY = 12
"""Phrases looked at between two checks whether any other can still be among the best."""


@dataclass(frozen=True, slots=True)
class Match:
    """One procedure for a question. ``because`` are the words that led to it, then the phrase.

    ``covered`` is the part of the question, by the weight of its words, that the phrase has, and
    ``complete`` the part of the phrase that the question has. ``evidence`` is all they share, in
    words that no other procedure has.
    """

    code: str
    name: str
    score: float
    because: tuple[str, ...]
    phrase: str
    covered: float = 1.0
    complete: float = 1.0
    evidence: float = 1.0


class Index:
    """Phrases of all procedures; one match touches only those that share a word."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        vocabulary: Vocabulary,
        asides: Callable[[Sequence[str]], frozenset[int]] = lambda _: frozenset(),
    ) -> None:
        self.procedures: dict[str, Procedure] = {each.code: each for each in procedures}
        self.replacing: dict[str, Procedure] = {
            old: each for each in self.procedures.values() for old in each.replaces
        }
        for old in self.replacing:
            # A replaced record is never offered; its code finds the new one.
            self.procedures.pop(old, None)
        self._codes = list(self.procedures)
        self._vocabulary, self._asides = vocabulary, asides
        self._look_up(Lexicon(list(self.procedures.values()), vocabulary))

    def _look_up(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.wording = lexicon.wording
        self.read = Reader(lexicon, self._vocabulary, self._asides).read

    def with_name(self, code: str, alias: str) -> Index:
        """The same index with one everyday name more of a record it has. Raises ``KeyError``."""
        record = self.procedures[code]
        named = record.model_copy(update={"aliases": (*record.aliases, alias)})
        lexicon = self._lexicon.with_name(self._codes.index(code), named, alias)
        grown = copy.copy(self)
        grown.procedures = {**self.procedures, code: named}
        grown._look_up(lexicon)  # noqa: SLF001 - a copy of ours
        return grown

    def __len__(self) -> int:
        return len(self._codes)

    def match(self, question: str, limit: int = 10) -> list[Match]:
        """The best procedures for a question, best first, scores between 0 and about 1."""
        return self.rank(self.read(question), limit)

    def rank(self, reading: Reading, limit: int = 10) -> list[Match]:
        """The best procedures for a question that was read already."""
        known = self._lexicon
        if not reading.credits or not known.phrases:
            return []
        shared = self._sums(
            (number, known.weights[number] * credit)
            for number, credit in (*reading.credits.items(), *reading.pairs.items())
        )
        near = np.flatnonzero(shared)
        answered, shared = self._answered(reading)[near], shared[near]
        left = np.maximum(reading.total - answered, 0.0)
        rest = np.maximum(known.totals[near] - shared, 0.0)
        scores = shared / (shared + QUERY_REST * left + known.rest[near] * rest + 1e-9)
        whole = 1.0 - WHOLE_SHARP * (left + rest) / (shared + 1e-9)
        scores *= 1.0 + known.heads[near] + WHOLE * np.maximum(whole, 0.0)
        order = self._sorted(reading, near, scores, _best(scores, limit * 12 + 40), limit)
        said = [(fold(each.word), each.said) for each in reading.spoken]
        return [
            self._found(
                score,
                int(near[place]),
                said,
                covered=1.0 - float(left[place]) / max(reading.total, 1e-9),
                complete=1.0 - float(rest[place]) / max(float(known.totals[near[place]]), 1e-9),
                evidence=float(shared[place]) / known.rarest,
            )
            for score, place in order
        ]

    def _sorted(
        self,
        reading: Reading,
        near: NDArray[np.intp],
        scores: NDArray[np.float64],
        chosen: NDArray[np.intp],
        limit: int,
    ) -> list[tuple[float, int]]:
        """Score and place of each procedure's best phrase, after diacritics and marks."""
        known = self._lexicon
        spoken = [each.word for each in reading.spoken]
        typed = {fold(word): canonical(word) for word in spoken if accented(word)}
        asked = known.sorting.of([word for each in reading.spoken for word in each.said])
        ranked: dict[int, tuple[float, int]] = {}
        found = zip(chosen.tolist(), near[chosen].tolist(), scores[chosen].tolist(), strict=True)
        for count, (place, number, score) in enumerate(found):
            # What follows only lowers scores: nobody below the last of the best can reach it.
            if count % EVERY == 0 and len(ranked) >= limit:
                kept = sorted((best for best, _ in ranked.values()), reverse=True)
                if score < kept[limit - 1]:
                    break
            own, around = known.marks[number]
            if missing := asked & ~around:
                score *= MARK_MISSING ** missing.bit_count()
            if extra := own & ~asked:
                score *= MARK_EXTRA ** extra.bit_count()
            owner = known.owners[number]
            best = ranked[owner][0] if owner in ranked else -1.0
            if score <= best:
                continue
            if typed:
                score *= _exactness(typed, known.words[number])
            if score > best:
                ranked[owner] = (score, place)
        order = sorted(ranked.items(), key=lambda item: (-item[1][0], self._codes[item[0]]))
        return [found for _, found in order[:limit]]

    def _sums(self, parts: Iterable[tuple[int, float]]) -> NDArray[np.float64]:
        """For every phrase the sum over the features it has."""
        numbers, values = zip(*parts, strict=True)
        postings = [self._lexicon.postings[number] for number in numbers]
        spread = np.repeat(values, [len(found) for found in postings])
        sums = np.zeros(len(self._lexicon.phrases))
        sums += np.bincount(np.concatenate(postings), spread, len(sums))
        return sums

    def _answered(self, reading: Reading) -> NDArray[np.float64]:
        """For every phrase, how much of the question's own words it has, by cost.

        A glossary meaning answers for the words it stands for and for no others, however long
        it is.
        """
        known = self._lexicon
        meant: dict[int, list[NDArray[np.float64]]] = {}
        coverage = {
            means: self._coverage(means) for means in {each.words for each in reading.meanings}
        }
        for meaning in reading.meanings:
            for place in meaning.places:
                meant.setdefault(place, []).append(coverage[meaning.words])
        asked = [
            (place, cost, [(known.features[form], credit) for form, credit in forms])
            for place, (cost, forms) in enumerate(zip(reading.costs, reading.forms, strict=True))
            if cost
        ]
        plain = [
            (form, cost * credit)
            for place, cost, forms in asked
            if place not in meant
            for form, credit in forms
        ]
        answered = self._sums(plain) if plain else np.zeros(len(known.phrases))
        for place, cost, forms in asked:
            if place not in meant:
                continue
            best = np.maximum.reduce(meant[place])
            for form, credit in forms:
                found = known.postings[form]
                best[found] = np.maximum(best[found], credit)
            answered += cost * best
        return answered

    def _coverage(self, meaning: Sequence[str]) -> NDArray[np.float64]:
        """For every phrase, the part of a meaning's words it has, by their weight, and credit."""
        known = self._lexicon
        words = [known.features.get(word) for word in set(meaning)]
        weighed = [(each, float(known.weights[each])) for each in words if each is not None]
        if not weighed:
            return np.zeros(len(known.phrases))
        total = sum(weight for _, weight in weighed) + words.count(None)
        return self._sums((each, MEANING * weight / total) for each, weight in weighed)

    def _found(
        self,
        score: float,
        phrase: int,
        said: Sequence[tuple[str, tuple[str, ...]]],
        *,
        covered: float,
        complete: float,
        evidence: float,
    ) -> Match:
        known = self._lexicon
        procedure = self.procedures[self._codes[known.owners[phrase]]]
        held = {folded for folded, _ in known.words[phrase]}
        because = [word for folded, spoken in said if folded in held for word in spoken]
        return Match(
            procedure.code,
            procedure.name,
            round(score, 4),
            tuple(dict.fromkeys(because)),
            known.phrases[phrase],
            round(covered, 4),
            round(complete, 4),
            round(evidence, 4),
        )


def _best(scores: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Places of the highest scores, best first."""
    # Most scores are low: half of the best one mostly leaves few enough, and enough, to sort.
    high = np.flatnonzero(scores > 0.5 * scores.max())
    if len(high) < count:
        high = np.arange(len(scores))
    if len(high) > count:
        high = high[np.argpartition(-scores[high], count - 1)[:count]]
    return high[np.argsort(-scores[high])]


def _exactness(typed: dict[str, str], phrase: Sequence[tuple[str, str]]) -> float:
    """Typed diacritics are evidence: a phrase with other ones loses credit."""
    shared = other = 0
    for folded, word in phrase:
        as_typed = typed.get(folded)
        if as_typed is not None:
            shared += 1
            other += as_typed != word
    return 1.0 - (1.0 - OTHER_ACCENT) * other / shared if shared else 1.0
