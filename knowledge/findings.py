"""What a check of the knowledge finds: where, how bad, and in plain Vietnamese what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error misleads citizens; a warning is worth an officer's look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding about one record or rule, in plain Vietnamese."""

    where: str
    severity: Severity
    text: str

    def __str__(self) -> str:
        word = "LỖI" if self.severity is Severity.ERROR else "XEM"
        return f"{word} {self.where}: {self.text}"


def error(where: str, text: str) -> Problem:
    """A finding that misleads citizens."""
    return Problem(where=where, severity=Severity.ERROR, text=text)


def warning(where: str, text: str) -> Problem:
    """A finding worth a look."""
    return Problem(where=where, severity=Severity.WARNING, text=text)
