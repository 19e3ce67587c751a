"""Zalo's webhook requests: signed, answered within two seconds, tried again on a ladder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from aiohttp import ClientError, ClientSession, ClientTimeout

PATIENCE = 2.0
LADDER = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
)


def signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The header as the rule of Zalo's documents reads."""
    hashed = hashlib.sha256(b"".join((app_id.encode(), body, f"{timestamp}{secret}".encode())))
    return f"mac={hashed.hexdigest()}"


@dataclass
class Delivery:
    """One event on its way."""

    body: bytes
    headers: dict[str, str]
    tries: int = 0
    due: datetime | None = None
    statuses: list[int] = field(default_factory=list)


@dataclass
class Hooks:
    """Delivers events of one application to one address."""

    app_id: str
    secret: str
    clock: Callable[[], datetime]
    signs: Literal["body", "header"] = "body"
    """Which timestamp the signature covers; the sources do not agree."""
    url: str | None = None
    unsubscribed: bool = False
    """So many tries failed that Zalo delivers nothing more until somebody switches it on."""
    pending: list[Delivery] = field(default_factory=list)
    _session: ClientSession | None = None

    async def open(self) -> None:
        """Take connections."""
        self._session = ClientSession(timeout=ClientTimeout(total=PATIENCE))

    async def close(self) -> None:
        """Give them back."""
        assert self._session is not None
        await self._session.close()

    def written(self, event: dict[str, Any], headers: dict[str, str] | None = None) -> Delivery:
        """An event as it goes out, with its signature."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        signed = {"Content-Type": "application/json", **(headers or {})}
        timestamp = str(event.get("timestamp", ""))
        if self.signs == "header":
            # The time of the request, which is not the event's.
            timestamp = str(int(timestamp) + 37)
            signed["X-ZEvent-Timestamp"] = timestamp
        signed["X-ZEvent-Signature"] = signature(self.app_id, body, timestamp, self.secret)
        return Delivery(body=body, headers=signed)

    async def deliver(self, delivery: Delivery) -> int:
        """Try once; 0 without an address. What fails waits for the next step of the ladder."""
        if self.url is None or self.unsubscribed:
            return 0
        headers = dict(delivery.headers)
        if delivery.tries:
            headers["num_retry"] = str(delivery.tries)
        status = await self.post(delivery.body, headers)
        delivery.statuses.append(status)
        if delivery in self.pending:
            self.pending.remove(delivery)
        if status == 200:
            delivery.due = None
        elif delivery.tries < len(LADDER):
            delivery.due = self.clock() + LADDER[delivery.tries]
            delivery.tries += 1
            self.pending.append(delivery)
        else:
            self.unsubscribed = True
        return status

    async def deliver_due(self) -> list[int]:
        """Everything whose time has come, the oldest first."""
        due = [each for each in self.pending if each.due and each.due <= self.clock()]
        return [await self.deliver(each) for each in due]

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """One request; 599 when no answer came within two seconds."""
        assert self._session is not None
        assert self.url is not None
        try:
            async with self._session.post(self.url, data=body, headers=headers) as response:
                return response.status
        except (ClientError, TimeoutError):
            return 599
