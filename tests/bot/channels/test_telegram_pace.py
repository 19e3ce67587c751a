"""Waits before calls, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.channels import telegram_pace
from bot.channels.telegram_pace import Pacer, Rate, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pacer(clock: Callable[[], float], **rates: Rate) -> Pacer:
    return Pacer(Rates(**rates), patience=2.0, clock=clock)


def test_a_burst_then_one_a_second() -> None:
    waits = [pace.wait("5") for pace in [pacer(Clock())] for _ in range(6)]
    assert waits == pytest.approx([0, 0, 0, 1, 2, 3])


def test_a_wait_beyond_patience_books_nothing() -> None:
    clock = Clock()
    pace = pacer(clock)
    for _ in range(5):
        pace.wait("5")
    assert [pace.wait("5"), pace.wait("5")] == pytest.approx([3, 3])
    clock.now += 1.5
    assert pace.wait("5") == pytest.approx(1.5)


def test_chats_do_not_wait_for_each_other() -> None:
    pace = pacer(Clock())
    for _ in range(5):
        pace.wait("5")
    assert pace.wait("5") == pytest.approx(3)
    assert pace.wait("6") < 0.1


def test_a_group_gets_twenty_a_minute() -> None:
    clock = Clock()
    pace = pacer(clock)
    sent = []
    while clock.now < 160:
        wait = pace.wait("-5")
        clock.now += wait
        if wait <= 2:
            sent.append(clock.now)
    assert max(sum(start <= each < start + 60 for each in sent) for start in sent) <= 20
    assert len(sent) >= 18


def test_thirty_a_second_over_all() -> None:
    clock = Clock()
    pace = pacer(clock)
    at = [clock.now + pace.wait(str(person)) for person in range(50)]
    assert max(sum(start <= each < start + 1 for each in at) for start in at) <= 30
    assert max(at) < clock.now + 2


def test_a_quiet_minute_gives_the_burst_back() -> None:
    clock = Clock()
    pace = pacer(clock, person=Rate(every=1, burst=2))
    assert [pace.wait("5") for _ in range(3)] == pytest.approx([0, 0, 1])
    clock.now += 60
    assert [pace.wait("5") for _ in range(3)] == pytest.approx([0, 0, 1])


def test_chats_long_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_pace, "_MANY", 10)
    clock = Clock()
    pace = pacer(clock)
    for person in range(100):
        pace.wait(str(person))
        clock.now += 5
    assert len(pace._free) <= 12
