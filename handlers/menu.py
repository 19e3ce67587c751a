"""The commands of a channel's menu, and links that open the chat on something."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.clarify import ways_on
from handlers.conversation import Answer, Inquiry, Intent, Reply, Section, Status
from handlers.procedure import show
from handlers.services import Services

START = "start:"
"""Begins the action of a deep link; what follows is its payload."""
_PROCEDURE = re.compile(r"tt_([1-6])_(\d{6})(?:_(H\d{2}))?")


def procedure_of(payload: str) -> str | None:
    """The procedure code of a payload such as ``tt_1_001193``; links carry no dots."""
    found = _PROCEDURE.fullmatch(payload)
    return ".".join(part for part in found.groups() if part) if found else None


async def opened(inquiry: Inquiry, services: Services) -> Answer | None:
    """The chat was opened, by itself or by a link to a procedure."""
    if inquiry.intent is not Intent.ACTION or not inquiry.topic.startswith(START):
        return None
    code = procedure_of(inquiry.topic.removeprefix(START))
    procedure = services.procedure(code) if code else None
    if procedure is not None:
        return show(procedure, (), inquiry, services)
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
