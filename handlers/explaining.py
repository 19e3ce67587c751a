"""How a question is read: its words with their weight, the decision, and why each match came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.decision import Decision, decide

if TYPE_CHECKING:
    from handlers.services import Services
    from knowledge.search import Match, Token

SHOWN = 5
"""Matches worth looking at."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an officer needs to see why a question was answered as it was."""

    tokens: tuple[Token, ...]
    decision: Decision

    @property
    def matches(self) -> tuple[Match, ...]:
        """The best matches first."""
        return self.decision.matches[:SHOWN]


def explain(question: str, services: Services) -> Explanation:
    """The reading of a question that comes out of nowhere, by the knowledge in force now."""
    return Explanation(services.index.read(question).tokens, decide(question, services))
