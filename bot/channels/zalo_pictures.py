"""Fetches pictures citizens sent, from Zalo's own hosts only and never more than fits."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError

from bot.channels import MAX_PICTURE, Rejected, TryLater

if TYPE_CHECKING:
    from aiohttp import ClientSession

HOSTS = ("https://*.zdn.vn", "https://*.zadn.vn", "https://*.zalo.me")
"""Where Zalo keeps what people send; ``*.`` stands for the domain and everything below it."""
MOST_REDIRECTS = 3


async def fetch(
    session: ClientSession, url: str, *, hosts: tuple[str, ...] = HOSTS
) -> bytes | None:
    """The bytes of a picture; ``None`` when it is gone or too large.

    The address came in a message, so each hop must lead to one of ``hosts``, and no token goes
    with it. Raises ``Rejected`` for another place, ``TryLater`` when the host does not answer.
    """
    for _ in range(MOST_REDIRECTS + 1):
        if not allowed(url, hosts):
            raise Rejected("the picture lies outside Zalo")
        try:
            async with session.get(
                url, allow_redirects=False, headers={"Accept-Encoding": "identity"}
            ) as response:
                if response.status in {301, 302, 303, 307, 308}:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                if response.status >= 500:
                    raise TryLater(5.0, f"HTTP {response.status}")
                if response.status != 200:
                    return None
                picture = bytearray()
                async for chunk in response.content.iter_chunked(64 * 1024):
                    picture += chunk
                    if len(picture) > MAX_PICTURE:
                        return None
                return bytes(picture)
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise TryLater(5.0, type(error).__name__) from None
    raise Rejected("too many redirects")


def allowed(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether an address lies at one of the hosts, by scheme, name and port."""
    try:
        asked = urlsplit(url)
        port = asked.port
    except ValueError:
        return False
    for each in hosts:
        host = urlsplit(each)
        name = host.hostname or ""
        domain = name.removeprefix("*.")
        fits = asked.hostname == domain or (
            name != domain and (asked.hostname or "").endswith(f".{domain}")
        )
        if fits and asked.scheme == host.scheme and port == host.port:
            return True
    return False
