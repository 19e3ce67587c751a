"""Checklist mode: a few short questions lead to the papers of this citizen's own case."""

from __future__ import annotations

from dataclasses import replace

from handlers import speech
from handlers.conversation import (
    Answer,
    Button,
    Checklist,
    Inquiry,
    Intent,
    Reply,
    Section,
    Shape,
    Status,
)
from handlers.procedure import needs_checklist
from handlers.services import Services
from knowledge.model import Aspect, Option, Paper, Procedure, Question, applies

CASE = "case"
"""Key of the one question asked when a record has cases but no questions of its own."""
SAVED = 5
MAX_LABEL = 90


def questions_of(procedure: Procedure) -> tuple[Question, ...]:
    """The record's questions; for a record with cases only, one question over the cases."""
    if procedure.questions:
        return procedure.questions
    return (
        Question.model_construct(
            key=CASE,
            text="",
            options=tuple(
                Option.model_construct(key=f"c{place}", label=_short(case.name))
                for place, case in enumerate(procedure.alternatives)
            ),
            when={},
        ),
    )


def _short(label: str) -> str:
    label = " ".join(label.split()).strip(" -*+:;")
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1].rsplit(" ", 1)[0] + "…"


def next_question(procedure: Procedure, choices: dict[str, str]) -> Question | None:
    """The first question that still matters after the answers so far."""
    for question in questions_of(procedure):
        if question.key not in choices and applies(question.when, choices):
            return question
    return None


def papers_for(procedure: Procedure, choices: dict[str, str]) -> tuple[Paper, ...]:
    """The papers of this case and nothing else."""
    if not procedure.questions:
        chosen = int(choices.get(CASE, "c0").removeprefix("c"))
        mine = procedure.alternatives[chosen : chosen + 1]
        cases = [case for case in procedure.cases if case.shared or case in mine]
        return tuple(paper for case in cases for paper in case.papers)
    return tuple(
        paper
        for case in procedure.cases
        if applies(case.when, choices)
        for paper in case.papers
        if applies(paper.when, choices)
    )


def _ask(
    procedure: Procedure, question: Question, state: Checklist, inquiry: Inquiry, services: Services
) -> Answer:
    say = services.wording
    asked = [q for q in questions_of(procedure) if applies(q.when, state.choices)]
    number = asked.index(question) + 1
    text = question.text or say("checklist.case")
    buttons = tuple(
        Button(label=option.label, action=f"opt:{procedure.code}:{question.key}:{option.key}")
        for option in question.options
    )
    reply = Reply(
        lead=say("checklist.ask", number=number, count=len(asked), question=text),
        sections=(Section(lines=(say("checklist.how"),)),),
        buttons=buttons,
    )
    return _answer(
        reply, replace(state, asking=question.key), Status.CLARIFY_CASE, inquiry, procedure
    )


def _answer(
    reply: Reply, state: Checklist, status: Status, inquiry: Inquiry, procedure: Procedure
) -> Answer:
    saved = tuple(each for each in inquiry.memory.saved_checklists if each.code != state.code)
    return Answer(
        replies=(reply,),
        status=status,
        memory=replace(
            inquiry.memory,
            procedure=procedure.code,
            aspect=Aspect.PAPERS,
            offered=reply.buttons,
            checklist=state,
            saved_checklists=(*saved, state)[-SAVED:],
            failures=0,
        ),
        intent=Intent.PROCEDURE,
        procedure=procedure.code,
        aspect=Aspect.PAPERS,
        revision=procedure.revision,
    )


def _list(procedure: Procedure, state: Checklist, inquiry: Inquiry, services: Services) -> Answer:
    say = services.wording
    papers = papers_for(procedure, state.choices)
    ticked = frozenset(place for place in state.ticked if place < len(papers))
    lines = tuple(speech.paper(paper, say) for paper in papers)
    sections = [Section(lines=lines, shape=Shape.CHECKLIST, ticked=ticked)] if lines else []
    if not papers:
        sections.append(Section(lines=(say("checklist.none"),)))
    elif len(ticked) == len(papers):
        place = (procedure.place or procedure.office or services.office.short_name).rstrip(".")
        sections.append(Section(lines=(say("checklist.done", place=place),)))
    if Aspect.PAPERS in procedure.unsourced:
        sections.append(Section(lines=(say("unsourced"),), shape=Shape.WARNING))
    buttons = [
        Button(
            label=say("button.tick", paper=_short(paper.name)),
            action=f"tick:{procedure.code}:{place}",
        )
        for place, paper in enumerate(papers)
        if place not in ticked
    ][:8]
    buttons.append(Button(label=say("button.restart"), action=f"recase:{procedure.code}"))
    buttons.append(Button(label=say("aspect.place"), action=f"show:{procedure.code}:place"))
    reply = Reply(
        lead=say("papers.your_case", title=procedure.title, done=len(ticked), count=len(papers)),
        sections=tuple(sections),
        buttons=tuple(buttons),
        source=speech.source(procedure, say, overdue=services.overdue(procedure, inquiry)),
    )
    state = replace(state, asking="", ticked=tuple(sorted(ticked)))
    return _answer(reply, state, Status.ANSWERED, inquiry, procedure)


def _saved(inquiry: Inquiry, code: str) -> Checklist:
    """Where the citizen left this checklist, so that it can be resumed."""
    for each in inquiry.memory.saved_checklists:
        if each.code == code:
            return each
    return Checklist(code=code)


async def walk(inquiry: Inquiry, services: Services) -> Answer | None:
    """Buttons of checklist mode: case, recase, opt and tick; anything malformed is stale."""
    if inquiry.intent is not Intent.ACTION:
        return None
    kind, *rest = inquiry.topic.split(":")
    if kind not in ("case", "recase", "opt", "tick") or not rest:
        return None
    procedure = services.procedure(rest[0])
    if procedure is None or not needs_checklist(procedure):
        return None
    state = Checklist(code=procedure.code) if kind == "recase" else _saved(inquiry, procedure.code)
    if kind == "opt":
        chosen = _option(procedure, rest[1:])
        if chosen is None:
            return None
        state = Checklist(code=procedure.code, choices={**state.choices, **chosen})
    if kind == "tick":
        if len(rest) != 2 or not rest[1].isdecimal() or len(rest[1]) > 3:
            return None
        state = replace(state, ticked=tuple({*state.ticked, int(rest[1])}))
    question = next_question(procedure, state.choices)
    if question is not None:
        answer = _ask(procedure, question, state, inquiry, services)
    else:
        answer = _list(procedure, state, inquiry, services)
    # One bubble that changes, not one more for each tick.
    in_place = kind in ("opt", "tick")
    replies = tuple(replace(reply, replaces=in_place) for reply in answer.replies)
    return replace(answer, replies=replies)


def _option(procedure: Procedure, rest: list[str]) -> dict[str, str] | None:
    if len(rest) != 2:
        return None
    for question in questions_of(procedure):
        if question.key == rest[0] and any(option.key == rest[1] for option in question.options):
            return {rest[0]: rest[1]}
    return None
