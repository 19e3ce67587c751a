"""The data files of understanding: aspects, things said, ask-back rules and life events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import Field, TypeAdapter

from knowledge.model import Aspect, Code, Key, Record, Text
from knowledge.text import accented, canonical, fold, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DATA = Path(__file__).parent / "data"


class Said(Record):
    """Phrases about something else than a procedure.

    ``whole``: only as a whole message. ``sure``: whatever procedure the words may resemble.
    ``{x}`` in a phrase stands for each of ``each``. ``not_before``: words that, right behind a
    phrase, make something else of it: «ở Mỹ Hải» is no other country.
    """

    key: Key
    intent: Text
    phrases: tuple[Text, ...]
    each: tuple[Text, ...] = ()
    not_before: tuple[Text, ...] = ()
    whole: bool = False
    sure: bool = False

    def spoken(self) -> Iterable[str]:
        """Every phrase with ``{x}`` filled in."""
        for phrase in self.phrases:
            if "{x}" in phrase:
                yield from (phrase.replace("{x}", word) for word in self.each)
            else:
                yield phrase


class Choice(Record):
    """One way an ambiguous phrase can be meant."""

    label: Text
    code: Code


class AskBack(Record):
    """A phrase that honestly means several things, and the question that tells them apart."""

    phrases: tuple[Text, ...]
    ask: Text
    options: tuple[Choice, ...] = Field(min_length=2, max_length=4)


_OWNERS = (
    "",
    *(
        f" {of}{me}"
        for of in ("", "của ")
        for me in ("tôi", "tui", "em", "mình", "con", "cháu", "anh", "chị", "vợ tôi", "chồng tôi")
    ),
)


class LifeEvent(Record):
    """Something that happened, and the procedures that belong together, in order.

    ``{who}`` in a phrase stands for each of ``who``, alone or as «ba tôi», «ba của em».
    """

    key: Key
    phrases: tuple[Text, ...]
    who: tuple[Text, ...] = ()
    lead: Text
    codes: tuple[Code, ...]

    def spoken(self) -> Iterable[str]:
        """Every phrase with ``{who}`` filled in."""
        for phrase in self.phrases:
            if "{who}" not in phrase:
                yield phrase
                continue
            for who in self.who:
                for owner in _OWNERS:
                    yield phrase.replace("{who}", who + owner)


class StatusQuestions(Record):
    """How people ask for what they filed; each list holds words as they are said.

    ``things`` are certainly dossiers, ``papers`` only with ``sharp`` questions. ``after`` and
    ``sharp`` follow the thing, ``last`` follow it and end the sentence, ``before`` precede it,
    ``alone`` need none. Who says that they ``filed`` something and that it ``waits`` asks so too.
    Where a phrase of ``other`` is said something else is asked.
    """

    things: tuple[Text, ...] = ()
    papers: tuple[Text, ...] = ()
    after: tuple[Text, ...] = ()
    sharp: tuple[Text, ...] = ()
    last: tuple[Text, ...] = ()
    before: tuple[Text, ...] = ()
    alone: tuple[Text, ...] = ()
    filed: tuple[Text, ...] = ()
    waits: tuple[Text, ...] = ()
    other: tuple[Text, ...] = ()


class EstimateQuestions(Record):
    """How people ask when they would have what they file today: all three must be said."""

    filing: tuple[Text, ...] = ()
    today: tuple[Text, ...] = ()
    when: tuple[Text, ...] = ()


class Intents(Record):
    """How people ask for an aspect and what else they say."""

    aspects: dict[Aspect, tuple[Text, ...]]
    said: tuple[Said, ...]
    status: StatusQuestions = StatusQuestions()
    estimate: EstimateQuestions = EstimateQuestions()


class Phrases(Record):
    """All of it."""

    intents: Intents
    ask_back: tuple[AskBack, ...]
    life_events: tuple[LifeEvent, ...]
    elsewhere: tuple[Text, ...] = ()


def seed_phrases() -> Phrases:
    """The reviewed seed."""

    def load(name: str) -> object:
        return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))

    return Phrases(
        intents=Intents.model_validate(load("intents.yaml")),
        ask_back=TypeAdapter(tuple[AskBack, ...]).validate_python(load("askback.yaml")),
        life_events=TypeAdapter(tuple[LifeEvent, ...]).validate_python(load("life_events.yaml")),
        elsewhere=TypeAdapter(tuple[Text, ...]).validate_python(load("elsewhere.yaml")),
    )


class Spotter:
    """Finds known phrases in a question by whole words, with or without diacritics.

    Where one word was typed with diacritics, all must be the very words: «liên quan» is no
    «liên quân». Words typed without any may be every word of their letters.
    """

    def __init__(self, phrases: Iterable[tuple[str, object]]) -> None:
        self._values: dict[tuple[str, ...], list[tuple[tuple[str, ...], object]]] = {}
        for phrase, value in phrases:
            spoken = words(phrase)
            folded = tuple(fold(word) for word in spoken)
            written = tuple(canonical(word) for word in spoken)
            if folded:
                self._values.setdefault(folded, []).append((written, value))
        self._lengths = sorted({len(phrase) for phrase in self._values}, reverse=True)

    def find(self, spoken: Sequence[str]) -> list[tuple[int, int, object]]:
        """(start, end, value) of every phrase, in order of place, the longest first."""
        folded = tuple(fold(word) for word in spoken)
        typed = tuple(canonical(word) for word in spoken)
        marked = [accented(word) for word in spoken]
        return [
            (start, start + length, value)
            for start in range(len(folded))
            for length in self._lengths
            if start + length <= len(folded)
            for written, value in self._values.get(folded[start : start + length], ())
            if written == typed[start : start + length] or not any(marked[start : start + length])
        ]

    def places(self, spoken: Sequence[str]) -> frozenset[int]:
        """Every place that belongs to a phrase."""
        return frozenset(
            place for start, end, _ in self.find(spoken) for place in range(start, end)
        )


def aspect_spotter(phrases: Phrases) -> Spotter:
    """Finds how people ask for an aspect."""
    return Spotter(
        (each, aspect) for aspect, said in phrases.intents.aspects.items() for each in said
    )
