"""Heavy work happens in another process, and its failure comes back."""

from __future__ import annotations

import os

import pytest

from bot.aside import aside


def where(number: int) -> tuple[int, int]:
    return os.getpid(), number + 1


async def test_another_process_does_it() -> None:
    process, number = await aside(where, 1)
    assert (process != os.getpid(), number) == (True, 2)


async def test_a_failure_comes_back() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await aside(int, "x")
