"""The commands of a channel's menu, and links that open the chat on something."""

from __future__ import annotations

from dataclasses import replace

from handlers.clarify import ways_on
from handlers.conversation import Answer, Inquiry, Intent, Reply, Section, Status
from handlers.dossier import linked
from handlers.links import DossierLink, ForgedLink, ProcedureLink, decode
from handlers.procedure import show
from handlers.services import Services

START = "start:"
"""Begins the action of a deep link; what follows is its payload."""


async def opened(inquiry: Inquiry, services: Services) -> Answer | None:
    """The chat was opened, by itself or by a link to a procedure or a dossier."""
    if inquiry.intent is not Intent.ACTION or not inquiry.topic.startswith(START):
        return None
    match decode(inquiry.topic.removeprefix(START), services.link_keys):
        case ProcedureLink(code) if procedure := services.procedure(code):
            return show(procedure, (), inquiry, services)
        case DossierLink(code) if services.dossiers:
            return await linked(code, inquiry, services)
        case ForgedLink():
            return _welcome("link.forged", inquiry, services)
        case _:
            return _welcome("greeting", inquiry, services)


async def helped(inquiry: Inquiry, services: Services) -> Answer | None:
    """The menu's «trợ giúp»."""
    if inquiry.intent is not Intent.ACTION or inquiry.topic != "help":
        return None
    return _welcome("help", inquiry, services)


def _welcome(key: str, inquiry: Inquiry, services: Services) -> Answer:
    say, buttons = services.wording, ways_on(services)
    reply = Reply(
        lead=say(key, office=services.office.short_name),
        sections=(Section(lines=(say("greeting.examples"),)),),
        buttons=buttons,
    )
    return Answer(
        replies=(reply,),
        status=Status.ANSWERED_SMALLTALK,
        memory=replace(inquiry.memory, offered=buttons, checklist=None, greeted=True),
        intent=Intent.SMALLTALK,
    )
