"""Every name of every procedure by its words: what the search knows before anybody asks."""

from __future__ import annotations

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
    from collections.abc import Iterator, Sequence

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
        """log(1 + N/n) over procedures, not phrases: many aliases must not make a word common."""
        weights = np.empty(len(self.postings))
        owned = self.owners
        for number, (feature, found) in enumerate(self._found.items()):
            weight = math.log(1 + self._count / len({owned[phrase] for phrase in found}))
            if " " in feature:
                weight *= COMPOUND if feature in self.compounds else PAIR
                weight *= 0.5 if self.fillers.issuperset(feature.split()) else 1.0
            elif feature in self.fillers:
                weight *= 0.5
            weights[number] = weight
        return weights


def _phrases_of(procedure: Procedure) -> Iterator[tuple[str, float]]:
    yield procedure.name.removeprefix("Thủ tục "), NAME_REST
    if procedure.short_name:
        yield procedure.short_name, ALIAS_REST
    for alias in procedure.aliases:
        yield alias, ALIAS_REST


def _head_start(procedure: Procedure) -> float:
    commune = COMMUNE if Level.COMMUNE in procedure.levels else 0.0
    return commune + (CURATED if procedure.aliases else 0.0)
