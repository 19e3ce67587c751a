"""Which dossiers changed, read along an indexed column, late transactions included."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select

from knowledge.onestop.model import Change
from knowledge.onestop.reading import code_of
from knowledge.onestop.sources import NoChangeList, Rubbish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Select

    from knowledge.onestop.mapping import SqlMapping
    from knowledge.onestop.reading import Reader
    from knowledge.onestop.sql_statements import StatementBuilder

AHEAD = timedelta(days=1)
"""Moments later than that are mistakes; one must not hide every change until then."""

Spot = tuple[Any, Any]
"""A row's place: the raw value of the updated column and of the key."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far was read.

    A row whose transaction ends late appears behind rows that were read already. So a round
    starts ``overlap`` before the newest row seen, until a whole round was asked ``overlap`` after
    that row was first seen; only durations of our own clock count, whatever theirs says.
    """

    newest: Spot | None
    seen_at: datetime
    """When ``newest`` became the newest."""
    asked_at: datetime
    """When the last finished round began."""
    place: Spot | None = None
    """Within a round: the last row read."""
    began_at: datetime | None = None

    def written(self) -> str:
        """As text, to be kept by the caller."""
        moments = {"seen": self.seen_at.isoformat(), "asked": self.asked_at.isoformat()}
        if self.began_at:
            moments["began"] = self.began_at.isoformat()
        spots = {"newest": _packed(self.newest), "place": _packed(self.place)}
        return json.dumps(moments | spots)

    @staticmethod
    def read(written: str) -> Cursor:
        """Raises ``Rubbish`` for what :meth:`written` did not write."""
        try:
            raw = json.loads(written)
            began = raw.get("began")
            return Cursor(
                newest=_unpacked(raw["newest"]),
                place=_unpacked(raw["place"]),
                seen_at=datetime.fromisoformat(raw["seen"]),
                asked_at=datetime.fromisoformat(raw["asked"]),
                began_at=datetime.fromisoformat(began) if began else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Rubbish("not a cursor of ours") from error


def _packed(spot: Spot | None) -> list[Any] | None:
    if spot is None:
        return None
    updated, key = spot
    if isinstance(updated, datetime):
        return ["moment", updated.isoformat(), key]
    return ["plain", updated, key]


def _unpacked(packed: list[Any] | None) -> Spot | None:
    if packed is None:
        return None
    kind, updated, key = packed
    return (datetime.fromisoformat(updated) if kind == "moment" else updated), key


class ChangeReader:
    """Reads the changes of one SQL source."""

    def __init__(
        self,
        mapping: SqlMapping,
        builder: StatementBuilder,
        reader: Reader,
        clock: Callable[[], datetime],
    ) -> None:
        self._clock, self._reader = clock, reader
        self._list = mapping.changes
        self._zone = ZoneInfo(mapping.reading.timezone)
        self._forms = mapping.reading.dates
        self._told: dict[Any, Any] = {}
        if self._list is None:
            return
        code = self._list.code or mapping.fields.code
        schema = self._list.table_schema if self._list.table else mapping.table_schema
        names = (self._list.updated, self._list.key, code)
        rows = builder.table(self._list.table or mapping.table, schema, *names)
        self._updated = builder.column(rows, self._list.updated)
        self._key = builder.column(rows, self._list.key)
        self._rows = select(
            self._updated.label("updated"), self._key.label("key"),
            builder.column(rows, code).label("code"),
        ).select_from(rows)  # fmt: skip
        self._overlap = timedelta(seconds=self._list.overlap)

    def newest(self, connection: Connection) -> datetime | None:
        """The latest change."""
        if self._list is None:
            return None
        row = self._latest(connection)
        return self._reader.moment(row.updated) if row else None

    def read(
        self, connection: Connection, written: str | None, limit: int
    ) -> tuple[list[Change], str]:
        """See :meth:`knowledge.onestop.sources.Source.changed_since`."""
        if self._list is None:
            raise NoChangeList("the mapping names no updated column")
        now = self._clock()
        if written is None:
            latest = self._latest(connection)
            newest = (latest.updated, latest.key) if latest else None
            return [], Cursor(newest=newest, seen_at=now, asked_at=now).written()
        cursor = Cursor.read(written)
        found: list[Change] = []
        while True:
            if cursor.place is None:
                cursor = replace(cursor, began_at=now)
            page = limit - len(found)
            rows = connection.execute(self._after(cursor).limit(page)).all()
            found += self._news(rows)
            cursor = self._advanced(cursor, rows, ended=len(rows) < page)
            if cursor.place is None or len(found) >= limit:
                return found, cursor.written()

    def _news(self, rows: Sequence[Any]) -> list[Change]:
        found = []
        for row in rows:
            if self._told.get(row.key) == row.updated:
                continue
            self._told[row.key] = row.updated
            code, at = code_of(row.code), self._reader.moment(row.updated)
            if code and at:
                found.append(Change(code=code, at=at))
        return found

    def _advanced(self, cursor: Cursor, rows: Sequence[Any], *, ended: bool) -> Cursor:
        if rows:
            last = (rows[-1].updated, rows[-1].key)
            if cursor.newest is None or _later(last, cursor.newest):
                cursor = replace(cursor, newest=last, seen_at=self._clock())
            cursor = replace(cursor, place=last)
        if not ended:
            return cursor
        began = cursor.began_at or cursor.asked_at
        cursor = replace(cursor, place=None, began_at=None, asked_at=began)
        self._forget(cursor)
        return cursor

    def _forget(self, cursor: Cursor) -> None:
        """Keep only what the next round may meet again."""
        start = self._start(cursor)
        if start is None or not self._settled(cursor):
            low = start[0] if start else None
            self._told = {
                key: updated for key, updated in self._told.items() if low is None or updated >= low
            }
        else:
            self._told = {}

    def _settled(self, cursor: Cursor) -> bool:
        return cursor.asked_at - cursor.seen_at >= self._overlap

    def _start(self, cursor: Cursor) -> Spot | None:
        """Where a new round starts; the key is ``None`` where the moment itself is read too."""
        if cursor.newest is None or self._settled(cursor):
            return cursor.newest
        updated = cursor.newest[0]
        moment = self._reader.moment(updated)
        if moment is None:
            raise Rubbish("the updated column holds no moments")
        return self._raw(moment - self._overlap, like=updated), None

    def _after(self, cursor: Cursor) -> Select[Any]:
        chosen = self._rows.order_by(self._updated, self._key)
        spot = cursor.place or self._start(cursor)
        if spot is None:
            return chosen.where(self._updated.is_not(None))
        updated, key = spot
        chosen = chosen.where(
            self._updated >= updated,
            self._updated <= self._raw(self._clock() + AHEAD, like=updated),
        )
        if key is None:
            return chosen
        # The first condition alone lets every database use its index.
        return chosen.where(
            or_(self._updated > updated, and_(self._updated == updated, self._key > key))
        )

    def _latest(self, connection: Connection) -> Any:
        descending = self._rows.order_by(self._updated.desc(), self._key.desc()).limit(1)
        row = connection.execute(descending.where(self._updated.is_not(None))).first()
        if row is None:
            return None
        latest = self._clock() + AHEAD
        moment = self._reader.moment(row.updated)
        if moment is not None and moment <= latest:
            return row
        sane = descending.where(self._updated <= self._raw(latest, like=row.updated))
        return connection.execute(sane).first()

    def _raw(self, moment: datetime, *, like: Any) -> Any:
        """A moment in the form in which the column holds them; text must sort as time does."""
        local = moment.astimezone(self._zone)
        if isinstance(like, datetime):
            return moment.astimezone(UTC) if like.tzinfo else local.replace(tzinfo=None)
        if isinstance(like, int):
            return int(local.strftime("%Y%m%d%H%M%S"))
        if isinstance(like, str) and like.isdecimal():
            return local.strftime("%Y%m%d%H%M%S")[: len(like)]
        if isinstance(like, str) and like[4:5] == "-" and like[10:11] in (" ", "T", ""):
            return local.replace(tzinfo=None).isoformat(like[10:11] or " ", "seconds")
        raise Rubbish("the updated column does not sort as time does")


def _later(spot: Spot, than: Spot) -> bool:
    if spot[0] != than[0]:
        return bool(spot[0] > than[0])
    return than[1] is None or bool(spot[1] > than[1])
