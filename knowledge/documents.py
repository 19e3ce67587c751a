"""Knowledge that is one piece (glossary, calendar, wording): what is in force, and each version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from knowledge.tables import Document, DocumentRevision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


class Moved(Exception):
    """Somebody else changed the document since it was read."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A document as it was from a moment on. Numbers begin with 1 and have no gaps."""

    number: int
    body: dict[str, Any]
    author: str
    reason: str
    created_at: datetime


class Documents:
    """Documents by name. A version never changes and is never removed."""

    def __init__(
        self, session: Session, alone: Callable[[], None], raise_version: Callable[[], None]
    ) -> None:
        self._session = session
        self._alone = alone
        self._raise_version = raise_version

    def current(self, name: str) -> Version | None:
        """What is in force; ``None`` for a document nobody ever wrote."""
        row = self._session.get(Document, name, populate_existing=True)
        return self.version(name, row.revision) if row else None

    def version(self, name: str, number: int) -> Version | None:
        """One version."""
        row = self._session.get(DocumentRevision, (name, number))
        return _version(row) if row else None

    def count(self, name: str) -> int:
        """How many versions there are."""
        counted = select(func.count()).where(DocumentRevision.name == name)
        return self._session.scalar(counted.select_from(DocumentRevision)) or 0

    def history(self, name: str, *, limit: int, offset: int = 0) -> Sequence[Version]:
        """Versions, the newest first."""
        rows = self._session.scalars(
            select(DocumentRevision)
            .where(DocumentRevision.name == name)
            .order_by(DocumentRevision.revision.desc())
            .limit(limit)
            .offset(offset)
        )
        return [_version(row) for row in rows]

    def put(
        self,
        name: str,
        body: dict[str, Any],
        *,
        author: str,
        at: datetime,
        reason: str = "",
        expects: int | None = None,
    ) -> int:
        """Write the next version, in force at once; every process reads it within seconds.

        Returns its number. ``expects`` is the version it was made from (0: there was none);
        raises :class:`Moved` when another one is in force by now.
        """
        self._alone()
        row = self._session.get(Document, name, populate_existing=True)
        newest = row.revision if row else 0
        if expects is not None and expects != newest:
            raise Moved(name)
        self._session.merge(
            Document(name=name, body=body, author=author, updated_at=at, revision=newest + 1)
        )
        self._session.add(
            DocumentRevision(
                name=name,
                revision=newest + 1,
                body=body,
                author=author,
                reason=reason,
                created_at=at,
            )
        )
        self._session.flush()
        self._raise_version()
        return newest + 1


def _version(row: DocumentRevision) -> Version:
    return Version(
        number=row.revision,
        body=row.body,
        author=row.author,
        reason=row.reason,
        created_at=row.created_at,
    )
