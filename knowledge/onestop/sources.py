"""What every dossier source can do, and its errors by what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from knowledge.onestop.model import Change, Dossier


class SourceError(Exception):
    """A source could not answer; the text is for operators and holds no citizen's data."""


class SourceDown(SourceError):
    """It cannot be reached or refuses us: say so, name the portal, try again in a while."""


class SourceSlow(SourceError):
    """It did not answer in time or is busy: say so, the citizen may ask again soon."""


class Rubbish(SourceError):
    """It answered, but not with a dossier: say so, never show it; somebody must look at it.

    ``record`` tells that only this one dossier is unusable, while the source itself works.
    """

    def __init__(self, reason: str, *, record: bool = False) -> None:
        super().__init__(reason)
        self.record = record


class NoChangeList(SourceError):
    """It cannot say what changed: ask for each followed dossier by its code, slowly."""


class Source(Protocol):
    """One system that knows dossiers. Nothing is ever written to it.

    Sources raise :class:`SourceError` only. They keep their own time-outs; the desk keeps
    one more. They do the same work for a code they know as for one they do not.
    """

    name: str
    """Said to citizens: «Hệ thống một cửa tỉnh Khánh Hòa»."""

    async def find(self, code: str) -> Dossier | None:
        """The dossier with exactly this code."""
        ...

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        """What changed after ``cursor``, at most ``limit``, and the cursor to ask with next.

        ``None`` begins now. Fewer than ``limit`` changes mean that there are no more for the
        moment. A change may be told twice (after a restart, or when much changed within the same
        seconds), never not at all. Raises :class:`NoChangeList` where that cannot be done.
        """
        ...

    async def freshness(self) -> datetime | None:
        """When the data was last right; ``None`` when the source is asked live."""
        ...

    @property
    def problem(self) -> str | None:
        """What operators should know although the source answers, in Vietnamese."""
        ...

    async def close(self) -> None:
        """Give back connections and threads."""
        ...
