"""A record's way from draft to force and back, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from knowledge.lifecycle import (
    AlreadyInReview,
    DraftMoved,
    NewerBase,
    NoChange,
    NotWaiting,
    NotYours,
    OwnWork,
    ReasonMissing,
    Revision,
    UnknownRevision,
)
from knowledge.model import Procedure, Source
from knowledge.store import InquiryRecord, Store, UnitOfWork
from knowledge.tables import RevisionState

CODE = "1.000001"
NOW = datetime(2026, 6, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 6, 24)
JULY = date(2026, 7, 1)


def record(**changes: Any) -> Procedure:
    values = {
        "code": CODE,
        "name": "Thả diều",
        "field": "Vui chơi",
        "source": Source(checked_on=date(2026, 6, 1), origin="thử"),
        **changes,
    }
    return Procedure.model_validate(values)


def body(**changes: Any) -> dict[str, Any]:
    return record(**changes).model_dump(mode="json", exclude_defaults=True)


@pytest.fixture
def office(store: Store) -> Store:
    """A store with one record in force."""
    with store.work() as work:
        work.write(record(), publish=True, author="seed", reason="đầu tiên", at=NOW)
    return store


def submit(
    work: UnitOfWork, author: str = "lan", day: date | None = None, **changes: Any
) -> Revision:
    found = work.get(CODE)
    base = found.revision if found else 0
    saved = work.revisions.draft(CODE, author)
    work.revisions.save(
        CODE, author, body(**changes), base=base, expects=saved.saves if saved else 0, at=NOW
    )
    return work.revisions.submit(CODE, author, reason="đổi tên", at=NOW, effective_from=day)


def approve(work: UnitOfWork, number: int, reviewer: str = "minh") -> Revision:
    return work.revisions.approve(CODE, number, reviewer=reviewer, at=NOW, today=TODAY)


def in_force(store: Store) -> Procedure:
    with store.work() as work:
        found = work.get(CODE)
    assert found
    return found


def test_a_second_person_puts_a_change_in_force(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        assert work.revisions.draft(CODE, "lan") is None
        before = work.version()
    assert in_force(office).name == "Thả diều"
    with office.work() as work:
        approve(work, number)
        assert work.version() > before
    assert (in_force(office).name, in_force(office).revision) == ("Thả diều to", number)
    with office.work() as work:
        new, old = work.revisions.history(CODE)
        assert (new.author, new.reviewer, new.reason) == ("lan", "minh", "đổi tên")
        assert (new.in_force_at, old.superseded_at) == (NOW, NOW)
        assert old.state is RevisionState.SUPERSEDED
        changes = work.revisions.changes(CODE, old.number, new.number)
    assert [str(each) for each in changes] == ["Tên: «Thả diều» → «Thả diều to»"]


@pytest.mark.parametrize("name", ["lan", "Lan", " LAN "])
def test_nobody_approves_or_rejects_their_own_work(office: Store, name: str) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        with pytest.raises(OwnWork):
            approve(work, number, name)
        with pytest.raises(OwnWork):
            work.revisions.reject(CODE, number, reviewer=name, note="không", at=NOW)


def test_half_a_record_is_kept_but_not_submitted(office: Store) -> None:
    with office.work() as work:
        work.revisions.save(CODE, "lan", {"name": ""}, base=1, expects=0, at=NOW)
    with office.work() as work:
        with pytest.raises(ValidationError):
            work.revisions.submit(CODE, "lan", reason="thử", at=NOW)
        draft = work.revisions.draft(CODE, "lan")
    assert draft
    assert draft.body == {"name": ""}


def test_what_is_no_change_or_has_no_reason_is_not_submitted(office: Store) -> None:
    with office.work() as work:
        with pytest.raises(UnknownRevision):
            work.revisions.submit(CODE, "lan", reason="thử", at=NOW)
        work.revisions.save(CODE, "lan", body(), base=1, expects=0, at=NOW)
        with pytest.raises(ReasonMissing):
            work.revisions.submit(CODE, "lan", reason="  ", at=NOW)
        with pytest.raises(NoChange):
            work.revisions.submit(CODE, "lan", reason="thử", at=NOW)


def test_another_window_of_the_same_author_overwrites_nothing(office: Store) -> None:
    with office.work() as work:
        work.revisions.save(CODE, "lan", body(name="Một"), base=1, expects=0, at=NOW)
        work.revisions.save(CODE, "lan", body(name="Hai"), base=1, expects=1, at=NOW)
        with pytest.raises(DraftMoved) as moved:
            work.revisions.save(CODE, "lan", body(name="Ba"), base=1, expects=1, at=NOW)
        with pytest.raises(DraftMoved):
            work.revisions.save(CODE, "lan", body(name="Ba"), base=1, expects=0, at=NOW)
    assert moved.value.stored.body["name"] == "Hai"


def test_the_second_of_two_authors_sees_the_difference(office: Store) -> None:
    with office.work() as work:
        work.revisions.save(
            CODE, "mai", body(name="Diều của Mai", notes=["mai"]), base=1, expects=0, at=NOW
        )
        first = submit(work, name="Diều của Lan", aliases=["diều"]).number
        with pytest.raises(AlreadyInReview) as waiting:
            work.revisions.submit(CODE, "mai", reason="đổi", at=NOW)
        assert waiting.value.waiting.author == "lan"
        approve(work, first)
    with office.work() as work:
        with pytest.raises(NewerBase) as newer:
            work.revisions.submit(CODE, "mai", reason="đổi", at=NOW)
        assert newer.value.clashes == ("name",)
        assert [each.field for each in newer.value.theirs] == ["name", "aliases"]
        assert [each.field for each in newer.value.mine] == ["name", "notes"]
        draft, clashes = work.revisions.rebase(CODE, "mai", at=NOW)
        assert clashes == ("name",)
        assert draft.body["aliases"] == ["diều"]
        assert draft.body["notes"] == ["mai"]
        second = work.revisions.submit(CODE, "mai", reason="đổi", at=NOW)
        approve(work, second.number)
    found = in_force(office)
    assert (found.name, found.aliases, found.notes) == ("Diều của Mai", ("diều",), ("mai",))


def test_a_rejected_text_goes_back_to_its_author(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        with pytest.raises(ReasonMissing):
            work.revisions.reject(CODE, number, reviewer="minh", note=" ", at=NOW)
        back = work.revisions.reject(CODE, number, reviewer="minh", note="sai tên", at=NOW)
        assert (back.state, back.review_note) == (RevisionState.REJECTED, "sai tên")
        draft = work.revisions.draft(CODE, "lan")
        assert draft
        assert draft.body["name"] == "Thả diều to"
        with pytest.raises(NotWaiting) as decided:
            approve(work, number)
        assert decided.value.state is RevisionState.REJECTED
    with office.work() as work:
        again = work.revisions.submit(CODE, "lan", reason="sửa lại", at=NOW)
        approve(work, again.number)
    assert in_force(office).name == "Thả diều to"


def test_only_the_author_withdraws_from_review(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        with pytest.raises(NotYours):
            work.revisions.withdraw(CODE, number, by="minh", note="thôi", at=NOW)
        back = work.revisions.withdraw(CODE, number, by="lan", note="thôi", at=NOW)
        assert back.state is RevisionState.WITHDRAWN
        assert work.revisions.waiting() == []
        assert work.revisions.draft(CODE, "lan")


def test_what_is_scheduled_goes_back_to_its_author_or_by_an_approver(office: Store) -> None:
    for by, approves in (("lan", False), ("hoa", True)):
        with office.work() as work:
            number = submit(work, day=JULY, name=f"Thả diều {by}").number
            approve(work, number)
            with pytest.raises(NotYours):
                work.revisions.withdraw(CODE, number, by="minh", note="thôi", at=NOW)
            back = work.revisions.withdraw(
                CODE, number, by=by, note="thôi", at=NOW, approves=approves
            )
        assert back.state is RevisionState.WITHDRAWN


def test_a_rule_of_july_takes_force_on_its_day(office: Store) -> None:
    with office.work() as work:
        number = submit(work, day=JULY, name="Thả diều tháng Bảy").number
        assert approve(work, number).state is RevisionState.SCHEDULED
        assert [each.number for each in work.revisions.waiting(RevisionState.SCHEDULED)] == [number]
        version = work.version()
        assert work.revisions.take_effect(JULY - timedelta(days=1), NOW) == []
        assert work.version() == version
    assert in_force(office).name == "Thả diều"
    with office.work() as work:
        assert work.revisions.take_effect(JULY, NOW) == [CODE]
        assert work.version() > version
        assert work.revisions.take_effect(JULY, NOW) == []
    assert in_force(office).name == "Thả diều tháng Bảy"


def test_what_is_scheduled_keeps_what_comes_before_its_day(office: Store) -> None:
    with office.work() as work:
        number = submit(work, day=JULY, name="Thả diều tháng Bảy", aliases=["diều bảy"]).number
        approve(work, number)
        work.teach(CODE, "chơi diều", author="mai", at=NOW)
        fix = submit(work, aliases=["chơi diều"], notes=["coi chừng dây điện"]).number
        approve(work, fix)
        work.revisions.take_effect(JULY, NOW)
        states = {each.number: each.state for each in work.revisions.history(CODE)}
    found = in_force(office)
    assert found.name == "Thả diều tháng Bảy"
    assert found.notes == ("coi chừng dây điện",)
    assert set(found.aliases) == {"diều bảy", "chơi diều"}
    assert states[number] is RevisionState.SUPERSEDED
    assert list(states.values()).count(RevisionState.IN_FORCE) == 1


def test_approval_keeps_an_everyday_name_taught_meanwhile(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        work.teach(CODE, "chơi diều", author="mai", at=NOW)
        approve(work, number)
    assert (in_force(office).name, in_force(office).aliases) == ("Thả diều to", ("chơi diều",))


def test_approval_stops_where_both_changed_a_field(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
        work.write(record(name="Thả diều nhỏ"), publish=True, author="x", reason="x", at=NOW)
    with pytest.raises(NewerBase) as newer, office.work() as work:
        approve(work, number)
    assert newer.value.clashes == ("name",)
    assert in_force(office).name == "Thả diều nhỏ"
    with office.work() as work:
        assert work.revisions.get(CODE, number).state is RevisionState.IN_REVIEW


def test_an_old_text_comes_back_in_one_step(office: Store) -> None:
    with office.work() as work:
        approve(work, submit(work, name="Sai").number)
        with pytest.raises(NoChange):
            work.revisions.roll_back(CODE, 2, author="lan", reason="nhầm", at=NOW)
        with pytest.raises(UnknownRevision):
            work.revisions.roll_back(CODE, 9, author="lan", reason="nhầm", at=NOW)
        back = work.revisions.roll_back(CODE, 1, author="lan", reason="nhầm", at=NOW)
        assert back.reason == "nhầm (lấy lại lần sửa 1)"
    assert (in_force(office).name, in_force(office).revision) == ("Thả diều", 3)


def test_what_was_never_in_force_is_not_rolled_back_to(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Chưa từng").number
        work.revisions.reject(CODE, number, reviewer="minh", note="không", at=NOW)
        with pytest.raises(UnknownRevision):
            work.revisions.roll_back(CODE, number, author="lan", reason="nhầm", at=NOW)


def test_a_new_record_begins_as_a_draft(store: Store) -> None:
    with store.work() as work:
        number = submit(work).number
        assert work.get(CODE) is None
        approve(work, number)
    assert in_force(store).revision == 1


def test_the_draft_of_an_import_is_taken_up(office: Store) -> None:
    with office.work() as work:
        work.write(record(name="Cổng nói"), publish=False, author="import", reason="x", at=NOW)
        work.teach(CODE, "chơi diều", author="mai", at=NOW)
        taken = work.revisions.adopt(CODE, "lan", at=NOW)
        assert (taken.body["name"], taken.body["aliases"]) == ("Cổng nói", ["chơi diều"])
        with pytest.raises(UnknownRevision):
            work.revisions.adopt(CODE, "mai", at=NOW)
        approve(work, work.revisions.submit(CODE, "lan", reason="theo cổng", at=NOW).number)
    assert in_force(office).name == "Cổng nói"


def test_who_was_shown_a_text_is_counted_and_not_named(office: Store) -> None:
    with office.work() as work:
        work.log(
            [
                InquiryRecord(
                    at=NOW - timedelta(days=days),
                    channel=channel,
                    contact=contact,
                    text="diều",
                    intent="procedure",
                    status="answered",
                    milliseconds=1,
                    procedure=CODE,
                    revision=revision,
                )
                for days, channel, contact, revision in (
                    (1, "telegram", "a", 1),
                    (2, "telegram", "a", 1),
                    (2, "telegram", "b", 1),
                    (2, "telegram", "", 1),
                    (3, "web", "c", 1),
                    (3, "web", "d", 2),
                    (40, "web", "e", 1),
                )
            ]
        )
        shown = work.revisions.shown(CODE, [1], since=NOW - timedelta(days=30))
    assert [(each.channel, each.contacts, each.times) for each in shown] == [
        ("telegram", 2, 4),
        ("web", 1, 1),
    ]


def test_of_two_approvers_one_approves(office: Store) -> None:
    with office.work() as work:
        number = submit(work, name="Thả diều to").number
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def click(who: str) -> None:
        start.wait()
        try:
            with office.work() as work:
                approve(work, number, who)
            outcomes.append("approved")
        except NotWaiting:
            outcomes.append("late")

    threads = [threading.Thread(target=click, args=(who,)) for who in ("minh", "tâm")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "late"]


def test_several_processes_switch_once(office: Store) -> None:
    with office.work() as work:
        approve(work, submit(work, day=JULY, name="Thả diều tháng Bảy").number)
    start = threading.Barrier(3)
    switched: list[str] = []

    def poll() -> None:
        start.wait()
        with office.work() as work:
            switched.extend(work.revisions.take_effect(JULY, NOW))

    threads = [threading.Thread(target=poll) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert switched == [CODE]
    with office.work() as work:
        states = [each.state for each in work.revisions.history(CODE)]
    assert states == [RevisionState.IN_FORCE, RevisionState.SUPERSEDED]
