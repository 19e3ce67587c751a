"""Platforms on loopback: real servers that keep the platforms' rules and their own record."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bot.channels import Channel


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """What a citizen sees of one accepted call; ``edits`` names the bubble that it changed."""

    contact: str
    id: str
    text: str = ""
    buttons: tuple[str, ...] = ()
    file: str | None = None
    edits: str | None = None
    raw: dict[str, Any] = field(default_factory=dict)


class Trouble(StrEnum):
    """How a platform refuses the next call that would have been a bubble."""

    BUSY = "busy"
    """Too many calls: try later."""
    DOWN = "down"
    """An error of the platform itself (5xx or its own way to say so)."""
    SILENT = "silent"
    """Takes the call and never answers."""
    LEFT = "left"
    """The citizen blocked the bot or left."""
    CLOSED = "closed"
    """Too long since the citizen wrote (platforms with a window only)."""
    WRONG = "wrong"
    """The platform says that the call itself is wrong."""
    TOKEN = "token"
    """The platform does not take the token."""


class Sticker(StrEnum):
    """What a citizen can send besides text."""

    PHOTO = "photo"
    VOICE = "voice"
    STICKER = "sticker"
    LOCATION = "location"
    FILE = "file"


class Platform(Protocol):
    """A fake platform: what a test does as the citizen, and what it sees as the platform.

    Every fake is an async context manager; its server listens on loopback while it is open.
    """

    name: str
    """The name of the channel that talks to it."""
    bubbles: list[Bubble]
    """Everything the platform accepted, in order: the record that invariants are checked on."""
    troubles: frozenset[Trouble]
    """What this platform knows of troubles."""

    @property
    def url(self) -> str:
        """Address of its interface."""
        ...

    def channel(self) -> Channel:
        """A channel of ours, configured for this platform. The caller opens and closes it."""
        ...

    def hook(self, url: str | None) -> None:
        """Where events are sent from now on; ``None``: they wait to be asked for."""
        ...

    async def say(self, contact: str, text: str) -> int:
        """A citizen writes. The status of the webhook request, 0 without a webhook.

        An event that is not acknowledged is kept and sent again by :meth:`redeliver`.
        """
        ...

    async def press(self, contact: str, label: str) -> int:
        """A citizen presses a button of the latest bubble that has it; as text where none exist."""
        ...

    async def send(self, contact: str, kind: Sticker, data: bytes = b"") -> int:
        """A citizen sends something else. ``data`` is the picture of a photo."""
        ...

    async def redeliver(self, last: int = 1) -> list[int]:
        """Send the last events again, acknowledged or not; their statuses."""
        ...

    async def forge(self) -> int:
        """Somebody else sends an event without the secret; the status of the request."""
        ...

    def trouble(self, kind: Trouble, times: int = 1) -> None:
        """Refuse the next calls of that kind."""
        ...
