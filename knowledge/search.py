"""An immutable index over procedures: a question in, ranked matches with reasons out."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.compounds import compounds
from knowledge.marks import Marks
from knowledge.model import Level, Procedure
from knowledge.synonyms import Spoken, Synonyms
from knowledge.text import accented, canonical, fold, is_abbreviation, words
from knowledge.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from knowledge.vocabulary import Vocabulary

FILLER = 0.2
"""Cost of a query word without topic that a phrase lacks, against 1 for any other word."""
COMPOUND, PAIR = 1.2, 0.3
"""Weight of two neighbours found together, against the words alone: one word, or two."""
OTHER_ACCENT = 0.55
"""Credit for the same letters under other diacritics, when the citizen typed diacritics."""
TYPO = 0.75
"""Credit for a word one slip away."""
MEANING = 0.9
"""Credit for a word that came from the glossary and not from the citizen."""
SLIP = 0.6
"""Credit for another word one slip away that fits the neighbours better."""
SHORTEST_TYPO, LONGEST_WORD = 3, 12
"""Letters of unknown words that are corrected by themselves; longer ones are no syllables."""
SHORTEST_ABBREVIATION = 4
"""Letters of abbreviations that are corrected: of three, one slip leaves too little."""
SAID_OTHERWISE = 0.6
"""Credit towards a phrase for a word that came from the glossary."""
QUERY_REST, ALIAS_REST, NAME_REST = 0.75, 0.35, 0.16
"""How much unmatched words of the question, an alias and an official name count against."""
FORMAL = 0.1
"""Weight of an official name against an everyday one in how people word their questions."""
COMMUNE, CURATED = 0.03, 0.05
"""Head start of what a commune office receives, and of records with everyday names."""
MARK_MISSING, MARK_EXTRA = 0.8, 0.88
"""What is left of a score for a mark of the question that the phrase lacks, and the reverse."""
WHOLE, WHOLE_SHARP = 0.08, 6.0
"""Head start of a phrase that is the question and no more, and how fast it is lost."""
EVERY = 12
"""Phrases looked at between two checks whether any other can still be among the best."""
MAX_QUERY_WORDS = 120


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


def _tie(word: str, following: str) -> str:
    return f"{word} {following}"


class Index:
    """Phrases of all procedures by folded word and by neighbouring pair.

    Building is linear in the text; one match touches only phrases that share a word.
    ``asides`` tells which places of a question ask for an aspect, as «mất mấy
    ngày» does: they cost no more than fillers, though «mất» alone means a loss.
    """

    def __init__(
        self,
        procedures: Iterable[Procedure],
        vocabulary: Vocabulary,
        asides: Callable[[Sequence[str]], frozenset[int]] = lambda _: frozenset(),
    ) -> None:
        self._asides = asides
        self.procedures: dict[str, Procedure] = {each.code: each for each in procedures}
        self.replacing: dict[str, Procedure] = {
            old: each for each in self.procedures.values() for old in each.replaces
        }
        for old in self.replacing:
            # A replaced record is never offered; its code finds the new one.
            self.procedures.pop(old, None)
        self._codes = list(self.procedures)
        self._rarest = math.log(1 + max(len(self._codes), 1))
        self._fillers = vocabulary.filler_words()
        self._expansions = vocabulary.expansions()
        self._longest = max((len(key) for key in self._expansions), default=1)
        self._synonyms = Synonyms(vocabulary)
        self._marks = Marks(vocabulary)
        self._compounds: set[str] = set()
        self._phrases: list[str] = []
        self.wording = Wording()
        marks: list[tuple[int, int]] = []
        self._phrase_words: list[frozenset[str]] = []
        owners: list[int] = []
        rest: list[float] = []
        postings: dict[str, list[int]] = defaultdict(list)
        for position, procedure in enumerate(self.procedures.values()):
            named = self._marks.of(words(procedure.name))
            for phrase, cost in self._phrases_of(procedure):
                number = len(self._phrases)
                self._phrases.append(phrase)
                owners.append(position)
                rest.append(cost)
                spoken = self._words(phrase)
                self.wording.add(spoken, FORMAL if cost == NAME_REST else 1.0)
                self._phrase_words.append(frozenset(canonical(word) for word in spoken))
                folded = [fold(word) for word in spoken]
                for said in dict.fromkeys((phrase, " ".join(spoken))):
                    self._compounds.update(_tie(*pair) for pair in compounds(said))
                own = self._marks.of(words(phrase))
                marks.append((own, own | named))
                for feature in {*folded, *map(_tie, folded, folded[1:])}:
                    postings[feature].append(number)
        self._owners = np.array(owners, dtype=np.int32)
        self._rest = np.array(rest)
        self._phrase_marks = marks
        self._features = {feature: i for i, feature in enumerate(postings)}
        self._postings = [np.array(found, dtype=np.int32) for found in postings.values()]
        self._weights = self._rarity()
        self._folded_expansions = self._without_accents()
        self._totals = self._phrase_totals()
        self._known = [feature for feature in self._features if " " not in feature]
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._known:
            self._by_length[len(word)].append(word)
        self._corrections: dict[str, tuple[str, ...]] = {}
        self._abbreviations = sorted(
            form
            for form in vocabulary.short_forms()
            if len(form) >= SHORTEST_ABBREVIATION and is_abbreviation(form)
        )
        self._prior = np.array([self._head_start(each) for each in self.procedures.values()])

    def __len__(self) -> int:
        return len(self._codes)

    def _words(self, text: str) -> list[str]:
        return [each.word for each in self._synonyms.read(words(text))]

    @staticmethod
    def _phrases_of(procedure: Procedure) -> list[tuple[str, float]]:
        names = [(procedure.name.removeprefix("Thủ tục "), NAME_REST)]
        if procedure.short_name:
            names.append((procedure.short_name, ALIAS_REST))
        return names + [(alias, ALIAS_REST) for alias in procedure.aliases]

    @staticmethod
    def _head_start(procedure: Procedure) -> float:
        commune = COMMUNE if Level.COMMUNE in procedure.levels else 0.0
        return commune + (CURATED if procedure.aliases else 0.0)

    def _rarity(self) -> NDArray[np.float64]:
        """log(1 + N/n) over procedures, not phrases: many aliases must not make a word common."""
        count = max(len(self._codes), 1)
        weights = np.empty(len(self._postings))
        for feature, number in self._features.items():
            holders = len(np.unique(self._owners[self._postings[number]]))
            weight = math.log(1 + count / holders)
            if " " in feature:
                weight *= COMPOUND if feature in self._compounds else PAIR
                weight *= 0.5 if set(feature.split()) <= self._fillers else 1.0
            elif feature in self._fillers:
                weight *= 0.5
            weights[number] = weight
        return weights

    def _phrase_totals(self) -> NDArray[np.float64]:
        totals = np.zeros(len(self._phrases))
        for number, found in enumerate(self._postings):
            totals[found] += self._weights[number]
        return totals

    def read(self, question: str) -> Reading:
        """How the index reads a question: words, corrections, glossary meanings."""
        asked = (self._abbreviation(word) for word in words(question)[:MAX_QUERY_WORDS])
        said = self._synonyms.read(list(asked))
        spoken = [each.word for each in said]
        tokens: list[Token] = []
        costs: list[float] = []
        forms: list[tuple[tuple[str, float], ...]] = []
        heard: set[str] = set()
        aside = self._asides(spoken)
        letters = [fold(word) for word in spoken]
        for place, (word, folded) in enumerate(zip(spoken, letters, strict=True)):
            filler = folded in self._fillers or place in aside
            options = self._forms(letters, place)
            best = max((self._weights[self._features[o]] * c for o, c in options), default=None)
            weight = float(best if best is not None else self._rarest)
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
        if not SHORTEST_ABBREVIATION - 1 <= length <= LONGEST_WORD or folded in self._features:
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
                    self._credit(pairs, _tie(one, other), credit * more)
        for meaning in meanings:
            for word in meaning.words:
                self._credit(found, word, SAID_OTHERWISE)
            for feature in map(_tie, meaning.words, meaning.words[1:]):
                self._credit(pairs, feature, SAID_OTHERWISE)
        return found, pairs

    def _credit(self, into: dict[int, float], feature: str, credit: float) -> None:
        number = self._features.get(feature)
        if number is not None:
            into[number] = max(into.get(number, 0.0), credit)

    def _forms(self, folded: Sequence[str], place: int) -> tuple[tuple[str, float], ...]:
        """Known words a word of the question may be, with their credit.

        A known word is itself, and perhaps also a slip: «khai sin» is «khai sinh» when only that
        makes one word with its neighbour.
        """
        word = folded[place]
        known = word in self._features
        if len(word) > LONGEST_WORD or (word,) in self._expansions:
            return ((word, 1.0),) if known else ()
        fitting = self._fitting(folded, place)
        if known:
            return ((word, 1.0), *((other, SLIP) for other in fitting))
        others = fitting or (self._near(word)[:4] if len(word) >= SHORTEST_TYPO else ())
        return tuple((other, TYPO) for other in others)

    def _fitting(self, folded: Sequence[str], place: int) -> tuple[str, ...]:
        """Words one slip away that make a compound with a neighbour; none when the word does."""
        before = folded[place - 1] if place else ""
        after = folded[place + 1] if place + 1 < len(folded) else ""
        if self._joins(before, folded[place], after):
            return ()
        near = (word for word in self._near(folded[place]) if self._joins(before, word, after))
        return tuple(itertools.islice(near, 2))

    def _joins(self, before: str, word: str, after: str) -> bool:
        return _tie(before, word) in self._compounds or _tie(word, after) in self._compounds

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
            near.sort(key=lambda word: -len(self._postings[self._features[word]]))
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

    def match(self, question: str, limit: int = 10) -> list[Match]:
        """The best procedures for a question, best first, scores between 0 and about 1."""
        return self.rank(self.read(question), limit)

    def rank(self, reading: Reading, limit: int = 10) -> list[Match]:
        """The best procedures for a question that was read already."""
        if not reading.credits or not self._phrases:
            return []
        shared = np.zeros(len(self._phrases))
        for number, credit in (*reading.credits.items(), *reading.pairs.items()):
            shared[self._postings[number]] += self._weights[number] * credit
        total = reading.total
        left = np.maximum(total - self._answered(reading), 0.0)
        rest = np.maximum(self._totals - shared, 0.0)
        scores = shared / (shared + QUERY_REST * left + self._rest * rest + 1e-9)
        whole = 1.0 - WHOLE_SHARP * (left + rest) / (shared + 1e-9)
        scores *= 1.0 + self._prior[self._owners] + WHOLE * np.maximum(whole, 0.0)
        best = min(len(scores), limit * 12 + 40)
        chosen = np.argpartition(-scores, best - 1)[:best]
        spoken = [each.word for each in reading.spoken]
        typed = {fold(word): canonical(word) for word in spoken if accented(word)}
        asked = self._marks.of([word for each in reading.spoken for word in each.said])
        ranked: dict[int, tuple[float, int]] = {}
        for place, number in enumerate(chosen[np.argsort(-scores[chosen])]):
            # What follows only lowers scores: nobody below the last of the best can reach it.
            if place % EVERY == 0 and len(ranked) >= limit:
                kept = sorted((score for score, _ in ranked.values()), reverse=True)
                if float(scores[number]) < kept[limit - 1]:
                    break
            score = float(scores[number]) * self._exactness(typed, self._phrase_words[number])
            own, around = self._phrase_marks[number]
            score *= MARK_MISSING ** (asked & ~around).bit_count()
            score *= MARK_EXTRA ** (own & ~asked).bit_count()
            owner = int(self._owners[number])
            if owner not in ranked or score > ranked[owner][0]:
                ranked[owner] = (score, int(number))
        order = sorted(ranked.items(), key=lambda item: (-item[1][0], self._codes[item[0]]))
        return [
            self._found(
                owner,
                *found,
                reading.spoken,
                covered=1.0 - float(left[found[1]]) / max(total, 1e-9),
                complete=1.0 - float(rest[found[1]]) / max(float(self._totals[found[1]]), 1e-9),
                evidence=float(shared[found[1]]) / self._rarest,
            )
            for owner, found in order[:limit]
        ]

    def _answered(self, reading: Reading) -> NDArray[np.float64]:
        """For every phrase, how much of the question's own words it has, by cost.

        A glossary meaning answers for the words it stands for and for no others, however long
        it is.
        """
        meant: dict[int, NDArray[np.float64]] = {}
        distinct = {meaning.words for meaning in reading.meanings}
        coverage = {means: self._coverage(means) * MEANING for means in distinct}
        for meaning in reading.meanings:
            covered = coverage[meaning.words]
            for place in meaning.places:
                before = meant.get(place)
                meant[place] = covered if before is None else np.maximum(before, covered)
        answered = np.zeros(len(self._phrases))
        for place, (cost, forms) in enumerate(zip(reading.costs, reading.forms, strict=True)):
            if not cost:
                continue
            if place in meant:
                best = meant[place].copy()
                for form, credit in forms:
                    found = self._postings[self._features[form]]
                    best[found] = np.maximum(best[found], credit)
                answered += cost * best
            else:
                for form, credit in forms:
                    answered[self._postings[self._features[form]]] += cost * credit
        return answered

    def _coverage(self, meaning: Sequence[str]) -> NDArray[np.float64]:
        """For every phrase, the part of a meaning's words it has, by their weight."""
        covered = np.zeros(len(self._phrases))
        total = 0.0
        for word in set(meaning):
            number = self._features.get(word)
            if number is None:
                total += 1.0
                continue
            total += float(self._weights[number])
            covered[self._postings[number]] += self._weights[number]
        return covered / max(total, 1e-9)

    @staticmethod
    def _exactness(typed: dict[str, str], phrase: frozenset[str]) -> float:
        """Typed diacritics are evidence: a phrase with other ones loses credit."""
        shared = [typed.get(fold(word)) == word for word in phrase if fold(word) in typed]
        if not shared:
            return 1.0
        return 1.0 - (1.0 - OTHER_ACCENT) * shared.count(False) / len(shared)

    def _found(
        self,
        owner: int,
        score: float,
        phrase: int,
        spoken: Sequence[Spoken],
        *,
        covered: float,
        complete: float,
        evidence: float,
    ) -> Match:
        procedure = self.procedures[self._codes[owner]]
        held = {fold(word) for word in self._phrase_words[phrase]}
        because = (word for each in spoken if fold(each.word) in held for word in each.said)
        return Match(
            procedure.code,
            procedure.name,
            round(score, 4),
            tuple(dict.fromkeys(because)),
            self._phrases[phrase],
            round(covered, 4),
            round(complete, 4),
            round(evidence, 4),
        )
