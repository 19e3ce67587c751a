"""Stories: conversations as citizens have them, and what must come of each turn."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml

from knowledge.text import fold

STORIES = Path(__file__).parent / "stories"
WORKDAY = datetime.fromisoformat("2026-11-25T09:00:00+07:00")


@dataclass(frozen=True)
class Turn:
    """What a citizen says and what must come of it; fields left out are not looked at.

    ``press`` is the label of a button, ``replies`` and ``buttons`` are counts. ``badly_rated`` are
    the questions whose answers officers see as wrong, ``agreed`` the procedures of which the
    citizen wants to be told.
    """

    say: str = ""
    press: str | None = None
    attachment: str | None = None
    form: str | None = None
    times: int = 1
    status: str | None = None
    procedure: str | None = None
    aspect: str | None = None
    replies: int | None = None
    buttons: int | None = None
    says: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    log_never: list[str] = field(default_factory=list)
    badly_rated: list[str] | None = None
    agreed: list[str] | None = None

    @property
    def text(self) -> str:
        """The message as it is sent."""
        text = self.say * self.times
        return unicodedata.normalize(self.form, text) if self.form else text


@dataclass(frozen=True)
class Story:
    """One conversation at one time."""

    name: str
    at: datetime
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a turn: the log's line, and what the citizen saw."""

    status: str
    procedure: str | None
    aspect: str | None
    logged: str
    said: str
    badly_rated: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


def stories() -> list[Story]:
    """All stories, named by their file and title."""
    return [
        Story(
            name=f"{path.stem}: {each['story']}",
            at=each.get("at", WORKDAY),
            turns=tuple(Turn(**turn) for turn in each["turns"]),
        )
        for path in sorted(STORIES.glob("*.yaml"))
        for each in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def check(turn: Turn, found: Outcome) -> None:
    """Fails with what was said."""
    asked = turn.press or turn.say[:60]
    where = f"«{asked}» → {found.status, found.procedure, found.aspect}\n{found.said[:1200]}"
    assert "error" not in found.status, where
    assert turn.status in (None, found.status), where
    assert turn.procedure in (None, found.procedure), where
    assert turn.aspect in (None, found.aspect), where
    if turn.badly_rated is not None:
        assert list(found.badly_rated) == turn.badly_rated, where
    if turn.agreed is not None:
        assert list(found.agreed) == turn.agreed, where
    for part in turn.says:
        assert fold(part) in fold(found.said), f"missing «{part}» in: {where}"
    for part in turn.never:
        assert part not in found.said, f"«{part}» in: {where}"
    for part in turn.log_never:
        assert part not in found.logged, f"«{part}» in the log: {found.logged}"
