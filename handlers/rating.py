"""«Đúng ý», «Chưa đúng»: what a citizen says of an answer, and another try when it was wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers import consent
from handlers.choices import BAD, GOOD
from handlers.clarify import ways_on
from handlers.conversation import Answer, Button, Inquiry, Intent, Rating, Reply, Status

if TYPE_CHECKING:
    from handlers.services import Services


def rateable(answer: Answer, services: Services) -> Answer:
    """The answer with the two buttons behind its others.

    Only for what was asked in words and found by them: whoever presses «Lệ phí», or goes on asking,
    has said already that the procedure is the right one.
    """
    if answer.procedure is None or not answer.replies:
        return answer
    say, code = services.wording, answer.procedure
    last = answer.replies[-1]
    buttons = (
        *last.buttons,
        Button(label=say("button.rate.good"), action=f"{GOOD}{code}", aside=True),
        Button(label=say("button.rate.bad"), action=f"{BAD}{code}", aside=True),
    )
    return replace(
        answer,
        replies=(*answer.replies[:-1], replace(last, buttons=buttons)),
        memory=replace(answer.memory, offered=buttons),
    )


async def rated(inquiry: Inquiry, services: Services) -> Answer | None:
    """The citizen says whether the answer was right; a wrong one is tried again with other words.

    The answer may be an old one: what is kept goes to the newest inquiry about that procedure.
    """
    if inquiry.intent is not Intent.ACTION or not inquiry.topic.startswith((GOOD, BAD)):
        return None
    good = inquiry.topic.startswith(GOOD)
    procedure = services.procedure(inquiry.topic.removeprefix(GOOD if good else BAD))
    if procedure is None:
        return None
    say, memory = services.wording, inquiry.memory
    if good:
        buttons = consent.invitation(procedure, inquiry, services)
        lead, status, failures = say("rated.good"), Status.RATED_GOOD, 0
    else:
        buttons = ways_on(services)
        lead, status, failures = say("rated.bad"), Status.RATED_BAD, memory.failures + 1
    return Answer(
        replies=(Reply(lead=lead, buttons=buttons),),
        status=status,
        memory=replace(memory, offered=buttons, checklist=None, failures=failures),
        intent=inquiry.intent,
        procedure=procedure.code,
        rates=Rating(procedure=procedure.code, good=good),
    )
