"""How likely a question is one for an office at all: a small logistic rule with fitted weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.model import Record
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from knowledge.elsewhere import Nearness
    from knowledge.reading import Reading
    from knowledge.search import Match

FITTED = Path(__file__).parent / "data" / "confidence.yaml"
SURE = 0.75
"""From here on a higher score counts twice: the question is hardly more than the phrase."""

WHOLE = 0.95
"""Part of the question from which nothing of weight is left over."""


def signs(best: Match | None, near: Nearness, reading: Reading) -> dict[str, float]:
    """What the rule looks at, by name: the best match, the words, the length in words."""
    return {
        "score": best.score if best else 0.0,
        "sure": max(best.score - SURE, 0.0) if best else 0.0,
        "covered": best.covered if best else 0.0,
        "whole": float(best is not None and best.covered > WHOLE),
        "complete": best.complete if best else 0.0,
        "length": math.log1p(len(reading.tokens)),
        "words": near.words,
        "pairs": near.pairs,
        "farthest": near.farthest,
        "nearest": near.nearest,
        "unknown": near.unknown,
        "letters": near.letters,
        "letter": near.letter,
    }


class Confidence(Record):
    """Weights of the signs, fitted by ``benchmarks/calibration.py``."""

    bias: float
    weights: dict[str, float]

    def parts(self, found: dict[str, float]) -> dict[str, float]:
        """What each sign adds to the log-odds, for explaining."""
        return {name: weight * found[name] for name, weight in self.weights.items()}

    def ours(self, found: dict[str, float]) -> float:
        """Probability, 0 to 1, that some procedure is right."""
        odds = self.bias + sum(self.parts(found).values())
        return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def fitted() -> Confidence:
    """The weights that came with the program."""
    return Confidence.model_validate(read_yaml(FITTED))
