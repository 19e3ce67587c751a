"""A talk whose answers a test gives, for tests of what people see and not of the queues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.handover_thread import Thread
from bot.talk import Heard, Talk
from handlers.conversation import Contact, Incoming, Reply


class Scripted(Talk):
    """Answers with a function; ``later`` holds what is collected next."""

    def __init__(self, converse: Callable[[Incoming], Awaitable[tuple[Reply, ...]]]) -> None:
        self._converse = converse
        self._last = 0
        self.asked: list[tuple[str | None, int | None]] = []
        self.later: list[Heard] = []
        self.pictures: list[bytes] = []

    async def ask(
        self,
        incoming: Incoming,
        *,
        message: str | None = None,
        after: int | None = None,
        picture: bytes | None = None,
    ) -> Heard:
        self.asked.append((message, after))
        if picture is not None:
            self.pictures.append(picture)
        replies = await self._converse(incoming)
        self._last += len(replies)
        return Heard(replies=replies, last=self._last)

    async def hear(self, contact: Contact, *, after: int) -> Heard:
        return self.later.pop(0) if self.later else Heard(replies=(), last=after)

    async def thread(self, contact: Contact) -> Thread | None:
        return None
