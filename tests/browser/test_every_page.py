"""axe-core finds nothing serious on any staff page, whatever pages there will be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from bot.staff.routes import ROUTES
from knowledge.handovers import Opening, Why
from tests.bot.staff.test_routes import address
from tests.staffing import Staffed

from .test_staff import Open, sign_in, site, visit
from .test_webchat import faults, overflows

__all__ = ["site", "visit"]
pytestmark = pytest.mark.browser
NO_PAGES = ("/staff/static/{name}", "/staff/export/{file}", "/staff/{rest:.*}")


def pages() -> list[str]:
    """Every address that shows a page of its own."""
    return [
        address(route)
        for route in ROUTES
        if route.method == "GET"
        and not route.watched
        and route.path not in NO_PAGES
        and not route.path.endswith((".csv", ".xlsx", ".docx"))
    ]


@pytest.mark.parametrize("width", [360, 1280])
async def test_nobody_is_shut_out_of_any_page(visit: Open, site: Staffed, width: int) -> None:
    now = site.now()
    with site.store.work() as work:
        record = work.get("1.000894")
        assert record
        body = record.model_dump(mode="json", exclude_defaults=True) | {"result": "Giấy mới"}
        work.revisions.save("1.000894", "admin", body, base=1, expects=0, at=now)
        opening = Opening(
            channel="web",
            contact="an",
            sealed_contact=site.seal.close("an"),
            why=Why.ASKED,
            at=now - timedelta(minutes=5),
            expected_by=None,
        )
        assert work.handovers.open(opening) == 1
    page = await visit("/staff/", width=width, height=740)
    await sign_in(page)
    await expect(page.get_by_role("heading", name="Việc của tôi")).to_be_visible()
    found = []
    for path in pages():
        answer = await page.goto(str(site.server.make_url(path)))
        assert answer
        assert answer.status in (200, 404), path
        found += [f"{path} {fault}" for fault in await faults(page)]
        found += [f"{path} is too wide"] if await overflows(page) else []
    assert found == []
