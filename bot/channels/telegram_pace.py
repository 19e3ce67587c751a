"""How fast Telegram may be called: a little slower than it allows, for each chat and over all."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many calls at once, then one every ``every`` seconds."""

    every: float
    burst: int = 1


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Telegram's own numbers: about one message a second to a person, twenty a minute to a group,
    thirty a second over all (Bots FAQ, «My bot is hitting limits»); short bursts are tolerated.
    """

    person: Rate = Rate(every=1.0, burst=3)
    group: Rate = Rate(every=4.0, burst=5)
    overall: Rate = Rate(every=1 / 25, burst=5)


_EVERYBODY = ""
_MANY = 10_000


class Pacer:
    """Says how long to wait before the next call to a chat.

    The library's ``AIORateLimiter`` is not used: it does not pace a person's chat at all, one 429
    stops every chat, and it sleeps as long as it likes while the call's lease in the outbox runs
    out. A chat that must wait longer than ``patience`` seconds is to be sent to later instead.
    """

    def __init__(
        self, rates: Rates, *, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rates = rates
        self._patience = patience
        self._clock = clock
        self._free: dict[str, float] = {}
        """When a chat would be idle had every call to it taken its full time."""

    def wait(self, contact: str) -> float:
        """Seconds until the next call may be made; it is booked unless that is too long."""
        now = self._clock()
        rates = {
            contact: self._rates.group if contact.startswith("-") else self._rates.person,
            _EVERYBODY: self._rates.overall,
        }
        wait = max(self._lack(key, rate, now) for key, rate in rates.items())
        if wait <= self._patience:
            for key, rate in rates.items():
                self._free[key] = max(self._free.get(key, now), now) + rate.every
            self._forget(now)
        return wait

    def _lack(self, key: str, rate: Rate, now: float) -> float:
        return max(self._free.get(key, now) - (rate.burst - 1) * rate.every - now, 0.0)

    def _forget(self, now: float) -> None:
        if len(self._free) > _MANY:
            self._free = {key: until for key, until in self._free.items() if until > now}
