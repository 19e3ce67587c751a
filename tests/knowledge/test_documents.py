"""Versions of documents, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from knowledge.documents import Moved
from knowledge.store import Store, migrate, migration_config, open_engine

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def test_every_change_is_a_version_and_raises_the_version_of_knowledge(store: Store) -> None:
    with store.work() as work:
        assert work.documents.current("office") is None
        before = work.version()
        first = work.documents.put("office", {"a": 1}, author="lan", at=NOW, reason="đầu")
        second = work.documents.put(
            "office", {"a": 2}, author="minh", at=NOW + timedelta(hours=1), expects=1
        )
        assert (first, second) == (1, 2)
        assert work.version() == before + 2
    with store.work() as work:
        current = work.documents.current("office")
        assert current is not None
        assert (current.number, current.body, current.author) == (2, {"a": 2}, "minh")
        assert work.document("office") == ({"a": 2}, "minh")
        assert [each.number for each in work.documents.history("office", limit=9)] == [2, 1]
        (older,) = work.documents.history("office", limit=1, offset=1)
        assert (older.body, older.reason, older.created_at) == ({"a": 1}, "đầu", NOW)
        assert work.documents.count("office") == 2
        assert work.documents.version("office", 3) is None
        assert work.documents.count("phrases") == 0


def test_a_change_of_what_moved_is_refused(store: Store) -> None:
    with store.work() as work:
        work.put_document("phrases", {"a": 1}, author="seed", at=NOW)
    for expected in (0, 2):
        with store.work() as work, pytest.raises(Moved):
            work.documents.put("phrases", {}, author="lan", at=NOW, expects=expected)
    with store.work() as work:
        assert work.documents.put("phrases", {"a": 2}, author="lan", at=NOW, expects=1) == 2


def test_two_writers_get_two_numbers(store: Store) -> None:
    with store.work() as work:
        work.documents.put("office", {"a": 1}, author="lan", at=NOW)
        # Read before the other one wrote, as a form that was opened early.
        assert work.documents.current("office") is not None
    with store.work() as work:
        work.documents.put("office", {"a": 2}, author="minh", at=NOW)
        work.documents.put("office", {"a": 3}, author="lan", at=NOW)
    with store.work() as work:
        numbers = [each.number for each in work.documents.history("office", limit=9)]
    assert numbers == [3, 2, 1]


def test_what_was_there_becomes_the_first_version(empty_url: str) -> None:
    engine = open_engine(empty_url)
    config = migration_config(engine)
    before = ScriptDirectory.from_config(config).get_revision("0008").down_revision
    command.upgrade(config, before)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO documents (name, body, author, updated_at)"
                """ VALUES ('office', '{"a": 1}', 'lan', '2026-11-20 00:00:00')"""
            )
        )
    migrate(engine)
    with Store(engine).work() as work:
        current = work.documents.current("office")
        assert current is not None
        assert (current.number, current.body, current.author) == (1, {"a": 1}, "lan")
        assert work.documents.put("office", {"a": 2}, author="minh", at=NOW, expects=1) == 2
    command.downgrade(config, before)
    engine.dispose()
