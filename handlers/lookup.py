"""What the dossier conversation needs of the office's systems, free of any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from handlers.conversation import Contact
    from knowledge.onestop import Dossier, Elsewhere


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The dossier, and a sealed right to see it again without asking for digits."""

    dossier: Dossier
    right: str


@dataclass(frozen=True)
class NotMatching:
    """No such dossier, or other digits: nobody learns which."""


@dataclass(frozen=True)
class TooMany:
    """Too many tries by this chat, or for this code."""

    wait: timedelta


@dataclass(frozen=True)
class NoAnswer:
    """The system that holds the dossier does not answer just now."""


@dataclass(frozen=True)
class ElsewhereHeld:
    """The dossier is in a system this office cannot ask."""

    system: Elsewhere


@dataclass(frozen=True)
class NoSystem:
    """No system is known for such codes."""


LookUp = Seen | NotMatching | TooMany | NoAnswer | ElsewhereHeld | NoSystem


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A dossier a citizen follows; ``name`` is what it is about."""

    code: str
    name: str


class DossierDesk(Protocol):
    """Looks dossiers up; counts tries, keeps time even, seals what must be remembered."""

    def elsewhere(self, candidates: Sequence[str]) -> ElsewhereHeld | NoSystem | None:
        """Where a dossier is when no system of ours holds it; no digits are needed for that."""
        ...

    async def look_up(self, contact: Contact, candidates: Sequence[str], factor: str) -> LookUp:
        """The dossier of the first candidate that a source knows, when the factor proves it."""
        ...

    async def see_again(self, contact: Contact, right: str, *, lasting: bool = False) -> LookUp:
        """The dossier of a right given before; one given for a while must not be too old."""
        ...

    def seal_codes(self, codes: Sequence[str]) -> str:
        """Codes as they may be remembered between two messages."""
        ...

    def unseal(self, sealed: str) -> tuple[str, ...]:
        """The codes again; empty when they cannot be read any more."""
        ...

    async def follow(self, contact: Contact, right: str) -> bool:
        """Tell the citizen of changes from now on; False when the right is too old."""
        ...

    async def unfollow(self, contact: Contact, mark: str = "") -> int:
        """Tell nothing more of one followed dossier, or of all; how many that was."""
        ...

    def mark(self, code: str) -> str:
        """Eight characters that tell followed dossiers of one citizen apart, for buttons."""
        ...

    async def see_followed(self, contact: Contact, mark: str) -> LookUp:
        """The followed dossier of that mark: following it took the proof already."""
        ...
