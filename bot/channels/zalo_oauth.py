"""The OA's tokens: the first pair, renewal ahead of time, and one writer at a time (OAuth v4)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import structlog
from aiohttp import ClientError

from bot.channels import Misconfigured, TryLater

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession

    from bot.channels import Tokens

AHEAD = timedelta(hours=5)
"""Access tokens live 25 hours; a renewal that fails at 20 leaves five to put it right."""
LIFETIME = timedelta(hours=25)
TRY_AGAIN = timedelta(minutes=10)
"""Pause after Zalo refused a renewal: only a new pair helps, so asking often is of no use."""
SAVE_WAITS = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries of storing a new pair, which exists nowhere else at that moment."""
SERVER_WAIT = 5.0
"""Seconds before the token server is asked again; nothing can be sent meanwhile."""
NO_PAIR = "chưa có cặp token của OA"

T = TypeVar("T")

log = structlog.get_logger()


def new_verifier() -> str:
    """A fresh PKCE verifier: exactly 43 characters, as Zalo wants it."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """What the consent link carries of a verifier: base64url of SHA-256, no padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What is stored. ``begun`` marks a renewal whose outcome is not known yet."""

    access: str
    refresh: str
    expires_at: datetime
    begun: datetime | None = None
    refused_at: datetime | None = None
    refused: str = ""

    def dump(self) -> dict[str, str]:
        """As ``Tokens`` keep it."""
        known = {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_at": self.expires_at.isoformat(),
            "refused": self.refused,
        }
        for name, moment in (("begun", self.begun), ("refused_at", self.refused_at)):
            if moment:
                known[name] = moment.isoformat()
        return known

    @classmethod
    def load(cls, kept: dict[str, str]) -> Pair | None:
        """The pair of what was kept; ``None`` when it is none."""
        try:
            return cls(
                access=kept["access_token"],
                refresh=kept["refresh_token"],
                expires_at=datetime.fromisoformat(kept["expires_at"]),
                begun=_moment(kept.get("begun")),
                refused_at=_moment(kept.get("refused_at")),
                refused=kept.get("refused", ""),
            )
        except (KeyError, ValueError):
            return None


class ZaloOauth:
    """Gives the access token in force.

    A refresh token works once, and using it kills the old pair at once. So a new pair is stored
    before anything uses it, by one writer holding the lock, and what may fail beforehand (is the
    database there, did somebody else renew) is tried before Zalo is asked. A process killed
    between Zalo's answer and the commit right behind it loses the pair: the interface offers
    nothing against that. The stored ``begun`` then tells the operator what happened.
    """

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        url: str,
        tokens: Tokens,
        clock: Callable[[], datetime],
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._url = url.rstrip("/")
        self._tokens = tokens
        self._clock = clock
        self._session: ClientSession | None = None
        self._known: Pair | None = None
        self._unsaved: Pair | None = None
        self._running: set[asyncio.Task[Any]] = set()

    def use(self, session: ClientSession) -> None:
        """Take the connections that renewal needs."""
        self._session = session

    async def close(self) -> None:
        """Let a renewal that was begun end; before the connections are closed."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def consent_link(self, redirect: str, verifier: str, state: str) -> str:
        """Where an administrator of the OA lets the application in; comes back with a code."""
        query = {
            "app_id": self._app_id,
            "redirect_uri": redirect,
            "code_challenge": challenge(verifier),
            "state": state,
        }
        return f"{self._url}/v4/oa/permission?{urlencode(query)}"

    async def access(self) -> str:
        """The token for the next call. Raises ``Misconfigured`` or ``TryLater``."""
        pair = self._known or await self._stored()
        if pair is None:
            raise Misconfigured(NO_PAIR)
        if pair.expires_at <= self._clock():
            return await self.instead_of(pair.access)
        self._known = pair
        return pair.access

    async def instead_of(self, refused: str) -> str:
        """Another token than the one Zalo refused: renewed by somebody else, or now by us."""

        def spent(pair: Pair) -> bool:
            return pair.access == refused or pair.expires_at <= self._clock()

        pair = await self._alone(lambda: self._renewed_if(spent))
        if pair is None:
            raise Misconfigured(NO_PAIR)
        return pair.access

    async def renew(self, *, ahead: timedelta = AHEAD) -> None:
        """Renew a pair that ends within ``ahead``. Never raises; the old one serves on meanwhile.

        To be called by the clock, every few minutes.
        """

        def ending(pair: Pair) -> bool:
            return pair.expires_at - self._clock() <= ahead

        try:
            pair = await self._stored()
            if pair is not None and ending(pair):
                await self._alone(lambda: self._renewed_if(ending))
            else:
                # Maybe renewed by another process.
                self._known = pair
        except (TryLater, Misconfigured) as error:
            log.error("zalo_token_renewal_failed", why=str(error))
        except Exception as error:
            log.error("zalo_token_renewal_failed", why=type(error).__name__)

    async def authorise(self, code: str, verifier: str) -> None:
        """The first pair, from the code of the consent link (valid ten minutes, once).

        Raises ``Misconfigured`` when Zalo does not take the code, or ``TryLater``.
        """
        form = {"code": code, "grant_type": "authorization_code", "code_verifier": verifier}
        await self._alone(lambda: self._exchange(form))

    async def put(self, access: str, refresh: str, *, lifetime: timedelta = LIFETIME) -> None:
        """A pair made by hand in the console's API Explorer."""
        pair = Pair(access=access, refresh=refresh, expires_at=self._clock() + lifetime)
        await self._alone(lambda: self._save(pair))

    async def state(self) -> Pair | None:
        """What is stored now, for ``channels check``."""
        return await self._stored()

    async def _stored(self) -> Pair | None:
        if self._unsaved is not None:
            await self._save(self._unsaved)
        kept = await self._tokens.load()
        return Pair.load(kept) if kept else None

    async def _alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something under the lock, to its end even when the caller is cancelled.

        A cancelled renewal would part a spent token from its successor.
        """

        async def locked() -> T:
            async with self._tokens.exclusive():
                return await work()

        task = asyncio.create_task(locked(), name="zalo-tokens")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _renewed_if(self, needed: Callable[[Pair], bool]) -> Pair | None:
        """The pair in force. It is read anew: another writer may have been quicker."""
        self._known = pair = await self._stored()
        return await self._renewed(pair) if pair is not None and needed(pair) else pair

    async def _renewed(self, pair: Pair) -> Pair:
        now = self._clock()
        if pair.refused_at and now - pair.refused_at < TRY_AGAIN:
            raise Misconfigured(f"Zalo không nhận refresh token ({pair.refused})")
        # Shows that the database takes a write, before the old pair is spent.
        await self._tokens.save(replace(pair, begun=now).dump())
        try:
            return await self._exchange(
                {"refresh_token": pair.refresh, "grant_type": "refresh_token"}
            )
        except Misconfigured as error:
            log.error("zalo_token_refused", why=str(error))
            failed = replace(pair, begun=None, refused_at=now, refused=str(error))
            await self._tokens.save(failed.dump())
            raise

    async def _exchange(self, form: dict[str, str]) -> Pair:
        """A new pair, stored. Raises ``Misconfigured`` when Zalo gives none."""
        answer = await self._ask(form)
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
            raise Misconfigured(_reason(answer, form))
        lifetime = _seconds(answer.get("expires_in")) or LIFETIME
        pair = Pair(access=access, refresh=refresh, expires_at=self._clock() + lifetime)
        await self._save(pair)
        log.info("zalo_token_renewed", hours=round(lifetime / timedelta(hours=1)))
        return pair

    async def _save(self, pair: Pair) -> None:
        """Store a pair, stubbornly, and only then let it be used."""
        self._unsaved = pair
        for wait in (*SAVE_WAITS, None):
            try:
                await self._tokens.save(pair.dump())
            except Exception as error:
                log.error("zalo_token_not_stored", error=type(error).__name__)
                if wait is None:
                    raise TryLater(5.0, "token mới chưa lưu được", everyone=True) from None
                await asyncio.sleep(wait)
            else:
                self._known, self._unsaved = pair, None
                return

    async def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        assert self._session is not None, "open() comes first"
        try:
            async with self._session.post(
                f"{self._url}/v4/oa/access_token",
                data={**form, "app_id": self._app_id},
                headers={"secret_key": self._app_secret},
                allow_redirects=False,
            ) as response:
                answer = await response.json(content_type=None)
        except (ClientError, TimeoutError, ValueError) as error:
            # ``from None``: the request, and with it the tokens, stays out of tracebacks.
            why = f"máy chủ cấp token: {type(error).__name__}"
            raise TryLater(SERVER_WAIT, why, everyone=True) from None
        if not isinstance(answer, dict) or response.status >= 500:
            raise TryLater(SERVER_WAIT, "máy chủ cấp token trả lời không đọc được", everyone=True)
        return answer


def _reason(answer: dict[str, Any], form: dict[str, str]) -> str:
    """Zalo's own words on why there is no pair, without what was sent."""
    said = str(answer.get("error_name") or answer.get("error_description") or "")
    for secret in form.values():
        said = said.replace(secret, "…")
    return f"lỗi {answer.get('error', '?')} {said[:80]}".rstrip()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _seconds(value: object) -> timedelta | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return timedelta(seconds=number) if number > 0 else None
