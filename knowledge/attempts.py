"""The brake on guessing passwords: failed log-ins are counted, and the waits grow."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from knowledge.bulk import insert_new
from knowledge.tables import LoginAttempts

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

FORGIVEN = timedelta(hours=24)
"""Failed log-ins older than this count no more."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS = 5, 20
"""Failures without a wait; one address is a whole office behind one router."""


class Attempts:
    """Failed log-ins by account name and by address, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, login: str, address: str, *, at: datetime) -> timedelta:
        """Count a log-in as failed until :meth:`forgive`; the wait when it may not be tried.

        Counted before the password is looked at, so that many guesses at once all count.
        """
        keys = {_account_key(login): FREE_FOR_ACCOUNT, _address_key(address): FREE_FOR_ADDRESS}
        # Always in the same order: two log-ins at once must not wait for each other.
        rows = {key: self._attempts(key, at) for key in sorted(keys)}
        wait = max(
            (row.blocked_until - at for row in rows.values() if row.blocked_until),
            default=timedelta(),
        )
        if wait > timedelta():
            return min(wait, LONGEST_WAIT)
        for key, row in rows.items():
            old = at - row.last_at > FORGIVEN
            row.failures = 1 if old else row.failures + 1
            row.last_at = at
            beyond = row.failures - keys[key]
            delay = min(FIRST_WAIT * 2 ** min(beyond, 20), LONGEST_WAIT)
            row.blocked_until = at + delay if beyond >= 0 else None
        return timedelta()

    def _attempts(self, key: str, at: datetime) -> LoginAttempts:
        row = {"key": key, "failures": 0, "last_at": at, "blocked_until": None}
        insert_new(self._session, LoginAttempts, [row])
        return self._session.scalars(
            select(LoginAttempts).where(LoginAttempts.key == key).with_for_update()
        ).one()

    def forgive(self, login: str, address: str) -> None:
        """A log-in succeeded: its account starts anew, its address gets this one back."""
        self._session.execute(delete(LoginAttempts).where(LoginAttempts.key == _account_key(login)))
        self._session.execute(
            update(LoginAttempts)
            .where(LoginAttempts.key == _address_key(address), LoginAttempts.failures > 0)
            .values(failures=LoginAttempts.failures - 1, blocked_until=None)
            .execution_options(synchronize_session=False)
        )

    def sweep(self, at: datetime) -> int:
        """Drop failures that count no more; how many."""
        gone = self._session.execute(
            delete(LoginAttempts).where(LoginAttempts.last_at < at - FORGIVEN)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]


def _account_key(login: str) -> str:
    return _hash(f"account {login.strip().lower()}")


def _address_key(address: str) -> str:
    return _hash(f"address {address}")


def _hash(text: str) -> str:
    # People type their password into the wrong field; it must not stand in the database.
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
