"""Proof that a webhook request comes from Zalo: SHA-256 over id, raw body, time and OA secret."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import structlog

from bot.channels import Forged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TimestampSource = Literal["either", "body", "header"]

SIGNATURE = "X-ZEvent-Signature"
TIMESTAMP = "X-ZEvent-Timestamp"
OLDEST = timedelta(hours=24)
"""Age from which a signed body is refused.

Zalo's last retry comes about two hours after the first try, so nothing of that age is a delivery.
Younger repeats are known by their event id; the inbox forgets ids of what was settled long ago,
and without this an old request could be played back after that.
"""

_IN_BODY = re.compile(rb'"timestamp"\s*:\s*"?(\d{1,20})"?')
_DIGITS = re.compile(r"\d{1,20}")
_MOST = 4
"""Timestamps of one body that are tried; real bodies have one."""
_MILLISECONDS = range(10**12, 10**13)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What was verified: the timestamp that the signature covers and where it stood."""

    timestamp: str
    source: Literal["body", "header"]

    @property
    def at(self) -> datetime | None:
        """When Zalo signed; ``None`` when the number is no time in milliseconds."""
        number = int(self.timestamp)
        return datetime.fromtimestamp(number / 1000, UTC) if number in _MILLISECONDS else None


def mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature's hexadecimal part. A plain hash by Zalo's rule, no HMAC."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


class Signature:
    """Verifies requests to one application.

    Sources disagree on which timestamp is hashed, so ``source`` says what is tried; which one
    matched is logged once, and then the setting can be narrowed.
    """

    def __init__(self, app_id: str, secret: str, source: TimestampSource) -> None:
        self._app_id = app_id
        self._secret = secret
        self._source = source
        self._logged = False

    def verify(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """What the signature covers. Raises ``Forged``."""
        given = headers.get(SIGNATURE, "").strip()
        if not (self._secret and given.startswith("mac=")):
            raise Forged("no signature")
        claimed = given.removeprefix("mac=").strip().lower().encode()
        for signed in self._candidates(headers, body):
            expected = mac(self._app_id, body, signed.timestamp, self._secret)
            if hmac.compare_digest(expected.encode(), claimed):
                self._note(signed)
                return signed
        raise Forged("wrong signature")

    def _candidates(self, headers: Mapping[str, str], body: bytes) -> Iterator[Signed]:
        # Taken from the raw bytes: nothing is parsed before it is verified.
        if self._source != "header":
            found = dict.fromkeys(each.decode() for each in reversed(_IN_BODY.findall(body)))
            for number in list(found)[:_MOST]:
                yield Signed(timestamp=number, source="body")
        # Only digits, or the border between body and timestamp could be moved into the body.
        number = headers.get(TIMESTAMP, "").strip()
        if self._source != "body" and _DIGITS.fullmatch(number):
            yield Signed(timestamp=number, source="header")

    def _note(self, signed: Signed) -> None:
        if not self._logged:
            self._logged = True
            log.info("zalo_signature_timestamp", source=signed.source)


def refuse_stale(signed: Signed, now: datetime) -> None:
    """Raise ``Forged`` for a request that is too old to be a delivery."""
    if signed.at and now - signed.at > OLDEST:
        # Also what a wrong clock of this machine looks like, so it is said aloud.
        log.error("zalo_webhook_stale", hours=round((now - signed.at) / timedelta(hours=1)))
        raise Forged("too old")
