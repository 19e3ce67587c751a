"""The audit on both databases: whole, it proves itself; tampered with, it says where."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from knowledge.audit import BATCH, Fault, Filter, Head, digest_of
from knowledge.store import Store
from knowledge.tables import AuditHead, AuditRow

NOW = datetime(2026, 11, 25, 2, 0, 0, 123456, tzinfo=UTC)


def record(store: Store, count: int = 1, **more: Any) -> Head:
    with store.work() as work:
        for number in range(count):
            work.audit.record(
                more.get("actor", "lan"),
                more.get("action", "account.change"),
                more.get("target", f"account:{number}"),
                {"name": "Lan – «cũ»", "roles": ["officer"]},
                {"name": "Lan\x00 mới", "fee": 1.5, "when": None},
                at=NOW,
            )
        return work.audit.head()


def verify(store: Store, *witnesses: Head) -> Head:
    with store.work() as work:
        return work.audit.verify(witnesses)


def tamper(store: Store, statement: str) -> None:
    with store.work() as work:
        done = work._session.execute(text(statement))
        assert done.rowcount  # type: ignore[attr-defined]


def test_an_empty_and_a_whole_audit_prove_themselves(store: Store) -> None:
    assert verify(store) == Head(0, "")
    heads = [record(store, 3), record(store, BATCH)]
    assert heads[1].count == BATCH + 3
    assert verify(store, *heads) == heads[1]
    assert Head.read(f"{heads[0]}\n") == heads[0]


@pytest.mark.parametrize(
    "column",
    [
        "actor = 'binh'",
        "action = 'x'",
        "target = ''",
        "before = NULL",
        """after = '{"name": "y"}'""",
        "at = '2026-11-25 02:00:00.123457'",
        "digest = previous",
    ],
)
def test_a_changed_row_is_named(store: Store, column: str) -> None:
    record(store, 5)
    tamper(store, f"UPDATE audit SET {column} WHERE id = 3")
    with pytest.raises(Fault, match=r"Dòng [34]"):
        verify(store)


def test_a_missing_row_is_named(store: Store) -> None:
    record(store, 5)
    tamper(store, "DELETE FROM audit WHERE id = 3")
    with pytest.raises(Fault, match="Thiếu dòng 3"):
        verify(store)


def test_a_cut_at_the_beginning_is_seen(store: Store) -> None:
    record(store, 5)
    tamper(store, "DELETE FROM audit WHERE id < 3")
    with pytest.raises(Fault, match="Thiếu dòng 1"):
        verify(store)


def test_a_cut_at_the_end_is_seen(store: Store) -> None:
    record(store, 5)
    tamper(store, "DELETE FROM audit WHERE id > 3")
    with pytest.raises(Fault, match="phần cuối bị cắt"):
        verify(store)


def test_swapped_rows_are_seen(store: Store) -> None:
    record(store, 5)
    tamper(store, "UPDATE audit SET id = 99 WHERE id = 2")
    tamper(store, "UPDATE audit SET id = 2 WHERE id = 3")
    tamper(store, "UPDATE audit SET id = 3 WHERE id = 99")
    with pytest.raises(Fault):
        verify(store)


def test_a_cut_with_its_head_row_needs_a_witness(store: Store) -> None:
    early = record(store, 3)
    late = record(store, 2)
    with store.work() as work:
        work._session.execute(text("DELETE FROM audit WHERE id > 3"))
        head = work._session.get(AuditHead, 1)
        assert head
        head.count, head.digest = early.count, early.digest
    assert verify(store, early) == early
    with pytest.raises(Fault, match="đã từng có 5"):
        verify(store, early, late)


def test_a_chain_made_anew_needs_a_witness(store: Store) -> None:
    noted = record(store, 4)
    with store.work() as work:
        previous = ""
        for number in range(1, 5):
            row = work._session.get(AuditRow, number)
            assert row
            row.actor, row.previous = "nobody", previous
            row.digest = previous = digest_of(row)
        head = work._session.get(AuditHead, 1)
        assert head
        head.digest = previous
    verify(store)
    with pytest.raises(Fault, match="viết lại"):
        verify(store, noted)


def test_what_is_rolled_back_leaves_no_row(store: Store) -> None:
    def fail() -> None:
        with store.work() as work:
            work.audit.record("lan", "a.b", "c", at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert record(store).count == 1
    verify(store)


def test_writers_at_once_make_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=record, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(store).count == 40


def test_values_that_are_no_json_are_refused(store: Store) -> None:
    with pytest.raises(TypeError), store.work() as work:
        work.audit.record("lan", "a.b", "c", {"at": NOW}, at=NOW)


def test_rows_are_found(store: Store) -> None:
    record(store, 3)
    record(store, actor="binh", action="session.open", target="account:1_%")
    with store.work() as work:
        audit = work.audit
        newest = audit.entries(Filter(), limit=3)
        assert [each.id for each in newest] == [4, 3, 2]
        assert [each.id for each in audit.entries(Filter(), before=2)] == [1]
        assert [each.id for each in audit.entries(Filter(actor="binh"))] == [4]
        assert [each.id for each in audit.entries(Filter(action="account.change"), limit=1)] == [3]
        assert [each.id for each in audit.entries(Filter(target="account:1"))] == [4, 2]
        assert [each.id for each in audit.entries(Filter(target="1_%"))] == [4]
        assert audit.count(Filter(since=NOW)) == 4
        assert audit.count(Filter(until=NOW)) == 0
        assert audit.count(Filter(since=NOW + timedelta(seconds=1))) == 0
        assert audit.actions() == ["account.change", "session.open"]
