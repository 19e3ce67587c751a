"""Answers no document promises: proxies, redirects, half-finished servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels import ChannelError, Misconfigured, Rejected, TryLater, Unreachable
from bot.channels.zalo_oa_api import Urls, ZaloOaApi
from bot.channels.zalo_oauth import ZaloOauth
from tests.fakes.zalo_oa import KeptTokens


def now() -> datetime:
    return datetime(2026, 11, 25, 9, tzinfo=UTC)


class Odd:
    """A server that answers what a test wants."""

    def __init__(self) -> None:
        self.answer: Callable[[], web.Response] = web.Response
        self.headers: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        return self.answer()


@pytest.fixture
async def odd() -> AsyncIterator[tuple[Odd, ZaloOaApi]]:
    server = Odd()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    listening = TestServer(app)
    await listening.start_server()
    url = str(listening.make_url("/"))
    tokens = KeptTokens()
    tokens.kept = {
        "access_token": "access-of-this-test",
        "refresh_token": "refresh-of-this-test",
        "expires_at": (now() + timedelta(hours=20)).isoformat(),
    }
    oauth = ZaloOauth(app_id="1", app_secret="s", url=url, tokens=tokens, clock=now)
    api = ZaloOaApi(
        app_secret="s",
        urls=Urls(api=url, business=url, oauth=url),
        oauth=oauth,
        clock=now,
        patience=2.0,
    )
    await api.open()
    yield server, api
    await api.close()
    await listening.close()


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (200, "", TryLater),
        (200, "<html>", TryLater),
        (200, "[]", TryLater),
        (200, "{}", TryLater),
        (200, "[" * 50_000, TryLater),
        (200, '{"error": "x"}', Rejected),
        (200, '{"error": null}', Rejected),
        (200, '{"error": "-213"}', Unreachable),
        (200, '{"error": -999, "message": null}', Rejected),
        (400, '{"error": -201, "message": "text"}', Rejected),
        (403, "Forbidden", TryLater),
        (429, "{}", TryLater),
        (502, '{"error": 0, "data": {"message_id": "1"}}', TryLater),
        (302, "", TryLater),
        # The token is refused, and what comes from the token server is no pair either.
        (200, '{"error": -216}', Misconfigured),
    ],
)
async def test_answers(
    odd: tuple[Odd, ZaloOaApi], status: int, text: str, expected: type[ChannelError]
) -> None:
    server, api = odd
    server.answer = lambda: web.Response(status=status, text=text)
    with pytest.raises(expected) as caught:
        await api.post("/v3.0/oa/message/cs", {})
    assert type(caught.value) is expected
    assert "this-test" not in str(caught.value)


@pytest.mark.parametrize("data", ["null", "[]", '"x"', "1"])
async def test_success_with_strange_data(odd: tuple[Odd, ZaloOaApi], data: str) -> None:
    server, api = odd
    server.answer = lambda: web.Response(text=f'{{"error": "0", "data": {data}}}')
    assert await api.post("/v3.0/oa/message/cs", {}) == {}


async def test_the_token_never_follows_a_redirect(odd: tuple[Odd, ZaloOaApi]) -> None:
    server, api = odd
    stranger = Odd()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stranger.handle)
    listening = TestServer(app)
    await listening.start_server()
    steal = str(listening.make_url("/steal"))
    server.answer = lambda: web.Response(status=307, headers={"Location": steal})
    with pytest.raises(TryLater):
        await api.post("/v3.0/oa/message/cs", {})
    assert server.headers[0]["access_token"] == "access-of-this-test"
    assert stranger.headers == []
    await listening.close()


async def test_too_many_pauses_everybody(odd: tuple[Odd, ZaloOaApi]) -> None:
    server, api = odd
    server.answer = lambda: web.Response(status=429)
    with pytest.raises(TryLater) as caught:
        await api.post("/v3.0/oa/message/cs", {})
    assert caught.value.everyone
