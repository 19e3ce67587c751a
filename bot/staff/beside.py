"""A costly value that is made beside the pages and kept until it is out of date."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")
log = structlog.get_logger()


class Beside(Generic[T]):
    """The last value, and the making of the next one; a page never waits long for either."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._value: T | None = None
        self._of: Hashable = None
        self._making: asyncio.Task[None] | None = None

    async def look(self, of: Hashable, *, patience: float = 0.0) -> T | None:
        """The value, made anew when the last one was not ``of`` this state of the world.

        Waits at most ``patience`` seconds for a new one, then gives the old one; ``None`` while
        there is none. A making that failed is tried again at the next look.
        """
        if of != self._of and self._making is None:
            self._making = asyncio.create_task(self._anew(of))
        if self._making is not None:
            await asyncio.wait([self._making], timeout=patience)
        return self._value

    async def _anew(self, of: Hashable) -> None:
        try:
            self._value = await self._make()
            self._of = of
        except Exception:
            log.exception("making_beside_failed")
        finally:
            self._making = None
