"""Pictures come from Zalo's own hosts, whole and small, and nothing of ours goes along."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.channels import MAX_PICTURE, Rejected, TryLater
from bot.channels.zalo_pictures import HOSTS, allowed, fetch
from tests.fakes.zalo_oa import FakeZaloOa


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://f6.photo.talk.zdn.vn/a.jpg", True),
        ("https://zdn.vn/a.jpg", True),
        ("https://s240-ava.zadn.vn/a", True),
        ("https://openapi.zalo.me/a", True),
        ("http://f6.photo.talk.zdn.vn/a.jpg", False),
        ("https://f6.photo.talk.zdn.vn:8443/a.jpg", False),
        ("https://evilzdn.vn/a.jpg", False),
        ("https://zdn.vn.evil.example/a.jpg", False),
        ("https://f6.zdn.vn@evil.example/a.jpg", False),
        ("https://evil.example/#@zdn.vn", False),
        ("https://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("https://[zdn.vn", False),
        ("https://zdn.vn:x/", False),
        ("//zdn.vn/a", False),
        ("", False),
    ],
)
def test_hosts(url: str, expected: bool) -> None:
    assert allowed(url, HOSTS) is expected


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        yield fake


async def get(zalo: FakeZaloOa, name: str) -> bytes | None:
    async with ClientSession() as session:
        return await fetch(session, f"{zalo.url}/photo/{name}", hosts=(zalo.url,))


async def test_a_picture(zalo: FakeZaloOa) -> None:
    zalo.pictures["a.jpg"] = b"\xff\xd8 picture"
    assert await get(zalo, "a.jpg") == b"\xff\xd8 picture"
    assert await get(zalo, "gone.jpg") is None


async def test_size(zalo: FakeZaloOa) -> None:
    zalo.pictures["most.jpg"] = b"x" * MAX_PICTURE
    zalo.pictures["large.jpg"] = b"x" * (MAX_PICTURE + 1)
    most = await get(zalo, "most.jpg")
    assert most is not None
    assert len(most) == MAX_PICTURE
    assert await get(zalo, "large.jpg") is None


async def test_redirects_stay_at_zalo(zalo: FakeZaloOa) -> None:
    zalo.pictures |= {"a.jpg": b"x", "near.jpg": "/photo/a.jpg", "loop.jpg": "/photo/loop.jpg"}
    async with FakeZaloOa() as stranger:
        stranger.pictures["a.jpg"] = b"secret of another server"
        zalo.pictures["far.jpg"] = f"{stranger.url}/photo/a.jpg"
        assert await get(zalo, "near.jpg") == b"x"
        for name in ("far.jpg", "loop.jpg"):
            with pytest.raises(Rejected):
                await get(zalo, name)


async def test_nobody_answers() -> None:
    async with ClientSession() as session:
        with pytest.raises(TryLater):
            await fetch(session, "http://127.0.0.1:1/a", hosts=("http://127.0.0.1:1",))
