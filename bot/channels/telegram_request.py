"""HTTP for python-telegram-bot through aiohttp, which the program uses everywhere else.

The library's own client (httpx) took a third of the server's time under load; a request class of
one's own is the library's documented way to change that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput
    from telegram.request import RequestData

T = TypeVar("T")

JSON = {"Content-Type": "application/json"}


class AiohttpRequest(BaseRequest):
    """So many connections to one address at once; times in seconds."""

    def __init__(
        self, address: str, connections: int, *, read: float, connect: float, write_media: float
    ) -> None:
        self._address = address
        self._connections = connections
        self._read = read
        self._connect = connect
        self._write_media = write_media
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """How long an answer may take."""
        return self._read

    async def initialize(self) -> None:
        """Take connections."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            # Cookies are not for an interface. The proxy is looked up here: told to trust the
            # environment, aiohttp reads that and ~/.netrc anew for every call, in a thread.
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=proxy_of(self._address),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Give them back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises ``TimedOut`` and ``NetworkError``, without the address, which
        holds the token."""
        if self._session is None:
            raise RuntimeError("not initialized")
        files = request_data is not None and request_data.contains_files
        read = _given(read_timeout, self._read)
        write = _given(write_timeout, self._write_media if files else 0.0)
        timeout = aiohttp.ClientTimeout(
            total=(read or 0) + (write or 0) or None,
            sock_connect=_given(connect_timeout, self._connect),
        )
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=None if files or request_data is None else JSON,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None


def _given(value: ODVInput[T], otherwise: T) -> T | None:
    return otherwise if isinstance(value, DefaultValue) else value


def _body(request_data: RequestData | None) -> aiohttp.FormData | bytes | None:
    if request_data is None:
        return None
    if not request_data.contains_files:
        # A form of the same fields costs several times as much to write as JSON.
        return json.dumps(request_data.parameters, ensure_ascii=False).encode()
    # Names as they are: Telegram shows a quoted «T%E1%BB%9D khai.pdf» like that.
    form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in request_data.multipart_data.items():
        form.add_field(name, content, filename=_harmless(filename), content_type=kind)
    return form


def proxy_of(address: str) -> str | None:
    """The proxy that the environment names for an address; ``None`` for the direct way."""
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return None
    proxy = getproxies().get(parts.scheme)
    # A proxy spoken to over TLS is not supported.
    return proxy if proxy and proxy.startswith("http://") else None


def _harmless(filename: str) -> str:
    """Without what would end the header."""
    return "".join("_" if each in '"\\' or not each.isprintable() else each for each in filename)
