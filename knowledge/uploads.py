"""Files that officers brought in, kept until somebody writes or drops them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from knowledge.tables import UploadRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


KEPT_FOR = timedelta(days=7)
"""How long a file is kept that nobody drops."""


class UploadState(StrEnum):
    """Life of a file: kept to be looked at, being written, written, or given up."""

    KEPT = "kept"
    WRITING = "writing"
    WRITTEN = "written"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file without its bytes. ``seen_at`` is when whoever writes it was last known to live."""

    id: str
    name: str
    author: str
    started: datetime
    state: UploadState = UploadState.KEPT
    overwrite: bool = False
    written: int = 0
    problem: str = ""
    seen_at: datetime | None = None


_COLUMNS = (
    UploadRow.id,
    UploadRow.name,
    UploadRow.author,
    UploadRow.started,
    UploadRow.state,
    UploadRow.overwrite,
    UploadRow.written,
    UploadRow.problem,
    UploadRow.seen_at,
)


class Uploads:
    """Reads and writes of uploaded files inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, upload: Upload, data: bytes) -> None:
        """Keep a file."""
        self._session.add(UploadRow(**vars(upload), data=data))
        self._session.flush()

    def all(self) -> list[Upload]:
        """What is kept, the newest first."""
        rows = self._session.execute(
            select(*_COLUMNS).order_by(UploadRow.started.desc(), UploadRow.id)
        )
        return [_upload(row) for row in rows]

    def get(self, number: str) -> Upload | None:
        """One file by its id."""
        row = self._session.execute(select(*_COLUMNS).where(UploadRow.id == number)).first()
        return _upload(row) if row else None

    def data(self, number: str) -> bytes | None:
        """Its bytes."""
        return self._session.scalar(select(UploadRow.data).where(UploadRow.id == number))

    def claim(self, number: str, *, at: datetime) -> bool:
        """Begin to write; False when another process did, or it is gone."""
        kept = UploadRow.state == UploadState.KEPT
        return self._change(number, kept, state=UploadState.WRITING, seen_at=at, problem="")

    def beat(self, number: str, *, at: datetime) -> None:
        """Whoever writes it is alive."""
        self._change(number, UploadRow.state == UploadState.WRITING, seen_at=at)

    def settle(
        self, number: str, state: UploadState, *, written: int = 0, problem: str = ""
    ) -> None:
        """What the writing came to."""
        self._change(number, state=state, written=written, problem=problem)

    def give_up(self, before: datetime, problem: str) -> None:
        """Writing that nobody has heard of since a time broke off with its process."""
        self._session.execute(
            update(UploadRow)
            .where(UploadRow.state == UploadState.WRITING, UploadRow.seen_at < before)
            .values(state=UploadState.FAILED, problem=problem)
        )

    def plan(self, number: str, *, overwrite: bool) -> None:
        """Look at it with or without records that people worked on."""
        self._change(number, UploadRow.state == UploadState.KEPT, overwrite=overwrite)

    def drop(self, *numbers: str) -> None:
        """Forget files."""
        self._session.execute(delete(UploadRow).where(UploadRow.id.in_(numbers)))

    def sweep(self, before: datetime) -> None:
        """Forget what was brought in before a time."""
        self._session.execute(delete(UploadRow).where(UploadRow.started < before))

    def _change(self, number: str, *where: ColumnElement[bool], **values: Any) -> bool:
        changed = self._session.execute(
            update(UploadRow).where(UploadRow.id == number, *where).values(values)
        )
        return bool(changed.rowcount)  # type: ignore[attr-defined]


def _upload(row: Any) -> Upload:
    values = row._asdict()
    return Upload(**{**values, "state": UploadState(values["state"])})
