"""Engines that only read: refused by the database where it can, by the connection everywhere."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

_READS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
_STEPS = 10_000
"""Instructions of SQLite between two looks at the clock; some tenths of a millisecond."""


class NotReading(Exception):
    """A statement other than SELECT was about to run on a dossier source."""


def open_reader(url: str, *, seconds: float, connections: int) -> Engine:
    """An engine on which only SELECT runs and no statement takes longer than ``seconds``.

    PostgreSQL, MariaDB and MySQL get read-only sessions with a statement time-out; SQLite files
    are opened read-only. Other databases are protected by the account the office gives us and by
    the refusal of every other statement here. Raises ``ValueError`` for what is no address and
    ``ImportError`` for a driver that is not installed. ``postgresql://`` means psycopg 3,
    ``mysql://`` and ``mariadb://`` PyMySQL.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except exc.ArgumentError as error:
        raise ValueError(f"not the address of a known kind of database: {error}") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = _sqlite(parsed, seconds)
    else:
        engine = create_engine(
            _driver(parsed),
            connect_args=_connect_arguments(backend, seconds),
            pool_size=connections,
            max_overflow=0,
            pool_timeout=seconds,
            pool_pre_ping=True,
            pool_recycle=300,
            hide_parameters=True,
        )
        event.listen(engine, "connect", _session(backend, seconds))
    event.listen(engine, "before_cursor_execute", _refuse_writes)
    return engine


def _driver(url: URL) -> URL:
    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    drivers["mariadb"] = "mariadb+pymysql"
    return url.set(drivername=drivers.get(url.drivername, url.drivername))


def _connect_arguments(backend: str, seconds: float) -> dict[str, Any]:
    patience = max(1, round(seconds))
    if backend == "postgresql":
        return {"connect_timeout": max(2, patience)}
    if backend in ("mysql", "mariadb"):
        names = ("connect_timeout", "read_timeout", "write_timeout")
        return {"charset": "utf8mb4"} | dict.fromkeys(names, patience)
    return {}


def _session(backend: str, seconds: float) -> Any:
    """Sets a new connection up. Committed, or the first rollback would undo it."""
    limit = round(seconds * 1000)
    statements: dict[str, tuple[str, ...]] = {
        "postgresql": (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            f"SET statement_timeout = {limit}",
        ),
        "mysql": ("SET SESSION TRANSACTION READ ONLY",),
        "mariadb": ("SET SESSION TRANSACTION READ ONLY",),
    }

    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in statements.get(backend, ()):
            cursor.execute(statement)
        if backend in ("mysql", "mariadb"):
            cursor.execute("SELECT VERSION()")
            maria = "mariadb" in cursor.fetchone()[0].lower()
            limits = (
                f"max_statement_time = {seconds:.3f}" if maria else f"max_execution_time = {limit}"
            )
            cursor.execute(f"SET SESSION {limits}")
        cursor.close()
        connection.commit()

    return prepare


def _sqlite(url: URL, seconds: float) -> Engine:
    place = quote(str(Path(url.database or "").resolve()))

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{place}?mode=ro", uri=True, timeout=seconds, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        deadline = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        return connection

    # No pool: a file that was replaced is seen at once, and opening one takes no time.
    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _refuse_writes(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    if not _READS.match(statement):
        raise NotReading(statement[:40])
