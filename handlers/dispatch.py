"""The handlers in order; the first that answers; never without a reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from handlers import (
    checklist,
    clarify,
    consent,
    dossier,
    estimate,
    handover,
    menu,
    office,
    privacy,
    procedure,
    rating,
    switched,
)
from handlers.conversation import Answer, Incoming, Inquiry, Intent, Memory, Reply, Status
from handlers.services import Services

Handler = Callable[[Inquiry, Services], Awaitable[Answer | None]]

HANDLERS: tuple[Handler, ...] = (
    office.emergency,
    handover.passed_on,
    switched.off,
    office.unreadable,
    menu.opened,
    menu.helped,
    privacy.own_data,
    rating.rated,
    consent.told_of_changes,
    procedure.pressed,
    checklist.walk,
    handover.wanted,
    clarify.choose,
    dossier.dossier,
    office.about_office,
    estimate.estimated,
    office.out_of_scope,
    office.small_talk,
    clarify.life_event,
    clarify.ask_back,
    procedure.asked,
    clarify.candidates,
    office.identity,
    clarify.nothing_fits,
)


async def answer_one(inquiry: Inquiry, services: Services) -> Answer:
    """The first answer; the last handler always has one."""
    for handler in HANDLERS:
        answer = await handler(inquiry, services)
        if answer is not None:
            return switched.withdrawn(answer, inquiry, services)
    raise AssertionError("the last handler answers everything")


async def converse(incoming: Incoming, memory: Memory, services: Services) -> list[Answer]:
    """Answers to every question of one message, each remembering what the one before said."""
    answers: list[Answer] = []
    inquiries = services.understanding.understand(incoming, memory, services.index)
    for inquiry in switched.as_one(handover.as_one(inquiries), services):
        known = replace(inquiry, memory=answers[-1].memory) if answers else inquiry
        answers.append(await answer_one(known, services))
    return switched.announced(handover.accounted(answers, incoming, services), incoming, services)


def apology(memory: Memory, services: Services) -> Answer:
    """What a citizen gets when our own code failed."""
    return Answer(
        replies=(Reply(lead=services.wording("error")),),
        status=Status.ERROR_INTERNAL,
        memory=memory,
        intent=Intent.NONE,
    )
