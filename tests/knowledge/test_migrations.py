"""Migrations lead from nothing to exactly the declared tables, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from knowledge.inquiry_words import in_metadata
from knowledge.store import NewerDatabase, Store, migrate, open_engine
from knowledge.tables import Table

ROOT = Path(__file__).parents[2]


def test_no_drift(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": in_metadata}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_a_second_run_changes_nothing(empty_url: str) -> None:
    engine = open_engine(empty_url)
    assert migrate(engine) is True
    assert migrate(engine) is False
    engine.dispose()


def test_a_newer_database_is_refused(empty_url: str) -> None:
    engine = open_engine(empty_url)
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="9999"):
        migrate(engine)
    engine.dispose()


def test_two_processes_at_once(empty_url: str) -> None:
    code = "import sys; from bot.app import open_store; open_store(sys.argv[1]).close()"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_url], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    engine = open_engine(empty_url)
    store = Store(engine)
    with store.work() as work:
        codes = [each.code for each in work.procedures()]
        assert len(codes) == len(set(codes)) >= 130
    assert "inquiries" in inspect(engine).get_table_names()
    store.close()
