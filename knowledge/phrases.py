"""The data files of understanding: aspects, things said, ask-back rules and life events."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, TypeAdapter, model_validator

from knowledge.model import Aspect, Code, Key, Record, Text
from knowledge.text import accented, canonical, fold, words
from knowledge.yaml_reading import read_yaml

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
    """How people ask for what they filed: kinds of phrases, and rules of which stand together.

    ``{x}`` in a phrase stands for each of the part ``x``, «0» for any number. A rule of ``surely``
    holds whatever else is said, one of ``asks`` unless one of ``unless`` holds too, and one of
    ``perhaps`` only where the message names no procedure. ``general`` are questions about dossiers
    that no dossier answers, by name.
    """

    parts: dict[Key, tuple[Text, ...]] = Field(default_factory=dict)
    words: dict[Key, tuple[Text, ...]] = Field(default_factory=dict)
    surely: tuple[Text, ...] = ()
    asks: tuple[Text, ...] = ()
    perhaps: tuple[Text, ...] = ()
    unless: tuple[Text, ...] = ()
    general: dict[Key, tuple[Text, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, given: object) -> object:
        """Documents of the office that were written before there were rules."""
        if not isinstance(given, dict) or given.keys() & cls.model_fields.keys() or not given:
            return given
        return {"words": given, "asks": _RULES_BEFORE, "unless": ("other",)}

    def spoken(self) -> Iterable[tuple[str, str]]:
        """Every phrase with its parts filled in, and its kind."""
        for kind, phrases in self.words.items():
            for phrase in phrases:
                names = _PART.findall(phrase)
                for filled in product(*(self.parts[name] for name in names)):
                    yield _PART.sub("{}", phrase).format(*filled), kind


_PART = re.compile(r"\{(\w+)\}")
_RULES_BEFORE = (
    "alone",
    "filed & waits",
    "things .. after",
    "things .. last $",
    "things .. sharp",
    "papers .. sharp",
    "before things",
)


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
        return read_yaml(DATA / name)

    intents: dict[str, object] = read_yaml(DATA / "intents.yaml")
    return Phrases(
        intents=Intents.model_validate({**intents, "status": load("status.yaml")}),
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
        self._known: dict[tuple[str, ...], list[tuple[tuple[str, ...], object]]] = {}
        lengths: dict[str, set[int]] = {}
        for phrase, value in phrases:
            spoken = words(phrase)
            folded = tuple(fold(word) for word in spoken)
            written = tuple(canonical(word) for word in spoken)
            if folded:
                self._known.setdefault(folded, []).append((written, value))
                lengths.setdefault(folded[0], set()).add(len(folded))
        self._lengths = {
            first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()
        }

    def find(self, spoken: Sequence[str]) -> list[tuple[int, int, object]]:
        """(start, end, value) of every phrase, in order of place, the longest first."""
        folded = tuple(map(fold, spoken))
        return [
            (start, end, value)
            for start, word in enumerate(folded)
            for length in self._lengths.get(word, ())
            if (end := start + length) <= len(folded)
            for written, value in self._known.get(folded[start:end], ())
            if _as_typed(written, spoken[start:end])
        ]

    def places(self, spoken: Sequence[str]) -> frozenset[int]:
        """Every place that belongs to a phrase."""
        return frozenset(
            place for start, end, _ in self.find(spoken) for place in range(start, end)
        )


def _as_typed(written: tuple[str, ...], spoken: Sequence[str]) -> bool:
    return written == tuple(canonical(word) for word in spoken) or not any(map(accented, spoken))


def aspect_spotter(phrases: Phrases) -> Spotter:
    """Finds how people ask for an aspect."""
    return Spotter(
        (each, aspect) for aspect, said in phrases.intents.aspects.items() for each in said
    )
