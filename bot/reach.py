"""Whether a citizen can be told something unasked just now, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels import Limits
    from knowledge.contacts import Allowance

MARGIN = timedelta(minutes=10)
"""Before the end of a window: the call may wait a little in the outbox."""


class Reach(StrEnum):
    """What a channel allows towards a contact."""

    OPEN = "open"
    TEMPLATE = "template"
    """Only an approved text, outside the channel's window."""
    LATER = "later"
    """Not before the citizen writes again, or an officer has finished."""
    GONE = "gone"
    """The citizen blocked the bot or left."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a contact, in the chat and on the way of templates."""

    chat: Allowance | None
    template: Allowance | None = None
    has_template: bool = False

    def reach(self, limits: Limits, now: datetime) -> Reach:
        """How the citizen can be reached."""
        chat, template = self.chat, self.template
        if (chat and chat.left_at) or (template and template.left_at):
            return Reach.GONE
        if chat and chat.silent_until and chat.silent_until > now:
            return Reach.LATER
        if limits.window is None or _within(chat, limits.window, now):
            return Reach.OPEN
        # One that was refused would be refused, and paid for, again.
        refused = template is not None and template.remaining == 0
        return Reach.TEMPLATE if self.has_template and not refused else Reach.LATER


def _within(chat: Allowance | None, window: timedelta, now: datetime) -> bool:
    if chat is None or chat.last_seen is None or chat.remaining == 0:
        return False
    return now < chat.last_seen + window - MARGIN
