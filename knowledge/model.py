"""The vocabulary of the office: procedures, their papers, fees, limits and sources."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

PROCEDURE_CODE = re.compile(r"[1-6]\.\d{6}(?:\.H\d{2})?")
"""National code ``N.NNNNNN``; ``.Hxx`` behind it marks a province's own record."""

Code = Annotated[str, StringConstraints(pattern=rf"^{PROCEDURE_CODE.pattern}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,23}$")]


class Aspect(StrEnum):
    """What a citizen can ask of a procedure."""

    OVERVIEW = "overview"
    PAPERS = "papers"
    FEE = "fee"
    TIME = "time"
    PLACE = "place"
    STEPS = "steps"
    FORM = "form"
    ONLINE = "online"
    LAW = "law"
    WHO = "who"
    CONDITIONS = "conditions"
    RESULT = "result"


class Level(StrEnum):
    """Level of government that handles a procedure (no district since 1 July 2025)."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"
    OTHER = "other"


class Channel(StrEnum):
    """A way of filing."""

    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


class Unit(StrEnum):
    """Unit of a time limit; calendar and working days are different in law."""

    WORKING_DAY = "working_day"
    DAY = "day"
    HOUR = "hour"
    MONTH = "month"


class Record(BaseModel):
    """A frozen record that refuses unknown fields, so a typing error in YAML is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


When = dict[Key, tuple[Key, ...]]
"""Question key → option keys under which something applies; every question must agree."""


def applies(when: When, choices: dict[str, str]) -> bool:
    """True when no answer given so far contradicts ``when`` (unanswered questions do not)."""
    return all(choices.get(question) in (None, *options) for question, options in when.items())


class Option(Record):
    """One possible answer to a checklist question."""

    key: Key
    label: Text


class Question(Record):
    """A short question that tells the cases of a procedure apart."""

    key: Key
    text: Text
    options: tuple[Option, ...] = Field(min_length=2, max_length=5)
    when: When = {}


class Paper(Record):
    """A paper to bring or to show.

    ``originals`` and ``copies`` are counts; ``None`` means the source states none.
    ``shown`` papers are only presented, never handed in.
    """

    name: Text
    originals: int | None = Field(default=None, ge=0)
    copies: int | None = Field(default=None, ge=0)
    form: Text | None = None
    condition: Text | None = None
    shown: bool = False
    when: When = {}


_SHARED_HEADING = re.compile(
    r"\W*(?:\d+\W+)?(?:các |những )?(?:"
    r"(?:giấy tờ|chứng từ|tài liệu)\b.*(?:nộp|xuất trình|đưa xem|gửi kèm)"
    r"|xuất trình\b|lưu ý\b|bao gồm\b|thành phần hồ sơ|giấy tờ khác|hồ sơ gồm)",
    re.IGNORECASE,
)


class Case(Record):
    """A case («trường hợp») of a procedure and the papers it needs."""

    name: Text
    papers: tuple[Paper, ...] = ()
    when: When = {}

    @property
    def shared(self) -> bool:
        """True when the heading tells what is done with the papers and not whose case it is.

        The national portal prints «Giấy tờ phải nộp», «Lưu ý» and real cases as one kind of line.
        """
        return _SHARED_HEADING.match(self.name) is not None


class TimeLimit(Record):
    """How long the office may take; ``text`` is said when a number alone would mislead."""

    amount: int | None = Field(default=None, gt=0)
    unit: Unit = Unit.WORKING_DAY
    text: Text | None = None
    condition: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.amount is None and self.text is None:
            raise ValueError("time limit needs an amount or a text")
        return self


class Fee(Record):
    """A fee in đồng. ``amount`` 0 means free by a rule that is named in ``basis``."""

    amount: int | None = Field(default=None, ge=0)
    per: Text | None = None
    text: Text | None = None
    condition: Text | None = None
    basis: Text | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.amount is None and self.text is None:
            raise ValueError("fee needs an amount or a text")
        return self


class Filing(Record):
    """One way of filing with its limits and fees; empty means the source states none."""

    channel: Channel
    limits: tuple[TimeLimit, ...] = ()
    fees: tuple[Fee, ...] = ()
    note: Text | None = None


class Law(Record):
    """A legal basis by its number, the title when known."""

    number: Text
    title: Text | None = None


class Conflict(Record):
    """A place where the national portal and the law disagree; ``say`` is what citizens hear."""

    aspect: Aspect
    say: Text
    basis: Text | None = None


class Source(Record):
    """Where a record comes from and who vouches for it.

    ``check_by`` is a day by which it must be looked at again; without it the office's usual
    interval counts from ``checked_on``.
    """

    decision: Text | None = None
    url: Text | None = None
    checked_on: date
    check_by: date | None = None
    confirmed: bool = False
    confirmed_by: Text | None = None
    origin: Text | None = None


class Procedure(Record):
    """One administrative procedure as the office may state it.

    ``unsourced`` names the aspects whose facts no official source was seen for;
    the citizen is told so with the answer.
    """

    code: Code
    name: Text
    short_name: Text | None = None
    aliases: tuple[Text, ...] = ()
    field: Text
    levels: tuple[Level, ...] = ()
    office: Text | None = None
    place: Text | None = None
    subjects: tuple[Text, ...] = ()
    questions: tuple[Question, ...] = Field(default=(), max_length=4)
    cases: tuple[Case, ...] = ()
    steps: tuple[Text, ...] = ()
    filings: tuple[Filing, ...] = ()
    result: Text | None = None
    conditions: tuple[Text, ...] = ()
    legal_basis: tuple[Law, ...] = ()
    online_url: Text | None = None
    source: Source
    valid_from: date | None = None
    valid_until: date | None = None
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Text, ...] = ()
    replaces: tuple[Code, ...] = ()
    related: tuple[Code, ...] = ()
    unsourced: tuple[Aspect, ...] = ()
    revision: int = Field(default=1, ge=1)

    @property
    def title(self) -> str:
        """The name said in conversation."""
        return self.short_name or self.name

    @property
    def papers(self) -> tuple[Paper, ...]:
        """Papers of all cases, in order."""
        return tuple(paper for case in self.cases for paper in case.papers)

    @property
    def alternatives(self) -> tuple[Case, ...]:
        """Cases of which a citizen is in one only, when no question tells them apart."""
        if self.questions:
            return ()
        found = tuple(case for case in self.cases if case.papers and not case.shared)
        return found if len(found) > 1 else ()

    def in_force(self, on: date) -> bool:
        """True when the record may be shown on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.code in self.replaces or self.code in self.related:
            raise ValueError("a procedure cannot replace or relate to itself")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until is before valid_from")
        options = {q.key: {o.key for o in q.options} for q in self.questions}
        for when in self._conditions():
            for question, keys in when.items():
                if unknown := set(keys) - options.get(question, set()):
                    raise ValueError(f"'when' names no such option: {question}={sorted(unknown)}")
        return self

    def _conditions(self) -> list[When]:
        asked = [question.when for question in self.questions]
        cases = [case.when for case in self.cases]
        return asked + cases + [paper.when for paper in self.papers]
