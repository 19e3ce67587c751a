"""What is not about one procedure: the office itself, small talk, other bodies, emergencies."""

from __future__ import annotations

from dataclasses import replace

from handlers import speech
from handlers.clarify import ways_on
from handlers.conversation import (
    Answer,
    Attachment,
    Button,
    Inquiry,
    Intent,
    Reply,
    Section,
    Shape,
    Status,
)
from handlers.services import Services
from knowledge.masking import has_identity_number


def _answer(
    inquiry: Inquiry,
    status: Status,
    lead: str,
    *lines: str,
    sections: tuple[Section, ...] = (),
    buttons: tuple[Button, ...] = (),
) -> Answer:
    own = (Section(lines=lines),) if lines else ()
    return Answer(
        replies=(Reply(lead=lead, sections=(*own, *sections), buttons=buttons),),
        status=status,
        memory=replace(inquiry.memory, offered=buttons, checklist=None, greeted=True),
        intent=inquiry.intent,
    )


async def identity(inquiry: Inquiry, services: Services) -> Answer | None:
    """An identity number sent unasked is neither read nor kept, and the citizen is told."""
    if inquiry.intent is not Intent.NONE or not has_identity_number(inquiry.text):
        return None
    return _answer(inquiry, Status.UNANSWERED_NO_MATCH, services.wording("identity"))


async def emergency(inquiry: Inquiry, services: Services) -> Answer | None:
    """113, 114, 115 first."""
    if inquiry.intent is not Intent.EMERGENCY:
        return None
    return _answer(inquiry, Status.ANSWERED_EMERGENCY, services.wording("emergency"))


async def small_talk(inquiry: Inquiry, services: Services) -> Answer | None:
    """Greeting, thanks, help, «bạn là ai», abuse."""
    if inquiry.intent is not Intent.SMALLTALK:
        return None
    say = services.wording
    lead = say(inquiry.topic, office=services.office.short_name)
    lines = (say("greeting.examples"),) if inquiry.topic in ("greeting", "help") else ()
    buttons = ways_on(services) if inquiry.topic in ("help", "abuse", "greeting") else ()
    return _answer(inquiry, Status.ANSWERED_SMALLTALK, lead, *lines, buttons=buttons)


async def out_of_scope(inquiry: Inquiry, services: Services) -> Answer | None:
    """Things another body decides, with the way there."""
    if inquiry.intent is not Intent.OUT_OF_SCOPE:
        return None
    office = services.office
    lead = services.wording(
        f"out_of_scope.{inquiry.topic}", complaints=office.complaints, portal=office.portal
    )
    return _answer(inquiry, Status.ANSWERED_OUT_OF_SCOPE, lead)


def contact(services: Services) -> tuple[str, ...]:
    """Where the office is, or where that is told."""
    say, office = services.wording, services.office
    if not office.address:
        return (say("office.address.unknown", portal=office.portal),)
    phone = (say("office.phone", phone=office.phone),) if office.phone else ()
    return (say("office.address", address=office.address), *phone)


def hours(services: Services) -> str:
    """Opening hours, and whether they are confirmed."""
    say, office = services.wording, services.office
    said = say("office.hours", hours=" và ".join(each.spoken() for each in office.hours))
    return said if office.hours_confirmed else f"{said} {say('office.hours.unconfirmed')}"


def _today(inquiry: Inquiry, services: Services) -> str:
    say, office = services.wording, services.office
    today = services.today(inquiry)
    day = speech.day(today)
    if office.working_day(today):
        return say("office.open_today", day=day)
    following = speech.day(office.next_working_day(today))
    holiday = office.holiday(today)
    if holiday:
        return say("office.holiday", day=day, holiday=holiday, next=following)
    return say("office.closed_today", day=day, next=following)


async def about_office(inquiry: Inquiry, services: Services) -> Answer | None:
    """Hours, today's holiday, address, and where the old wards went."""
    if inquiry.intent is not Intent.OFFICE:
        return None
    say, office = services.wording, services.office
    if inquiry.topic == "ward":
        lines = tuple(
            say("office.ward", ward=ward.name, was=", ".join(ward.was)) for ward in office.wards
        )
        section = Section(lines=lines, shape=Shape.BULLETS)
        return _answer(inquiry, Status.ANSWERED_OFFICE, say("office.wards"), sections=(section,))
    today, opening, where = _today(inquiry, services), hours(services), contact(services)
    name = say("office.name", office=office.name)
    if inquiry.topic == "hours":
        lines = (opening, say("office.saturday"))
        return _answer(inquiry, Status.ANSWERED_OFFICE, today, *lines)
    return _answer(inquiry, Status.ANSWERED_OFFICE, name, *where, opening, today)


async def unreadable(inquiry: Inquiry, services: Services) -> Answer | None:
    """Nothing to read: an empty message, a photo, a voice message, a sticker."""
    say = services.wording
    if inquiry.intent is Intent.EMPTY:
        return _answer(inquiry, Status.UNANSWERED_EMPTY, say("empty"))
    if inquiry.intent is not Intent.ATTACHMENT:
        return None
    for scan in inquiry.incoming.scanned:
        if f"scan.{scan.kind}" in say:
            return _answer(inquiry, Status.UNANSWERED_ATTACHMENT, say(f"scan.{scan.kind}"))
    kind = inquiry.incoming.attachment or Attachment.OTHER
    # The platform may withhold whatever this person writes: only the counter helps then.
    where = contact(services) if kind is Attachment.OTHER else ()
    return _answer(inquiry, Status.UNANSWERED_ATTACHMENT, say(f"attachment.{kind}"), *where)
