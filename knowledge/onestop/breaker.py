"""A switch that leaves a failing source alone for a while, then tries it with one question."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """Whether a source is asked."""

    CLOSED = "closed"
    """Asked by everybody."""
    OPEN = "open"
    """Asked by nobody."""
    PROBING = "probing"
    """One question is under way to see whether it works again."""


class Breaker:
    """Opens after ``failures`` in a row; each failed probe doubles the pause, up to ``longest``."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures: int = 3,
        pause: float = 15.0,
        longest: float = 300.0,
    ) -> None:
        self._clock = clock
        self._most, self._first, self._longest = failures, pause, longest
        self._failures = 0
        self._pause = pause
        self._until: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """What the next question meets."""
        if self._until is None:
            return State.CLOSED
        return State.PROBING if self._probing else State.OPEN

    def admits(self) -> bool:
        """True when a question may be asked now; the caller then reports how it went."""
        if self._until is None:
            return True
        if self._probing or self._clock() < self._until:
            return False
        self._probing = True
        return True

    def worked(self) -> None:
        """The source answered."""
        self._failures, self._pause = 0, self._first
        self._until, self._probing = None, False

    def failed(self) -> None:
        """The source did not answer, or not with sense."""
        self._failures += 1
        if self._probing:
            self._pause = min(self._pause * 2, self._longest)
        if self._probing or self._failures >= self._most:
            self._until = self._clock() + self._pause
        self._probing = False

    def left(self) -> None:
        """The question was given up before the source could show anything."""
        self._probing = False
