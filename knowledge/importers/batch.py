"""What reading a file yields: drafts, findings with their place, or one clear refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge.model import Procedure

Severity = Literal["rejected", "doubtful"]

MAX_BYTES = 256 * 1024 * 1024
"""Bytes of a file, unpacked, that are read; more is a mistake or a packing bomb."""

if TYPE_CHECKING:
    Progress = Callable[[int, int], None]
    """Called with (rows done, rows in all)."""


@dataclass(frozen=True)
class Place:
    """Where something stands: the file's name, «dòng 12» or «giay_to!12», the field if one."""

    file: str
    row: str
    field: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.file, self.row, self.field) if part)

    def at(self, field: str) -> Place:
        """The same row, another field."""
        return Place(self.file, self.row, field)


@dataclass(frozen=True)
class Finding:
    """Something an officer should look at; ``reason`` is plain Vietnamese."""

    place: Place
    severity: Severity
    reason: str


@dataclass(frozen=True)
class Draft:
    """A procedure read from a file.

    ``known`` names the fields the source really states. ``partial`` drafts come from official
    lists: the caller merges only ``known`` into a record it has, and wipes nothing.
    """

    procedure: Procedure
    place: Place
    partial: bool = False
    known: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """True when the source states every field, as files in the project's own form do."""
        return not self.partial and not self.known


@dataclass(frozen=True)
class Batch:
    """All drafts and findings of one file or directory, in the order of the source."""

    drafts: tuple[Draft, ...] = ()
    findings: tuple[Finding, ...] = ()


class Unreadable(Exception):
    """The file as a whole cannot be used; import nothing of it. The text is Vietnamese."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason

    def __reduce__(self) -> tuple[type[Unreadable], tuple[Place, str]]:
        return (type(self), (self.place, self.reason))


class Uniqueness:
    """Remembers the codes and names of one file, to reject a second record of the same code."""

    def __init__(self) -> None:
        self._codes: dict[str, Place] = {}
        self._names: dict[str, str] = {}

    def refused(self, code: str, name: str, place: Place) -> tuple[bool, list[Finding]]:
        """Whether the record is a duplicate, with the findings to report; else it is noted."""
        if first := self._codes.get(code):
            reason = f"Mã {code} đã có ở {first.row}; bản ghi thứ hai bị bỏ."
            return True, [Finding(place.at("Mã"), "rejected", reason)]
        self._codes[code] = place
        other = self._names.setdefault(name.casefold(), code)
        if other != code:
            reason = f"Tên giống hệt thủ tục {other}; kiểm tra xem có lấy nhầm trang không."
            return False, [Finding(place.at("Tên"), "doubtful", reason)]
        return False, []
