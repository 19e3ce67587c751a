"""Words of the inquiry log: how they are stored and found, without diacritics, on each database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    and_,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from knowledge.tables import InquiryRow
from knowledge.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

SPARSE = 10_000
"""Rows up to which SQLite's word index leads; of words found oftener a page fills soon anyway."""
MOST_WORDS = 12
"""Words of one search; a longer one is no search but a text."""
INDEX = "inquiry_words"
"""The word index: an FTS5 table on SQLite, a GIN index on PostgreSQL; the ORM knows neither."""

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text in order, lower case, without diacritics."""
    return _WORD.findall(fold.__wrapped__(text))


def folded(text: str) -> str:
    """What stands beside a masked text so that its words are found: « khai sinh cho con »."""
    return f" {' '.join(words_of(text))} "


def having(session: Session, words: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a row has all the words, in the form its database finds soonest.

    PostgreSQL knows how often words are and chooses between the word index and the index by time.
    SQLite does not know, so we look: rare words lead from the word index, frequent ones are only
    checked on the rows that come by time.
    """
    if session.get_bind().dialect.name == "postgresql":
        wanted = cast(literal(list(words), ARRAY(Text())), ARRAY(Text()))
        return _array().contains(wanted)
    checked = and_(
        *(InquiryRow.folded.contains(f" {word} ", autoescape=True) for word in dict.fromkeys(words))
    )
    index = table(INDEX, column("rowid"))
    query = " AND ".join(f'"{word}"' for word in dict.fromkeys(words))
    found = select(index.c.rowid).select_from(index).where(literal_column(INDEX).op("MATCH")(query))
    counted = session.scalar(select(func.count()).select_from(found.limit(SPARSE + 1).subquery()))
    if (counted or 0) > SPARSE:
        return checked
    return and_(InquiryRow.id.in_(found.scalar_subquery()), checked)


def _array() -> ColumnElement[Any]:
    """The expression of the GIN index, letter for letter as the migration wrote it."""
    return literal_column("string_to_array(btrim(inquiries.folded), ' ')", type_=ARRAY(Text()))


def in_metadata(name: str | None, kind: str, _parents: object) -> bool:
    """False for what only the migration declares; for comparing a database with the tables."""
    return not (kind in ("table", "index") and (name or "").startswith(INDEX))
