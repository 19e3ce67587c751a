"""Guessing passwords gets slower, on both databases; the right password clears the account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge.attempts import (
    FIRST_WAIT,
    FORGIVEN,
    FREE_FOR_ACCOUNT,
    FREE_FOR_ADDRESS,
    LONGEST_WAIT,
)
from knowledge.store import Store

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
NONE = timedelta()


def begin(store: Store, login: str, address: str = "10.0.0.1", at: datetime = NOW) -> timedelta:
    with store.work() as work:
        return work.attempts.begin(login, address, at=at)


def test_waits_grow_for_an_account_from_any_address(store: Store) -> None:
    for number in range(FREE_FOR_ACCOUNT):
        assert begin(store, "lan", f"10.0.0.{number}") == NONE
    assert begin(store, " LAN", "10.9.9.9") == FIRST_WAIT
    at, waits = NOW, []
    for _ in range(8):
        at += begin(store, "lan", at=at)
        assert begin(store, "lan", f"10.1.1.{len(waits)}", at=at) == NONE
        waits.append(begin(store, "lan", at=at))
    assert waits == sorted(waits)
    assert waits[0] == 2 * FIRST_WAIT
    assert waits[-1] == LONGEST_WAIT
    # Others are not slowed down, and a day later it is forgotten.
    assert begin(store, "binh", "10.2.2.2", at=at) == NONE
    assert begin(store, "lan", "10.3.3.3", at=at + FORGIVEN + LONGEST_WAIT) == NONE
    assert begin(store, "lan", "10.3.3.3", at=at + FORGIVEN + LONGEST_WAIT) == NONE


def test_an_address_that_tries_many_names_waits(store: Store) -> None:
    for number in range(FREE_FOR_ADDRESS):
        assert begin(store, f"name{number}") == NONE
    assert begin(store, "another") > NONE
    assert begin(store, "another", "10.0.0.2") == NONE


def test_the_right_password_starts_anew(store: Store) -> None:
    for _ in range(FREE_FOR_ACCOUNT):
        begin(store, "lan")
    with store.work() as work:
        work.attempts.forgive("lan", "10.0.0.1")
    assert begin(store, "lan") == NONE


def test_a_clock_set_back_does_not_lock_anybody_out(store: Store) -> None:
    for _ in range(FREE_FOR_ACCOUNT):
        begin(store, "lan")
    assert begin(store, "lan", at=NOW - timedelta(days=400)) <= LONGEST_WAIT


def test_old_failures_are_swept(store: Store) -> None:
    begin(store, "lan")
    with store.work() as work:
        assert work.attempts.sweep(NOW) == 0
        assert work.attempts.sweep(NOW + 2 * FORGIVEN) == 2
