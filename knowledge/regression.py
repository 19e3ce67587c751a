"""Sentences that must lead to their procedure whatever else changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from knowledge.bulk import upsert_all
from knowledge.tables import RegressionCase
from knowledge.text import fold, words

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

LONGEST = 200
"""Characters of a phrase; longer ones are stories and no way to call something."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A phrase, the code it must lead to, who said so and when."""

    phrase: str
    code: str
    author: str
    created_at: datetime


def case_key(phrase: str) -> str:
    """The words of a phrase without diacritics: what makes two cases the same."""
    return " ".join(fold(word) for word in words(phrase))[:400]


class RegressionCases:
    """Reads and writes of regression cases inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, phrase: str, code: str, *, author: str, at: datetime) -> None:
        """Keep a case; the same words said before lead to the new code from now on."""
        row = {
            "key": case_key(phrase),
            "phrase": phrase,
            "code": code,
            "author": author,
            "created_at": at,
        }
        upsert_all(self._session, RegressionCase, ("key",), [row])

    def remove(self, phrase: str) -> None:
        """Forget a case."""
        self._session.execute(delete(RegressionCase).where(RegressionCase.key == case_key(phrase)))

    def all(self) -> list[Case]:
        """Every case, the oldest first."""
        rows = self._session.scalars(
            select(RegressionCase).order_by(RegressionCase.created_at, RegressionCase.key)
        )
        return [
            Case(phrase=row.phrase, code=row.code, author=row.author, created_at=row.created_at)
            for row in rows
        ]
