"""Reading the inquiry log: pages of a filter in both directions, and one conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, exists, func, select, tuple_

from knowledge.inquiry_words import SPARSE, having
from knowledge.tables import InquiryRow, ProcedureRevision, RatingRow, core

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

Line = Row[Any]
"""A row of the log with the columns of :class:`InquiryRow`, and ``good``: what was said of it."""
_RATED = select(core(InquiryRow), RatingRow.good).outerjoin(
    RatingRow, RatingRow.inquiry == core(InquiryRow).c.id
)
_LINES = _RATED.where(core(InquiryRow).c.id.in_(bindparam("ids", expanding=True)))
_place_of_row = tuple_(InquiryRow.at, InquiryRow.id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the log, by time and then by number."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{round(self.at.timestamp() * 1_000_000)}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place as :meth:`__str__` wrote it; ``None`` for anything else."""
        micros, _, number = text.partition("-")
        if not all(each.isascii() and each.isdecimal() for each in (micros, number)):
            return None
        if len(micros) > 16 or len(number) > 18:
            return None
        seconds, rest = divmod(int(micros), 1_000_000)
        return cls(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(number))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which inquiries; empty means all. ``since`` is in, ``until`` is out.

    ``words`` are folded and all have to be there (see :mod:`knowledge.inquiry_words`); ``good`` is
    what the citizen said of the answer.
    """

    since: datetime
    until: datetime
    channel: str = ""
    procedure: str = ""
    field: str = ""
    statuses: tuple[str, ...] = ()
    aspect: str = ""
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    good: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, the newest first; ``newer`` and ``older`` are there when more rows are that way."""

    rows: Sequence[Line]
    newer: Place | None = None
    older: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Spell:
    """Part of one conversation in the order it went, around one message."""

    rows: Sequence[InquiryRow]
    earlier: int | None = None
    later: int | None = None


