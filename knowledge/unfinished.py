"""Forms that somebody is still filling in, kept as typed until they are saved or dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from knowledge.contacts import upsert_all
from knowledge.tables import UnfinishedForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The fields of a form, and when they were last kept."""

    fields: tuple[tuple[str, str], ...]
    at: datetime


class Unfinished:
    """Reads and writes of unfinished forms inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, account: int, subject: str) -> Kept | None:
        """What an account was typing about a subject."""
        row = self._session.get(UnfinishedForm, (account, subject))
        if row is None:
            return None
        fields = tuple((name, value) for name, value in row.fields["fields"])
        return Kept(fields=fields, at=row.updated_at)

    def keep(
        self, account: int, subject: str, fields: Sequence[tuple[str, str]], *, at: datetime
    ) -> None:
        """Replace what is kept."""
        row = {
            "account": account,
            "subject": subject,
            "fields": {"fields": [list(each) for each in fields]},
            "updated_at": at,
        }
        upsert_all(self._session, UnfinishedForm, ("account", "subject"), [row])

    def drop(self, account: int, subject: str) -> None:
        """Forget what is kept: it was saved, or its author does not want it."""
        self._session.execute(
            delete(UnfinishedForm).where(
                UnfinishedForm.account == account, UnfinishedForm.subject == subject
            )
        )

    def sweep(self, now: datetime) -> None:
        """Forget forms that nobody touched for :data:`KEPT_FOR`."""
        self._session.execute(
            delete(UnfinishedForm).where(UnfinishedForm.updated_at < now - KEPT_FOR)
        )
