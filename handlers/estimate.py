"""«Nếu nộp hôm nay thì khi nào có?»: a date expected from the procedure's time limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from handlers import speech
from handlers.conversation import Answer, Inquiry, Intent, Reply, Section, Shape, Status
from knowledge.model import Aspect
from knowledge.phrases import Spotter
from knowledge.text import fold, words
from knowledge.workdays import VIETNAM, TooFar, clock, expected

if TYPE_CHECKING:
    from datetime import date

    from handlers.services import Services
    from knowledge.model import Procedure, TimeLimit
    from knowledge.phrases import EstimateQuestions
    from knowledge.search import Match

MOST_LINES = 6
SAME_DAY = "trong ngay"
"""How records write that a result comes on the day itself (folded), before any exception."""
NAMED = 0.5
"""Score from which the words beside the question name some procedure, if not clearly one."""
_IDLE = frozenset(["ho", "so", "hs", "thi", "giay", "to", "don", "lay", "co", "duoc", "neu", "ma"])
"""Words that name no procedure."""
_INTENTS = (Intent.PROCEDURE, Intent.NONE, Intent.LIFE_EVENT)


async def estimated(inquiry: Inquiry, services: Services) -> Answer | None:
    """When something filed today may be expected; a date of the database is never replaced."""
    # Without a procedure named the words alone look like nothing of ours.
    unnamed = inquiry.intent is Intent.OUT_OF_SCOPE and inquiry.topic == "not_ours"
    if inquiry.intent not in _INTENTS and not unnamed:
        return None
    rest = said_beside(inquiry.text, services.phrases.intents.estimate)
    if rest is None:
        return None
    found = _named(rest, services)
    if services.understanding.decided(found):
        procedure = services.procedure(found[0].code)
    elif found:
        return None  # Which one is meant is asked first.
    else:
        procedure = services.procedure(inquiry.memory.procedure or "")
    if procedure is None:
        lead = services.wording("estimate.ask")
        memory = replace(inquiry.memory, offered=(), checklist=None)
        return _answer(inquiry, Reply(lead=lead), Status.CLARIFY_PROCEDURE, None, memory=memory)
    reply = estimate(procedure, inquiry.incoming.received_at, services)
    memory = replace(
        inquiry.memory,
        procedure=procedure.code,
        aspect=Aspect.TIME,
        offered=reply.buttons,
        checklist=None,
        failures=0,
    )
    return _answer(inquiry, reply, Status.ANSWERED, procedure, memory=memory)


def _named(rest: str, services: Services) -> list[Match]:
    """What the words beside the question may mean; nothing when they name nothing."""
    found = services.index.match(rest, 2) if rest else []
    if not found or found[0].score < NAMED:
        return []
    return found if {fold(word) for word in found[0].because} - _IDLE else []


def _answer(
    inquiry: Inquiry, reply: Reply, status: Status, procedure: Procedure | None, **known: object
) -> Answer:
    answer = Answer(
        replies=(reply,),
        status=status,
        memory=inquiry.memory,
        intent=Intent.PROCEDURE,
        procedure=procedure.code if procedure else None,
        aspect=Aspect.TIME if procedure else None,
        revision=procedure.revision if procedure else None,
    )
    return replace(answer, **known)  # type: ignore[arg-type]


def said_beside(text: str, asks: EstimateQuestions) -> str | None:
    """What is said besides the question of a date for filing today; ``None`` when it is not."""
    spoken = words(text)
    found = _spotter(asks).find(spoken)
    if {kind for _, _, kind in found} != set(type(asks).model_fields):
        return None
    covered = {place for start, end, _ in found for place in range(start, end)}
    return " ".join(word for place, word in enumerate(spoken) if place not in covered)


@lru_cache(maxsize=8)
def _spotter(asks: EstimateQuestions) -> Spotter:
    # Kept: it is wanted for every message, and phrases change once in a while.
    return Spotter((each, kind) for kind in type(asks).model_fields for each in getattr(asks, kind))


def estimate(procedure: Procedure, filed: datetime, services: Services) -> Reply:
    """What the record's limits come to, counted from ``filed``."""
    say = services.wording
    limits = tuple(dict.fromkeys(each for way in procedure.filings for each in way.limits))
    dated = {each: due for each in limits if (due := _due(each, filed, services))}
    if not dated:
        known = "; ".join(speech.limit(each) for each in limits)
        lead = say("estimate.unknown", title=procedure.title)
        lines = (say("estimate.limit", limit=known.rstrip(".")),) if known else ()
        return Reply(
            lead=lead,
            sections=(Section(lines=(*lines, say("estimate.on_receipt"))),),
            source=speech.source(procedure, say),
        )
    # A case whose day is not known is said too: else the others would seem to be all.
    told = (f"{dated.get(each, say('estimate.no_day'))} ({_spoken(each)})" for each in limits)
    shown = tuple(dict.fromkeys(told))[:MOST_LINES]
    caution = (say("estimate.from", start=_start(filed, services)), say("estimate.receipt"))
    if len(shown) == 1:
        lead = say("estimate.one", title=procedure.title, when=shown[0])
        sections: tuple[Section, ...] = (Section(lines=caution),)
    else:
        lead = say("estimate.many", title=procedure.title)
        sections = (Section(lines=shown, shape=Shape.BULLETS), Section(lines=caution))
    return Reply(lead=lead, sections=sections, source=speech.source(procedure, say))


def _spoken(limit: TimeLimit) -> str:
    return speech.limit(limit).rstrip(".")


def _due(limit: TimeLimit, filed: datetime, services: Services) -> str | None:
    days = services.office.workdays
    try:
        if limit.amount is None and SAME_DAY in fold(limit.text or "").split(";")[0]:
            return _day(days.same_day(filed), filed)
        found = expected(limit, filed, days)
    except (TooFar, ValueError):
        return None
    if found is None:
        return None
    if isinstance(found, datetime):
        local = found.astimezone(VIETNAM)
        return f"{clock(local.time().replace(second=0, microsecond=0))} {_day(local.date(), filed)}"
    return _day(found, filed)


def _day(on: date, filed: datetime) -> str:
    today = filed.astimezone(VIETNAM).date()
    if on == today:
        return "hôm nay"
    return speech.day(on) + (f"/{on.year}" if on.year != today.year else "")


def _start(filed: datetime, services: Services) -> str:
    """From when it is counted: later than today when the office is closed already."""
    days = services.office.workdays
    today = filed.astimezone(VIETNAM).date()
    start = days.counted_from(filed).date() if days.hours else days.add_working_days(today, 0)
    said = _day(start, filed)
    return said if start == today else services.wording("estimate.closed", day=said)
