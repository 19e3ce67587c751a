"""A seeded office to copy, and every fake platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import open_store, stored_services
from handlers.services import Services


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded database to copy."""
    file = tmp_path_factory.mktemp("template") / "office.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def services(template: Path) -> Services:
    """The knowledge of that office."""
    store = open_store(f"sqlite:///{template}")
    with store.work() as work:
        found = stored_services(work)
    store.close()
    return found
