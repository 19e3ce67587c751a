"""Any record the model allows, for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from knowledge.model import (
    Aspect,
    Case,
    Channel,
    Conflict,
    Fee,
    Filing,
    Law,
    Level,
    Option,
    Paper,
    Procedure,
    Question,
    Source,
    TimeLimit,
    Unit,
    When,
)

TODAY = date(2026, 11, 24)
# Spreadsheets hold no control characters; everything else people can type is allowed.
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff")
ODD = st.sampled_from(
    ["=1+1", "+84", "-5", "@a", "'", '"', "1.000", "00123", "TRUE", "15/07/2026", "_x0041_",
     "a\tb", "a\r\nb", "a\x85b", "a\u2028b", "a\x01b", "\ufeffa", "- a", "a: b # c", "\t=1",
     "có; không", "a=b|c", "dòng một\ndòng hai", "#N/A", "1e5", "null", "~", "yes", "{x}", "%s"]
)  # fmt: skip
TEXT = st.one_of(ODD, st.text(LETTERS, min_size=1, max_size=30).filter(lambda text: text.strip()))
MAYBE = st.none() | TEXT
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
CODES = st.from_regex(r"[1-6]\.[0-9]{6}(\.H[0-9]{2})?", fullmatch=True)
COUNT = st.none() | st.integers(0, 20)


def _few(items: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=most).map(tuple)


def _said(amounts: st.SearchStrategy[int]) -> st.SearchStrategy[dict[str, object]]:
    """An amount, a text, or both; the model refuses neither."""
    return st.one_of(
        st.fixed_dictionaries({"amount": amounts}),
        st.fixed_dictionaries({"text": TEXT}),
        st.fixed_dictionaries({"amount": amounts, "text": TEXT}),
    )


@st.composite
def limits(draw: st.DrawFn) -> TimeLimit:
    unit = draw(st.sampled_from(Unit))
    said = draw(_said(st.integers(1, 400)))
    return TimeLimit.model_validate({**said, "unit": unit, "condition": draw(MAYBE)})


@st.composite
def fees(draw: st.DrawFn) -> Fee:
    said = draw(_said(st.integers(0, 10_000_000)))
    more = {key: draw(MAYBE) for key in ("per", "condition", "basis")}
    return Fee.model_validate({**said, **more, "valid_until": draw(st.none() | DAYS)})


FILINGS = st.builds(
    Filing, channel=st.sampled_from(Channel), limits=_few(limits()), fees=_few(fees()), note=MAYBE
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, ...]:
    asked: list[Question] = []
    for key in draw(st.lists(KEYS, unique=True, max_size=3)):
        options = draw(st.lists(KEYS, unique=True, min_size=2, max_size=3))
        asked.append(
            Question(
                key=key,
                text=draw(TEXT),
                options=tuple(Option(key=each, label=draw(TEXT)) for each in options),
                when=draw(whens(asked)),
            )
        )
    return tuple(asked)


@st.composite
def whens(draw: st.DrawFn, asked: Sequence[Question]) -> When:
    """A condition on any of the questions, with one or several of their options."""
    return {
        question.key: tuple(
            draw(
                st.lists(
                    st.sampled_from([o.key for o in question.options]), min_size=1, unique=True
                )
            )
        )
        for question in asked
        if draw(st.booleans())
    }


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    asked = draw(questions())
    when = whens(asked)
    papers = st.builds(
        Paper,
        name=TEXT,
        originals=COUNT,
        copies=COUNT,
        form=MAYBE,
        condition=MAYBE,
        shown=st.booleans(),
        when=when,
    )
    cases = st.builds(Case, name=TEXT, papers=_few(papers), when=when)
    code = draw(CODES)
    others = st.lists(CODES.filter(lambda other: other != code), max_size=2).map(tuple)
    return draw(
        st.builds(
            Procedure,
            code=st.just(code),
            name=TEXT,
            short_name=MAYBE,
            aliases=_few(TEXT),
            field=TEXT,
            levels=_few(st.sampled_from(Level)),
            office=MAYBE,
            place=MAYBE,
            subjects=_few(TEXT),
            questions=st.just(asked),
            cases=_few(cases),
            steps=_few(TEXT),
            filings=_few(FILINGS),
            result=MAYBE,
            conditions=_few(TEXT),
            legal_basis=_few(st.builds(Law, number=TEXT, title=MAYBE)),
            online_url=MAYBE,
            source=st.builds(
                Source,
                decision=MAYBE,
                url=MAYBE,
                checked_on=DAYS,
                confirmed=st.booleans(),
                confirmed_by=MAYBE,
                origin=MAYBE,
            ),
            valid_from=st.none() | st.dates(date(2000, 1, 1), date(2010, 1, 1)),
            valid_until=st.none() | st.dates(date(2011, 1, 1), date(2030, 1, 1)),
            conflicts=_few(
                st.builds(Conflict, aspect=st.sampled_from(Aspect), say=TEXT, basis=MAYBE)
            ),
            notes=_few(TEXT),
            replaces=others,
            related=others,
            unsourced=_few(st.sampled_from(Aspect)),
        )
    )


def several() -> st.SearchStrategy[list[Procedure]]:
    return st.lists(procedures(), min_size=1, max_size=3, unique_by=lambda each: each.code)
