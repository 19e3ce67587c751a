"""A question asked through the durable queues by somebody who waits for the answer."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bot.channels.pickup import reply_of
from bot.handover_thread import thread_of
from bot.intake import Unavailable
from bot.sealing import Unsealable
from knowledge.handover_messages import is_handover_key

if TYPE_CHECKING:
    from bot.channels.pickup import PickupChannel
    from bot.delivery import Delivery
    from bot.handover_thread import Thread
    from handlers.conversation import Contact, Incoming, Reply
    from knowledge.queues import Parcel

log = structlog.get_logger()

LOOK = 0.3
"""Seconds after which the database is asked again: another process may have answered."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Replies collected; ``last`` goes into the next call's ``after``.

    ``pending``: the message is kept, its answer is not made yet; ask again with :meth:`Talk.hear`.
    ``silent``: an officer has the word, so nothing is said now. ``officers`` are the places of
    replies that belong to the conversation with officers.
    """

    replies: tuple[Reply, ...]
    last: int
    pending: bool = False
    silent: bool = False
    officers: frozenset[int] = frozenset()

    @property
    def of_bot(self) -> tuple[Reply, ...]:
        """Replies without what officers said."""
        return tuple(each for n, each in enumerate(self.replies) if n not in self.officers)


class Talk:
    """What the web chat and the terminal do: put a message in, wait, take the replies out."""

    def __init__(self, channel: PickupChannel, delivery: Delivery, *, patience: float = 10.0):
        self._channel = channel
        self._delivery = delivery
        self._patience = patience

    async def ask(
        self,
        incoming: Incoming,
        *,
        message: str | None = None,
        after: int | None = None,
        picture: bytes | None = None,
    ) -> Heard:
        """The replies to a message, and to the picture that came with it.

        The same ``message`` id asks the same question once, however often it is sent. Replies up
        to ``after`` were shown and are erased; ``None``: all so far. Raises ``Unavailable`` when
        the message could not be kept.
        """
        channel = self._channel
        event = channel.event(incoming, message or secrets.token_hex(12), picture)
        contact = self._delivery.contact_hash(channel.name, event.contact)
        if after is None:
            after = await self._newest(contact)
        with channel.listening(contact) as woken:
            await self._delivery.accept(channel.name, (event,))
            deadline = asyncio.get_running_loop().time() + self._patience
            while asyncio.get_running_loop().time() < deadline:
                try:
                    async with asyncio.timeout(LOOK):
                        await woken.wait()
                except TimeoutError:
                    pass
                woken.clear()
                parcels = await self._collect(contact, after, event.id)
                if parcels is not None:
                    heard = self._heard(parcels, after)
                    return heard if parcels else replace(heard, silent=await self._silent(contact))
        return Heard(replies=(), last=after, pending=True)

    async def hear(self, contact: Contact, *, after: int) -> Heard:
        """What was said to a contact since ``after``, without asking anything."""
        hashed = self._delivery.contact_hash(self._channel.name, contact.id)

        def look() -> tuple[list[Parcel], bool]:
            with self._delivery.store.work() as work:
                queues = work.queues
                waits = queues.is_expected(self._channel.name, hashed)
                found = queues.collect(
                    self._channel.name, hashed, after=after, at=self._delivery.now()
                )
            return found, waits

        parcels, pending = await self._delivery.threaded(look)
        heard = self._heard(parcels, after)
        return replace(heard, pending=pending)

    async def thread(self, contact: Contact) -> Thread | None:
        """The conversation with officers, for a page that cannot remember it; shown hereby."""
        hashed = self._delivery.contact_hash(self._channel.name, contact.id)

        def look() -> Thread | None:
            with self._delivery.store.work() as work:
                return thread_of(work, self._delivery, self._channel.name, hashed)

        return await self._delivery.threaded(look)

    async def _silent(self, contact: str) -> bool:
        """True while an officer has the word."""

        def look() -> bool:
            key = (self._channel.name, contact)
            with self._delivery.store.work() as work:
                standing = work.handovers.standings([key]).get(key)
            return standing is not None and standing.in_course

        return await self._delivery.threaded(look)

    async def _newest(self, contact: str) -> int:
        def look() -> int:
            with self._delivery.store.work() as work:
                return work.queues.newest_parcel(self._channel.name, contact)

        try:
            return await self._delivery.threaded(look)
        except Exception as error:
            log.warning("collecting_failed", error=type(error).__name__)
            return 0

    async def _collect(self, contact: str, after: int, event: str) -> list[Parcel] | None:
        """The replies when the event is answered, ``None`` when it is not."""

        def look() -> list[Parcel] | None:
            with self._delivery.store.work() as work:
                if not work.queues.is_settled(self._channel.name, event[:120]):
                    return None
                return work.queues.collect(
                    self._channel.name, contact, after=after, at=self._delivery.now()
                )

        try:
            return await self._delivery.threaded(look)
        except Exception as error:
            log.warning("collecting_failed", error=type(error).__name__)
            return None

    def _heard(self, parcels: list[Parcel], after: int) -> Heard:
        replies: list[Reply] = []
        officers = set()
        for parcel in parcels:
            try:
                _, _, body, _ = self._delivery.open(parcel.sealed)
            except Unsealable:
                log.error("unreadable", queue="outbox", channel=self._channel.name)
                continue
            if reply := reply_of(body):
                if is_handover_key(parcel.key):
                    officers.add(len(replies))
                replies.append(reply)
        last = max((parcel.id for parcel in parcels), default=after)
        return Heard(replies=tuple(replies), last=last, officers=frozenset(officers))


__all__ = ["Heard", "Talk", "Unavailable"]
