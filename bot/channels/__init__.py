"""What a channel is: what it can carry, what it tells us, and how sending through it can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime, timedelta

    from handlers.conversation import Incoming, Reply


MAX_PICTURE = 8 * 1024 * 1024
"""Bytes of a picture that is read at all."""


class Markup(StrEnum):
    """What a channel understands besides plain text."""

    NONE = "none"
    HTML = "html"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What fits into one message of a channel; ``max_buttons`` counts only where they exist.

    ``window`` is how long after a citizen's last sign of life a message may still be sent, and
    ``window_messages`` how many; ``None`` where the channel has no such rule.
    """

    max_text: int
    max_buttons: int = 0
    supports_buttons: bool = False
    supports_url_buttons: bool = False
    max_label: int = 64
    markup: Markup = Markup.NONE
    window: timedelta | None = None
    window_messages: int | None = None

    def __post_init__(self) -> None:
        if self.max_text < 1:
            raise ValueError("max_text must be positive")


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing a platform told us, as it is kept until it is answered.

    ``id`` is the same when the platform delivers again; events of one ``contact`` (the platform's
    own id of the chat) are handled in the order of arrival. ``body`` is JSON of the channel's own.
    """

    id: str
    contact: str
    body: dict[str, Any]


class Notice(StrEnum):
    """What an event means when it is no message of a citizen to the office."""

    IGNORED = "ignored"
    JOINED = "joined"
    """The citizen followed, or lifted a block: sending is allowed again."""
    LEFT = "left"
    """The citizen blocked the bot or left: nothing is sent any more."""
    ERASE = "erase"
    """The citizen withdrew consent: everything kept of them goes."""
    TAKEN_OVER = "taken_over"
    """An officer answered in the platform's own window: the bot keeps silent for a while."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One call to a platform, rendered and within its limits, as it is kept until it is sent."""

    contact: str
    call: str
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of a call: the platform's id of the message, and how many more may follow."""

    id: str = ""
    remaining: int | None = None


class Channel(Protocol):
    """One platform. Whatever it cannot say at all it says in plain text."""

    @property
    def name(self) -> str:
        """Short and stable: it stands in the database."""
        ...

    @property
    def limits(self) -> Limits:
        """What one message can carry."""
        ...

    def receive(self, headers: Mapping[str, str], body: bytes) -> tuple[Event, ...]:
        """The events of one webhook request, verified over the raw body.

        Empty when there is nothing to keep. Raises ``Forged`` or ``Malformed``. No I/O.
        """
        ...

    def read(self, event: Event, *, at: datetime) -> Incoming | Notice:
        """What an event says; ``at`` is when it arrived. Never raises for an event it made."""
        ...

    def render(self, event: Event, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """The calls that say some replies to an event. Pure."""
        ...

    def address(self, contact: str, replies: tuple[Reply, ...]) -> tuple[Outgoing, ...]:
        """The calls that say something nobody asked for just now, such as a reminder. Pure."""
        ...

    async def working(self, event: Event) -> None:
        """Show that an answer is being made, where the platform can. Best effort, never raises."""
        ...

    async def send(self, outgoing: Outgoing) -> Sent:
        """Make one call.

        Raises ``TryLater``, ``Unreachable``, ``OutsideWindow``, ``Rejected``, ``Misconfigured``.
        """
        ...

    async def picture(self, event: Event) -> bytes | None:
        """The picture an event carries, at most ``MAX_PICTURE`` bytes; ``None`` when there is none.

        Asks only the platform's own hosts. Raises ``ChannelError``.
        """
        ...

    async def check(self) -> tuple[Finding, ...]:
        """Whether the platform takes our token and knows our address. Never raises."""
        ...

    async def register(self, url: str) -> tuple[Finding, ...]:
        """Tell the platform our webhook's address and what it shows of us. Never raises."""
        ...

    async def open(self) -> None:
        """Take connections; called once before anything that does I/O."""
        ...

    async def close(self) -> None:
        """Give them back."""
        ...


@runtime_checkable
class Polled(Protocol):
    """A channel that can be asked for events instead of telling us; for development and pilots."""

    async def fetch(self) -> tuple[Event, ...]:
        """Wait for events for about half a minute; maybe none.

        The next call acknowledges the events of this one, so it comes only after they are stored.
        Raises ``TryLater`` or ``Rejected``.
        """
        ...


@runtime_checkable
class Collected(Protocol):
    """A channel whose citizens collect their replies themselves; nothing is sent through it."""

    def posted(self, contact: str) -> None:
        """Something waits for a contact (its hash)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of what ``channels check`` tells an operator; Vietnamese, with what to do."""

    ok: bool
    text: str


class Forms(Protocol):
    """The blank forms the office hands out."""

    def read(self, name: str) -> bytes:
        """The bytes of one form. Raises ``KeyError`` when there is none of that name."""
        ...

    def address(self, name: str) -> str | None:
        """Where a browser finds the form; ``None`` when the office has no public address."""
        ...


class Tokens(Protocol):
    """Where a channel keeps tokens that change; whoever writes holds the lock."""

    async def load(self) -> dict[str, str] | None:
        """The tokens stored last."""
        ...

    async def save(self, tokens: dict[str, str]) -> None:
        """Store durably before it returns."""
        ...

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Held by one writer at a time, over all processes."""
        ...


class ChannelError(Exception):
    """Receiving from or sending to a channel failed; the subclass says what to do next."""


class Forged(ChannelError):
    """The request was not signed by the channel: refuse it with 401 and read no further."""


class Malformed(ChannelError):
    """The request is signed but not readable: refuse it with 400."""


class TryLater(ChannelError):
    """The channel is busy or down: send the same message again ``after`` seconds.

    ``everyone`` when the whole channel must pause, not only this chat.
    """

    def __init__(self, after: float, reason: str = "", *, everyone: bool = False) -> None:
        super().__init__(reason or f"try again after {after:g} s")
        self.after = after
        self.everyone = everyone


class Unreachable(ChannelError):
    """The citizen blocked or left the chat: stop sending and unsubscribe."""


class OutsideWindow(ChannelError):
    """Too long since the citizen wrote, or too many messages: only a template may be sent."""


class Rejected(ChannelError):
    """The channel refused what we sent as malformed: our own bug, so alert and do not retry."""


class Misconfigured(ChannelError):
    """The channel refuses us altogether (token, package, permission): alert, a person must act."""
