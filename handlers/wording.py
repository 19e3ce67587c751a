"""Every sentence the bot says, strict about missing values."""

from __future__ import annotations

import string
from pathlib import Path

import yaml

SEED = Path(__file__).parent / "wording.vi.yaml"


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
        return frozenset(
            name for _, name, _, _ in string.Formatter().parse(self._sentences[key]) if name
        )


def seed_wording() -> Wording:
    """The reviewed Vietnamese wording."""
    found = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    if wrong := [key for key in found if not isinstance(key, str) or isinstance(found[key], bool)]:
        raise ValueError(f"{SEED.name}: YAML reads these keys as something else: {wrong}")
    return Wording({str(key): str(value) for key, value in found.items()})
