"""Dossiers of any database that SQLAlchemy reaches, through a mapping file."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import exc

from knowledge.onestop.changes import ChangeReader
from knowledge.onestop.reading import Reader, asked
from knowledge.onestop.sources import Rubbish, SourceDown, SourceError, SourceSlow
from knowledge.onestop.sql_engine import open_reader
from knowledge.onestop.sql_statements import CODES, StatementBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from knowledge.onestop.mapping import SqlMapping
    from knowledge.onestop.model import Change, Dossier

T = TypeVar("T")

WORKERS = 4
"""Connections at once: enough for an office, little for their server."""
NOBODY = "-"
"""Asked instead of what cannot be a code, so that it takes as long."""
_TIMED_OUT = frozenset(
    ["57014", "55P03", 1205, 1969, 2013, 3024, "interrupted", "database is locked"]
)
"""Ended by a time-out or a lock: SQLSTATE of PostgreSQL, numbers of MariaDB and MySQL, SQLite."""


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class SqlSource:
    """A read-only database behind threads of its own, so that a hanging one holds up nothing."""

    def __init__(
        self,
        name: str,
        url: str,
        mapping: SqlMapping,
        *,
        seconds: float = 2.0,
        workers: int = WORKERS,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.name = name
        self._clock, self._mapping = clock, mapping
        self._engine = open_reader(url, seconds=seconds, connections=workers)
        builder = StatementBuilder(mapping, self._engine.dialect.name)
        self._statements = builder.build()
        self._reader = Reader(mapping.reading)
        self._changes = ChangeReader(mapping, builder, self._reader, clock)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="onestop")

    @property
    def problem(self) -> str | None:
        """A database that answers has none."""
        return None

    async def find(self, code: str) -> Dossier | None:
        """The dossier with this code; twins that belong to different people are ``Rubbish``."""
        return await self._in_thread(lambda connection: self._find(connection, code))

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        """Codes along the updated column of the mapping."""
        return await self._in_thread(lambda found: self._changes.read(found, cursor, limit))

    async def freshness(self) -> datetime | None:
        """When a copy was made, by the mapping's ``synced``; a live database has no age."""
        if self._statements.synced is None:
            return None
        return await self._in_thread(self._synced)

    async def close(self) -> None:
        """Waits for no query."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    async def _in_thread(self, work: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._guarded, work)

    def _guarded(self, work: Callable[[Connection], T]) -> T:
        # The text of a driver's error may hold what was asked for: only its kind is passed on.
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except SourceError:
            raise
        except exc.TimeoutError as error:
            raise SourceSlow("no free connection") from error
        except exc.DBAPIError as error:
            raise _by_what_to_do(error) from None
        except (exc.SQLAlchemyError, OSError) as error:
            raise SourceDown(type(error).__name__) from None
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Rubbish(f"unreadable row: {type(error).__name__}", record=True) from None

    def _find(self, connection: Connection, code: str) -> Dossier | None:
        given = asked(code) or NOBODY
        spellings = {CODES: sorted({given, given.upper()})}
        statements = self._statements
        rows = _rows(connection, statements.dossier, spellings)
        events = _rows(connection, statements.timeline, spellings)
        papers = _rows(connection, statements.papers, spellings)
        fees = _rows(connection, statements.fees, spellings)
        as_of = self._synced(connection) or self._clock()
        found = [
            dossier
            for row in rows
            if (dossier := self._dossier(row, as_of)) and dossier.code == given.upper()
        ]
        if not found:
            return None
        return self._with_children(newest(found), events, papers, fees)

    def _dossier(self, row: Mapping[str, Any], as_of: datetime) -> Dossier | None:
        fields = self._statements.fields
        return self._reader.dossier(row.get, fields, source=self.name, as_of=as_of)

    def _with_children(
        self,
        dossier: Dossier,
        events: Sequence[Mapping[str, Any]],
        papers: Sequence[Mapping[str, Any]],
        fees: Sequence[Mapping[str, Any]],
    ) -> Dossier:
        mapping, reader = self._mapping, self._reader
        return reader.completed(
            dossier,
            events=reader.events((row.get for row in events), mapping.timeline.fields)
            if mapping.timeline
            else (),
            papers=reader.papers((row.get for row in papers), mapping.papers.fields)
            if mapping.papers
            else (),
            fees=reader.fees((row.get for row in fees), mapping.fees.fields)
            if mapping.fees
            else (),
        )

    def _synced(self, connection: Connection) -> datetime | None:
        if self._statements.synced is None:
            return None
        return self._reader.moment(connection.execute(self._statements.synced).scalar())


def _rows(
    connection: Connection, statement: Select[Any] | None, values: dict[str, list[str]]
) -> Sequence[Mapping[str, Any]]:
    if statement is None:
        return []
    return [dict(row) for row in connection.execute(statement, values).mappings()]


def newest(twins: list[Dossier]) -> Dossier:
    """The latest of rows with one code. Raises ``Rubbish`` when they are of different people."""
    provable = [each for each in twins if each.factors] or twins
    if len({frozenset(each.factors) for each in provable}) > 1:
        raise Rubbish("one code, several people", record=True)
    earliest = datetime.min.replace(tzinfo=UTC)
    return max(provable, key=lambda each: each.updated_at or each.received_at or earliest)


def _by_what_to_do(error: exc.DBAPIError) -> SourceError:
    raw = error.orig
    told = (getattr(raw, "sqlstate", None), *getattr(raw, "args", ()))
    codes = [each for each in told if isinstance(each, int | str)]
    if not _TIMED_OUT.isdisjoint(codes):
        return SourceSlow(f"{type(raw).__name__} {codes[0]}")
    if isinstance(error, exc.DataError):
        return Rubbish(f"unreadable row: {type(raw).__name__}", record=True)
    # SQLite has words only; they are short and name tables and columns.
    shown = [str(each) for each in codes if len(str(each)) <= 60][:1]
    return SourceDown(" ".join([type(raw).__name__, *shown]))
