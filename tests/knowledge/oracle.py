"""The search written for reading: one phrase at a time, no index. Slow and plainly right."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from knowledge import lexicon, search
from knowledge.compounds import compounds
from knowledge.marks import Marks
from knowledge.model import Level, Procedure
from knowledge.reading import SAID_OTHERWISE, Reading
from knowledge.search import Index
from knowledge.synonyms import Synonyms
from knowledge.text import accented, canonical, fold, words
from knowledge.vocabulary import Vocabulary

Pair = tuple[str, str]


@dataclass
class Phrase:
    """A name of a procedure: its words, neighbours, marks, and what its rest costs."""

    owner: Procedure
    words: set[str]
    pairs: set[Pair]
    written: set[str]
    marks: int
    around: int
    rest: float


class Oracle:
    """Scores every phrase of every procedure by the rules of the search."""

    def __init__(self, procedures: list[Procedure], vocabulary: Vocabulary) -> None:
        self.fillers = vocabulary.filler_words()
        self.synonyms, self.marks = Synonyms(vocabulary), Marks(vocabulary)
        self.phrases: list[Phrase] = []
        self.compounds: set[Pair] = set()
        replaced = {old for each in procedures for old in each.replaces}
        self.procedures = [each for each in procedures if each.code not in replaced]
        for procedure in self.procedures:
            named = self.marks.of(words(procedure.name))
            names = [(procedure.name.removeprefix("Thủ tục "), lexicon.NAME_REST)]
            everyday = [procedure.short_name] if procedure.short_name else []
            names += [(name, lexicon.ALIAS_REST) for name in (*everyday, *procedure.aliases)]
            for name, rest in names:
                spoken = [each.word for each in self.synonyms.read(words(name))]
                folded = [fold(word) for word in spoken]
                own = self.marks.of(words(name))
                for said in (name,) if spoken == words(name) else (name, " ".join(spoken)):
                    self.compounds |= compounds(said)
                self.phrases.append(
                    Phrase(
                        procedure,
                        set(folded),
                        set(itertools.pairwise(folded)),
                        {canonical(word) for word in spoken},
                        own,
                        own | named,
                        rest,
                    )
                )

    def weight(self, feature: str | Pair) -> float:
        """Rarity over procedures: log(1 + all / those that have it)."""
        pair = isinstance(feature, tuple)
        holders = {
            phrase.owner.code
            for phrase in self.phrases
            if feature in (phrase.pairs if pair else phrase.words)
        }
        weight = math.log(1 + len(self.procedures) / len(holders))
        parts = {feature} if isinstance(feature, str) else set(feature)
        quiet = parts <= self.fillers
        if pair:
            weight *= lexicon.COMPOUND if feature in self.compounds else lexicon.PAIR
        return weight * (0.5 if quiet else 1.0)

    def score(self, reading: Reading, phrase: Phrase) -> float:
        """One phrase against a question."""
        words_credit: dict[str, float] = {}
        pairs_credit: dict[Pair, float] = {}
        for forms in reading.forms:
            for form, credit in forms:
                words_credit[form] = max(credit, words_credit.get(form, 0))
        for left, right in itertools.pairwise(reading.forms):
            for (one, credit), (other, more) in itertools.product(left, right):
                pair = (one, other)
                pairs_credit[pair] = max(credit * more, pairs_credit.get(pair, 0))
        for meaning in reading.meanings:
            for word in meaning.words:
                words_credit[word] = max(SAID_OTHERWISE, words_credit.get(word, 0))
            for pair in itertools.pairwise(meaning.words):
                pairs_credit[pair] = max(SAID_OTHERWISE, pairs_credit.get(pair, 0))
        shared = sum(
            self.weight(word) * words_credit[word] for word in phrase.words & words_credit.keys()
        ) + sum(
            self.weight(pair) * pairs_credit[pair] for pair in phrase.pairs & pairs_credit.keys()
        )
        total = sum(self.weight(word) for word in phrase.words)
        total += sum(self.weight(pair) for pair in phrase.pairs)
        rest = max(total - shared, 0)
        left = max(sum(reading.costs) - self._answered(reading, phrase), 0)
        score = shared / (shared + search.QUERY_REST * left + phrase.rest * rest + 1e-9)
        whole = 1 - search.WHOLE_SHARP * (left + rest) / (shared + 1e-9)
        return score * (1 + self._head_start(phrase.owner) + search.WHOLE * max(whole, 0))

    def _answered(self, reading: Reading, phrase: Phrase) -> float:
        found = 0.0
        for place, (cost, forms) in enumerate(zip(reading.costs, reading.forms, strict=True)):
            had = [credit for form, credit in forms if form in phrase.words]
            meanings = [meaning for meaning in reading.meanings if place in meaning.places]
            if meanings:
                covered = [self._covered(meaning.words, phrase) for meaning in meanings]
                had = [max([*had, search.MEANING * max(covered)])]
            found += cost * sum(had)
        return found

    def _covered(self, meaning: tuple[str, ...], phrase: Phrase) -> float:
        known = {word for each in self.phrases for word in each.words}
        weights = {word: self.weight(word) if word in known else 1.0 for word in meaning}
        part = sum(weight for word, weight in weights.items() if word in phrase.words)
        return part / sum(weights.values())

    @staticmethod
    def _head_start(procedure: Procedure) -> float:
        commune = lexicon.COMMUNE if Level.COMMUNE in procedure.levels else 0
        return commune + (lexicon.CURATED if procedure.aliases else 0)

    def best(self, question: str, index: Index) -> dict[str, float]:
        """Every procedure's best score; reading a question is the index's own and tested apart."""
        reading = index.read(question)
        said = [word for each in reading.spoken for word in each.said]
        asked = self.marks.of(said)
        typed = {
            fold(each.word): canonical(each.word) for each in reading.spoken if accented(each.word)
        }
        best: dict[str, float] = {}
        for phrase in self.phrases:
            score = self.score(reading, phrase)
            mine = [typed[fold(word)] == word for word in phrase.written if fold(word) in typed]
            if mine:
                score *= 1 - (1 - search.OTHER_ACCENT) * mine.count(False) / len(mine)
            score *= search.MARK_MISSING ** (asked & ~phrase.around).bit_count()
            score *= search.MARK_EXTRA ** (phrase.marks & ~asked).bit_count()
            best[phrase.owner.code] = max(score, best.get(phrase.owner.code, 0))
        return best
