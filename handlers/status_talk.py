"""How much a message speaks of a filed dossier, by the rules and by its wording at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.status_questions import StatusReading, StatusSpotter
from knowledge.status_wording import StatusWording, fitted_wording

if TYPE_CHECKING:
    from knowledge.phrases import StatusQuestions

FILED, HOW = "hs:filed", "hs:how"
"""Buttons of a doubtful message: it means a dossier that was filed, or how something is done."""
LEAST = 0.15
"""Probability below which the words speak against what a rule says: then it is asked back."""


@dataclass(frozen=True, slots=True)
class StatusTalk:
    """What one message says of a filed dossier; nothing by default."""

    reading: StatusReading = field(default_factory=StatusReading)
    chance: float = 0.0

    @property
    def topic(self) -> str:
        """The topic of a message that surely speaks of dossiers, empty for any other."""
        if self.reading.about:
            return self.reading.about
        return "status" if self.reading.asks and not self.unlikely else ""

    @property
    def unlikely(self) -> bool:
        """True when a rule says it is asked and the words say it is not."""
        return self.reading.asks and self.chance < LEAST


class StatusTalks:
    """Reads messages for it, each once."""

    def __init__(self, questions: StatusQuestions) -> None:
        self._spotter = StatusSpotter(questions)
        self.wording: StatusWording = fitted_wording()

    def read(self, text: str) -> StatusTalk:
        """What a message says of a filed dossier."""
        return StatusTalk(self._spotter.read(text), self.wording.chance(text))
