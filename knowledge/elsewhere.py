"""How near a question is to what no office has a procedure for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from knowledge.model import Procedure, Source
from knowledge.phrases import aspect_spotter
from knowledge.search import Index

if TYPE_CHECKING:
    from knowledge.phrases import Phrases
    from knowledge.vocabulary import Vocabulary

NOBODY = Source(checked_on=date(2026, 1, 1), origin="no procedure")


class Elsewhere:
    """The same search as for procedures, over sentences about anything else.

    Scores of both are comparable because rules and weights are the same.
    """

    def __init__(self, phrases: Phrases, vocabulary: Vocabulary) -> None:
        topics = [
            spoken
            for said in phrases.intents.said
            if said.intent == "out_of_scope"
            for spoken in said.spoken()
        ]
        sentences = dict.fromkeys([*phrases.elsewhere, *topics])
        self._index = Index(
            (
                Procedure(code=f"6.{number:06d}", name=sentence, field="-", source=NOBODY)
                for number, sentence in enumerate(sentences)
            ),
            vocabulary,
            aspect_spotter(phrases).places,
        )

    def score(self, question: str) -> float:
        """The best score of any sentence."""
        found = self._index.match(question, 1)
        return found[0].score if found else 0.0
