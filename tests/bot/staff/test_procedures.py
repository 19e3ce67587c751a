"""Procedures as officers read them: found as citizens ask, filtered, shown with their history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.staff.views.procedures import CHECKED_WITHIN
from knowledge.accounts import Role
from knowledge.model import Aspect, Conflict
from tests.staffing import EXAMPLES, Staffed, Visitor

MARRIAGE = "1.000894"


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    return visitor


def rows(text: str) -> list[str]:
    return [part.split("<")[0] for part in text.split('class="code">')[1:]]


async def test_the_list_is_searched_as_the_bot_does(site: Staffed, officer: Visitor) -> None:
    assert rows((await officer.get("/staff/procedures")).text) == sorted(EXAMPLES)
    found = await officer.get("/staff/procedures?q=cuoi vo can gi")
    assert rows(found.text)[0] == MARRIAGE
    assert "vì «" in found.said
    assert rows((await officer.get("/staff/procedures?q=1.00")).text) == sorted(EXAMPLES)[:3]
    nothing = await officer.get("/staff/procedures?q=qwertz")
    assert "Không có thủ tục nào khớp" in nothing.said


async def test_filters(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(MARRIAGE)
        assert record
        old = record.source.model_copy(
            update={"checked_on": date.today() - CHECKED_WITHIN - timedelta(days=3)}  # noqa: DTZ011
        )
        new = record.source.model_copy(update={"confirmed": True})
        for source, publish in ((old, True), (new, False)):
            work.write(
                record.model_copy(update={"source": source}),
                publish=publish,
                author="lan",
                reason="thử",
                at=site.now(),
            )
    assert rows((await officer.get("/staff/procedures?due=yes")).text) == [MARRIAGE]
    assert rows((await officer.get("/staff/procedures?drafts=yes")).text) == [MARRIAGE]
    assert rows((await officer.get("/staff/procedures?confirmed=yes")).text) == []
    assert len(rows((await officer.get("/staff/procedures?confirmed=no")).text)) == 4
    marriage = await officer.get("/staff/procedures?field=Hộ tịch&q=kết hôn&page=7")
    assert rows(marriage.text)[0] == MARRIAGE
    home = await officer.get("/staff/")
    assert "1 bản nhập về chưa đưa vào dùng" in home.said
    assert "1 thủ tục đến hạn kiểm tra lại" in home.said


@pytest.mark.parametrize("query", ["q=%00%FF", "q=" + "a" * 5000, "page=0", "page=-3&field=%27--"])
async def test_nonsense_is_no_error(officer: Visitor, query: str) -> None:
    assert (await officer.get(f"/staff/procedures?{query}")).status == 200


async def test_a_record_as_citizens_see_it_and_every_field(officer: Visitor) -> None:
    page = await officer.get(f"/staff/procedures/{MARRIAGE}")
    assert "Đăng ký kết hôn – cần mang:" in page.said
    assert "Tên gọi khác" in page.said
    assert "cán bộ chưa xác nhận" in page.said
    fee = await officer.get(f"/staff/procedures/{MARRIAGE}?aspect=fee")
    assert "Đăng ký kết hôn – lệ phí: miễn phí" in fee.said
    assert (await officer.get(f"/staff/procedures/{MARRIAGE}?aspect=x&revision=y")).status == 200
    for wrong in ("1.999999", "x", "..%2F..", "%00"):
        assert (await officer.get(f"/staff/procedures/{wrong}")).status == 404


async def test_revisions_are_shown_with_their_differences(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        assert work.teach(MARRIAGE, "rước <b>nàng</b> về dinh", author="lan", at=site.now())
    page = await officer.get(f"/staff/procedures/{MARRIAGE}")
    assert "Tên gọi khác: thêm «rước <b>nàng</b> về dinh»" in page.said
    assert "&lt;b&gt;nàng" in page.text
    assert "lần sửa 2, đang dùng" in page.said
    old = await officer.get(f"/staff/procedures/{MARRIAGE}?revision=1")
    assert "lần sửa 1, đã thay" in old.said
    assert "Anh/chị đang xem một bản khác" in old.said


async def test_flags_of_the_worklist(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        for code, changed in (
            (EXAMPLES[0], {"conflicts": (Conflict(aspect=Aspect.FEE, say="khác"),)}),
            (EXAMPLES[1], {"unsourced": (Aspect.FEE,)}),
            (EXAMPLES[2], {"unsourced": ()}),
            (EXAMPLES[3], {"unsourced": ()}),
        ):
            record = work.get(code)
            assert record
            bare = {"decision": None, "url": None, "origin": None}
            given = {"decision": "1/QĐ", "url": None, "origin": None}
            source = record.source.model_copy(update=bare if code == EXAMPLES[2] else given)
            update = {"conflicts": (), "unsourced": (), **changed, "source": source}
            changed_record = record.model_copy(update=update)
            work.write(changed_record, publish=True, author="lan", reason="thử", at=site.now())
    conflicts = await officer.get("/staff/procedures?conflicts=yes")
    assert rows(conflicts.text) == [EXAMPLES[0]]
    assert "mâu thuẫn" in conflicts.said
    unsourced = await officer.get("/staff/procedures?unsourced=yes")
    assert rows(unsourced.text) == sorted(EXAMPLES[1:3])
    assert (await officer.get("/staff/procedures")).text.count("thiếu nguồn</span>") == 2
