"""Whether somebody asks how their own dossier stands: rules over what was filed and is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.phrases import Spotter
from knowledge.text import MAX_CHARACTERS, numberless, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from knowledge.phrases import StatusQuestions

FAR = 14
"""Words between two phrases of a rule with «..» in between."""
NEAR = 3
"""Words between two phrases that a rule names one after the other."""
LAST = 3
"""Words that may follow what ends a message: «chưa vậy em ơi»; of courtesy any number may."""
_GAPS = {"+": 0, "..": FAR}
IDLE = "idle"
"""The kind of words that are courtesy."""

_SIGNS = re.compile(r"[?!;,\n]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Order:
    """Kinds of phrases in the order they are said, each with the words allowed before it."""

    kinds: tuple[tuple[int, str], ...]
    first: bool
    last: str

    @classmethod
    def read(cls, written: str) -> _Order:
        kinds: list[tuple[int, str]] = []
        gap = NEAR
        signs = written.split()
        for sign in signs:
            if sign in _GAPS:
                gap = _GAPS[sign]
            elif sign not in "^$|":
                kinds.append((gap, sign))
                gap = NEAR
        return cls(tuple(kinds), signs[0] == "^", signs[-1] if signs[-1] in "$|" else "")

    def holds(self, said: _Said) -> bool:
        """True when the phrases stand in this order."""
        (_, kind), *rest = self.kinds
        ends = {
            end for start, end in said.places(kind) if not self.first or said.courteous(0, start)
        }
        for gap, kind in rest:
            ends = {
                end
                for start, end in said.places(kind)
                if any(0 <= start - before <= gap for before in ends)
            }
        return any(said.ends_after(end, self.last) for end in ends)


@dataclass(frozen=True, slots=True)
class _Said:
    """What was found in one message."""

    found: Mapping[str, Sequence[tuple[int, int]]]
    idle: frozenset[int]
    stops: frozenset[int]
    """Numbers of words behind which a sentence or a part of one ends."""
    length: int

    def places(self, kind: str) -> Sequence[tuple[int, int]]:
        return self.found.get(kind, ())

    def courteous(self, start: int, end: int) -> bool:
        return all(place in self.idle for place in range(start, end))

    def ends_after(self, place: int, last: str) -> bool:
        if not last or place in self.stops or self.courteous(place, self.length):
            return True
        return last == "$" and self.length - place <= LAST


@dataclass(frozen=True, slots=True)
class _Rule:
    """Orders that must all hold, and a kind that must not be said."""

    orders: tuple[_Order, ...]
    but: str
    needs: frozenset[str]
    """Kinds that must be said at all: for most messages most rules end here."""

    @classmethod
    def read(cls, written: str) -> _Rule:
        named, _, but = written.partition(" but ")
        orders = tuple(_Order.read(each) for each in named.split("&"))
        needs = frozenset(kind for order in orders for _, kind in order.kinds)
        return cls(orders, but, needs)

    def holds(self, said: _Said) -> bool:
        if not said.found.keys() >= self.needs:
            return False
        return not said.places(self.but) and all(each.holds(said) for each in self.orders)


@dataclass(frozen=True, slots=True)
class StatusReading:
    """What the rules say of one message."""

    surely: bool = False
    """Asked so sharply that what usually asks something else changes nothing."""
    asks: bool = False
    """Asked: by a sharp rule, or by any where nothing else is asked."""
    may_ask: bool = False
    """Asked if the message means nothing else that is known."""
    otherwise: bool = False
    """Something is said that means another question, as «nếu nộp hôm nay»."""
    about: str = ""
    """What is asked about dossiers in general: a name under ``general``."""


class StatusSpotter:
    """Finds such questions, with or without diacritics."""

    def __init__(self, questions: StatusQuestions) -> None:
        self._spotter = Spotter(questions.spoken())
        self._surely = _rules(questions.surely)
        self._asks = _rules(questions.asks)
        self._perhaps = _rules(questions.perhaps)
        self._unless = _rules(questions.unless)
        self._general = [(name, _rules(rules)) for name, rules in questions.general.items()]

    def read(self, text: str) -> StatusReading:
        """Everything the rules say of a message, at once."""
        said = self._said(text)
        otherwise = _any(self._unless, said)
        surely = _any(self._surely, said)
        return StatusReading(
            surely=surely,
            asks=surely or (not otherwise and _any(self._asks, said)),
            may_ask=not otherwise and _any(self._perhaps, said),
            otherwise=otherwise,
            about=next((name for name, rules in self._general if _any(rules, said)), ""),
        )

    def _said(self, text: str) -> _Said:
        spoken: list[str] = []
        stops: list[int] = []
        for part in _SIGNS.split(text[:MAX_CHARACTERS]):
            spoken += (numberless(word) for word in words(part))
            stops.append(len(spoken))
        found: dict[str, list[tuple[int, int]]] = {}
        for start, end, kind in self._spotter.find(spoken):
            found.setdefault(str(kind), []).append((start, end))
        idle = frozenset(place for at, end in found.get(IDLE, ()) for place in range(at, end))
        return _Said(found, idle, frozenset(stops), len(spoken))


_Rules = dict[str, list[_Rule]]
"""Rules by one of the kinds they need: most kinds are not said, so most rules are not looked at."""


def _rules(written: Iterable[str]) -> _Rules:
    found: _Rules = {}
    for rule in map(_Rule.read, written):
        found.setdefault(min(rule.needs - {IDLE} or rule.needs), []).append(rule)
    return found


def _any(rules: _Rules, said: _Said) -> bool:
    return any(rule.holds(said) for kind in said.found for rule in rules.get(kind, ()))
