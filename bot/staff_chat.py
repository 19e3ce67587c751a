"""The officers' own chat on one of the channels, written to through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.conversation import Reply
from knowledge.queues import Departure

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from bot.channels import Channel


@dataclass(frozen=True, kw_only=True)
class StaffChat:
    """A chat of officers on one of the channels, by the channel's own id."""

    channel: str
    id: str

    @classmethod
    def of(cls, setting: str) -> StaffChat | None:
        """Out of «channel:id»; ``None`` where none is set."""
        channel, _, identity = setting.partition(":")
        return cls(channel=channel, id=identity) if identity else None

    def departures(
        self,
        text: str,
        key: str,
        channel: Channel,
        *,
        contact_hash: Callable[[str, str], str],
        close: Callable[[Any], bytes],
        apology: bool,
    ) -> list[Departure]:
        """The calls that say it; ``key`` makes a repeat harmless.

        ``apology``: nothing is said instead when the platform refuses it.
        """
        return [
            Departure(
                channel=self.channel,
                contact=contact_hash(self.channel, call.contact),
                key=f"{self.channel}:{key}:{number}",
                sealed=close([call.contact, call.call, call.body, apology]),
            )
            for number, call in enumerate(channel.address(self.id, (Reply(lead=text),)))
        ]
