"""Every name of every procedure by its words: what the search knows before anybody asks."""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from knowledge.compounds import compounds
from knowledge.marks import Marks
from knowledge.model import Level, Procedure
from knowledge.synonyms import Synonyms
from knowledge.text import canonical, fold, words
from knowledge.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from knowledge.vocabulary import Vocabulary

COMPOUND, PAIR = 1.2, 0.3
"""Weight of two neighbours found together, against the words alone: one word, or two."""
ALIAS_REST, NAME_REST = 0.35, 0.16
"""How much unmatched words of an everyday name and an official one count against."""
FORMAL = 0.1
"""Weight of an official name against an everyday one in how people word their questions."""
COMMUNE, CURATED = 0.03, 0.05
"""Head start of what a commune office receives, and of records with everyday names."""


def tie(word: str, following: str) -> str:
    """Two neighbours as one feature."""
    return f"{word} {following}"


class Lexicon:
    """Phrases by folded word and by neighbouring pair; building is linear in the text.

    ``owners`` (procedure), ``rest`` (cost of a word unmatched), ``totals`` (weight of all
    features), ``heads`` (head start), ``words`` and ``marks`` have one entry for each phrase;
    ``postings`` and ``weights`` one for each feature.
    """

    def __init__(self, procedures: Sequence[Procedure], vocabulary: Vocabulary) -> None:
        self._count = max(len(procedures), 1)
        self.rarest = math.log(1 + self._count)
        self.fillers = vocabulary.filler_words()
        self.synonyms = Synonyms(vocabulary)
        self.sorting = Marks(vocabulary)
        self.compounds: set[str] = set()
        self.phrases: list[str] = []
        self.wording = Wording()
        self.words: list[tuple[tuple[str, str], ...]] = []
        self.marks: list[tuple[int, int]] = []
        self.owners: list[int] = []
        self._rests: list[float] = []
        self._found: defaultdict[str, list[int]] = defaultdict(list)
        for position, procedure in enumerate(procedures):
            named = self.sorting.of(words(procedure.name))
            for phrase, cost in _phrases_of(procedure):
                self._add(phrase, cost, position, named)
        self.rest = np.array(self._rests)
        self.features = {feature: i for i, feature in enumerate(self._found)}
        self.postings = [np.array(found, dtype=np.intp) for found in self._found.values()]
        self.weights = self._rarity()
        self.totals = np.zeros(len(self.phrases))
        for number, found in enumerate(self.postings):
            self.totals[found] += self.weights[number]
        self.heads = np.array([_head_start(each) for each in procedures])[self.owners]
        self._found.clear()

    def _add(self, phrase: str, cost: float, position: int, named: int) -> None:
        number = len(self.phrases)
        self.phrases.append(phrase)
        self.owners.append(position)
        self._rests.append(cost)
        said = words(phrase)
        spoken = [each.word for each in self.synonyms.read(said)]
        self.wording.add(spoken, FORMAL if cost == NAME_REST else 1.0)
        written = dict.fromkeys(canonical(word) for word in spoken)
        self.words.append(tuple((fold(word), word) for word in written))
        folded = [fold(word) for word in spoken]
        # What the synonyms changed is also one word or two by itself.
        for text in (phrase,) if spoken == said else (phrase, " ".join(spoken)):
            self.compounds.update(tie(*pair) for pair in compounds(text))
        own = self.sorting.of(said)
        self.marks.append((own, own | named))
        for feature in {*folded, *map(tie, folded, folded[1:])}:
            self._found[feature].append(number)

    def _rarity(self) -> NDArray[np.float64]:
        return np.array([self._weight(*found) for found in self._found.items()])

    def _weight(self, feature: str, found: Iterable[int]) -> float:
        """log(1 + N/n) over procedures, not phrases: many aliases must not make a word common."""
        owned = self.owners
        weight = math.log(1 + self._count / len({owned[phrase] for phrase in found}))
        if " " in feature:
            weight *= COMPOUND if feature in self.compounds else PAIR
            return weight * 0.5 if self.fillers.issuperset(feature.split()) else weight
        return weight * 0.5 if feature in self.fillers else weight

    def with_name(self, position: int, procedure: Procedure, alias: str) -> Lexicon:
        """The same with one everyday name more, last, of the record at a position.

        Only what the name's words touch is weighed anew: a hundredth of the time of building.
        """
        grown = copy.copy(self)
        return grown._grown(self, position, procedure, alias)  # noqa: SLF001 - a copy of ours

    def _grown(self, before: Lexicon, position: int, procedure: Procedure, alias: str) -> Lexicon:
        self.wording = before.wording.copy()
        self.compounds = set(before.compounds)
        self.phrases, self.words = [*before.phrases], [*before.words]
        self.marks, self.owners, self._rests = [*self.marks], [*self.owners], [*self._rests]
        self._found = defaultdict(list)
        self._add(alias, ALIAS_REST, position, self.sorting.of(words(procedure.name)))
        self.rest = np.append(before.rest, ALIAS_REST)
        self.features, self.postings = dict(before.features), [*before.postings]
        for feature, found in self._found.items():
            number = self.features.setdefault(feature, len(self.postings))
            if number == len(self.postings):
                self.postings.append(np.array(found, dtype=np.intp))
            else:
                self.postings[number] = np.append(self.postings[number], found)
        self._weigh_anew(before)
        self.heads = np.append(before.heads, 0.0)
        self.heads[np.array(self.owners) == position] = _head_start(procedure)
        self._found.clear()
        return self

    def _weigh_anew(self, before: Lexicon) -> None:
        """Weights and totals where ``_found`` or new compounds changed them."""
        tied = (self.compounds - before.compounds) & before.features.keys()
        changed = {self.features[feature]: feature for feature in {*self._found, *tied}}
        new = len(self.postings) - len(before.postings)
        self.weights = np.append(before.weights, np.zeros(new))
        self.totals = np.append(before.totals, 0.0)
        last = len(self.phrases) - 1
        for number, feature in changed.items():
            found, was = self.postings[number], self.weights[number]
            weight = self._weight(feature, found.tolist())
            self.totals[found[found != last]] += weight - was
            self.weights[number] = weight
        self.totals[last] = sum(self.weights[self.features[feature]] for feature in self._found)


def _phrases_of(procedure: Procedure) -> Iterator[tuple[str, float]]:
    yield procedure.name.removeprefix("Thủ tục "), NAME_REST
    if procedure.short_name:
        yield procedure.short_name, ALIAS_REST
    for alias in procedure.aliases:
        yield alias, ALIAS_REST


def _head_start(procedure: Procedure) -> float:
    commune = COMMUNE if Level.COMMUNE in procedure.levels else 0.0
    return commune + (CURATED if procedure.aliases else 0.0)
