"""What is kept of a citizen, and its erasure on their word."""

from __future__ import annotations

from dataclasses import replace

from handlers.conversation import Answer, Button, Inquiry, Intent, Memory, Reply, Section, Status
from handlers.services import Services

ASKED = "erase_data"
CONFIRMED = "erase_data:yes"
DECLINED = "erase_data:no"


async def own_data(inquiry: Inquiry, services: Services) -> Answer | None:
    """What is kept, and erasing it after one more word."""
    if inquiry.intent is not Intent.ACTION:
        return None
    say = services.wording
    match inquiry.topic:
        case "my_data":
            erase = Button(label=say("button.erase"), action=ASKED)
            lines = (say("privacy.kept"), say("privacy.not_kept"))
            return _answer(say("privacy.lead"), inquiry.memory, (erase,), lines)
        case "erase_data":
            buttons = (
                Button(label=say("button.erase.yes"), action=CONFIRMED),
                Button(label=say("button.erase.no"), action=DECLINED),
            )
            return _answer(say("privacy.sure"), inquiry.memory, buttons)
        case "erase_data:yes":
            return _answer(say("privacy.erased"), Memory(), erases=True)
        case "erase_data:no":
            return _answer(say("privacy.kept_on"), inquiry.memory)
        case _:
            return None


def _answer(
    lead: str,
    memory: Memory,
    buttons: tuple[Button, ...] = (),
    lines: tuple[str, ...] = (),
    *,
    erases: bool = False,
) -> Answer:
    sections = (Section(lines=lines),) if lines else ()
    return Answer(
        replies=(Reply(lead=lead, sections=sections, buttons=buttons),),
        status=Status.ANSWERED_PRIVACY,
        memory=replace(memory, offered=buttons, checklist=None),
        intent=Intent.ACTION,
        erases=erases,
    )
