"""The audit on its page: filters that bear nonsense, and a CSV no spreadsheet can run."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest

from bot.staff.sheets import safe_cell
from bot.staff.views.audit import BATCH
from knowledge.accounts import Role
from tests.staffing import Staffed, Visitor


@pytest.fixture
async def admin(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("boss", Role.ADMIN)
    async with site.browser() as found:
        await found.sign_in("boss")
        yield found


def fill(site: Staffed, count: int, target: str = "account:lan") -> None:
    with site.store.work() as work:
        for _ in range(count):
            work.audit.record("lan", "account.change", target, None, {"name": "x"}, at=site.now())


async def test_rows_are_paged_from_the_newest(site: Staffed, admin: Visitor) -> None:
    fill(site, 60)
    page = await admin.get("/staff/audit?action=account.change")
    assert "60 dòng" in page.said
    assert page.text.count('data-label="Số"') == 50
    rest = await admin.get("/staff/audit?action=account.change&before=12")
    assert rest.text.count('data-label="Số"') == 10
    assert "Cũ hơn" not in rest.said


@pytest.mark.parametrize(
    "query",
    [
        "since=nonsense&until=31/12/2026&before=x",
        "since=0001-01-01&until=9999-12-31",
        "actor=%00&action=%FF&target=%25_",
        "before=99999999999999999999",
        "before=-1&target=" + "x" * 3000,
    ],
)
async def test_nonsense_is_no_error(site: Staffed, admin: Visitor, query: str) -> None:
    assert (await admin.get(f"/staff/audit?{query}")).status == 200
    assert (await admin.get(f"/staff/audit.csv?{query}")).status == 200


async def test_a_day_is_a_day_in_vietnam(site: Staffed, admin: Visitor) -> None:
    from knowledge.offices import VIETNAM

    day = site.now().astimezone(VIETNAM).date().isoformat()
    assert "1 dòng" in (await admin.get(f"/staff/audit?since={day}&until={day}")).said
    assert "0 dòng" in (await admin.get("/staff/audit?until=2020-01-01")).said


async def test_the_csv_is_whole_and_harmless_and_recorded(site: Staffed, admin: Visitor) -> None:
    fill(site, BATCH + 5)
    fill(site, 1, target='=HYPERLINK("http://evil","x")')
    answer = await admin.get("/staff/audit.csv?action=account.change")
    assert answer.text.startswith("\ufeff")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == BATCH + 7
    assert rows[1][4] == '\'=HYPERLINK("http://evil","x")'
    assert [row[0] for row in rows[1:]] == sorted((row[0] for row in rows[1:]), key=int)[::-1]
    assert site.actions()[-1] == "audit.export"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
