"""What a channel can carry, and how sending through it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Markup(StrEnum):
    """What a channel understands besides plain text."""

    NONE = "none"
    HTML = "html"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What fits into one message of a channel; ``max_buttons`` counts only where they exist."""

    max_text: int
    max_buttons: int = 0
    supports_buttons: bool = False
    supports_url_buttons: bool = False
    max_label: int = 64
    markup: Markup = Markup.NONE

    def __post_init__(self) -> None:
        if self.max_text < 1:
            raise ValueError("max_text must be positive")


class ChannelError(Exception):
    """Receiving from or sending to a channel failed; the subclass says what to do next."""


class Forged(ChannelError):
    """The request was not signed by the channel: refuse it with 401 and read no further."""


class TryLater(ChannelError):
    """The channel is busy or down: send the same message again ``after`` seconds."""

    def __init__(self, after: float, reason: str = "") -> None:
        super().__init__(reason or f"try again after {after:g} s")
        self.after = after


class Unreachable(ChannelError):
    """The citizen blocked or left the chat: stop sending and unsubscribe."""


class Rejected(ChannelError):
    """The channel refused what we sent as malformed: our own bug, so alert and do not retry."""
