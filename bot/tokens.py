"""Tokens of a channel, sealed in the database and changed by one writer at a time."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from bot.sealing import Unsealable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.sealing import Seal
    from knowledge.store import Store

TOKENS_LOCK = 7_226_002
"""Key of PostgreSQL's advisory lock on tokens; any number no one else uses."""

log = structlog.get_logger()


class StoredTokens:
    """The tokens of one channel; implements ``bot.channels.Tokens``.

    Within a process all users of a channel's tokens share one of these: its own lock is what
    excludes them on SQLite.
    """

    def __init__(
        self, store: Store, seal: Seal, channel: str, *, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._seal = seal
        self._channel = channel
        self._clock = clock
        self._lock = asyncio.Lock()

    async def load(self) -> dict[str, str] | None:
        """The tokens stored last; ``None`` also when the key that sealed them is gone."""

        def read() -> bytes | None:
            with self._store.work() as work:
                return work.queues.tokens(self._channel)

        sealed = await asyncio.to_thread(read)
        if sealed is None:
            return None
        try:
            opened = self._seal.open(sealed)
        except Unsealable:
            log.error("unreadable", queue="tokens", channel=self._channel)
            return None
        return {str(name): str(value) for name, value in dict(opened).items()}

    async def save(self, tokens: dict[str, str]) -> None:
        """Store durably before it returns; goes on to the end when the caller is cancelled."""
        sealed = self._seal.close(tokens)

        def write() -> None:
            with self._store.work() as work:
                work.queues.put_tokens(self._channel, sealed, at=self._clock())

        await asyncio.to_thread(write)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Held by one writer at a time, over all processes."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            entered, over = asyncio.Event(), threading.Event()

            def hold() -> None:
                # Taken and given back by one thread, which waits in between.
                with self._store.exclusive(TOKENS_LOCK):
                    loop.call_soon_threadsafe(entered.set)
                    over.wait()

            holding = loop.run_in_executor(None, hold)
            holding.add_done_callback(_note_failure)
            entering = asyncio.create_task(entered.wait())
            try:
                either: set[asyncio.Future[Any]] = {holding, entering}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not entered.is_set():
                    await holding
                yield
            finally:
                # Cancelled while waiting: the thread gives the lock back as soon as it has it.
                over.set()
                entering.cancel()
                if entered.is_set():
                    await asyncio.wait({holding})


def _note_failure(holding: asyncio.Future[None]) -> None:
    if not holding.cancelled() and (error := holding.exception()):
        log.warning("tokens_lock_failed", error=type(error).__name__)
