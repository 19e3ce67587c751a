"""What the program knows when it is new, for tests that ask it questions."""

from __future__ import annotations

from functools import cache

from bot.app import build_services, seed_procedures
from handlers.conversation import Contact, Incoming, Inquiry, Memory
from handlers.services import Services
from tests.dossiers import AT


@cache
def services() -> Services:
    """The seed's knowledge, built once for each worker."""
    return build_services(seed_procedures())


def understood(text: str) -> list[Inquiry]:
    """How a message that comes out of nowhere is understood."""
    incoming = Incoming(contact=Contact(channel="web", id="an"), received_at=AT, text=text)
    return services().understanding.understand(incoming, Memory(), services().index)
