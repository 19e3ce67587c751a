"""Answers about a procedure: the aspect asked first, the rest behind buttons, the source last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from handlers import speech
from handlers.conversation import (
    Answer,
    Button,
    Inquiry,
    Intent,
    Reply,
    Section,
    Shape,
    Status,
)
from handlers.rating import rateable
from handlers.services import Services
from handlers.wording import Wording
from knowledge.model import Aspect, Channel, Procedure

MANY_PAPERS = 7
"""Papers of one screen; more wait behind the checklist."""
MANY_LINES = 6
SPOKEN = 3
"""Aspects answered in one reply."""
BUTTONS = (
    Aspect.PAPERS,
    Aspect.FEE,
    Aspect.TIME,
    Aspect.STEPS,
    Aspect.PLACE,
    Aspect.CONDITIONS,
    Aspect.LAW,
)

Body = tuple[str, tuple[Section, ...]]


def _unique(lines: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if line))


def needs_checklist(procedure: Procedure) -> bool:
    """True when the papers depend on the citizen's case."""
    return bool(procedure.questions or procedure.alternatives)


def _papers(procedure: Procedure, say: Wording) -> Body:
    """The papers everybody needs first, then those of some cases, told apart as such."""
    if not procedure.papers:
        return say("papers.unknown", title=procedure.title), ()
    if not procedure.questions:
        return _papers_by_heading(procedure, say, MANY_PAPERS)
    always, sometimes = _apart(procedure, say)
    shown = MANY_PAPERS if not sometimes else MANY_PAPERS - 1
    sections = []
    if always:
        sections.append(Section(lines=always[:shown], shape=Shape.NUMBERED))
    room = max(MANY_PAPERS - len(always), 2)
    if sometimes:
        heading = say("papers.sometimes")
        lines = sometimes[:room]
        sections.append(Section(lines=lines, heading=heading, shape=Shape.BULLETS))
    hidden = max(len(always) - shown, 0) + max(len(sometimes) - room, 0)
    if hidden:
        sections.append(Section(lines=(say("papers.more", count=hidden),)))
    elif sometimes:
        sections.append(Section(lines=(say("papers.cases"),)))
    return say("papers.lead", title=procedure.title), tuple(sections)


