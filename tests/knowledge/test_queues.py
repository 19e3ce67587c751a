"""Inbox and outbox on both databases: order, leases, once only, erasing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.contacts import ERASED
from knowledge.queues import AlreadySettled, Arrival, Claimed, Departure
from knowledge.store import InquiryRecord, Memorandum, Store
from knowledge.tables import QueueState

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def arrival(event: str, contact: str = "an", channel: str = "telegram") -> Arrival:
    return Arrival(channel, event, contact, event.encode(), NOW)


def departure(key: str, contact: str = "an", **more: datetime) -> Departure:
    return Departure(channel="telegram", contact=contact, key=key, sealed=key.encode(), **more)


def receive(store: Store, *arrivals: Arrival) -> None:
    with store.work() as work:
        work.queues.receive(arrivals)


def claim(store: Store, now: datetime = NOW, limit: int = 10) -> list[Claimed]:
    with store.work() as work:
        return work.queues.claim_inbox(["telegram"], now=now, until=now + LEASE, limit=limit)


def claim_out(store: Store, now: datetime = NOW) -> list[Claimed]:
    with store.work() as work:
        return work.queues.claim_outbox(["telegram"], now=now, until=now + LEASE, limit=10)


def test_an_event_delivered_twice_is_kept_once(store: Store) -> None:
    receive(store, arrival("1"), arrival("1"))
    receive(store, arrival("1"), arrival("2"))
    with store.work() as work:
        assert work.queues.waiting() == (2, 0)


def test_one_event_of_each_contact_at_a_time_in_order(store: Store) -> None:
    receive(store, arrival("1"), arrival("2"), arrival("3", "binh"))
    first = claim(store)
    assert [row.sealed for row in first] == [b"1", b"3"]
    assert claim(store) == []
    with store.work() as work:
        assert work.queues.settle_answered([first[0].id], at=NOW) == {first[0].id}
        assert work.queues.settle_answered([first[0].id], at=NOW) == set()
    assert [row.sealed for row in claim(store)] == [b"2"]


def test_other_channels_are_left_to_others(store: Store) -> None:
    receive(store, arrival("1", channel="web"))
    assert claim(store) == []


def test_a_lease_that_ran_out_is_taken_over(store: Store) -> None:
    receive(store, arrival("1"))
    [row] = claim(store)
    assert claim(store, NOW + LEASE / 2) == []
    [again] = claim(store, NOW + LEASE)
    assert (again.id, again.attempts) == (row.id, 2)
    with store.work() as work:
        work.queues.settle_inbox(again.id, at=NOW)
    # The slow one comes back and finds that it is done.
    with pytest.raises(AlreadySettled), store.work() as work:
        work.queues.settle_inbox(row.id, at=NOW)


def test_leases_of_a_process_that_is_gone_are_taken_over(store: Store) -> None:
    receive(store, arrival("1"), arrival("2", channel="web"))
    claim(store)
    with store.work() as work:
        work.queues.post([departure("a")], at=NOW)
    claim_out(store)
    with store.work() as work:
        work.queues.take_over(["telegram"], now=NOW)
    assert [row.attempts for row in claim(store)] == [2]
    assert [row.unsettled for row in claim_out(store)] == [1]


def test_two_claims_at_once_never_get_the_same_row(store: Store) -> None:
    if store.one_writer:
        pytest.skip("SQLite lets one writer in at a time")
    receive(store, *(arrival(str(number), f"c{number}") for number in range(6)))
    with store.work() as one, store.work() as other:
        mine = one.queues.claim_inbox(["telegram"], now=NOW, until=NOW + LEASE, limit=3)
        theirs = other.queues.claim_inbox(["telegram"], now=NOW, until=NOW + LEASE, limit=10)
    assert len(mine) == len(theirs) == 3
    assert not {row.id for row in mine} & {row.id for row in theirs}


def test_a_settled_event_holds_no_text_any_more(store: Store) -> None:
    receive(store, arrival("1"))
    [row] = claim(store)
    with store.work() as work:
        work.queues.settle_inbox(row.id, at=NOW)
        assert work.queues.is_settled("telegram", "1")
    receive(store, arrival("1"))
    assert claim(store) == []


def test_the_outbox_waits_its_time_and_counts_what_nobody_knows(store: Store) -> None:
    soon = NOW + timedelta(seconds=5)
    with store.work() as work:
        work.queues.post([departure("a"), departure("a"), departure("b")], at=NOW)
        work.queues.post([departure("c", "binh", not_before=soon)], at=NOW)
    [row] = claim_out(store)
    assert (row.sealed, row.unsettled) == (b"a", 0)
    with store.work() as work:
        work.queues.postpone(row.id, until=soon, error="busy")
    # Behind a call that waits nobody of the same contact overtakes.
    assert claim_out(store, NOW + timedelta(seconds=1)) == []
    assert {each.sealed for each in claim_out(store, soon)} == {b"a", b"c"}
    # Whoever had it died: taken over, and counted as maybe sent.
    taken = claim_out(store, soon + LEASE)
    assert [(each.sealed, each.unsettled) for each in taken] == [(b"a", 1), (b"c", 1)]
    with store.work() as work:
        assert work.queues.maybe_sent_twice() == 2
        assert work.queues.settle_sent({taken[0].id: "x" * 300, 10**6: ""}, at=soon) == {
            taken[0].id
        }
        work.queues.bury(taken[1].id, at=soon, error="e" * 300)
        [dead] = work.queues.dead()
    assert len(dead.error) == 200
    assert [each.sealed for each in claim_out(store, soon)] == [b"b"]


def test_what_waits_for_one_who_left_is_dropped(store: Store) -> None:
    with store.work() as work:
        work.queues.post([departure("a"), departure("b"), departure("c", "binh")], at=NOW)
        assert work.queues.drop_outgoing("telegram", "an", at=NOW, why="left") == 2
    assert [each.sealed for each in claim_out(store)] == [b"c"]


def test_a_contact_is_noted_and_noted_again(store: Store) -> None:
    with store.work() as work:
        work.contacts.note("telegram", "an", last_seen=NOW)
        work.contacts.note("telegram", "an", remaining=3)
    with store.work() as work:
        found = work.contacts.get("telegram", "an")
        assert found is not None
        assert (found.last_seen, found.remaining) == (NOW, 3)


def test_replies_are_collected_again_until_they_are_named(store: Store) -> None:
    with store.work() as work:
        work.queues.post([departure("a"), departure("b")], at=NOW)
    with store.work() as work:
        first = work.queues.collect("telegram", "an", after=0, at=NOW)
        again = work.queues.collect("telegram", "an", after=0, at=NOW)
        assert [each.sealed for each in first] == [b"a", b"b"]
        assert again == first
        assert work.queues.newest_parcel("telegram", "an") == first[1].id
        rest = work.queues.collect("telegram", "an", after=first[0].id, at=NOW)
        assert [each.sealed for each in rest] == [b"b"]
        assert work.queues.collect("telegram", "an", after=first[1].id, at=NOW) == []
        assert work.queues.newest_parcel("telegram", "an") == 0


def test_erasing_takes_everything_but_figures(store: Store) -> None:
    receive(store, arrival("1"), arrival("2", "binh"))
    logged = InquiryRecord(
        at=NOW,
        channel="telegram",
        contact="an",
        text="đăng ký kết hôn",
        intent="procedure",
        status="answered",
        milliseconds=1.0,
    )
    with store.work() as work:
        work.queues.post([departure("a")], at=NOW)
        work.contacts.note("telegram", "an", last_seen=NOW)
        memory = {"procedure": "1.000894"}
        work.remember([Memorandum(channel="telegram", contact="an", memory=memory, updated_at=NOW)])
        work.log([logged])
    with store.work() as work:
        work.contacts.erase("telegram", "an")
    with store.work() as work:
        assert work.memory("telegram", "an") is None
        assert work.contacts.get("telegram", "an") is None
        [row] = work.inquiries(5)
        assert (row.text, row.contact, row.status) == (ERASED, "", "answered")
        assert work.queues.is_settled("telegram", "1")
        assert work.queues.waiting() == (1, 0)


def test_old_rows_are_swept_and_waiting_ones_stay(store: Store) -> None:
    receive(store, arrival("1"), arrival("2", "binh"))
    [first, _] = claim(store)
    old = NOW - timedelta(days=9)
    with store.work() as work:
        work.queues.settle_inbox(first.id, at=old, state=QueueState.DEAD)
        work.queues.post([departure("a")], at=old)
        web = Departure(channel="web", contact="an", key="w", sealed=b"w")
        work.queues.post([web], at=old)
    with store.work() as work:
        gone = work.queues.sweep(
            NOW - timedelta(days=8), collected=["web"], stale=NOW - timedelta(days=2)
        )
        assert gone == 2
        assert work.queues.waiting() == (1, 1)


def test_tokens_are_replaced(store: Store) -> None:
    with store.work() as work:
        assert work.queues.tokens("zalo_oa") is None
        work.queues.put_tokens("zalo_oa", b"one", at=NOW)
        work.queues.put_tokens("zalo_oa", b"two", at=NOW)
    with store.work() as work:
        assert work.queues.tokens("zalo_oa") == b"two"
