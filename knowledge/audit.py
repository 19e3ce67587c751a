"""The audit: what staff did, each row chained to the one before, so that tampering shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select, update

from knowledge.tables import AuditHead, AuditRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

State = dict[str, Any] | None
"""What a thing was like before or after: JSON values only, no secrets, nothing of citizens."""

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """How many rows there were at some moment and the digest of the last one."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{self.count}:{self.digest}"

    @classmethod
    def read(cls, text: str) -> Head:
        """The head as :meth:`__str__` wrote it. Raises ValueError."""
        count, _, digest = text.strip().partition(":")
        if not count.isascii() or not count.isdecimal():
            raise ValueError("not a head of the audit")
        return cls(int(count), digest)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit."""

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    before: State
    after: State


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which rows are wanted; empty means all. ``target`` is found by its beginning."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Fault(Exception):
    """The audit is not as it was written; the text says where, in Vietnamese."""


def digest_of(row: AuditRow) -> str:
    """The SHA-256 over everything a row says and the digest of the row before."""
    said = [
        row.id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor,
        row.action,
        row.target,
        row.before,
        row.after,
        row.previous,
    ]
    text = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Audit:
    """Appending, reading and proving the audit inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(
        self,
        actor: str,
        action: str,
        target: str,
        before: State = None,
        after: State = None,
        *,
        at: datetime,
    ) -> None:
        """Append what was done, in the transaction that does it: both happen or neither.

        ``action`` is «thing.verb». Call it last: from here on other writers wait.
        """
        # The update takes the lock of the one head row, so that nobody else appends meanwhile.
        self._session.execute(
            update(AuditHead)
            .where(AuditHead.id == 1)
            .values(count=AuditHead.count + 1)
            .execution_options(synchronize_session=False)
        )
        count, digest = self._session.execute(select(AuditHead.count, AuditHead.digest)).one()
        row = AuditRow(
            id=count,
            at=at,
            actor=actor[:80],
            action=action[:60],
            target=target[:160],
            before=_plain(before),
            after=_plain(after),
            previous=digest,
        )
        row.digest = digest_of(row)
        self._session.add(row)
        self._session.flush()
        self._session.execute(
            update(AuditHead)
            .where(AuditHead.id == 1)
            .values(digest=row.digest)
            .execution_options(synchronize_session=False)
        )

    def head(self) -> Head:
        """Where the audit ends now; written down elsewhere it proves that nothing was cut."""
        count, digest = self._session.execute(select(AuditHead.count, AuditHead.digest)).one()
        return Head(count, digest)

    def verify(self, witnesses: Iterable[Head] = ()) -> Head:
        """Go through the whole audit; the head when all is well. Raises :class:`Fault`.

        ``witnesses`` are heads noted earlier outside the database. Without them, someone who may
        write to the database could make the whole chain anew, or shorten it with its head row.
        """
        expected = {head.count: head.digest for head in witnesses if head.count}
        last, seen = Head(0, ""), None
        while True:
            for row in self._rows(last.count):
                _check(row, last, expected.pop(row.id, None))
                last = Head(row.id, row.digest)
            head = self.head()
            if last == head:
                break
            # Rows may come while this runs; a head that stays apart from the rows is a fault.
            if head == seen:
                raise Fault(
                    f"Nhật ký có {last.count} dòng, nhưng dòng chốt ghi {head.count}: "
                    "phần cuối bị cắt, hoặc dòng chốt bị sửa."
                )
            seen = head
        if expected:
            raise Fault(
                f"Nhật ký chỉ có {last.count} dòng, nhưng đã từng có {max(expected)}: "
                "phần cuối bị cắt, hoặc cơ sở dữ liệu bị đưa về bản cũ."
            )
        return last

    def _rows(self, after: int) -> Iterator[AuditRow]:
        while True:
            rows = self._session.scalars(
                select(AuditRow).where(AuditRow.id > after).order_by(AuditRow.id).limit(BATCH)
            ).all()
            for row in rows:
                self._session.expunge(row)
                yield row
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    def entries(self, wanted: Filter, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """Rows, the newest first; ``before`` is the id of the last row of the page before."""
        query = _filtered(wanted).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        return [
            Entry(row.id, row.at, row.actor, row.action, row.target, row.before, row.after)
            for row in self._session.scalars(query)
        ]

    def count(self, wanted: Filter) -> int:
        """How many rows a filter finds."""
        query = _filtered(wanted).with_only_columns(func.count())
        return self._session.scalar(query) or 0

    def actions(self) -> list[str]:
        """Every action that ever happened."""
        return list(self._session.scalars(select(AuditRow.action).distinct().order_by("action")))


def _filtered(wanted: Filter) -> Select[AuditRow]:
    query = select(AuditRow)
    if wanted.actor:
        query = query.where(AuditRow.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditRow.action == wanted.action)
    if wanted.target:
        query = query.where(
            or_(
                AuditRow.target.startswith(wanted.target, autoescape=True),
                AuditRow.target.contains(f":{wanted.target}", autoescape=True),
            )
        )
    if wanted.since:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditRow.at < wanted.until)
    return query


def _plain(state: State) -> State:
    """The state as it will be read again, so that its digest is the same then."""
    plain: State = json.loads(json.dumps(state))
    return plain


def _check(row: AuditRow, last: Head, witnessed: str | None) -> None:
    if row.id != last.count + 1:
        raise Fault(f"Thiếu dòng {last.count + 1}: sau dòng {last.count} là dòng {row.id}.")
    if row.previous != last.digest:
        raise Fault(f"Dòng {row.id} không nối với dòng trước: một trong hai bị thay.")
    if row.digest != digest_of(row):
        raise Fault(f"Dòng {row.id} bị sửa sau khi ghi.")
    if witnessed is not None and witnessed != row.digest:
        raise Fault(f"Dòng {row.id} không khớp mã đã ghi lại ở nơi khác: nhật ký bị viết lại.")
