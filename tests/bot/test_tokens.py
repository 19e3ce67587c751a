"""Tokens in a real database of each kind: sealed, durable, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bot.sealing import Seal
from bot.tokens import StoredTokens
from knowledge.store import Store, migrate, open_engine

PAIR = {"access_token": "rất-mật", "refresh_token": "mật-hơn"}


def now() -> datetime:
    return datetime(2026, 11, 25, 9, tzinfo=UTC)


def tokens(store: Store, seal: Seal | None = None, channel: str = "zalo_oa") -> StoredTokens:
    return StoredTokens(store, seal or Seal([Seal.new_key()]), channel, clock=now)


@pytest.fixture
def postgresql_stores(postgresql: Callable[[], str]) -> Iterator[tuple[Store, Store]]:
    """One PostgreSQL database as two processes see it."""
    url = postgresql()
    engines = [open_engine(url) for _ in range(2)]
    migrate(engines[0])
    first, second = (Store(engine) for engine in engines)
    yield first, second
    first.close()
    second.close()


async def test_what_was_saved_is_there_after_a_restart_and_only_sealed(empty_url: str) -> None:
    seal = Seal([Seal.new_key()])
    engine = open_engine(empty_url)
    migrate(engine)
    first = Store(engine)
    assert await tokens(first, seal).load() is None
    await tokens(first, seal).save({"access_token": "cũ"})
    await tokens(first, seal).save(PAIR)
    with engine.connect() as connection:
        kept = bytes(connection.execute(text("SELECT sealed FROM channel_tokens")).scalar_one())
    assert b"m\xe1\xba\xadt" not in kept
    first.close()
    second = Store(open_engine(empty_url))
    assert await tokens(second, seal).load() == PAIR
    assert await tokens(second, seal, "zalo_bot").load() is None
    second.close()


async def test_a_lost_key_counts_as_no_tokens(store: Store) -> None:
    await tokens(store).save(PAIR)
    assert await tokens(store).load() is None


async def test_one_writer_at_a_time_in_one_process(store: Store) -> None:
    kept = tokens(store)
    order: list[str] = []

    async def writer(name: str) -> None:
        async with kept.exclusive():
            order.append(f"{name} in")
            await asyncio.sleep(0.02)
            await kept.save({"by": name})
            order.append(f"{name} out")

    await asyncio.gather(*(writer(name) for name in "abc"))
    assert [each.split()[1] for each in order] == ["in", "out"] * 3
    assert [first[0] for first in order[::2]] == [last[0] for last in order[1::2]]


async def test_one_writer_over_processes(postgresql_stores: tuple[Store, Store]) -> None:
    here, there = (tokens(each) for each in postgresql_stores)
    entered = asyncio.Event()

    async def other() -> None:
        async with there.exclusive():
            entered.set()

    async with here.exclusive():
        waiting = asyncio.create_task(other())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        assert not entered.is_set()
    await asyncio.wait_for(waiting, 5)


async def test_who_gives_up_waiting_leaves_no_lock_behind(
    postgresql_stores: tuple[Store, Store],
) -> None:
    here, there = (tokens(each) for each in postgresql_stores)

    async def other() -> None:
        async with there.exclusive():
            raise AssertionError("never entered")

    async with here.exclusive():
        waiting = asyncio.create_task(other())
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    for kept in (here, there, here):
        async with asyncio.timeout(5):
            async with kept.exclusive():
                pass


async def test_a_failure_inside_frees_the_lock(store: Store) -> None:
    kept = tokens(store)
    with pytest.raises(ZeroDivisionError):
        async with kept.exclusive():
            raise ZeroDivisionError
    async with asyncio.timeout(5):
        async with kept.exclusive():
            pass


async def test_a_database_that_is_away_is_told(postgresql_stores: tuple[Store, Store]) -> None:
    broken = Store(open_engine("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(Exception, match=r"(?i)connect"):
        async with tokens(broken).exclusive():
            raise AssertionError("never entered")
    broken.close()
