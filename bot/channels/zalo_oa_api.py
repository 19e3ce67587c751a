"""Calls to the OA interface: token in the header, errors inside HTTP 200, one renewal and retry."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData

from bot.channels import ChannelError, Misconfigured, TryLater
from bot.channels.zalo_errors import TokenRefused, oa_error, template_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.channels.zalo_oauth import ZaloOauth

PATIENCE = 15.0
"""Seconds for a whole call; less than a worker's lease."""
TOO_MANY_WAIT = 10.0
FAILED_WAIT = 1.0
"""Seconds before the first repeat; the outbox waits longer from time to time by itself."""


@dataclass(frozen=True, kw_only=True)
class Urls:
    """Addresses of Zalo's three services."""

    api: str = "https://openapi.zalo.me"
    business: str = "https://business.openapi.zalo.me"
    oauth: str = "https://oauth.zaloapp.com"


class ZaloOaApi:
    """Makes calls. Every method raises ``ChannelError`` and nothing else."""

    def __init__(
        self,
        *,
        app_secret: str,
        urls: Urls,
        oauth: ZaloOauth,
        clock: Callable[[], datetime],
        patience: float,
    ) -> None:
        self._app_secret = app_secret
        self._api = urls.api.rstrip("/")
        self._business = urls.business.rstrip("/")
        self._oauth = oauth
        self._clock = clock
        self._patience = patience
        self._session: ClientSession | None = None

    async def open(self) -> None:
        """Take connections."""
        self._session = ClientSession(
            timeout=ClientTimeout(total=self._patience), cookie_jar=DummyCookieJar()
        )
        self._oauth.use(self._session)

    async def close(self) -> None:
        """Give them back, when a renewal that was begun has ended."""
        await self._oauth.close()
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> ClientSession:
        """The open connections."""
        assert self._session is not None, "open() comes first"
        return self._session

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """``data`` of an answer of the OA interface."""
        return await self._call(self._api + path, oa_error, body=body)

    async def upload(self, path: str, name: str, content: bytes) -> dict[str, Any]:
        """``data`` of an answer to an uploaded file."""
        return await self._call(self._api + path, oa_error, file=(name, content))

    async def post_template(self, body: dict[str, Any], *, by_phone: bool) -> dict[str, Any]:
        """``data`` of an answer to a template message."""
        url = f"{self._business if by_phone else self._api + '/v3.0/oa'}/message/template"
        return await self._call(url, template_error, body=body)

    async def account(self, token: str) -> dict[str, Any]:
        """The Official Account. Never renews: an operator looks while the server works."""
        return await self._once("GET", f"{self._api}/v2.0/oa/getoa", oa_error, token)

    async def template_quota(self, token: str) -> dict[str, Any]:
        """How many template messages the day allows. Never renews."""
        return await self._once("GET", f"{self._business}/message/quota", template_error, token)

    async def _call(
        self,
        url: str,
        judge: Callable[..., ChannelError],
        *,
        body: dict[str, Any] | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> dict[str, Any]:
        token = await self._oauth.access()
        try:
            return await self._once("POST", url, judge, token, body, file)
        except TokenRefused:
            token = await self._oauth.instead_of(token)
        try:
            return await self._once("POST", url, judge, token, body, file)
        except TokenRefused as error:
            raise Misconfigured(f"token vừa đổi vẫn bị từ chối ({error})") from None

    async def _once(
        self,
        method: str,
        url: str,
        judge: Callable[..., ChannelError],
        token: str,
        body: dict[str, Any] | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> dict[str, Any]:
        # A multipart body is used up by a try, so each has its own.
        form = FormData(quote_fields=False) if file else None
        if form is not None and file is not None:
            form.add_field("file", io.BytesIO(file[1]), filename=file[0])
        status, raw = await self._answer(method, url, token, json_body=body, form=form)
        if status == 429:
            raise TryLater(TOO_MANY_WAIT, "HTTP 429", everyone=True)
        answer = _object(raw)
        if status >= 500 or answer is None or "error" not in answer:
            raise TryLater(FAILED_WAIT, f"HTTP {status}, không đọc được")
        code = _number(answer["error"])
        if code:
            raise judge(code, str(answer.get("message") or ""), now=self._clock())
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    async def _answer(
        self,
        method: str,
        url: str,
        token: str,
        *,
        json_body: dict[str, Any] | None,
        form: FormData | None,
    ) -> tuple[int, bytes]:
        try:
            async with self.session.request(
                method,
                url,
                json=json_body,
                data=form,
                headers=self._headers(token),
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except (ClientError, TimeoutError, OSError) as error:
            # ``from None``: the request, and with it the token, stays out of tracebacks.
            raise TryLater(FAILED_WAIT, type(error).__name__) from None

    def _headers(self, token: str) -> Mapping[str, str]:
        headers = {"access_token": token}
        if self._app_secret:
            key, message = self._app_secret.encode(), token.encode()
            headers["appsecret_proof"] = hmac.new(key, message, hashlib.sha256).hexdigest()
        return headers


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _number(value: object) -> int:
    """Zalo's error number; anything unreadable counts as an error of its own."""
    try:
        return int(str(value))
    except ValueError:
        return -1
