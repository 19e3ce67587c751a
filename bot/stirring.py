"""Which questions a change of knowledge can touch, so that the others need no replay."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.synonyms import Synonyms
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from knowledge.model import Procedure
    from knowledge.phrases import Phrases
    from knowledge.vocabulary import Vocabulary

TOUCHED = 0.15
"""Part of a question's words, by rarity, that a changed phrase must have. A phrase with less
scores below what is asked back, whatever its other words are."""
NAMES = 0.35
"""The same for a name of a record, which finds its own record with a score of about 1. To stand
beside that, within 0.22, another phrase needs a score of 0.78; with this part p of the words it
has at most 1.2 p / (p + 0.75 (1 - p)) = 0.5, whatever its other words are."""
FILLER = 0.05
"""Weight of a filler beside the rarity of other words."""

Bag = frozenset[str]


def _bag(text: str) -> Bag:
    return frozenset(fold(word) for word in words(text))


@dataclass(frozen=True)
class Stirred:
    """What changed: ``forms`` work on questions that hold them whole, ``phrases`` by likeness.

    Phrases stay as they are written: each glossary reads them in its own way.
    """

    forms: frozenset[Bag] = frozenset()
    phrases: frozenset[str] = frozenset()

    def __or__(self, other: Stirred) -> Stirred:
        return Stirred(self.forms | other.forms, self.phrases | other.phrases)


def by_procedure(old: Procedure | None, new: Procedure | None) -> Stirred:
    """What replacing one record changes for matching; new fees and papers change nothing."""
    before, after = _names(old), _names(new)
    changed = before ^ after
    if old is None or new is None or _standing(old) != _standing(new):
        changed = before | after
    return Stirred(phrases=frozenset(changed))


def _names(record: Procedure | None) -> set[str]:
    if record is None:
        return set()
    return {record.name, record.title, *record.aliases}


def _standing(record: Procedure) -> tuple[object, ...]:
    """What bears on every phrase of a record: its marks, its head start, whether it is offered."""
    return (record.name, record.levels, bool(record.aliases), record.replaces)


def by_vocabulary(old: Vocabulary, new: Vocabulary, records: Iterable[Procedure]) -> Stirred:
    """What another glossary changes; names that hold a word of one meaning are read anew."""
    changed = set(old.words) ^ set(new.words)
    same = [_bag(word.form) for word in changed if word.same]
    names = {name for each in records for name in _names(each)} if same else set()
    read_anew = frozenset(name for name in names if any(form <= _bag(name) for form in same))
    texts = {text for word in changed for text in (word.form, *word.means)}
    texts |= {form for mark in set(old.marks) ^ set(new.marks) for form in mark.forms}
    texts |= old.filler_words() ^ new.filler_words()
    return Stirred(forms=frozenset(map(_bag, texts)), phrases=read_anew)


def by_phrases(old: Phrases, new: Phrases) -> Stirred:
    """What other ways of asking, ask-back rules and life events change."""
    forms = set(_spotted(old)) ^ set(_spotted(new))
    likeness = set(_elsewhere(old)) ^ set(_elsewhere(new))
    return Stirred(frozenset(_bag(phrase) for phrase, _ in forms), frozenset(likeness))


def _spotted(phrases: Phrases) -> Iterator[tuple[str, str]]:
    """Phrases with what they stand for: a rule that says something else changed too."""
    for aspect, said in phrases.intents.aspects.items():
        yield from ((each, aspect) for each in said)
    for one in phrases.intents.said:
        yield from (
            (each, repr((one.key, one.intent, one.whole, one.sure))) for each in one.spoken()
        )
    for rule in phrases.ask_back:
        yield from ((each, repr(rule.options)) for each in rule.phrases)
    for event in phrases.life_events:
        yield from ((each, repr((event.key, event.codes))) for each in event.spoken())


def _elsewhere(phrases: Phrases) -> Iterator[str]:
    yield from phrases.elsewhere
    for one in phrases.intents.said:
        if one.intent == "out_of_scope":
            yield from one.spoken()


class Touched:
    """Tells of a question whether a change can touch it; built over all that may be asked."""

    def __init__(
        self, stirred: Stirred, vocabularies: Iterable[Vocabulary], questions: Iterable[str]
    ) -> None:
        self._forms = stirred.forms
        known = list(vocabularies)
        self._synonyms = [Synonyms(each) for each in known]
        self._phrases = {bag for text in stirred.phrases for bag in (_bag(text), *self._read(text))}
        self._expansions = [
            (frozenset(fold(word) for word in form), frozenset(fold(w) for m in means for w in m))
            for each in known
            for form, means in each.expansions().items()
        ]
        self._fillers = frozenset().union(*(each.filler_words() for each in known))
        holders = Counter(word for text in questions for word in _bag(text))
        self._most = sum(1 for _ in holders) + 1
        self._weights = {word: math.log(1 + self._most / n) for word, n in holders.items()}
        self._by_word: dict[str, list[int]] = {}
        for number, (form, _) in enumerate(self._expansions):
            self._by_word.setdefault(min(form, key=lambda w: (len(w) < 3, w)), []).append(number)

    def __call__(self, question: str, least: float = TOUCHED) -> bool:
        """True when the question must be asked again."""
        typed = _bag(question)
        heard = typed | {word for more in self._readings(question) for word in more}
        if any(form <= heard for form in self._forms):
            return True
        total = sum(self._weight(word) for word in typed)
        for phrase in self._phrases:
            # A glossary word stands for no more than what was typed.
            shared = sum(self._weight(word) for word in phrase & heard)
            if shared and shared >= least * total:
                return True
        return False

    def _weight(self, word: str) -> float:
        return (
            FILLER if word in self._fillers else self._weights.get(word, math.log(1 + self._most))
        )

    def _read(self, text: str) -> Iterator[Bag]:
        spoken = words(text)
        for synonyms in self._synonyms:
            yield frozenset(fold(each.word) for each in synonyms.read(spoken))

    def _readings(self, question: str) -> Iterator[Bag]:
        """The question's words under each glossary, and the meanings glossaries add."""
        yield from self._read(question)
        typed = _bag(question)
        for word in typed:
            for number in self._by_word.get(word, ()):
                form, means = self._expansions[number]
                if form <= typed:
                    yield means
