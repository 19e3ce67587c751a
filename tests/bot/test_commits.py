"""Writes that share a commit: together, apart when one fails, and never in the loop's way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.commits import GroupCommit
from knowledge.queues import Arrival
from knowledge.store import Store, UnitOfWork

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def commits(store: Store) -> Iterator[GroupCommit]:
    with ThreadPoolExecutor(1) as executor:
        yield GroupCommit(store, executor)


def arrival(name: str) -> Arrival:
    return Arrival(channel="web", event=name, contact=name, sealed=b"x", received_at=NOW)


def kept(store: Store) -> int:
    with store.work() as work:
        return work.queues.waiting()[0]


async def test_writes_of_one_kind_that_come_together_are_done_together(
    commits: GroupCommit, store: Store
) -> None:
    seen: list[list[str]] = []

    def keep(work: UnitOfWork, names: Sequence[str]) -> list[str]:
        seen.append(list(names))
        work.queues.receive([arrival(name) for name in names])
        return [name.upper() for name in names]

    found = await asyncio.gather(*(commits.write(keep, name) for name in "abc"))
    assert found == ["A", "B", "C"]
    assert seen == [["a", "b", "c"]]
    assert kept(store) == 3


async def test_one_that_fails_fails_alone(commits: GroupCommit, store: Store) -> None:
    def keep(work: UnitOfWork, names: Sequence[str]) -> list[str]:
        work.queues.receive([arrival(name) for name in names])
        if "b" in names:
            raise LookupError("b")
        return list(names)

    found = await asyncio.gather(
        *(commits.write(keep, name) for name in "abc"), return_exceptions=True
    )
    assert [found[0], found[2]] == ["a", "c"]
    assert isinstance(found[1], LookupError)
    assert kept(store) == 2
    # Nothing of it stays behind in the connection.
    assert await commits.write_one(lambda work: work.queues.waiting()) == (2, 0)


async def test_what_the_session_holds_back_is_written(commits: GroupCommit, store: Store) -> None:
    await commits.write_one(lambda work: work.queues.put_tokens("zalo_oa", b"sealed", at=NOW))
    with store.work() as work:
        assert work.queues.tokens("zalo_oa") == b"sealed"


async def test_another_writer_is_waited_for_and_holds_up_nothing_else(
    commits: GroupCommit, store: Store
) -> None:
    with store.work() as work:
        work.queues.receive([arrival("first")])
        writing = asyncio.create_task(
            commits.write_one(lambda work: work.queues.receive([arrival("second")]))
        )
        # The loop turns all the while.
        for _ in range(50):
            await asyncio.sleep(0.001)
        if store.one_writer:
            assert not writing.done()
        else:
            await writing
    await writing
    assert kept(store) == 2


async def test_a_patient_write_goes_along_with_an_urgent_one_of_its_kind(
    commits: GroupCommit,
) -> None:
    seen: list[list[str]] = []

    def keep(work: UnitOfWork, names: Sequence[str]) -> Sequence[str]:
        seen.append(list(names))
        return names

    def other(work: UnitOfWork, names: Sequence[str]) -> Sequence[str]:
        return names

    patient = asyncio.create_task(commits.write(keep, "patient", within=3600))
    stranger = asyncio.create_task(commits.write(other, "stranger", within=3600))
    await asyncio.sleep(0)
    assert await commits.write(keep, "urgent") == "urgent"
    assert await patient == "patient"
    assert seen == [["patient", "urgent"]]
    assert not stranger.done()
    # Another of its kind that is due at once ends its waiting.
    await commits.write(other, "urgent")
    assert await stranger == "stranger"
