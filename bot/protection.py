"""Headers that forbid a page everything it does not need, and whether a request came over TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiohttp.typedefs import Handler


def headers(*, embedded_by: tuple[str, ...] = (), referrer: str) -> dict[str, str]:
    """Security headers; only ``embedded_by`` (sources of CSP) may show the page in a frame."""
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors {' '.join(embedded_by) or chr(39) + 'none' + chr(39)}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": referrer,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


def protect(added: Mapping[str, str]) -> Callable[[Handler], Handler]:
    """Put headers on every answer of a handler, refusals included."""

    def around(handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except web.HTTPException as failure:
                failure.headers.update(added)
                raise
            response.headers.update(added)
            return response

        return handle

    return around


def over_tls(request: web.Request) -> bool:
    """True when the browser spoke TLS; it usually ends at a proxy.

    A forged header only harms whoever forged it.
    """
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
