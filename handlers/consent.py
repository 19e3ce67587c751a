"""«Báo tôi khi thủ tục này thay đổi»: asked once more in full, agreed to, taken back by a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.conversation import (
    Answer,
    Button,
    Consent,
    Inquiry,
    Intent,
    Reply,
    Section,
    Status,
)

if TYPE_CHECKING:
    from handlers.services import Services
    from knowledge.model import Procedure

ASK, YES, NO, STOP = "tell:ask:", "tell:yes:", "tell:no", "tell:stop"


def invitation(procedure: Procedure, inquiry: Inquiry, services: Services) -> tuple[Button, ...]:
    """The button that asks for it; none where others read along."""
    if inquiry.incoming.public:
        return ()
    label = services.wording("button.tell")
    return (Button(label=label, action=f"{ASK}{procedure.code}"),)


async def told_of_changes(inquiry: Inquiry, services: Services) -> Answer | None:
    """Asks, notes the agreement with the sentence agreed to, or takes it back."""
    topic = _topic(inquiry)
    if topic is None:
        return None
    say = services.wording
    if inquiry.incoming.public:
        return _answer(inquiry, say("tell.private"))
    if topic == STOP:
        return replace(_answer(inquiry, say("tell.stopped")), consents=Consent(agreed=False))
    if topic == NO:
        return _answer(inquiry, say("tell.declined"))
    procedure = services.procedure(topic.partition(":")[2].partition(":")[2])
    if procedure is None:
        return _answer(inquiry, say("tell.which"))
    asked = say("tell.ask", title=procedure.title)
    if topic.startswith(ASK):
        buttons = (
            Button(label=say("button.tell.yes"), action=f"{YES}{procedure.code}"),
            Button(label=say("button.tell.no"), action=NO),
        )
        return _answer(inquiry, asked, say("tell.kept"), buttons=buttons)
    agreed = Consent(agreed=True, procedure=procedure.code, wording=f"{asked} {say('tell.kept')}")
    lead = say("tell.agreed", title=procedure.title)
    return replace(_answer(inquiry, lead, say("tell.how_to_stop")), consents=agreed)


def _topic(inquiry: Inquiry) -> str | None:
    """The step meant by a button, or by words about the procedure just spoken of."""
    if inquiry.intent is Intent.ACTION:
        known = inquiry.topic in (NO, STOP) or inquiry.topic.startswith((ASK, YES))
        return inquiry.topic if known else None
    if inquiry.intent is not Intent.CONSENT:
        return None
    return STOP if inquiry.topic == "stop_telling" else f"{ASK}{inquiry.memory.procedure or ''}"


def _answer(inquiry: Inquiry, lead: str, *lines: str, buttons: tuple[Button, ...] = ()) -> Answer:
    sections = (Section(lines=lines),) if lines else ()
    return Answer(
        replies=(Reply(lead=lead, sections=sections, buttons=buttons),),
        status=Status.ANSWERED_CONSENT,
        memory=replace(inquiry.memory, offered=buttons, checklist=None),
        intent=inquiry.intent,
    )
