"""Any record the model allows, for property tests."""

from __future__ import annotations

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
)

# Spreadsheets hold no control characters; everything else people can type is allowed.
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff")
ODD = st.sampled_from(
    ["=1+1", "+84", "-5", "@a", "'", '"', "1.000", "00123", "TRUE", "15/07/2026", "_x0041_",
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


LIMITS = st.builds(
    TimeLimit,
    amount=st.none() | st.integers(1, 400),
    unit=st.sampled_from(Unit),
    text=TEXT,
    condition=MAYBE,
)
FEES = st.builds(
    Fee,
    amount=st.none() | st.integers(0, 10_000_000),
    per=MAYBE,
    text=TEXT,
    condition=MAYBE,
    basis=MAYBE,
    valid_until=st.none() | DAYS,
)
FILINGS = st.builds(
    Filing, channel=st.sampled_from(Channel), limits=_few(LIMITS), fees=_few(FEES), note=MAYBE
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, ...]:
    keys = draw(st.lists(KEYS, unique=True, max_size=2))
    return tuple(
        Question(
            key=key,
            text=draw(TEXT),
            options=tuple(
                Option(key=option, label=draw(TEXT))
                for option in draw(st.lists(KEYS, unique=True, min_size=2, max_size=3))
            ),
        )
        for key in keys
    )


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    asked = draw(questions())
    when = st.just({})
    if asked:
        question = asked[0]
        when |= st.just({question.key: (question.options[0].key,)})
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
