"""The searches of one message: what matches, and how likely any of it is right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.confidence import Confidence, signs
from knowledge.elsewhere import Elsewhere
from knowledge.masking import mask

if TYPE_CHECKING:
    from knowledge.elsewhere import Nearness
    from knowledge.search import Index, Match

_MASKED = re.compile(r"\[[^\[\]]{1,12}\]")


@dataclass(frozen=True, slots=True)
class Found:
    """What the search says of a text, and how likely any of it is right (0 to 1).

    ``because``: what each sign adds to the log-odds of that.
    """

    matches: tuple[Match, ...]
    ours: float
    near: Nearness
    because: tuple[tuple[str, float], ...]


class Search:
    """One message's searches: a text asked twice is searched once."""

    def __init__(self, index: Index, elsewhere: Elsewhere, confidence: Confidence) -> None:
        self.index = index
        self._elsewhere = elsewhere
        self._confidence = confidence
        self._found: dict[str, Found] = {}

    def find(self, text: str) -> Found:
        """Whose paper it is says nothing about which paper it is, so personal data is left out."""
        known = self._found.get(text)
        if known is None:
            reading = self.index.read(_MASKED.sub(" ", mask(text)))
            matches = tuple(self.index.rank(reading))
            near = self._elsewhere.nearness(reading.tokens, self.index.wording)
            found = signs(matches[0] if matches else None, near, reading)
            because = tuple(self._confidence.parts(found).items())
            known = Found(matches, self._confidence.ours(found), near, because)
            self._found[text] = known
        return known
