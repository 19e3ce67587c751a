"""Who can be told something unasked, and how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import Limits
from bot.reach import Reach, Standing
from knowledge.tables import ContactState

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
WINDOW = Limits(max_text=2000, window=timedelta(hours=48))


def state(**known: Any) -> ContactState:
    empty = dict.fromkeys(("last_seen", "left_at", "silent_until", "remaining"))
    return ContactState(channel="c", contact="h", **empty | known)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        (state(last_seen=ago(1)), Reach.OPEN),
        (state(last_seen=ago(47)), Reach.OPEN),
        (state(last_seen=ago(47.9)), Reach.LATER),
        (state(last_seen=ago(1), remaining=0), Reach.LATER),
        (state(last_seen=ago(1), remaining=1), Reach.OPEN),
        (state(last_seen=ago(1), left_at=ago(0.5)), Reach.GONE),
        (state(last_seen=ago(1), silent_until=ago(-1)), Reach.LATER),
        (state(last_seen=ago(1), silent_until=ago(0.1)), Reach.OPEN),
        (state(), Reach.LATER),
        (None, Reach.LATER),
    ],
)
def test_a_channel_with_a_window(chat: ContactState | None, expected: Reach) -> None:
    assert Standing(chat=chat).reach(WINDOW, NOW) is expected


def test_a_channel_without_window_is_open_unless_the_citizen_left() -> None:
    free = Limits(max_text=4096)
    assert Standing(chat=None).reach(free, NOW) is Reach.OPEN
    assert Standing(chat=state(left_at=ago(90))).reach(free, NOW) is Reach.GONE


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (None, Reach.TEMPLATE),
        (state(), Reach.TEMPLATE),
        (state(remaining=0), Reach.LATER),
        (state(left_at=ago(5)), Reach.GONE),
    ],
)
def test_a_template_outside_the_window(template: ContactState | None, expected: Reach) -> None:
    standing = Standing(chat=state(last_seen=ago(60)), template=template, has_template=True)
    assert standing.reach(WINDOW, NOW) is expected
