"""Calls of the Zalo Bot Platform, and its refusals by what to do next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.channels import (
    ChannelError,
    Misconfigured,
    Rejected,
    TryLater,
    Unreachable,
    zalo_pictures,
)

API_URL = "https://bot-api.zaloplatforms.com"
PICTURES_FROM = (*zalo_pictures.HOSTS, "https://*.zaloplatforms.com")
"""Where Zalo keeps what citizens send; no other address is asked."""

QUOTA_PAUSE = 60.0
"""Seconds of rest after 429: the platform names none, and its quota is that of the whole bot."""
DOWN_PAUSE = 5.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the platform said to a call; its codes are the same in the body and as status."""

    ok: bool
    result: Any = None
    code: int = 0
    why: str = ""


def refusal(answer: Answer) -> ChannelError:
    """By what to do next; the codes are those of docs.zaloplatforms.com/docs/BOT."""
    said = f"{answer.code} {answer.why}".strip()
    match answer.code:
        case 401:
            return Misconfigured(said)
        case 429:
            return TryLater(QUOTA_PAUSE, said, everyone=True)
        case 400:
            return Rejected(said)
        case 404:
            # One code for an unknown chat and an unknown method; only the words tell them apart.
            chat = any(word in answer.why.lower() for word in ("chat", "user", "recipient"))
            return Unreachable(said) if chat else Rejected(said)
        case _:
            # 403 is documented as «internal server error».
            return TryLater(DOWN_PAUSE, said)


class ZaloBotApi:
    """The HTTP side of one bot. ``patience`` is in seconds a call."""

    def __init__(
        self, token: str, *, url: str, pictures_from: tuple[str, ...], patience: float
    ) -> None:
        self._methods = f"{url.rstrip('/')}/bot{quote(token, safe=':')}/"
        self._pictures_from = pictures_from
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Take connections."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._patience),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Give them back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the channel is not open")
        return self._session

    async def call(self, method: str, body: dict[str, Any], *, waits: float = 0.0) -> Answer:
        """One call, which may take ``waits`` seconds longer than others.

        Raises ``TryLater`` when there is no answer of the platform's own shape,
        and ``Misconfigured`` when the platform is not there at all.
        """
        timeout = aiohttp.ClientTimeout(total=waits + self._patience)
        try:
            async with self._opened.post(
                self._methods + method, json=body, timeout=timeout, allow_redirects=False
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # Only the kind of error: its text may hold the address, and the token with it.
            raise TryLater(DOWN_PAUSE, type(error).__name__) from None
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict) and said.get("ok") is True:
            return Answer(ok=True, result=said.get("result"))
        if isinstance(said, dict) and said.get("ok") is False:
            code = _number(said.get("error_code")) or response.status
            return Answer(ok=False, code=code, why=str(said.get("description") or "")[:200])
        if response.status == 404:
            raise Misconfigured("địa chỉ này không phải của Zalo Bot Platform")
        if response.status in (401, 429):
            return Answer(ok=False, code=response.status)
        raise TryLater(DOWN_PAUSE, f"unreadable answer, status {response.status}")

    async def picture(self, url: str) -> bytes | None:
        """A picture from the platform's own hosts; errors as of :func:`zalo_pictures.fetch`."""
        return await zalo_pictures.fetch(self._opened, url, hosts=self._pictures_from)


def _number(value: object) -> int:
    try:
        return int(value) if isinstance(value, str | int) else 0
    except ValueError:
        return 0
