"""Conversations as citizens have them, on the real desk over a real database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import open_store
from bot.channels import terminal
from bot.channels.render import render_text
from bot.desk import Desk
from handlers.conversation import Attachment, Contact, Incoming
from knowledge.store import Store
from knowledge.text import fold

STORIES = Path(__file__).parent.parent / "stories"
WORKDAY = datetime.fromisoformat("2026-11-25T09:00:00+07:00")


@dataclass(frozen=True)
class Turn:
    """What a citizen says and what must come of it; fields left out are not looked at."""

    say: str = ""
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


def _stories() -> list[Any]:
    return [
        pytest.param(story, id=f"{path.stem}: {story['story']}")
        for path in sorted(STORIES.glob("*.yaml"))
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('stories') / 'office.db'}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def desk(seeded: Store) -> Desk:
    return Desk.open(seeded, b"a salt for tests")


def _message(turn: Turn) -> str:
    text = turn.say * turn.times
    return unicodedata.normalize(turn.form, text) if turn.form else text


@pytest.mark.parametrize("story", _stories())
async def test_story(story: dict[str, Any], desk: Desk, seeded: Store) -> None:
    at = story.get("at", WORKDAY)
    contact = Contact(channel="terminal", id=story["story"])
    for each in story["turns"]:
        turn = Turn(**each)
        incoming = Incoming(
            contact=contact,
            received_at=at,
            text=_message(turn),
            attachment=Attachment(turn.attachment) if turn.attachment else None,
        )
        replies = await desk.converse(incoming)
        assert replies, "silence"
        said = "\n".join(part for r in replies for part in render_text(r, terminal.LIMITS))
        with seeded.work() as work:
            logged = work.inquiries(1)[0]
            found = (logged.status, logged.procedure, logged.aspect, logged.text)
        where = f"«{turn.say[:60]}» → {found[:3]}\n{said[:1200]}"
        assert "error" not in found[0], where
        _check(turn, found, said, where)
        if turn.replies is not None:
            assert len(replies) == turn.replies, where
        if turn.buttons is not None:
            assert sum(bool(b.action) for b in replies[-1].buttons) == turn.buttons, where


def _check(turn: Turn, found: tuple[Any, ...], said: str, where: str) -> None:
    status, procedure, aspect, text = found
    assert turn.status in (None, status), where
    assert turn.procedure in (None, procedure), where
    assert turn.aspect in (None, aspect), where
    for part in turn.says:
        assert fold(part) in fold(said), f"missing «{part}» in: {where}"
    for part in turn.never:
        assert part not in said, f"«{part}» in: {where}"
    for part in turn.log_never:
        assert part not in text, f"«{part}» in the log: {text}"
