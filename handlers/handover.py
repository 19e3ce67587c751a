"""A person is wanted: the question goes to officers, who have the word until it is over."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from handlers import office, speech
from handlers.conversation import (
    Answer,
    Attachment,
    HandOver,
    HandOverStep,
    Incoming,
    Inquiry,
    Intent,
    Reply,
    Section,
    Status,
)
from knowledge.handovers import Why
from knowledge.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.services import Services
    from knowledge.handovers import Standing

FAILURES = 2
"""Failed answers after which a person is wanted because of them."""
PATIENCE = 4
"""Opening hours after which a citizen hears that nobody took it, where none were promised."""
LONGEST_ENOUGH = 60
"""Characters of a message that may only say that no officer is wanted any more."""
SHOWN_KINDS = {
    Attachment.PHOTO: "ảnh",
    Attachment.VOICE: "ghi âm",
    Attachment.STICKER: "hình dán",
    Attachment.LOCATION: "vị trí",
    Attachment.FILE: "tệp",
}
_ENOUGH = frozenset(
    [
        "thoi", "thoi khoi", "khoi", "khoi can", "thoi khong can", "thoi khong can nua",
        "khong can nua", "khong can gap nua", "khong gap nua", "hoi may", "hoi may tiep",
        "thoi hoi may", "cho hoi may", "quay lai hoi may", "hoi bot",
    ]
)  # fmt: skip
_POLITE = re.compile(
    r"^(?:(?:da|vang)\s+)?(.*?)(?:\s+(?:a|nhe|nha|nhen|di|em|ban|vay|cung duoc))*$"
)
_CODE = re.compile(r"\d\.\d{6}")


def _in_course(incoming: Incoming) -> Standing | None:
    return incoming.officers if incoming.officers and incoming.officers.in_course else None


def as_one(inquiries: Sequence[Inquiry]) -> Sequence[Inquiry]:
    """A message to an officer is not taken apart; an emergency in it is answered at once."""
    if not _in_course(inquiries[0].incoming):
        return inquiries
    urgent = [each for each in inquiries if each.intent is Intent.EMERGENCY]
    return (urgent or inquiries)[:1]


async def passed_on(inquiry: Inquiry, services: Services) -> Answer | None:
    """While officers have the word the bot keeps silent, save for what is meant for it.

    Emergencies were answered before. A button is meant for the bot, whatever it shows; so are the
    digits that it asked for after such a button. Other text is meant for the officer, numbers and
    dossier codes too: the officer may have asked for them.
    """
    standing = _in_course(inquiry.incoming)
    if standing is None or inquiry.incoming.action is not None:
        return None
    if _is_enough(inquiry.incoming.text):
        return _ended(inquiry, services)
    if inquiry.intent is Intent.HUMAN:
        return _waits(inquiry, standing, services)
    if inquiry.intent is Intent.DOSSIER and _bot_asked(inquiry, standing):
        return None
    if not inquiry.incoming.text.strip():
        return _uncarried(inquiry, services) if inquiry.intent is Intent.ATTACHMENT else None
    lead = "" if standing.acknowledged else services.wording("handover.passed_on")
    relayed = _answer(inquiry, Status.HANDED_OVER_MESSAGE, lead, step=HandOverStep.RELAY)
    beside = _uncarried(inquiry, services)
    if beside is None:
        return relayed
    # Words below a picture go on; that there was a picture must not be lost with it.
    replies = (*relayed.replies, *beside.replies)
    assert beside.hands_over
    text = f"{beside.hands_over.text} {clean(inquiry.incoming.text)}"
    return replace(relayed, replies=replies, hands_over=replace(beside.hands_over, text=text))


def _is_enough(text: str) -> bool:
    if len(text) > LONGEST_ENOUGH:
        return False
    found = _POLITE.match(fold(clean(text)).strip(" .!,?"))
    return bool(found and found[1] in _ENOUGH)


def _bot_asked(inquiry: Inquiry, standing: Standing) -> bool:
    talk = inquiry.memory.dossier
    asked = bool(talk and talk.at and standing.opened_at and talk.at > standing.opened_at)
    return inquiry.topic == "scanned" or (inquiry.topic == "digits" and asked)


def _uncarried(inquiry: Inquiry, services: Services) -> Answer | None:
    """A picture, a voice message: officers see that it came, the citizen that it did not go."""
    kind = inquiry.incoming.attachment
    if kind is None:
        return None
    say = services.wording
    lead = "" if kind is Attachment.STICKER else say("handover.attachment")
    keys = [f"handover.seen.{scan.kind}" for scan in inquiry.incoming.scanned]
    seen = next((say(key) for key in keys if key in say), "")
    said = say("handover.attachment.said", kind=SHOWN_KINDS.get(kind, "tin khác"), seen=seen)
    return _answer(inquiry, Status.HANDED_OVER_MESSAGE, lead, step=HandOverStep.RELAY, text=said)


async def wanted(inquiry: Inquiry, services: Services) -> Answer | None:
    """«gặp cán bộ», by words or by button."""
    pressed = inquiry.intent is Intent.ACTION and inquiry.topic == "human"
    if inquiry.intent is not Intent.HUMAN and not pressed:
        return None
    standing = inquiry.incoming.officers
    if standing is None:
        return _elsewhere(inquiry, services)
    if inquiry.incoming.public:
        return _answer(inquiry, Status.HANDED_OVER, services.wording("human.group"))
    if standing.in_course:
        return _waits(inquiry, standing, services)
    return _opened(inquiry, standing, services)


def _opened(inquiry: Inquiry, standing: Standing, services: Services) -> Answer:
    say, at = services.wording, inquiry.incoming.received_at
    opening, by = expected(at, services)
    promised = by if services.office.reply_hours else None
    lines = [say("handover.more"), say("handover.stop")]
    if opening is None:
        lead = say("handover.someday")
    elif opening > at:
        lead = say("handover.closed", next=speech.moment(opening, at))
    elif promised:
        lead = say("handover.open", by=speech.moment(promised, at))
    else:
        lead = say("handover.open.hours")
        lines.insert(0, office.hours(services))
    if services.office.phone:
        lines.append(say("handover.urgent", phone=services.office.phone))
    if standing.window and (promised is None or promised > at + standing.window):
        hours = int(standing.window.total_seconds() // 3600)
        lines.append(say("handover.window", hours=hours))
    why = Why.FAILURES if inquiry.memory.failures >= FAILURES else Why.ASKED
    step = HandOver(step=HandOverStep.OPEN, why=why, expected_by=by)
    return replace(_answer(inquiry, Status.HANDED_OVER, lead, *lines), hands_over=step)


def expected(at: datetime, services: Services) -> tuple[datetime | None, datetime | None]:
    """When the office is there next, and when a citizen has waited too long; unknown without hours.

    The second is what the office promised, or else ours to say sorry by: it is told to nobody. It
    is rounded up to half an hour, as people say times.
    """
    days = services.office.workdays
    if not days.hours:
        return None, None
    span = timedelta(hours=services.office.reply_hours or PATIENCE)
    by = days.add_working_time(at, span).replace(second=0, microsecond=0)
    return days.counted_from(at), by + timedelta(minutes=-by.minute % 30)


def _waits(inquiry: Inquiry, standing: Standing, services: Services) -> Answer:
    say, at, by = services.wording, inquiry.incoming.received_at, standing.expected_by
    opening, _ = expected(at, services)
    lines = [say("handover.stop")]
    if opening and opening > at:
        lines.insert(0, say("handover.opens", next=speech.moment(opening, at)))
    if standing.taken:
        lead = say("handover.already.taken")
    elif by and by <= at:
        lead = say("handover.already.late")
    elif by and services.office.reply_hours:
        lead = say("handover.already", by=speech.moment(by, at))
    else:
        lead = say("handover.already.hours")
    return _answer(inquiry, Status.HANDED_OVER, lead, *lines, step=HandOverStep.RELAY)


def _ended(inquiry: Inquiry, services: Services) -> Answer:
    lead = services.wording("handover.ended")
    return _answer(inquiry, Status.HANDED_OVER_ENDED, lead, step=HandOverStep.END)


def _elsewhere(inquiry: Inquiry, services: Services) -> Answer:
    """Nobody reads along here: where and when a person can be met."""
    say, at = services.wording, inquiry.incoming.received_at
    opening, _ = expected(at, services)
    if opening is None or opening <= at:
        now = say("human.open") if opening else ""
    else:
        now = say("human.closed", next=speech.moment(opening, at))
    lines = [now, *office.contact(services), office.hours(services)]
    lead = say("human", office=services.office.short_name)
    return _answer(inquiry, Status.HANDED_OVER, lead, *filter(None, lines))


def _answer(
    inquiry: Inquiry,
    status: Status,
    lead: str,
    *lines: str,
    step: HandOverStep | None = None,
    text: str = "",
) -> Answer:
    sections = (Section(lines=lines),) if lines else ()
    return Answer(
        replies=(Reply(lead=lead, sections=sections),) if lead else (),
        status=status,
        memory=replace(inquiry.memory, offered=(), checklist=None, failures=0, greeted=True),
        intent=Intent.HUMAN,
        hands_over=HandOver(step=step, text=text) if step else None,
    )


def accounted(answers: list[Answer], incoming: Incoming, services: Services) -> list[Answer]:
    """What the bot answers while officers have the word, they learn; after that it says so once."""
    standing, first = incoming.officers, answers[0]
    settled = any(each.hands_over or each.erases for each in answers)
    if standing is None or standing.id is None or settled:
        return answers
    if standing.in_course:
        told = HandOver(step=HandOverStep.RELAY, text=_pressed(incoming, services))
        return [replace(first, hands_over=told), *answers[1:]]
    back = Reply(lead=services.wording("handover.back"))
    step = HandOver(step=HandOverStep.BACK)
    return [replace(first, replies=(back, *first.replies), hands_over=step), *answers[1:]]


def _pressed(incoming: Incoming, services: Services) -> str:
    """A pressed button as officers read it."""
    if incoming.action is None:
        return ""
    found = _CODE.search(incoming.action)
    procedure = services.procedure(found[0]) if found else None
    if procedure is None:
        return services.wording("handover.pressed")
    return services.wording("handover.pressed.on", title=procedure.title)
