"""What a message says besides naming a procedure: aspects asked, sayings, events, rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.model import Aspect
from knowledge.phrases import AskBack, LifeEvent, Phrases, Said, Spotter, aspect_spotter
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from knowledge.vocabulary import Vocabulary

COURTESY = frozenset(
    [
        "toi", "tui", "em", "anh", "chi", "minh", "con", "chau", "co", "chu", "bac", "a", "da",
        "oi", "u", "nha", "nhe", "muon", "can", "xin", "cho", "hoi", "giup", "gium", "dum", "thi",
        "thu", "tuc", "the", "nao", "vay", "voi", "la", "ve", "duoc", "khong", "phai",
    ]
)  # fmt: skip
"""Words of a request that say nothing of what is requested."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message read once: its words, the aspects asked and the topics spotted."""

    spoken: tuple[str, ...]
    folded: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    covered: frozenset[int]
    said: tuple[tuple[Said, frozenset[str]], ...]
    event: LifeEvent | None
    only_event: bool
    ask_back: AskBack | None


class Spotting:
    """Reads messages against the phrases."""

    def __init__(self, phrases: Phrases, vocabulary: Vocabulary) -> None:
        self._fillers = vocabulary.filler_words()
        self._aspects = aspect_spotter(phrases)
        self._said = Spotter(
            (each, said) for said in phrases.intents.said for each in said.spoken()
        )
        self._events = Spotter((each, e) for e in phrases.life_events for each in e.spoken())
        self._ask_back = {
            self._core(each): rule for rule in phrases.ask_back for each in rule.phrases
        }

    def _core(self, phrase: str) -> tuple[str, ...]:
        return self._without_courtesy([fold(word) for word in words(phrase)], frozenset())

    @staticmethod
    def _without_courtesy(folded: Sequence[str], covered: frozenset[int]) -> tuple[str, ...]:
        """The words of a request; «lại» and «giấy» stay, they tell requests apart."""
        return tuple(
            word
            for place, word in enumerate(folded)
            if place not in covered and word not in COURTESY
        )

    def read(self, text: str) -> Reading:
        """Spot aspects, sayings, life events and ask-back phrases."""
        spoken = tuple(words(text))
        folded = tuple(fold(word) for word in spoken)
        aspects: dict[Aspect, None] = {}
        covered: set[int] = set()
        for start, end, value in self._aspects.find(spoken):
            if isinstance(value, Aspect):
                aspects[value] = None
                covered.update(range(start, end))
        said = tuple(
            (value, frozenset(folded[start:end]))
            for start, end, value in self._said.find(spoken)
            if isinstance(value, Said)
            and (not value.whole or self._is_rest_filler(folded, start, end))
            and not (end < len(folded) and folded[end] in map(fold, value.not_before))
        )
        events = [
            (start, end, value)
            for start, end, value in self._events.find(spoken)
            if isinstance(value, LifeEvent)
        ]
        core = self._without_courtesy(folded, frozenset(covered))
        return Reading(
            spoken,
            folded,
            tuple(aspects),
            frozenset(covered),
            said,
            events[0][2] if events else None,
            bool(events) and self._says_no_more(folded, *events[0][:2], covered),
            self._ask_back.get(core),
        )

    def _says_no_more(self, folded: Sequence[str], start: int, end: int, covered: set[int]) -> bool:
        """True when the message only tells what happened, without naming a procedure."""
        return all(
            start <= place < end or place in covered or word in self._fillers or word in COURTESY
            for place, word in enumerate(folded)
        )

    def _is_rest_filler(self, folded: Sequence[str], start: int, end: int) -> bool:
        rest = (*folded[:start], *folded[end:])
        return all(
            word in self._fillers or word in ("ban", "nhieu", "hoi", "y", "shop") for word in rest
        )

    def asked(self, spoken: Sequence[str]) -> list[tuple[int, int, Aspect]]:
        """Every aspect asked, with the places of the words that ask."""
        found = self._aspects.find(spoken)
        return [(start, end, value) for start, end, value in found if isinstance(value, Aspect)]
