"""Whether somebody asks how their own dossier stands: a thing filed, a question of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.phrases import Spotter, StatusQuestions
from knowledge.text import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAR = 14
"""Words between a thing and the question asked of it."""
NEAR = 5
"""Words between what is to be done and the thing."""
LAST = 3
"""Words that may follow a question that ends a sentence: «chưa vậy em ơi»."""


class StatusSpotter:
    """Finds such questions, with or without diacritics."""

    def __init__(self, questions: StatusQuestions) -> None:
        kinds = type(questions).model_fields
        self._spotter = Spotter(
            (phrase, kind) for kind in kinds for phrase in getattr(questions, kind)
        )

    def asks(self, text: str) -> bool:
        """True when a message asks how a dossier stands."""
        spoken = words(text)
        found: dict[str, list[tuple[int, int]]] = {}
        for start, end, kind in self._spotter.find(spoken):
            found.setdefault(str(kind), []).append((start, end))
        if "other" in found:
            return False
        if "alone" in found or ("filed" in found and "waits" in found):
            return True
        return any(self._pairs(found, len(spoken)))

    @staticmethod
    def _pairs(found: dict[str, list[tuple[int, int]]], length: int) -> Iterator[bool]:
        """Of every pair of a thing and a question, whether they belong together."""
        things = found.get("things", [])
        either = [*things, *found.get("papers", [])]
        last = [each for each in found.get("last", []) if length - each[1] <= LAST]
        yield _follows(things, [*found.get("after", []), *last], FAR)
        yield _follows(either, found.get("sharp", []), FAR)
        yield _follows(found.get("before", []), things, NEAR)


def _follows(
    first: Sequence[tuple[int, int]], then: Sequence[tuple[int, int]], within: int
) -> bool:
    return any(0 <= start - end <= within for _, end in first for start, _ in then)
