"""Zalo's OAuth v4 on loopback: pairs of which every renewal kills the one before."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

ACCESS_LIVES = timedelta(hours=25)
REFRESH_LIVES = timedelta(days=90)
CODE_LIVES = timedelta(minutes=10)


@dataclass
class FakeOauth:
    """The one pair in force, and how often it was renewed."""

    app_id: str
    app_secret: str
    clock: Callable[[], datetime]
    access: str = ""
    refresh: str = ""
    issued_at: datetime = field(init=False)
    renewals: int = 0
    down: int = 0
    """So many next requests get HTTP 503."""
    lose_answers: int = 0
    """So many next renewals take place, but nobody hears of them."""
    refuse: bool = False
    """Renewals are refused while this holds."""
    gossip: bool = False
    """Refusals repeat the token that came."""
    slow: float = 0.0
    """Seconds before an answer."""
    _codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._issue()

    def _issue(self) -> None:
        self.access = f"access-{secrets.token_hex(12)}"
        self.refresh = f"refresh-{secrets.token_hex(12)}"
        self.issued_at = self.clock()

    def consent(self, challenge: str) -> str:
        """An administrator lets the application in; the code that comes back."""
        code = secrets.token_hex(8)
        self._codes[code] = (challenge, self.clock())
        return code

    def judge(self, token: str) -> int:
        """0 for the token in force, else Zalo's error number."""
        if token != self.access:
            return -216
        return 0 if self.clock() - self.issued_at < ACCESS_LIVES else -220

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """``/v4/oa/access_token``: a form in, a pair or an error out, both with HTTP 200."""
        if request.content_type != "application/x-www-form-urlencoded":
            return _refusal(-14001, "Invalid content type")
        form = {name: str(value) for name, value in (await request.post()).items()}
        await asyncio.sleep(self.slow)
        if self.down:
            self.down -= 1
            return web.Response(status=503, text="<html>busy</html>", content_type="text/html")
        if request.headers.get("secret_key") != self.app_secret or form["app_id"] != self.app_id:
            return _refusal(-14004, "Invalid app or secret key")
        match form.get("grant_type"):
            case "refresh_token":
                fits = form.get("refresh_token") == self.refresh and not self.refuse
                fits = fits and self.clock() - self.issued_at < REFRESH_LIVES
            case "authorization_code":
                fits = self._redeem(form.get("code", ""), form.get("code_verifier", ""))
            case _:
                return _refusal(-14003, "Invalid grant type")
        if not fits:
            name = f"Invalid {form.get('refresh_token')}" if self.gossip else "Invalid token"
            return _refusal(-14014, name)
        self._issue()
        self.renewals += 1
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(
            {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}
        )

    def _redeem(self, code: str, verifier: str) -> bool:
        challenge, at = self._codes.pop(code, ("", self.clock()))
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        fresh = self.clock() - at < CODE_LIVES
        return fresh and len(verifier) == 43 and digest.decode().rstrip("=") == challenge


def _refusal(code: int, name: str) -> web.Response:
    return web.json_response(
        {
            "error": code,
            "error_name": name,
            "error_reason": name,
            "ref_doc": "https://developers.zalo.me/docs",
            "error_description": name,
        }
    )
