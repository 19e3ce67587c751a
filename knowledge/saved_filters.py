"""Filters that accounts keep under a name, to come back to with one click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from knowledge.bulk import upsert_all
from knowledge.tables import SavedFilterRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

MOST = 30
"""Filters one account may keep for one page."""
NAME_LENGTH = 60
QUERY_LENGTH = 2_000


class TooManyFilters(Exception):
    """The account keeps as many as it may; one has to go first."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """``query`` is what stands behind «?» in the page's address."""

    id: int
    name: str
    query: str


class SavedFilters:
    """Filters of accounts inside one transaction; nobody sees another account's."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, account: int, page: str) -> list[SavedFilter]:
        """What an account keeps for a page, by name."""
        rows = self._session.scalars(
            select(SavedFilterRow)
            .where(SavedFilterRow.account == account, SavedFilterRow.page == page)
            .order_by(SavedFilterRow.name)
        )
        return [SavedFilter(row.id, row.name, row.query) for row in rows]

    def save(self, account: int, page: str, name: str, query: str, *, at: datetime) -> None:
        """Keep a filter; one of the same name is replaced. Raises :class:`TooManyFilters`."""
        kept = self._session.scalar(
            select(func.count())
            .select_from(SavedFilterRow)
            .where(
                SavedFilterRow.account == account,
                SavedFilterRow.page == page,
                SavedFilterRow.name != name,
            )
        )
        if (kept or 0) >= MOST:
            raise TooManyFilters
        row = {"account": account, "page": page, "name": name, "query": query, "created_at": at}
        upsert_all(self._session, SavedFilterRow, ("account", "page", "name"), [row])

    def remove(self, account: int, number: int) -> None:
        """Forget one of the account's own filters; any other is left alone."""
        self._session.execute(
            delete(SavedFilterRow).where(
                SavedFilterRow.id == number, SavedFilterRow.account == account
            )
        )