def _apart(procedure: Procedure, say: Wording) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Papers everybody needs, and papers that depend on the case."""
    always: list[str] = []
    sometimes: list[str] = []
    for case in procedure.cases:
        for paper in case.papers:
            depends = bool(case.when or paper.when)
            (sometimes if depends else always).append(speech.paper(paper, say))
    return _unique(always), _unique(sometimes)


def _papers_by_heading(procedure: Procedure, say: Wording, room: int) -> Body:
    """Papers under the headings of the record, as many as there is room for."""
    cases = [case for case in procedure.cases if case.papers]
    sections = []
    hidden = 0
    for case in cases:
        lines = _unique([speech.paper(paper, say) for paper in case.papers])
        shown, room = lines[: max(room, 0)], room - len(lines)
        hidden += len(lines) - len(shown)
        if shown:
            heading = case.name.strip(" -*+:;.") if len(cases) > 1 else ""
            sections.append(Section(lines=shown, heading=heading, shape=Shape.NUMBERED))
    if hidden:
        key = "papers.more" if needs_checklist(procedure) else "papers.rest"
        sections.append(Section(lines=(say(key, count=hidden),)))
    return say("papers.lead", title=procedure.title), tuple(sections)


def _all_papers(procedure: Procedure, say: Wording) -> Body:
    return _papers_by_heading(procedure, say, len(procedure.papers))


def by_channel(lines: list[tuple[Channel, str]], say: Wording) -> tuple[str, ...]:
    """Lines told apart by channel only when the channels really differ."""
    spoken: dict[str, list[Channel]] = {}
    for channel, line in lines:
        spoken.setdefault(line, []).append(channel)
    channels = {channel for channel, _ in lines}
    return tuple(
        line
        if set(found) == channels or len(channels) == 1
        else f"{say(f'channel.{found[0]}')}: {line}"
        for line, found in spoken.items()
    )


def _fee(procedure: Procedure, say: Wording) -> Body:
    lines = by_channel(
        [(way.channel, speech.fee(fee, say)) for way in procedure.filings for fee in way.fees], say
    )
    if not lines:
        return say("fee.unknown", title=procedure.title), ()
    if len(lines) == 1:
        return say("fee.lead", title=procedure.title, fee=lines[0].rstrip(".") + "."), ()
    section = Section(lines=lines[:MANY_LINES], shape=Shape.BULLETS)
    return say("fee.leads", title=procedure.title), (section,)


def _time(procedure: Procedure, say: Wording) -> Body:
    lines = by_channel(
        [(way.channel, speech.limit(each)) for way in procedure.filings for each in way.limits], say
    )
    if not lines:
        return say("time.unknown", title=procedure.title), ()
    if len(lines) == 1:
        return say("time.lead", title=procedure.title, time=lines[0].rstrip(".") + "."), ()
    section = Section(lines=lines[:MANY_LINES], shape=Shape.BULLETS)
    return say("time.leads", title=procedure.title), (section,)


def _place(procedure: Procedure, say: Wording) -> Body:
    where = procedure.place or procedure.office
    lines = []
    if procedure.place and procedure.office:
        lines.append(say("place.holder", office=procedure.office.rstrip(".")))
    if procedure.online_url:
        lines.append(say("place.online", url=procedure.online_url))
    sections = (Section(lines=tuple(lines)),) if lines else ()
    if not where:
        return say("place.unknown", title=procedure.title), sections
    return say("place.lead", title=procedure.title, place=where.rstrip(".")), sections


def _listed(key: str, lines: tuple[str, ...], shape: Shape) -> Callable[[Procedure, Wording], Body]:
    def say_list(procedure: Procedure, say: Wording) -> Body:
        if not lines:
            return say(f"{key}.unknown", title=procedure.title), ()
        section = Section(lines=lines[: MANY_LINES + 2], shape=shape)
        return say(f"{key}.lead", title=procedure.title), (section,)

    return say_list


def _steps(procedure: Procedure, say: Wording) -> Body:
    return _listed("steps", procedure.steps, Shape.NUMBERED)(procedure, say)


def _form(procedure: Procedure, say: Wording) -> Body:
    return _listed("form", _forms(procedure), Shape.BULLETS)(procedure, say)


def _forms(procedure: Procedure) -> tuple[str, ...]:
    return _unique([paper.form or "" for paper in procedure.papers])


def _law(procedure: Procedure, say: Wording) -> Body:
    laws = tuple(
        f"{law.number} – {law.title}" if law.title else law.number for law in procedure.legal_basis
    )
    return _listed("law", laws, Shape.BULLETS)(procedure, say)


def _conditions(procedure: Procedure, say: Wording) -> Body:
    return _listed("conditions", procedure.conditions, Shape.BULLETS)(procedure, say)


def _online(procedure: Procedure, say: Wording) -> Body:
    files_online = any(way.channel is Channel.ONLINE for way in procedure.filings)
    if not procedure.online_url and not files_online:
        return say("online.unknown", title=procedure.title), ()
    lines = (say("place.online", url=procedure.online_url),) if procedure.online_url else ()
    sections = (Section(lines=lines),) if lines else ()
    return say("online.lead", title=procedure.title), sections


def _who(procedure: Procedure, say: Wording) -> Body:
    if not procedure.subjects:
        return say("who.unknown", title=procedure.title), ()
    return say("who.lead", title=procedure.title, who=", ".join(procedure.subjects)), ()


def _result(procedure: Procedure, say: Wording) -> Body:
    if not procedure.result:
        return say("result.unknown", title=procedure.title), ()
    return say("result.lead", title=procedure.title, result=procedure.result.rstrip(".")), ()


def _overview(procedure: Procedure, say: Wording) -> Body:
    """Papers first, then fee and time in one line each."""
    lead, sections = _papers(procedure, say)
    extras = []
    for aspect in (Aspect.FEE, Aspect.TIME):
        said, listed = ASPECTS[aspect](procedure, say)
        said = said.removeprefix(f"{procedure.title} – ").removeprefix(f"{procedure.title}: ")
        first = f" {listed[0].lines[0].rstrip('.')}" if listed else ""
        extras.append(said[:1].upper() + said[1:] + first)
    return lead, (*sections, Section(lines=(*extras, *procedure.notes[:1])))


ASPECTS: dict[Aspect, Callable[[Procedure, Wording], Body]] = {
    Aspect.OVERVIEW: _overview,
    Aspect.PAPERS: _papers,
    Aspect.FEE: _fee,
    Aspect.TIME: _time,
    Aspect.PLACE: _place,
    Aspect.STEPS: _steps,
    Aspect.FORM: _form,
    Aspect.ONLINE: _online,
    Aspect.LAW: _law,
    Aspect.WHO: _who,
    Aspect.CONDITIONS: _conditions,
    Aspect.RESULT: _result,
}
_SHOWN_WITH_OVERVIEW = (Aspect.PAPERS, Aspect.FEE, Aspect.TIME)


def card(
    procedure: Procedure, aspects: tuple[Aspect, ...], say: Wording, *, overdue: bool = False
) -> Reply:
    """The reply for some aspects of one record; the first is said first."""
    asked = aspects or (Aspect.OVERVIEW,)
    lead, sections = ASPECTS[asked[0]](procedure, say)
    for aspect in asked[1:SPOKEN]:
        more, listed = ASPECTS[aspect](procedure, say)
        sections = (*sections, Section(lines=(more,)), *listed)
    shown = set(asked) | (set(_SHOWN_WITH_OVERVIEW) if Aspect.OVERVIEW in asked else set())
    for conflict in procedure.conflicts:
        if conflict.aspect in shown:
            sections = (*sections, Section(lines=(conflict.say,), shape=Shape.WARNING))
    if shown & set(procedure.unsourced):
        sections = (*sections, Section(lines=(say("unsourced"),), shape=Shape.WARNING))
    return Reply(
        lead=lead,
        sections=sections,
        buttons=_buttons(procedure, shown if asked[0] is not Aspect.OVERVIEW else set(asked), say),
        source=speech.source(procedure, say, overdue=overdue),
    )


def _with_files(reply: Reply, procedure: Procedure, services: Services) -> Reply:
    """The reply with the blank forms the office has of this procedure."""
    found = [services.forms(label, procedure) for label in _forms(procedure)]
    files = tuple(dict.fromkeys(file for file in found if file))
    if not files:
        return reply
    said = services.wording("form.files", files=", ".join(f"«{file.title}»" for file in files))
    return replace(reply, sections=(*reply.sections, Section(lines=(said,))), files=files)


def _buttons(procedure: Procedure, shown: set[Aspect], say: Wording) -> tuple[Button, ...]:
    buttons = []
    if shown & {Aspect.PAPERS, Aspect.OVERVIEW}:
        if needs_checklist(procedure):
            buttons.append(Button(label=say("button.case"), action=f"case:{procedure.code}"))
        elif len(procedure.papers) > MANY_PAPERS:
            buttons.append(Button(label=say("button.papers"), action=f"papers:{procedure.code}"))
    known = [aspect for aspect in BUTTONS if aspect not in shown and _has(procedure, aspect)]
    if Aspect.OVERVIEW in shown:
        known = [aspect for aspect in known if aspect is not Aspect.PAPERS]
    buttons += [
        Button(label=say(f"aspect.{aspect}"), action=f"show:{procedure.code}:{aspect}")
        for aspect in known[:5]
    ]
    if procedure.online_url and not shown & {Aspect.ONLINE}:
        buttons.append(Button(label=say("button.online"), url=procedure.online_url))
    return tuple(buttons)


def _has(procedure: Procedure, aspect: Aspect) -> bool:
    if aspect is Aspect.LAW:
        return bool(procedure.legal_basis)
    if aspect is Aspect.CONDITIONS:
        return bool(procedure.conditions)
    return True


def show(
    procedure: Procedure,
    aspects: tuple[Aspect, ...],
    inquiry: Inquiry,
    services: Services,
    *,
    before: str = "",
    score: float | None = None,
) -> Answer:
    """Answer with a card and remember the procedure."""
    overdue = services.overdue(procedure, inquiry)
    reply = card(procedure, aspects, services.wording, overdue=overdue)
    if Aspect.FORM in aspects[:SPOKEN]:
        reply = _with_files(reply, procedure, services)
    if before:
        reply = replace(reply, sections=(*reply.sections, Section(lines=(before,))))
    return Answer(
        replies=(reply,),
        status=Status.ANSWERED,
        memory=replace(
            inquiry.memory,
            procedure=procedure.code,
            aspect=aspects[0] if aspects else Aspect.OVERVIEW,
            offered=reply.buttons,
            checklist=None,
            failures=0,
        ),
        intent=Intent.PROCEDURE,
        procedure=procedure.code,
        aspect=aspects[0] if aspects else Aspect.OVERVIEW,
        score=score,
        revision=procedure.revision,
    )


async def asked(inquiry: Inquiry, services: Services) -> Answer | None:
    """A question that clearly means one procedure, or goes on about the one just spoken of."""
    if inquiry.intent is not Intent.PROCEDURE:
        return None
    if inquiry.follow_up:
        procedure = services.procedure(inquiry.memory.procedure or "")
        return show(procedure, inquiry.aspects, inquiry, services) if procedure else None
    if inquiry.topic and inquiry.topic[0].isdigit():
        return _by_code(inquiry, services)
    if inquiry.topic == "ask_back" or inquiry.ambiguous:
        return None
    match = inquiry.matches[0]
    procedure = services.procedure(match.code)
    if procedure is None:
        return None
    found = show(procedure, inquiry.aspects, inquiry, services, score=match.score)
    return rateable(found, services)


def _by_code(inquiry: Inquiry, services: Services) -> Answer:
    procedure = services.procedure(inquiry.topic)
    say = services.wording
    if procedure is None:
        return Answer(
            replies=(Reply(lead=say("code.unknown", code=inquiry.topic)),),
            status=Status.UNANSWERED_NO_MATCH,
            memory=inquiry.memory,
            intent=Intent.PROCEDURE,
        )
    moved = procedure.code != inquiry.topic
    before = say("replaced", old=inquiry.topic, code=procedure.code) if moved else ""
    return show(procedure, inquiry.aspects, inquiry, services, before=before)


async def pressed(inquiry: Inquiry, services: Services) -> Answer | None:
    """A button «show:<code>:<aspect>»; anything malformed is left to the stale answer."""
    if inquiry.intent is not Intent.ACTION:
        return None
    kind, _, rest = inquiry.topic.partition(":")
    code, _, aspect = rest.partition(":")
    procedure = services.procedure(code)
    if procedure is None or aspect not in {"", *Aspect}:
        return None
    if kind == "papers":
        answer = show(procedure, (Aspect.PAPERS,), inquiry, services)
        _, sections = _all_papers(procedure, services.wording)
        reply = replace(answer.replies[0], sections=sections)
        return replace(answer, replies=(reply,))
    if kind != "show":
        return None
    aspects = (Aspect(aspect),) if aspect else ()
    return show(procedure, aspects, inquiry, services)
