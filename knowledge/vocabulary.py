"""The glossary: everyday, abbreviated and regional words and the fillers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from knowledge.model import Key, Record, Text
from knowledge.text import canonical, fold, words
from knowledge.yaml_reading import read_yaml

SEED = Path(__file__).parent / "data" / "vocabulary.yaml"


class Word(Record):
    """An everyday form and what it stands for; each meaning is one more form of the question.

    ``same`` forms mean exactly their one meaning, in every sentence: both are read as one.
    """

    form: Text
    means: tuple[Text, ...] = Field(min_length=1)
    same: bool = False
    region: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        if self.same and len(self.means) != 1:
            raise ValueError("a form that means the same has one meaning")
        return self


class Mark(Record):
    """Words that tell a procedure from its siblings, as «cấp lại» from «cấp».

    A question that carries a mark hardly means a procedure that does not.
    """

    key: Key
    forms: tuple[Text, ...] = Field(min_length=1)


class Vocabulary(Record):
    """All words the office knows beside the procedures' own."""

    words: tuple[Word, ...] = ()
    fillers: Annotated[str, Field()] = ""
    marks: tuple[Mark, ...] = Field(default=(), max_length=31)

    def filler_words(self) -> frozenset[str]:
        """Folded fillers."""
        return frozenset(fold(word) for word in self.fillers.split())

    def short_forms(self) -> frozenset[str]:
        """Folded forms of one word."""
        return frozenset(fold(word.form) for word in self.words if len(words(word.form)) == 1)

    def expansions(self) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Words of a form → words of its meanings."""
        table: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        for word in self.words:
            if word.same:
                continue
            key = tuple(canonical(part) for part in words(word.form))
            table[key] = table.get(key, ()) + tuple(tuple(words(each)) for each in word.means)
        return table


def seed_vocabulary() -> Vocabulary:
    """The reviewed seed."""
    return Vocabulary.model_validate(read_yaml(SEED))
