"""What is switched off is not answered, with a sentence instead; announcements are told once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers import handover, privacy
from handlers.conversation import Answer, Inquiry, Intent, Reply, Section, Shape, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.conversation import Incoming
    from handlers.services import Services
    from knowledge.switches import Switch

_OF_PROCEDURES = (Status.ANSWERED, Status.CLARIFY_CASE)
"""What tells a procedure's content; the state of a dossier is told by the dossier."""


def as_one(inquiries: Sequence[Inquiry], services: Services) -> Sequence[Inquiry]:
    """Several questions while the bot is off get the sentence once; an emergency its numbers."""
    if _silenced(inquiries[0].incoming, services) is None:
        return inquiries
    urgent = [each for each in inquiries if each.intent is Intent.EMERGENCY]
    return (urgent or inquiries)[:1]


async def off(inquiry: Inquiry, services: Services) -> Answer | None:
    """The bot or the channel is off. People are there all the same, and so are one's own data."""
    switch = _silenced(inquiry.incoming, services)
    if switch is None:
        return None
    for still in (privacy.own_data, handover.wanted):
        if answer := await still(inquiry, services):
            return answer
    return _instead(inquiry, switch)


def withdrawn(answer: Answer, inquiry: Inquiry, services: Services) -> Answer:
    """The sentence in place of an answer about a procedure that is off."""
    if answer.procedure is None or answer.status not in _OF_PROCEDURES:
        return answer
    at = inquiry.incoming.received_at
    switch = services.board.withdrawn(answer.procedure, at)
    if switch is None:
        return answer
    return replace(_instead(inquiry, switch), procedure=answer.procedure, aspect=answer.aspect)


def announced(answers: Sequence[Answer], incoming: Incoming, services: Services) -> list[Answer]:
    """Before the first reply, what this citizen was not told yet; nothing while officers speak."""
    told = services.board.told(incoming.received_at)
    if not told or not any(answer.replies for answer in answers) or _urgent(answers):
        return list(answers)
    known = answers[-1].memory.announced
    new = tuple(
        Reply(
            lead=services.wording("announcement", office=services.office.short_name),
            sections=(Section(lines=(each.text,), shape=Shape.WARNING),),
        )
        for each in told
        if each.id not in known
    )
    ids = tuple(each.id for each in told)
    kept = [replace(each, memory=replace(each.memory, announced=ids)) for each in answers]
    return [replace(kept[0], replies=(*new, *kept[0].replies)), *kept[1:]]


def _silenced(incoming: Incoming, services: Services) -> Switch | None:
    return services.board.silenced(incoming.contact.channel, incoming.received_at)


def _urgent(answers: Sequence[Answer]) -> bool:
    return any(answer.status is Status.ANSWERED_EMERGENCY for answer in answers)


def _instead(inquiry: Inquiry, switch: Switch) -> Answer:
    return Answer(
        replies=(Reply(lead=switch.sentence),),
        status=Status.UNANSWERED_SWITCHED_OFF,
        memory=replace(inquiry.memory, offered=(), checklist=None),
        intent=inquiry.intent,
    )
