"""A transaction of SQLite in parts: only what waits, for the lock and for the disk, needs a thread.

Python gives up its interpreter lock at every step of a statement. A thread that writes beside a
busy one waits for it each time, dozens of times in a transaction, all the while holding the
database's only write lock. Statements take microseconds; so they run where everything else does.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PATIENCE_MS = 10_000
"""How long a writer waits for another."""


class Parted:
    """One transaction; its methods in this order. Only :meth:`lock` and :meth:`commit` may wait."""

    def __init__(self, session: Session) -> None:
        self._session = session
        found = session.connection().connection.dbapi_connection
        self._connection = cast("sqlite3.Connection", found)

    def lock_at_once(self) -> bool:
        """Take the write lock, unless somebody holds it. Never waits."""
        self._connection.execute("PRAGMA busy_timeout=0")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        return True

    def lock(self) -> None:
        """Wait for the write lock, and take it. Raises ``sqlite3.OperationalError``."""
        self._connection.execute("BEGIN IMMEDIATE")

    def flush(self) -> None:
        """Send what the session holds back."""
        self._session.flush()

    def commit(self) -> None:
        """Make it durable."""
        self._connection.commit()
