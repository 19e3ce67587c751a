"""The store keeps its promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from knowledge.model import Procedure, Source
from knowledge.store import InquiryRecord, Memorandum, Store, Write
from knowledge.tables import RevisionState

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOURCE = Source(checked_on=date(2026, 7, 15), origin="thử")


def memorandum(contact: str, memory: dict[str, Any]) -> Memorandum:
    return Memorandum(channel="terminal", contact=contact, memory=memory, updated_at=NOW)


def record(code: str = "1.000001", **changes: object) -> Procedure:
    values = {"code": code, "name": "Thả diều", "field": "Vui chơi", "source": SOURCE, **changes}
    return Procedure.model_validate(values)


def write(store: Store, procedure: Procedure, *, publish: bool = True, **extra: bool) -> Write:
    with store.work() as work:
        return work.write(procedure, publish=publish, author="thử", reason="thử", at=NOW, **extra)


def test_a_published_record_comes_back_as_it_was(store: Store) -> None:
    mine = record(aliases=("chơi diều",), valid_until=date(2027, 1, 1))
    assert write(store, mine) is Write.CREATED
    with store.work() as work:
        assert work.get("1.000001") == mine
        assert [each.code for each in work.procedures()] == ["1.000001"]


def test_writing_the_same_again_changes_nothing(store: Store) -> None:
    write(store, record())
    with store.work() as work:
        before = work.version()
    assert write(store, record()) is Write.UNCHANGED
    with store.work() as work:
        assert work.version() == before


def test_a_change_makes_the_next_revision_and_keeps_the_old(store: Store) -> None:
    write(store, record())
    assert write(store, record(name="Thả diều to")) is Write.UPDATED
    with store.work() as work:
        current = work.get("1.000001")
        old = work.get("1.000001", RevisionState.SUPERSEDED)
    assert current is not None
    assert (current.name, current.revision) == ("Thả diều to", 2)
    assert old is not None
    assert (old.name, old.revision) == ("Thả diều", 1)


def test_a_draft_is_not_in_force_and_is_replaced_by_the_next(store: Store) -> None:
    write(store, record())
    write(store, record(name="Nháp 1"), publish=False)
    write(store, record(name="Nháp 2"), publish=False)
    with store.work() as work:
        assert [each.name for each in work.procedures()] == ["Thả diều"]
        assert [each.name for each in work.procedures(drafts=True)] == ["Nháp 2"]
        newest = work.newest()["1.000001"]
    assert newest.procedure.name == "Nháp 2"
    assert newest.in_force is False
    assert newest.author == "thử"


def test_publishing_a_draft_puts_it_in_force(store: Store) -> None:
    write(store, record(), publish=False)
    assert write(store, record()) is Write.UPDATED
    with store.work() as work:
        assert work.get("1.000001", RevisionState.DRAFT) is None
        assert work.get("1.000001") is not None


def test_a_confirmed_record_is_kept(store: Store) -> None:
    confirmed = SOURCE.model_copy(update={"confirmed": True, "confirmed_by": "cán bộ"})
    write(store, record(source=confirmed))
    assert write(store, record(name="Cổng nói khác")) is Write.KEPT_CONFIRMED
    assert write(store, record(name="Cổng nói khác"), over_confirmed=True) is Write.UPDATED


def test_every_change_raises_the_version(store: Store) -> None:
    versions = []
    for name in ("một", "hai", "ba"):
        write(store, record(name=name))
        with store.work() as work:
            versions.append(work.version())
    assert versions == [1, 2, 3]


def test_a_failure_rolls_everything_back(store: Store) -> None:
    def fail_halfway() -> None:
        with store.work() as work:
            work.write(record(), publish=True, author="a", reason="b", at=NOW)
            raise RuntimeError("giữa chừng")

    with pytest.raises(RuntimeError, match="giữa chừng"):
        fail_halfway()
    with store.work() as work:
        assert work.procedures() == []
        assert work.version() == 0


def test_memory_of_a_conversation_is_replaced(store: Store) -> None:
    with store.work() as work:
        assert work.memory("terminal", "ai đó") is None
        work.remember([memorandum("ai đó", {"procedure": "1.000001"})])
    with store.work() as work:
        work.remember([memorandum("ai đó", {"procedure": "1.000002"})])
    with store.work() as work:
        assert work.memory("terminal", "ai đó") == {"procedure": "1.000002"}
        assert work.memory("zalo", "ai đó") is None


def inquiry(text: str, at: datetime = NOW) -> InquiryRecord:
    return InquiryRecord(
        at=at,
        channel="terminal",
        contact="abc",
        text=text,
        intent="procedure",
        status="answered",
        milliseconds=1.5,
        procedure="1.000001",
        aspect="fee",
        score=0.9,
        revision=2,
    )


def test_the_log_gives_the_newest_first_in_utc(store: Store) -> None:
    saigon = NOW.astimezone(timezone(timedelta(hours=7)))
    with store.work() as work:
        work.log([inquiry("một", saigon)])
        work.log([inquiry("hai")])
    with store.work() as work:
        found = work.inquiries()
        assert [row.text for row in found] == ["hai", "một"]
        assert found[1].at == NOW
        assert found[1].at.utcoffset() == timedelta(0)
        assert (found[0].score, found[0].revision, found[0].aspect) == (0.9, 2, "fee")
        assert len(work.inquiries(limit=1)) == 1


def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="naive"), store.work() as work:
        work.log([inquiry("một", datetime(2026, 11, 24))])  # noqa: DTZ001


def test_any_text_survives(store: Store) -> None:
    odd = "emoji 😀, 'nháy', \"kép\", \\, ế tổ hợp, 中文, العربية, %s {x}"
    with store.work() as work:
        work.log([inquiry(odd)])
    with store.work() as work:
        assert work.inquiries()[0].text == odd


def test_writers_at_once_lose_nothing(store: Store) -> None:
    write(store, record("1.000100"))
    failures: list[Exception] = []

    def work_hard(number: int) -> None:
        try:
            for turn in range(5):
                with store.work() as work:
                    work.log([inquiry(f"{number}.{turn}")])
                    work.remember([memorandum(f"{number}", {"turn": turn})])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work_hard, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.work() as work:
        assert len(work.inquiries(limit=100)) == 30


def test_publishers_at_once_get_different_revisions(store: Store) -> None:
    failures: list[Exception] = []

    def publish(number: int) -> None:
        try:
            write(store, record(name=f"tên {number}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.work() as work:
        current = work.get("1.000001")
        assert current is not None
        assert current.revision == 6
        assert work.version() == 6


def test_teaching_adds_a_name_once_and_keeps_the_confirmation(store: Store) -> None:
    confirmed = SOURCE.model_copy(update={"confirmed": True})
    write(store, record(source=confirmed))
    for expected in (Write.UPDATED, Write.UNCHANGED):
        with store.work() as work:
            assert work.teach("1.000001", "chơi diều", author="cán bộ", at=NOW) is expected
    with store.work() as work:
        taught = work.get("1.000001")
        assert work.teach("1.999999", "x", author="cán bộ", at=NOW) is None
    assert taught is not None
    assert taught.aliases == ("chơi diều",)
    assert taught.source.confirmed
    assert taught.revision == 2


def test_a_document_is_replaced_and_raises_the_version(store: Store) -> None:
    with store.work() as work:
        assert work.document("vocabulary") is None
        work.put_document("vocabulary", {"a": [1]}, author="seed", at=NOW)
    with store.work() as work:
        work.put_document("vocabulary", {"a": [2]}, author="cán bộ", at=NOW)
    with store.work() as work:
        assert work.document("vocabulary") == ({"a": [2]}, "cán bộ")
        assert work.version() == 2


def test_alive(store: Store) -> None:
    assert store.alive() is True
