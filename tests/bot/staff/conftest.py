"""A running staff site over a migrated database of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from handlers.services import Services
from knowledge.store import Store
from tests.staffing import Staffed, Visitor, services


@pytest.fixture(scope="session")
def few_services() -> Services:
    return services()


@pytest.fixture
async def site(store: Store, few_services: Services) -> AsyncIterator[Staffed]:
    running = Staffed(store, few_services)
    await running.start()
    yield running
    await running.server.close()


@pytest.fixture
async def visitor(site: Staffed) -> AsyncIterator[Visitor]:
    async with site.browser() as found:
        yield found
