"""What a draft would change: past questions and regression cases asked again with it in force."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import documents, stirring
from bot.app import build_services
from bot.aside import aside
from handlers.decision import decide
from knowledge.lint import Problem, lint_phrases, lint_procedures
from knowledge.phrases import aspect_spotter
from knowledge.search import Index
from knowledge.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime

    from handlers.services import Services
    from knowledge.model import Procedure
    from knowledge.phrases import Phrases
    from knowledge.regression import Case
    from knowledge.store import UnitOfWork
    from knowledge.vocabulary import Vocabulary

OFFERED = 3
"""Procedures of an ask-back that count when two are compared."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A draft to try: a record, a glossary, the phrases, or several of them."""

    procedure: Procedure | None = None
    vocabulary: Vocabulary | None = None
    phrases: Phrases | None = None


@dataclass(frozen=True, kw_only=True)
class Material:
    """What is in force today, what was asked and how often, and what must stay so."""

    version: int
    today: date
    procedures: tuple[Procedure, ...]
    vocabulary: Vocabulary
    phrases: Phrases
    questions: tuple[tuple[str, int], ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the desk does with a question: ``codes`` are the card, or what an ask-back offers."""

    decision: str
    codes: tuple[str, ...] = ()
    name: str = ""

    @property
    def answered(self) -> str | None:
        """The code of the card that is shown."""
        return self.codes[0] if self.decision == "answer" and self.codes else None

    def reaches(self, code: str) -> bool:
        """True when the citizen gets this procedure, or is offered it."""
        return code in self.codes


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A question that would end in another way, and how often it was asked."""

    question: str
    asked: int
    before: Outcome
    after: Outcome


@dataclass(frozen=True, kw_only=True)
class Collision:
    """A phrase that belongs to ``owner`` and would not lead there (any more)."""

    phrase: str
    owner: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a draft would change. ``broken`` are regression cases that held and would not.

    ``asked`` and ``replayed`` count distinct questions: those that were not replayed have too few
    words of what changed.
    """

    shifts: tuple[Shift, ...]
    broken: tuple[Collision, ...]
    collisions: tuple[Collision, ...]
    findings: tuple[Problem, ...]
    asked: int
    replayed: int
    seconds: float


def gather(work: UnitOfWork, *, today: date, since: datetime | None = None) -> Material:
    """Material from the database; with ``since`` the questions asked from then on too."""
    return Material(
        version=work.version(),
        today=today,
        procedures=tuple(work.procedures()),
        vocabulary=documents.read_vocabulary(documents.stored(work, documents.VOCABULARY)),
        phrases=documents.read_phrases(documents.stored(work, documents.PHRASES)),
        questions=tuple(work.questions(since)) if since else (),
        cases=tuple(work.regression.all()),
    )


async def replay_aside(material: Material, candidate: Candidate) -> Report:
    """:func:`replay` in a process of its own, so that the server goes on answering."""
    return await aside(replay, material, candidate)


def replay(material: Material, candidate: Candidate, *, everything: bool = False) -> Report:
    """Ask again what the draft can touch, and compare; ``everything`` leaves nothing out.

    The draft counts as in force, whatever its dates. Messages are taken out of their
    conversation: «mất mấy ngày» alone means nothing before and after.
    """
    started = time.perf_counter()
    before, after = _sides(material, candidate)
    touched = _touched(material, candidate) if not everything else _all
    shifts = []
    chosen = [(text, asked) for text, asked in material.questions if touched(text)]
    for text, asked in chosen:
        old, new = outcome(text, before), outcome(text, after)
        if old != new:
            shifts.append(Shift(question=text, asked=asked, before=old, after=new))
    shifts.sort(key=lambda each: (-each.asked, each.question))
    return Report(
        shifts=tuple(shifts),
        broken=tuple(_broken(material.cases, before, after)),
        collisions=tuple(_collisions(material, candidate, before, after, touched)),
        findings=tuple(_findings(material, candidate)),
        asked=len(material.questions),
        replayed=len(chosen),
        seconds=round(time.perf_counter() - started, 3),
    )


def clashes(
    material: Material, candidate: Candidate, sides: tuple[Services, Services]
) -> tuple[tuple[Collision, ...], tuple[Collision, ...]]:
    """Cases broken and names lost, as in :class:`Report`, over services that are there already."""
    before, after = sides
    touched = _touched(material, candidate)
    cases = [each for each in material.cases if touched(each.phrase)]
    broken = tuple(_broken(cases, before, after))
    return broken, tuple(_collisions(material, candidate, before, after, touched))


def outcome(question: str, services: Services) -> Outcome:
    """What the desk does with one question."""
    found = decide(question, services)
    if found.decision == "answer":
        best = found.matches[0]
        return Outcome(decision="answer", codes=(best.code,), name=best.name)
    if found.decision == "clarify":
        # The order of what is offered is no other answer.
        codes = tuple(sorted(match.code for match in found.matches[:OFFERED]))
        return Outcome(decision="clarify", codes=codes)
    return Outcome(decision=found.decision)


def _sides(material: Material, candidate: Candidate) -> tuple[Services, Services]:
    shown = [each for each in material.procedures if each.in_force(material.today)]
    before = build_services(shown, material.vocabulary, material.phrases)
    draft = candidate.procedure
    if draft:
        shown = [each for each in shown if each.code != draft.code] + [draft]
        shown.sort(key=lambda each: each.code)
    if candidate.vocabulary is None and candidate.phrases is None:
        places = aspect_spotter(material.phrases).places
        return before, replace(before, index=Index(shown, material.vocabulary, places))
    vocabulary = candidate.vocabulary or material.vocabulary
    return before, build_services(shown, vocabulary, candidate.phrases or material.phrases)


def _all(_question: str, _least: float = 0.0) -> bool:
    return True


def _touched(material: Material, candidate: Candidate) -> stirring.Touched:
    stirred = stirring.Stirred()
    vocabularies = [material.vocabulary]
    if draft := candidate.procedure:
        old = next((each for each in material.procedures if each.code == draft.code), None)
        old = old if old and old.in_force(material.today) else None
        stirred |= stirring.by_procedure(old, draft)
    if candidate.vocabulary:
        stirred |= stirring.by_vocabulary(
            material.vocabulary, candidate.vocabulary, material.procedures
        )
        vocabularies.append(candidate.vocabulary)
    if candidate.phrases:
        stirred |= stirring.by_phrases(material.phrases, candidate.phrases)
    spoken = (alias for each in material.procedures for alias in (each.title, *each.aliases))
    return stirring.Touched(stirred, vocabularies, spoken)


def _broken(cases: Iterable[Case], before: Services, after: Services) -> Iterator[Collision]:
    for case in cases:
        new = outcome(case.phrase, after)
        if new.reaches(case.code):
            continue
        old = outcome(case.phrase, before)
        if old.reaches(case.code):
            yield Collision(phrase=case.phrase, owner=case.code, before=old, after=new)


def _collisions(
    material: Material,
    candidate: Candidate,
    before: Services,
    after: Services,
    touched: Callable[[str, float], bool],
) -> Iterator[Collision]:
    """Everyday names that would lose their procedure, and new ones that do not reach theirs."""
    draft = candidate.procedure
    known = {each.code: each for each in material.procedures}
    for code, record in after.index.procedures.items():
        old = set(known[code].aliases) if code in known else set()
        for phrase in dict.fromkeys(record.aliases):
            if draft is not None and code == draft.code and phrase not in old:
                new = outcome(phrase, after)
                if not new.reaches(code):
                    was = outcome(phrase, before)
                    yield Collision(phrase=phrase, owner=code, before=was, after=new)
            elif touched(phrase, stirring.NAMES):
                yield from _lost(phrase, code, before, after)


def _lost(phrase: str, owner: str, before: Services, after: Services) -> Iterator[Collision]:
    """A name that led to its owner and would not, as it is written or without diacritics."""
    for written in dict.fromkeys((phrase, fold(phrase))):
        new = outcome(written, after)
        if new.answered == owner:
            continue
        old = outcome(written, before)
        if old.answered == owner or (old.reaches(owner) and not new.reaches(owner)):
            yield Collision(phrase=phrase, owner=owner, before=old, after=new)
            return


def _findings(material: Material, candidate: Candidate) -> Iterable[Problem]:
    draft = candidate.procedure
    records = [each for each in material.procedures if draft is None or each.code != draft.code]
    found: list[Problem] = []
    if draft:
        records.append(draft)
        found += [
            each
            for each in lint_procedures(records, today=material.today)
            if draft.code in each.where.split(", ")
        ]
    if candidate.phrases:
        found += lint_phrases(candidate.phrases, records)
    return found
