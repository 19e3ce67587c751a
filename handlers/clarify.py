"""Asking back: ambiguous phrases, close candidates, life events, fields, and «không phải»."""

from __future__ import annotations

from dataclasses import replace

from handlers.conversation import Answer, Button, Inquiry, Intent, Reply, Section, Status
from handlers.services import Services

CANDIDATES = 4


def _offer(
    lead: str, buttons: tuple[Button, ...], how: str, status: Status, inquiry: Inquiry
) -> Answer:
    reply = Reply(lead=lead, sections=(Section(lines=(how,)),) if how else (), buttons=buttons)
    return Answer(
        replies=(reply,),
        status=status,
        memory=replace(inquiry.memory, offered=buttons, checklist=None),
        intent=inquiry.intent,
        score=inquiry.matches[0].score if inquiry.matches else None,
    )


def _action(inquiry: Inquiry, code: str) -> str:
    aspect = f":{inquiry.aspects[0]}" if inquiry.aspects else ""
    return f"show:{code}{aspect}"


async def ask_back(inquiry: Inquiry, services: Services) -> Answer | None:
    """A phrase that honestly means several things."""
    if inquiry.intent is not Intent.PROCEDURE or inquiry.topic != "ask_back":
        return None
    rule = next(
        (rule for rule in services.phrases.ask_back if services.means(inquiry.text, rule)), None
    )
    if rule is None:
        return None
    buttons = tuple(
        Button(label=option.label, action=_action(inquiry, option.code))
        for option in rule.options
        if services.procedure(option.code)
    )
    how = services.wording("clarify.how")
    return _offer(rule.ask, buttons, how, Status.CLARIFY_PROCEDURE, inquiry)


async def candidates(inquiry: Inquiry, services: Services) -> Answer | None:
    """Several procedures are close: at most four, by the names people know."""
    if inquiry.intent is not Intent.PROCEDURE or not inquiry.ambiguous:
        return None
    best = inquiry.matches[0].score
    close = [match for match in inquiry.matches if match.score >= best - 0.22][:CANDIDATES]
    labels: dict[str, str] = {}
    for match in close:
        procedure = services.procedure(match.code)
        if procedure:
            title = procedure.title
            if title in labels.values():
                title = f"{title} ({procedure.code})"
            labels[procedure.code] = title
    buttons = tuple(
        Button(label=label, action=_action(inquiry, code)) for code, label in labels.items()
    )
    buttons += (Button(label=services.wording("button.none"), action="no"),)
    lead, how = services.wording("clarify"), services.wording("clarify.how")
    return _offer(lead, buttons, how, Status.CLARIFY_PROCEDURE, inquiry)


async def life_event(inquiry: Inquiry, services: Services) -> Answer | None:
    """What happened in a family leads to the procedures that belong together, in order."""
    if inquiry.intent is not Intent.LIFE_EVENT:
        return None
    event = next(each for each in services.phrases.life_events if each.key == inquiry.topic)
    found = [services.procedure(code) for code in event.codes]
    buttons = tuple(
        Button(label=procedure.title, action=f"show:{procedure.code}")
        for procedure in found
        if procedure
    )
    if not buttons:
        return None
    lead = services.wording("event.lead", lead=event.lead)
    return _offer(lead, buttons, services.wording("event.how"), Status.ANSWERED, inquiry)


async def choose(inquiry: Inquiry, services: Services) -> Answer | None:
    """«không phải», a number out of range, the list of fields, and old buttons."""
    if inquiry.intent is not Intent.ACTION:
        return None
    say = services.wording
    if inquiry.topic == "no":
        return _failed(inquiry, services, say("wrong"))
    if inquiry.topic == "out_of_range":
        count = sum(bool(each.action) and not each.aside for each in inquiry.memory.offered)
        lead = say("out_of_range", count=count)
        return _offer(lead, inquiry.memory.offered, "", Status.CLARIFY_PROCEDURE, inquiry)
    if inquiry.topic == "fields":
        buttons = tuple(
            Button(label=field, action=f"field:{number}")
            for number, field in enumerate(services.fields())
        )
        return _offer(say("fields.lead"), buttons, "", Status.CLARIFY_PROCEDURE, inquiry)
    if inquiry.topic.startswith("field:"):
        return _field(inquiry, services)
    return None


def _field(inquiry: Inquiry, services: Services) -> Answer | None:
    number = inquiry.topic.removeprefix("field:")
    fields = services.fields()
    if not number.isdecimal() or len(number) > 3 or int(number) >= len(fields):
        return None
    field = fields[int(number)]
    buttons = tuple(
        Button(label=procedure.title, action=f"show:{procedure.code}")
        for procedure in services.of_field(field)
    )
    lead = services.wording("fields.list", field=field)
    return _offer(lead, buttons, "", Status.CLARIFY_PROCEDURE, inquiry)


def ways_on(services: Services) -> tuple[Button, ...]:
    """What is offered when nothing fits."""
    say = services.wording
    return (
        Button(label=say("button.fields"), action="fields"),
        Button(label=say("button.human"), action="human"),
    )


def _failed(inquiry: Inquiry, services: Services, lead: str) -> Answer:
    buttons = ways_on(services)
    return Answer(
        replies=(Reply(lead=lead, buttons=buttons),),
        status=Status.UNANSWERED_NO_MATCH,
        memory=replace(
            inquiry.memory,
            offered=buttons,
            checklist=None,
            failures=inquiry.memory.failures + 1,
        ),
        intent=inquiry.intent,
        score=inquiry.matches[0].score if inquiry.matches else None,
    )


async def nothing_fits(inquiry: Inquiry, services: Services) -> Answer:
    """The last handler: an honest «chưa rõ» with ways forward, never silence."""
    say = services.wording
    if inquiry.intent is Intent.ACTION:
        return _failed(inquiry, services, say("stale"))
    return _failed(inquiry, services, say("none.again" if inquiry.memory.failures else "none"))