class Inquiries:
    """Reads of the inquiry log inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(
        self,
        wanted: Wanted,
        *,
        limit: int,
        before: Place | None = None,
        after: Place | None = None,
    ) -> Page:
        """The newest rows, the rows that come after the place ``before``, or before ``after``."""
        which = self._which(wanted)
        if after is not None:
            ids = self._ids([*which, _place_of_row > _bound(after)], limit + 1, newest=False)
            # Fewer than a page are left that way: then the first page, full.
            if len(ids) < limit:
                return self.page(wanted, limit=limit)
            rows = self._rows(ids[:limit])
            newer = place_of(rows[0]) if len(ids) > limit else None
            return Page(rows=rows, newer=newer, older=place_of(rows[-1]))
        if before is not None:
            which.append(_place_of_row < _bound(before))
        ids = self._ids(which, limit + 1)
        rows = self._rows(ids[:limit])
        return Page(
            rows=rows,
            newer=place_of(rows[0]) if before is not None and rows else None,
            older=place_of(rows[-1]) if len(ids) > limit else None,
        )

    def lines(self, wanted: Wanted, *, limit: int, before: Place | None = None) -> Sequence[Line]:
        """The newest rows, or those that come after the place ``before``, for taking all of them.

        Unlike :meth:`page` by one statement: whoever takes all needs no short cut to few.
        """
        which = self._which(wanted)
        if before is not None:
            which.append(_place_of_row < _bound(before))
        query = (
            _RATED.where(*which).order_by(InquiryRow.at.desc(), InquiryRow.id.desc()).limit(limit)
        )
        return self._session.connection().execute(query).all()

    def counted(self, wanted: Wanted, *, most: int) -> int:
        """How many rows a filter finds, counted up to ``most``."""
        found = select(InquiryRow.id).where(*self._which(wanted)).limit(most).subquery()
        return self._session.scalar(select(func.count()).select_from(found)) or 0

    def get(self, number: int) -> InquiryRow | None:
        """One inquiry."""
        return self._session.get(InquiryRow, number)

    def around(self, inquiry: InquiryRow, *, limit: int = 25) -> Spell:
        """Messages of the same contact: up to ``limit`` before and after one; erased ones alone."""
        if not inquiry.contact:
            return Spell(rows=[inquiry])
        same = select(InquiryRow).where(
            InquiryRow.channel == inquiry.channel, InquiryRow.contact == inquiry.contact
        )
        later = self._session.scalars(
            same.where(InquiryRow.id > inquiry.id).order_by(InquiryRow.id).limit(limit + 1)
        ).all()
        earlier = self._session.scalars(
            same.where(InquiryRow.id < inquiry.id).order_by(InquiryRow.id.desc()).limit(limit + 1)
        ).all()
        return Spell(
            rows=[*reversed(earlier[:limit]), inquiry, *later[:limit]],
            earlier=earlier[limit].id if len(earlier) > limit else None,
            later=later[limit].id if len(later) > limit else None,
        )

    def _which(self, wanted: Wanted) -> list[Any]:
        which: list[Any] = [InquiryRow.at >= wanted.since, InquiryRow.at < wanted.until]
        for column, value in (
            (InquiryRow.channel, wanted.channel),
            (InquiryRow.aspect, wanted.aspect),
        ):
            if value:
                which.append(self._by_time(column) == value)
        if wanted.procedure:
            which.append(InquiryRow.procedure == wanted.procedure)
        if wanted.field:
            which.append(InquiryRow.procedure.in_(self._codes(wanted.field)))
        if wanted.statuses:
            which.append(InquiryRow.status.in_(wanted.statuses))
        if wanted.least is not None:
            which.append(InquiryRow.score >= wanted.least)
        if wanted.most is not None:
            which.append(InquiryRow.score <= wanted.most)
        if wanted.good is not None:
            which.append(self._rated(wanted.good, wanted.since))
        if wanted.words:
            which.append(having(self._session, wanted.words))
        return which

    def _rated(self, good: bool, since: datetime) -> Any:
        """Inquiries of a rating: few lead by themselves, many are checked on rows by time.

        PostgreSQL finds out which on its own; SQLite is told, as with words.
        """
        found = select(RatingRow.inquiry).where(RatingRow.good == good, RatingRow.at >= since)
        counted = self._session.scalar(
            select(func.count()).select_from(found.limit(SPARSE + 1).subquery())
        )
        if (counted or 0) <= SPARSE:
            return InquiryRow.id.in_(found)
        return (
            exists()
            .where(RatingRow.inquiry == InquiryRow.id, RatingRow.good == good)
            .correlate(InquiryRow)
        )

    def _by_time(self, column: Any) -> Any:
        """A column that is only checked on rows that come by time.

        SQLite would take the index of contacts for a channel, and sort a year of rows.
        """
        sqlite = self._session.get_bind().dialect.name == "sqlite"
        return column.op("||")("") if sqlite else column

    def _codes(self, field: str) -> list[str]:
        codes = select(ProcedureRevision.code).where(ProcedureRevision.field == field).distinct()
        return list(self._session.scalars(codes))

    def _ids(self, which: Iterable[Any], limit: int, *, newest: bool = True) -> list[int]:
        """Numbers only, so that the index by time answers alone; always the newest first."""
        query: Select[int] = select(InquiryRow.id).where(*which).limit(limit)
        if newest:
            return list(
                self._session.scalars(query.order_by(InquiryRow.at.desc(), InquiryRow.id.desc()))
            )
        return list(self._session.scalars(query.order_by(InquiryRow.at, InquiryRow.id)))[:limit]

    def _rows(self, ids: Sequence[int]) -> Sequence[Line]:
        # Past the ORM, which would keep an eye on each of a hundred thousand rows.
        rows = self._session.connection().execute(_LINES, {"ids": list(ids)}).all()
        return sorted(rows, key=lambda row: (row.at, row.id), reverse=True)


def place_of(row: Line) -> Place:
    """Where a row stands."""
    return Place(row.at, row.id)


def _bound(place: Place) -> Any:
    return tuple_(place.at, place.id, types=[InquiryRow.at.type, InquiryRow.id.type])
