"""Web chat sessions: signed tokens, how fast one may write, one message at a time."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_BYTES = 24
SHORTEST_SECRET = 16


@dataclass(frozen=True, kw_only=True)
class Session:
    """A proven session: the token only its browser knows, and whether it was made just now."""

    token: str
    new: bool

    @property
    def contact(self) -> str:
        """What stands for the session behind the web edge; the token cannot be had from it."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:32]


@dataclass(kw_only=True)
class Visit:
    """What is held in memory of one session for a minute or so."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    times: deque[float] = field(default_factory=deque)


class Visits:
    """Issues and proves session tokens and counts their messages."""

    def __init__(
        self,
        secret: bytes,
        *,
        most: int = 30,
        window: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the chat secret needs at least {SHORTEST_SECRET} bytes")
        self._secret = secret
        self._most = most
        self._window = window
        self._clock = clock
        self._visits: dict[str, Visit] = {}
        self._swept_at = clock()

    def session(self, *claims: str | None) -> Session:
        """The session of the first claim we really issued, else a new one."""
        for claim in claims:
            if claim and self._issued(claim):
                return Session(token=claim, new=False)
        key = secrets.token_urlsafe(TOKEN_BYTES)
        return Session(token=f"{key}.{self._sign(key)}", new=True)

    def visit(self, contact: str) -> Visit:
        """What is held of a session; idle ones are dropped on the way."""
        self._sweep()
        return self._visits.setdefault(contact, Visit())

    def wait(self, visit: Visit) -> float:
        """Count one message: 0 when it may pass, else the seconds until the next may."""
        now = self._clock()
        while visit.times and visit.times[0] <= now - self._window:
            visit.times.popleft()
        if len(visit.times) >= self._most:
            return visit.times[0] + self._window - now
        visit.times.append(now)
        return 0.0

    def _issued(self, claim: str) -> bool:
        key, _, signature = claim.partition(".")
        # Compared as bytes: compare_digest refuses text that is not ASCII.
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(key).encode())

    def _sign(self, key: str) -> str:
        text = b"webchat session " + key.encode("utf-8", "replace")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def _sweep(self) -> None:
        now = self._clock()
        if now - self._swept_at < self._window:
            return
        self._swept_at = now
        for contact, visit in list(self._visits.items()):
            idle = not visit.times or visit.times[-1] <= now - self._window
            if idle and not visit.turn.locked():
                del self._visits[contact]
