"""Staff accounts, their roles, what proves them, and their sessions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from knowledge.tables import AccountRow, StaffSession

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

ACCOUNTS_LOCK = 7_226_002
"""Key of PostgreSQL's advisory lock on changes of accounts."""
IDLE = timedelta(minutes=60)
"""After so long without a request a session ends (OWASP: 15–30 minutes is usual for high-value
applications; officers are called away to the counter)."""
LONGEST = timedelta(hours=12)
"""A session ends after a working day whatever happens."""
NOTED = timedelta(seconds=60)
"""How exactly it is known when a session was last used; each request need not write."""


class Role(StrEnum):
    """What someone may do; a person may have several."""

    OFFICER = "officer"
    APPROVER = "approver"
    ADMIN = "admin"
    VIEWER = "viewer"


OFFICIALS = frozenset([Role.OFFICER, Role.APPROVER])
"""Who works on what the bot says."""


class LoginTaken(Exception):
    """Another account has this log-in name."""


class LastAdmin(Exception):
    """Without this admin nobody could manage accounts."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Someone of the office, as others may see it; no secrets."""

    id: int
    login: str
    name: str
    roles: frozenset[Role]
    office: str | None
    active: bool
    must_change: bool
    has_totp: bool
    recovery_left: int
    created_at: datetime
    changed_at: datetime
    password_at: datetime
    last_login_at: datetime | None

    def state(self) -> dict[str, Any]:
        """What the audit keeps of an account."""
        return {
            "name": self.name,
            "roles": sorted(self.roles),
            "office": self.office,
            "active": self.active,
        }


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What proves an account: the password's hash, the sealed one-time secret."""

    account: Account
    password: str
    totp: bytes | None


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A living session. ``id`` is for lists; it opens nothing."""

    id: int
    account: int
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles if role in set(Role)),
        office=row.office,
        active=row.active,
        must_change=row.must_change,
        has_totp=row.totp is not None,
        recovery_left=len(row.recovery),
        created_at=row.created_at,
        changed_at=row.changed_at,
        password_at=row.password_at,
        last_login_at=row.last_login_at,
    )


def _signed(row: StaffSession) -> Signed:
    return Signed(
        id=row.id,
        account=row.account,
        created_at=row.created_at,
        seen_at=row.seen_at,
        address=row.address,
        browser=row.browser,
    )


def token_hash(token: str) -> str:
    """What is stored of a token: it is random, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Accounts:
    """Reads and writes of accounts and sessions inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._dialect = session.get_bind().dialect.name

    def _alone(self) -> None:
        """Two admins who demote each other at once would leave none."""
        if self._dialect == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(ACCOUNTS_LOCK)))
        else:
            # SQLite gives the one write lock to the first statement that could write.
            self._update(AccountRow.id < 0, active=True)

    def _update(self, which: Any, **values: Any) -> None:
        self._session.execute(
            update(AccountRow)
            .where(which)
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def all(self) -> list[Account]:
        """Every account, those in use first, by log-in name."""
        rows = self._session.scalars(
            select(AccountRow).order_by(AccountRow.active.desc(), AccountRow.login)
        )
        return [_account(row) for row in rows]

    def get(self, account: int) -> Account | None:
        """The account of an id."""
        row = self._session.get(AccountRow, account, populate_existing=True)
        return _account(row) if row else None

    def find(self, login: str) -> Account | None:
        """The account of a log-in name, whatever its case."""
        found = self.credentials(login)
        return found.account if found else None

    def credentials(self, login: str) -> Credentials | None:
        """What proves the account of a log-in name."""
        row = self._session.scalar(
            select(AccountRow).where(AccountRow.login == login.strip().lower())
        )
        if row is None:
            return None
        return Credentials(account=_account(row), password=row.password, totp=row.totp)

    def add(
        self,
        login: str,
        *,
        name: str,
        roles: Collection[Role],
        password: str,
        must_change: bool,
        at: datetime,
        office: str | None = None,
    ) -> Account:
        """A new account; ``password`` is a hash. Raises :class:`LoginTaken`."""
        self._alone()
        if self.find(login):
            raise LoginTaken(login)
        row = AccountRow(
            login=login.strip().lower(),
            name=name,
            roles=sorted(roles),
            office=office,
            active=True,
            password=password,
            must_change=must_change,
            totp=None,
            totp_step=0,
            recovery=[],
            created_at=at,
            changed_at=at,
            password_at=at,
            last_login_at=None,
        )
        self._session.add(row)
        self._session.flush()
        return _account(row)

    def change(
        self,
        account: Account,
        *,
        at: datetime,
        name: str | None = None,
        roles: Collection[Role] | None = None,
        active: bool | None = None,
        office: str | None = None,
    ) -> Account:
        """Change what is given; deactivating ends every session. Raises :class:`LastAdmin`."""
        self._alone()
        values: dict[str, Any] = {"changed_at": at}
        if name is not None:
            values["name"] = name
        if roles is not None:
            values["roles"] = sorted(roles)
        if active is not None:
            values["active"] = active
        if office is not None:
            values["office"] = office or None
        stays = roles is None or Role.ADMIN in roles
        if not stays or active is False:
            self._refuse_last_admin(account.id)
        self._update(AccountRow.id == account.id, **values)
        if active is False:
            self.end_all(account.id)
        found = self.get(account.id)
        assert found is not None
        return found

    def _refuse_last_admin(self, leaving: int) -> None:
        rows = self._session.execute(
            select(AccountRow.id, AccountRow.roles).where(AccountRow.active)
        ).all()
        admins = {row.id for row in rows if Role.ADMIN in row.roles}
        if admins == {leaving}:
            raise LastAdmin

    def set_password(
        self, account: int, password: str, *, at: datetime, must_change: bool = False
    ) -> None:
        """Replace the password's hash; every session ends."""
        self._update(
            AccountRow.id == account,
            password=password,
            must_change=must_change,
            password_at=at,
            changed_at=at,
        )
        self.end_all(account)

    def rehash(self, account: int, old: str, new: str) -> None:
        """The same password under newer parameters, unless it was changed meanwhile."""
        self._update((AccountRow.id == account) & (AccountRow.password == old), password=new)

    def set_totp(
        self, account: int, sealed: bytes | None, recovery: Sequence[str], *, at: datetime
    ) -> None:
        """Switch one-time codes on with their recovery codes (hashes), or off with ``None``."""
        self._update(
            AccountRow.id == account,
            totp=sealed,
            totp_step=0,
            recovery=list(recovery),
            changed_at=at,
        )

    def use_totp_step(self, account: int, step: int) -> bool:
        """True the first time a time step is used, and only for later ones than before."""
        used = self._session.execute(
            update(AccountRow)
            .where(AccountRow.id == account, AccountRow.totp_step < step)
            .values(totp_step=step)
            .execution_options(synchronize_session=False)
        )
        return bool(used.rowcount)  # type: ignore[attr-defined]

    def use_recovery(self, account: int, hashed: str) -> bool:
        """True when a recovery code was there; it is gone now."""
        self._alone()
        row = self._session.get(AccountRow, account, populate_existing=True)
        if row is None or hashed not in row.recovery:
            return False
        row.recovery = [each for each in row.recovery if each != hashed]
        self._session.flush()
        return True

    def sign_in(
        self, account: int, token: str, *, at: datetime, address: str, browser: str
    ) -> None:
        """Open a session for a token, of which only the hash is stored."""
        self._session.add(
            StaffSession(
                token=token_hash(token),
                account=account,
                created_at=at,
                seen_at=at,
                ends_at=at + LONGEST,
                address=address[:45],
                browser=browser[:200],
                notices=[],
            )
        )
        self._update(AccountRow.id == account, last_login_at=at)

    def session(
        self, token: str, *, at: datetime, used: bool = True
    ) -> tuple[Signed, Account] | None:
        """The living session of a token and its account; that it is ``used`` is noted."""
        row = self._session.scalar(
            select(StaffSession).where(
                StaffSession.token == token_hash(token),
                StaffSession.ends_at > at,
                StaffSession.seen_at > at - IDLE,
            )
        )
        account = self.get(row.account) if row else None
        if row is None or account is None or not account.active:
            return None
        if used and at - row.seen_at > NOTED:
            row.seen_at = at
        return _signed(row), account

    def expired(self, token: str) -> int | None:
        """Whose session a token was that has run out and is not swept yet."""
        return self._session.scalar(
            select(StaffSession.account).where(StaffSession.token == token_hash(token))
        )

    def sessions(self, account: int, *, at: datetime) -> list[Signed]:
        """The living sessions of an account, the last used first."""
        rows = self._session.scalars(
            select(StaffSession)
            .where(
                StaffSession.account == account,
                StaffSession.ends_at > at,
                StaffSession.seen_at > at - IDLE,
            )
            .order_by(StaffSession.seen_at.desc())
        )
        return [_signed(row) for row in rows]

    def end(self, account: int, session: int) -> bool:
        """End one session of an account; False when it is not there."""
        return self._end(StaffSession.account == account, StaffSession.id == session) > 0

    def end_all(self, account: int, *, but: int = 0) -> int:
        """End every session of an account at once, in every process; how many."""
        return self._end(StaffSession.account == account, StaffSession.id != but)

    def _end(self, *which: Any) -> int:
        gone = self._session.execute(
            delete(StaffSession).where(*which).execution_options(synchronize_session=False)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]

    def sweep(self, at: datetime) -> int:
        """Drop sessions that ended so long ago that nobody comes back with them; how many."""
        return self._end(StaffSession.created_at < at - 2 * LONGEST)

    def notify(self, session: int, notice: str) -> None:
        """Keep a line that the session's next page shows."""
        row = self._session.get(StaffSession, session)
        if row is not None:
            row.notices = [*row.notices, notice][-5:]

    def take_notices(self, session: int) -> list[str]:
        """Lines kept for this page; they are gone then."""
        row = self._session.get(StaffSession, session)
        if row is None or not row.notices:
            return []
        found, row.notices = row.notices, []
        return found
