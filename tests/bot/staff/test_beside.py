"""A costly value is made once for each state of the world, and nobody waits long for it."""

from __future__ import annotations

import asyncio

from bot.staff.beside import Beside


async def test_it_is_made_once_for_each_state() -> None:
    made: list[int] = []

    async def make() -> int:
        made.append(1)
        return len(made)

    value = Beside(make)
    assert [await value.look("a", patience=1) for _ in range(3)] == [1, 1, 1]
    assert await value.look("b", patience=1) == 2
    assert len(made) == 2


async def test_the_old_one_is_shown_meanwhile() -> None:
    gate = asyncio.Event()
    numbers = iter((1, 2))

    async def make() -> int:
        await gate.wait()
        return next(numbers)

    value = Beside(make)
    assert await value.look("a") is None
    gate.set()
    assert await value.look("a", patience=1) == 1
    gate.clear()
    assert await value.look("b") == 1
    gate.set()
    assert await value.look("b", patience=1) == 2


async def test_a_failure_is_tried_again() -> None:
    tries: list[int] = []

    async def make() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OSError
        return "made"

    value = Beside(make)
    assert await value.look("a", patience=1) is None
    assert await value.look("a", patience=1) == "made"
