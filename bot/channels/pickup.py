"""A channel whose citizens collect their replies themselves: the web chat and the terminal."""

from __future__ import annotations

import asyncio
import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from bot.channels import Event, Forged, Limits, Notice, Outgoing, Rejected
from handlers.conversation import Attachment, Contact, Incoming, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from bot.channels import Finding, Sent

_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


class PickupChannel:
    """Keeps whole replies in the outbox until they are collected; markup is for who shows them."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._waiting: dict[str, set[asyncio.Event]] = {}

    @property
    def name(self) -> str:
        """As it stands in the database."""
        return self._name

    @property
    def limits(self) -> Limits:
        """Whoever shows a reply cuts it to size."""
        return self._limits

    def event(self, incoming: Incoming, message: str, picture: bytes | None = None) -> Event:
        """What is kept of a message; ``message`` is the sender's own id of it.

        A picture is part of the event: sealed like the rest, and erased when it is answered.
        """
        body = {
            "text": incoming.text,
            "action": incoming.action,
            "attachment": incoming.attachment.value if incoming.attachment else None,
        }
        if picture is not None:
            body["picture"] = base64.b64encode(picture).decode()
        contact = incoming.contact.id
        return Event(id=f"{contact[:32]}:{message}", contact=contact, body=body)

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Event, ...]:
        """Nobody calls from outside."""
        raise Forged("no webhook here")

    def read(self, event: Event, *, at: datetime) -> Incoming | Notice:
        """The message as it was."""
        kind = event.body.get("attachment")
        return Incoming(
            contact=Contact(channel=self._name, id=event.contact),
            received_at=at,
            text=event.body.get("text") or "",
            action=event.body.get("action"),
            attachment=Attachment(kind) if kind else None,
        )

    def render(self, event: Event, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """Replies as they are."""
        return self.address(event.contact, replies)

    def address(self, contact: str, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """Replies as they are."""
        return tuple(
            Outgoing(contact=contact, call="show", body=_REPLY.dump_python(reply, mode="json"))
            for reply in replies
        )

    async def working(self, event: Event) -> None:
        """The page shows by itself that it waits."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Never called: nothing is sent from here."""
        raise Rejected("replies of this channel are collected")

    async def picture(self, event: Event) -> bytes | None:
        """The picture that came with the message."""
        kept = event.body.get("picture")
        return base64.b64decode(kept) if kept else None

    async def check(self) -> tuple[Finding, ...]:
        """Nothing to check."""
        return ()

    async def register(self, url: str) -> tuple[Finding, ...]:
        """Nobody to tell."""
        return ()

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def posted(self, contact: str) -> None:
        """Wake whoever waits for a contact (its hash)."""
        for each in self._waiting.get(contact, ()):
            each.set()

    @contextmanager
    def listening(self, contact: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something is posted for a contact (its hash)."""
        woken = asyncio.Event()
        self._waiting.setdefault(contact, set()).add(woken)
        try:
            yield woken
        finally:
            waiting = self._waiting[contact]
            waiting.discard(woken)
            if not waiting:
                del self._waiting[contact]


def reply_of(body: dict[str, Any]) -> Reply | None:
    """A kept reply; ``None`` for one that an older version kept in another form."""
    try:
        return _REPLY.validate_python(body)
    except ValidationError:
        return None
