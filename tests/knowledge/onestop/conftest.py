"""Databases of every kind a one-stop system runs on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.knowledge.onestop.mariadb import NoMariaDB, running
from tests.knowledge.onestop.schemas import writer

Url = Callable[[], str]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Url]:
    """Gives the address of a new, empty MariaDB database at each call.

    Skipped where the server is not installed; where ``CI`` is set it must be.
    """
    try:
        with running() as server:
            yield server.new_database
    except NoMariaDB as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def emptied(postgresql: Url) -> Url:
    """One PostgreSQL database, emptied at each call: making a hundred takes half a minute."""
    address = postgresql()

    def again() -> str:
        engine = writer(address)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        return address

    return again


@pytest.fixture(params=["sqlite", "emptied", "mariadb"], ids=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'onestop.db'}"
    found: str = request.getfixturevalue(request.param)()
    return found


@pytest.fixture
def office(url: str) -> Iterator[Engine]:
    """The office's own way into that database."""
    engine = writer(url)
    yield engine
    engine.dispose()
