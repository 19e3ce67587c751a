"""One question to one decision, without a conversation: for match, evaluate and explain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from handlers.conversation import Contact, Incoming, Inquiry, Intent, Memory
from handlers.services import Services
from knowledge.model import Aspect
from knowledge.search import Match

_CONTACT = Contact(channel="match", id="match")
_DECISIONS = {
    Intent.PROCEDURE: "answer",
    Intent.LIFE_EVENT: "clarify",
    Intent.DOSSIER: "dossier",
    Intent.OFFICE: "office",
    Intent.HUMAN: "human",
    Intent.SMALLTALK: "smalltalk",
    Intent.OUT_OF_SCOPE: "out_of_scope",
    Intent.EMERGENCY: "out_of_scope",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk would do; ``matches`` best first, an ask-back's options before the rest."""

    decision: str
    aspect: Aspect | None
    matches: tuple[Match, ...]


def decide(question: str, services: Services) -> Decision:
    """The decision on a question that comes out of nowhere."""
    incoming = Incoming(contact=_CONTACT, received_at=datetime.now(UTC), text=question)
    inquiry = services.understanding.understand(incoming, Memory(), services.index)[0]
    decision = _DECISIONS.get(inquiry.intent, "none")
    unsure = decision == "answer" and (inquiry.ambiguous or inquiry.topic == "ask_back")
    # «doubtful»: a filed dossier, or how something is done; that is asked back too.
    if unsure or inquiry.topic == "doubtful":
        decision = "clarify"
    return Decision(
        decision, inquiry.aspects[0] if inquiry.aspects else None, _ranked(inquiry, services)
    )


def _ranked(inquiry: Inquiry, services: Services) -> tuple[Match, ...]:
    """What would be offered comes first: life events and ask-back rules name their procedures."""
    codes: tuple[str, ...] = ()
    if inquiry.intent is Intent.LIFE_EVENT:
        codes = next(e.codes for e in services.phrases.life_events if e.key == inquiry.topic)
    elif inquiry.topic == "ask_back":
        rule = services.understanding.ask_back(inquiry.text)
        codes = tuple(option.code for option in rule.options) if rule else ()
    elif inquiry.intent is Intent.PROCEDURE and inquiry.topic[:1].isdigit():
        codes = (inquiry.topic,)
    named = [
        Match(found.code, found.name, 1.0, (), inquiry.text)
        for found in map(services.procedure, codes)
        if found
    ]
    known = {match.code for match in named}
    return (*named, *(match for match in inquiry.matches if match.code not in known))[:10]
