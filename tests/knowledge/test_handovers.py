"""Hand-overs on both databases: one for a contact, held by one officer, erased with the contact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.handover_messages import (
    UNCOLLECTED,
    DeliveryState,
    Sender,
    Words,
    outbox_key,
)
from knowledge.handovers import HeldByAnother, Moved, OpenAlready, Opening, Standing, Why
from knowledge.queues import Departure
from knowledge.store import InquiryRecord, Store
from knowledge.tables import HandoverState

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
AN = ("telegram", "an")


def opening(contact: str = "an", at: datetime = NOW) -> Opening:
    return Opening(
        channel="telegram",
        contact=contact,
        sealed_contact=b"sealed",
        why=Why.ASKED,
        at=at,
        expected_by=at + timedelta(hours=4),
    )


def opened(store: Store, contact: str = "an", at: datetime = NOW) -> int:
    with store.work() as work:
        return work.handovers.open(opening(contact, at))


def words(text: str, sender: Sender = Sender.CITIZEN, **more: object) -> Words:
    return Words(sender=sender, text=text, at=NOW, **more)  # type: ignore[arg-type]


def test_a_contact_has_one_at_a_time(store: Store) -> None:
    first = opened(store)
    with pytest.raises(Moved):
        opened(store)
    with store.work() as work:
        assert work.handovers.standings([AN, ("web", "an")]).keys() == {AN}
        assert work.handovers.standings([AN])[AN].in_course
        assert work.handovers.close(first, "Lan", at=NOW, told=True)
        assert not work.handovers.close(first, "Lan", at=NOW, told=True)
        assert work.handovers.standings([AN]) == {}
    assert opened(store) > first


def test_earlier_inquiries_go_along_masked_and_only_recent_ones(store: Store) -> None:
    def asked(text: str, at: datetime, contact: str = "an") -> InquiryRecord:
        return InquiryRecord(
            at=at,
            channel="telegram",
            contact=contact,
            text=text,
            intent="none",
            status="answered",
            milliseconds=1.0,
        )

    with store.work() as work:
        work.log(
            [
                asked("hôm kia", NOW - timedelta(days=2)),
                asked("khai sinh", NOW - timedelta(minutes=3)),
                asked("của người khác", NOW - timedelta(minutes=2), "binh"),
                asked("lệ phí", NOW - timedelta(minutes=1)),
            ]
        )
        found = work.handovers.open(opening(), recall=5, since=NOW - timedelta(days=1))
        before = work.handovers.messages.of(found)
    assert [(each.sender, each.text) for each in before] == [
        ("before", "khai sinh"),
        ("before", "lệ phí"),
    ]


def test_one_of_two_officers_gets_it(store: Store) -> None:
    handover = opened(store)

    def take(officer: str) -> str:
        try:
            with store.work() as work:
                work.handovers.take(handover, officer, at=NOW)
        except HeldByAnother as error:
            return str(error)
        return officer

    with ThreadPoolExecutor(8) as threads:
        named = set(threads.map(take, [f"cán bộ {number}" for number in range(8)]))
    assert len(named) == 1, "everybody learns the same holder"
    with store.work() as work:
        row = work.handovers.get(handover)
        assert row
        assert {row.holder} == named


def test_only_the_holder_answers_and_hands_on(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        assert work.handovers.take(handover, "Lan", at=NOW)
        assert not work.handovers.take(handover, "Lan", at=NOW)
        with pytest.raises(HeldByAnother, match="Lan"):
            work.handovers.answered(handover, "Minh")
        with pytest.raises(HeldByAnother, match="Lan"):
            work.handovers.hand_on(handover, "Minh", "Hoa")
        assert work.handovers.hand_on(handover, "Lan", "Minh")
        assert not work.handovers.hand_on(handover, "Lan", "Minh"), "a repeat is harmless"
        work.handovers.answered(handover, "Minh")
        with pytest.raises(KeyError):
            work.handovers.take(999, "Lan", at=NOW)
        work.handovers.close(handover, "Minh", at=NOW, told=True)
        with pytest.raises(Moved):
            work.handovers.take(handover, "Lan", at=NOW)


def test_what_comes_after_closing_is_seen_anew(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        work.handovers.close(handover, "Lan", at=NOW, told=False)
        standing = work.handovers.standings([AN])[AN]
        assert (standing.closed, standing.in_course, standing.id) == (True, False, handover)
        with pytest.raises(Moved):
            work.handovers.heard(handover, words("còn đó không"), waits=True)
        work.handovers.told_back(handover)
        assert work.handovers.standings([AN]) == {}


def test_who_waits_longest_comes_first(store: Store) -> None:
    late = opened(store, "binh", NOW)
    early = opened(store, "an", NOW - timedelta(hours=2))
    answered = opened(store, "chi", NOW - timedelta(hours=5))
    with store.work() as work:
        handovers = work.handovers
        handovers.take(answered, "Lan", at=NOW)
        handovers.answered(answered, "Lan")
        handovers.take(late, "Minh", at=NOW)
        assert [row.id for row in handovers.lists.listed()] == [early, late, answered]
        assert [row.id for row in handovers.lists.listed(unanswered=True)] == [early, late]
        assert [row.id for row in handovers.lists.listed(holder="Lan")] == [answered]
        assert [row.id for row in handovers.lists.listed(state=HandoverState.OPEN)] == [early]
        loads = {load.officer: (load.held, load.unanswered) for load in handovers.lists.loads()}
        assert loads == {"Minh": (1, 1), "Lan": (1, 0)}
        assert handovers.lists.loads()[0].waiting_since == NOW
        handovers.heard(answered, words("alo"), waits=True)
        handovers.heard(answered, words("alo?"), waits=True)
        row = handovers.get(answered)
        assert row
        assert row.unanswered_since == NOW
        assert handovers.lists.previews([answered, early]) == {answered: "alo?"}


def test_a_message_with_a_token_is_kept_once(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        messages = work.handovers.messages
        assert messages.add(handover, words("một", token="t"))
        assert messages.add(handover, words("một", token="t")) is None
        found = messages.of_token("t")
        assert found
        assert [each.id for each in messages.of(handover)] == [found.id]
        assert messages.of(handover, after=found.id) == []


def test_delivery_is_read_back_from_the_outbox(store: Store) -> None:
    handover = opened(store)

    def post(work: object, message: int, calls: int, attempt: int = 0) -> None:
        departures = [
            Departure("telegram", "an", outbox_key("telegram", message, attempt, each), b"x")
            for each in range(calls)
        ]
        work.queues.post(departures, at=NOW)  # type: ignore[attr-defined]
        work.handovers.messages.posted(message, calls)  # type: ignore[attr-defined]

    with store.work() as work:
        messages = work.handovers.messages
        sent = messages.add(handover, words("gửi được", Sender.OFFICER, delivered=True))
        assert sent
        post(work, sent, 2)
        assert messages.note_deliveries() == 0
    with store.work() as work:
        [first] = work.queues.claim_outbox(["telegram"], now=NOW, until=NOW, limit=5)
        work.queues.settle_sent({first.id: "p1"}, at=NOW)
        assert work.handovers.messages.note_deliveries() == 0, "half of it is sent"
        [second] = work.queues.claim_outbox(["telegram"], now=NOW, until=NOW, limit=5)
        work.queues.bury(second.id, at=NOW, error="ngoài khung giờ được nhắn")
        assert work.handovers.messages.note_deliveries() == 1
    with store.work() as work:
        messages = work.handovers.messages
        found = messages.get(sent)
        assert found
        assert (found.delivery, found.error) == ("failed", "ngoài khung giờ được nhắn")
        assert messages.knocking("ngoài khung giờ") == []
        work.contacts.note("telegram", "an", last_seen=NOW + timedelta(hours=1))
        assert [each.id for each in messages.knocking("ngoài khung giờ")] == [sent]
        assert messages.send_again(sent) == 1
        assert messages.send_again(sent) is None, "it waits already"
        post(work, sent, 1, attempt=1)
        [again] = work.queues.claim_outbox(["telegram"], now=NOW, until=NOW, limit=5)
        later = NOW + timedelta(hours=2)
        work.queues.bury(again.id, at=later, error="ngoài khung giờ được nhắn")
        messages.note_deliveries()
        assert messages.knocking("ngoài khung giờ") == [], "not again before the citizen writes"
        assert messages.send_again(sent) == 2
        post(work, sent, 1, attempt=2)
        [again] = work.queues.claim_outbox(["telegram"], now=NOW, until=NOW, limit=5)
        work.queues.settle_sent({again.id: "p2"}, at=NOW)
        messages.note_deliveries()
        found = messages.get(sent)
        assert found
        assert (found.delivery, found.error) == (DeliveryState.DELIVERED, None)


def test_what_nobody_collected_has_failed(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        sent = work.handovers.messages.add(handover, words("x", Sender.OFFICER, delivered=True))
        assert sent
        work.handovers.messages.posted(sent, 1)
        work.handovers.messages.note_deliveries()
        found = work.handovers.messages.get(sent)
        assert found
        assert (found.delivery, found.error) == ("failed", UNCOLLECTED)


def test_who_waits_too_long_is_told_once(store: Store) -> None:
    handover = opened(store)
    taken = opened(store, "binh")
    with store.work() as work:
        handovers = work.handovers
        handovers.take(taken, "Lan", at=NOW)
        assert handovers.late(NOW + timedelta(hours=3)) == []
        assert [row.id for row in handovers.late(NOW + timedelta(hours=5))] == [handover]
        assert handovers.note_late(handover)
        assert not handovers.note_late(handover)
        assert handovers.late(NOW + timedelta(hours=5)) == []


def test_reopening_goes_on_unless_another_is_open(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        work.handovers.close(handover, "Lan", at=NOW, told=True)
        assert work.handovers.reopen(handover, "Minh", at=NOW)
        assert not work.handovers.reopen(handover, "Minh", at=NOW)
        with pytest.raises(HeldByAnother, match="Minh"):
            work.handovers.reopen(handover, "Lan", at=NOW)
        work.handovers.close(handover, "Minh", at=NOW, told=True)
    other = opened(store)
    with store.work() as work, pytest.raises(OpenAlready, match=str(other)):
        work.handovers.reopen(handover, "Minh", at=NOW)


def test_closing_erases_what_the_citizen_sent_sealed(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        work.handovers.heard(handover, words("[số]", sealed=b"0912"), waits=True)
        work.handovers.close(handover, "Lan", at=NOW, told=True)
    with store.work() as work:
        assert [each.sealed for each in work.handovers.messages.of(handover)] == [None]


def test_erasing_a_contact_erases_hand_overs(store: Store) -> None:
    gone, kept = opened(store), opened(store, "binh")
    with store.work() as work:
        for handover in (gone, kept):
            work.handovers.heard(handover, words("alo"), waits=True)
        work.contacts.erase(*AN)
    with store.work() as work:
        assert work.handovers.get(gone) is None
        assert work.handovers.messages.of(gone) == []
        assert len(work.handovers.messages.of(kept)) == 1


def test_old_ones_are_swept_and_ids_never_used_again(store: Store) -> None:
    handover = opened(store)
    with store.work() as work:
        message = work.handovers.messages.add(handover, words("alo"))
        assert message
        assert work.handovers.sweep(NOW + timedelta(days=1)) == 0, "it is not closed"
        work.handovers.close(handover, "Lan", at=NOW, told=True)
        assert work.handovers.sweep(NOW) == 0
        assert work.handovers.sweep(NOW + timedelta(days=1)) == 1
    again = opened(store)
    with store.work() as work:
        newer = work.handovers.messages.add(again, words("alo"))
        assert newer
        assert newer > message


def test_no_hand_over_means_no_standing() -> None:
    assert not Standing().in_course
