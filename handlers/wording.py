"""Every sentence the bot says, strict about missing values."""

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = Path(__file__).parent / "wording.vi.yaml"


class Misplaced(ValueError):
    """Braces that do not close, or hold more than the name of a value."""


def places(sentence: str) -> frozenset[str]:
    """The values a sentence needs. Raises :class:`Misplaced`.

    Only names in braces: «{x.y}» or «{x:>9}» would reach into the program's own values.
    """
    try:
        parts = list(string.Formatter().parse(sentence))
    except ValueError as error:
        raise Misplaced(sentence) from error
    named = [(name, spec, how) for _, name, spec, how in parts if name is not None]
    if any(not name.isidentifier() or spec or how for name, spec, how in named):
        raise Misplaced(sentence)
    return frozenset(name for name, _, _ in named)


class Wording:
    """Sentences by key. An unknown key or a missing value is an error, never an empty place."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self._sentences = dict(sentences)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of ``key`` with its values. Raises KeyError for what is missing."""
        return self._sentences[key].format_map(values).strip()

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._sentences)

    def places(self, key: str) -> frozenset[str]:
        """The values a sentence needs."""
        return places(self._sentences[key])

    def written(self, key: str) -> str:
        """The sentence as it is written, with its places."""
        return self._sentences[key]

    def fits(self, key: str, sentence: str) -> bool:
        """True when a sentence can stand for the one of ``key``: it needs the same values."""
        try:
            return key in self and bool(sentence.strip()) and places(sentence) == self.places(key)
        except Misplaced:
            return False

    def rewritten(self, sentences: Mapping[str, str]) -> Wording:
        """This wording with some sentences written anew."""
        return Wording({**self._sentences, **sentences})


def seed_wording() -> Wording:
    """The reviewed Vietnamese wording."""
    found = read_yaml(SEED)
    if wrong := [key for key in found if not isinstance(key, str) or isinstance(found[key], bool)]:
        raise ValueError(f"{SEED.name}: YAML reads these keys as something else: {wrong}")
    return Wording({str(key): str(value) for key, value in found.items()})
