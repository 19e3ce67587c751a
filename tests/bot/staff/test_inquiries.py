"""The inquiry log on its pages: filters, conversations, exports no spreadsheet can run."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from bot.staff.views.service import exports
from bot.staff.words import STATUS_GROUPS, STATUSES
from handlers.conversation import Status
from knowledge.accounts import Role
from knowledge.audit import Filter
from knowledge.saved_filters import MOST
from tests.staffing import Answer, Staffed, Visitor, inquiry

LOG = "/staff/inquiries"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx")


@pytest.fixture
async def admin(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("boss", Role.ADMIN)
    site.fill()
    async with site.browser() as found:
        await found.sign_in("boss")
        yield found


def log(site: Staffed, *texts: str, days: int = 0, **other: object) -> None:
    at = site.now() - timedelta(days=days)
    with site.store.work() as work:
        work.log([inquiry(text, at=at, **other) for text in texts])


def rows(page: Answer) -> int:
    return page.text.count('data-label="Câu hỏi"')


async def test_a_week_is_shown_the_newest_first(site: Staffed, admin: Visitor) -> None:
    log(site, "tám ngày trước", days=8)
    log(site, "năm ngày trước", days=5)
    log(site, "hôm nay")
    said = (await admin.get(LOG)).said
    assert "tám ngày" not in said
    assert said.index("hôm nay") < said.index("năm ngày trước")


async def test_filters_stand_in_the_address(site: Staffed, admin: Visitor) -> None:
    log(site, "làm giấy khai sinh")
    log(site, "trời mưa", status="unanswered_no_match", procedure=None, channel="telegram")
    log(site, "chào em", status="answered_smalltalk", procedure=None, aspect=None, score=None)
    for query, count in (
        ("q=KHAI+sinh", 1),
        ("status=unanswered", 1),
        ("status=unanswered*", 1),
        ("status=answered", 1),
        ("status=answered*", 2),
        ("field=H%E1%BB%99+t%E1%BB%8Bch", 1),
        ("field=nowhere", 0),
        ("channel=telegram&least=0,9&most=0.95", 1),
        ("procedure=1.001193&aspect=papers", 1),
        ("", 3),
    ):
        assert rows(await admin.get(f"{LOG}?{query}")) == count, query


async def test_ratings_are_shown_filtered_and_taken_along(site: Staffed, admin: Visitor) -> None:
    log(site, "một")
    log(site, "hai", contact="khác")
    log(site, "ba", contact="ba")
    with site.store.work() as work:
        now = site.now()
        work.ratings.rate("zalo_oa", "abc", "1.001193", good=True, at=now)
        work.ratings.rate("zalo_oa", "khác", "1.001193", good=False, at=now)
    for query, shown in (("good", "một"), ("bad", "hai")):
        page = await admin.get(f"{LOG}?rating={query}")
        assert rows(page) == 1
        assert shown in page.said
    assert (await admin.get(f"{LOG}?rating=awful")).status == 422
    assert "người dân thấy: chưa đúng" in (await admin.get(f"{LOG}/2")).said
    lines = list(csv.reader(io.StringIO((await admin.get(f"{LOG}.csv")).text)))
    place = exports.HEADER.index("Người dân thấy")
    assert [line[place] for line in lines[1:]] == ["", "Chưa đúng", "Đúng ý"]


async def test_pages_go_on_and_back_with_their_filter(site: Staffed, admin: Visitor) -> None:
    log(site, *(f"khai {number}." for number in range(120)))
    page = await admin.get(f"{LOG}?q=khai")
    assert rows(page) == 50
    for rel, count in (("next", 50), ("next", 20), ("prev", 50), ("prev", 50)):
        link = page.text.split(f'rel="{rel}" href="')[1].split('"')[0].replace("&amp;", "&")
        assert "q=khai" in link
        page = await admin.get(link)
        assert rows(page) == count
    assert "Mới hơn" not in page.said


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("since=1926-01-01&until=2026-01-01", "nhiều nhất 366 ngày"),
        ("since=nonsense", "không phải là một ngày"),
        ("since=0001-01-01&until=9999-12-31", "không phải là một ngày"),
        ("since=2026-02-02&until=2026-01-01", "đứng sau"),
        ("channel=fax", "Không có kênh"),
        ("status=happy", "Không có kết quả"),
        ("aspect=%00", ""),
        ("aspect=colour", "Không có mục"),
        ("procedure=1", "không phải mã"),
        ("least=x", "không phải là điểm"),
        ("least=nan", "không phải là điểm"),
        ("least=1e999", "không phải là điểm"),
        ("least=0.9&most=0.1", "lớn hơn"),
        ("q=%3F%3F", "không có chữ"),
        ("q=" + "+".join("abcdefghijklmno"), "nhiều nhất 12 từ"),
        ("before=x&after=-1", ""),
        ("before=" + "9" * 200, ""),
        ("q=%22+OR+%22", ""),
    ],
)
async def test_nonsense_is_said_and_nothing_is_looked_up(
    site: Staffed, admin: Visitor, query: str, why: str
) -> None:
    log(site, "một")
    page = await admin.get(f"{LOG}?{query}")
    assert page.status == (422 if why else 200)
    assert why in page.said
    if why:
        assert rows(page) == 0
        assert (await admin.get(f"{LOG}.csv?{query}")).status == 303
        assert "inquiry.export" not in site.actions()


async def test_a_filter_is_kept_and_removed(site: Staffed, admin: Visitor) -> None:
    await admin.get(LOG)
    answer = await admin.post(LOG, {"name": "Chưa trả lời", "query": "status=unanswered&evil=1"})
    assert answer.headers["Location"] == f"{LOG}?status=unanswered"
    page = await admin.get(LOG)
    assert f'href="{LOG}?status=unanswered">Chưa trả lời' in page.text
    await admin.post(f"{LOG}/filters/1/remove")
    assert "Xóa bộ lọc Chưa" not in (await admin.get(LOG)).text


@pytest.mark.parametrize("name", ["", "x" * 61])
async def test_a_filter_needs_a_name(admin: Visitor, name: str) -> None:
    await admin.get(LOG)
    answer = await admin.post(LOG, {"name": name, "query": "q=khai"})
    assert answer.status == 422
    assert 'value="q=khai"' in answer.text


async def test_filters_are_not_kept_without_end(site: Staffed, admin: Visitor) -> None:
    with site.store.work() as work:
        for number in range(MOST):
            work.saved_filters.save(1, "inquiries", f"{number}", "", at=site.now())
    await admin.get(LOG)
    assert (await admin.post(LOG, {"name": "nữa", "query": ""})).status == 422


async def test_a_conversation_shows_the_revision_the_citizen_saw(
    site: Staffed, admin: Visitor
) -> None:
    log(site, "làm giấy khai sinh cho con cần gì")
    log(site, "[show:1.001193:fee]", aspect="fee")
    log(site, "việc của người khác", contact="khác")
    with site.store.work() as work:
        record = work.get("1.001193")
        assert record is not None
        changed = record.model_copy(update={"short_name": "Tên mới toanh"})
        work.write(changed, publish=True, author="lan", reason="thử", at=site.now())
    page = await admin.get(f"{LOG}/1")
    assert page.status == 200
    assert "việc của người khác" not in page.said
    assert "Tên mới toanh" not in page.said
    assert 'href="/staff/procedures/1.001193?revision=1&amp;aspect=papers"' in page.text
    assert "không được lưu" in page.said
    assert "Dựng lại từ lần sửa 1" in page.said
    assert page.text.count("Nếu hỏi lúc này") == 1
    assert "Cách xử lý: trả lời bằng một thủ tục" in page.said
    assert site.actions()[-1] == "inquiry.open"
    with site.store.work() as work:
        [entry] = work.audit.entries(Filter(action="inquiry.open"))
        assert (entry.actor, entry.target, entry.after) == ("boss", "inquiry:1", {"rows": 2})


async def test_what_cannot_be_shown_again_is_said(site: Staffed, admin: Visitor) -> None:
    log(site, "một", revision=99)
    log(site, "hai", status="handed_over", procedure=None, revision=None)
    said = (await admin.get(f"{LOG}/1")).said
    assert "Lần sửa 99 không còn" in said
    assert "chỉ giữ cách nó kết thúc: Chuyển cán bộ" in said
    assert (await admin.get(f"{LOG}/77")).status == 404


async def test_an_erased_conversation_is_alone(site: Staffed, admin: Visitor) -> None:
    log(site, "một", "hai")
    with site.store.work() as work:
        work.contacts.erase("zalo_oa", "abc")
    page = await admin.get(f"{LOG}/1")
    assert "đã xóa theo yêu cầu" in page.said
    assert page.text.count("<blockquote") == 1


async def test_viewers_read_but_take_nothing_along(site: Staffed, visitor: Visitor) -> None:
    site.hire("xem", Role.VIEWER)
    log(site, "một")
    await visitor.sign_in("xem")
    page = await visitor.get(LOG)
    assert page.status == 200
    assert "Tải CSV" not in page.said
    assert (await visitor.get(f"{LOG}/1")).status == 200
    assert (await visitor.get(f"{LOG}.csv")).status == 403
    assert (await visitor.get(f"{LOG}.xlsx")).status == 403


async def test_csv_is_whole_and_safe(
    site: Staffed, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 4)
    log(site, *FORMULAS, "bình thường, «có dấu»\nhai dòng")
    answer = await admin.get(f"{LOG}.csv?q=")
    assert answer.body.startswith("\ufeff".encode())
    header, *lines = csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))
    assert tuple(header) == exports.HEADER
    texts = [line[3] for line in reversed(lines)]
    assert texts[:6] == [f"'{text}" for text in FORMULAS]
    assert texts[6] == "bình thường, «có dấu»\nhai dòng"
    assert "abc" not in answer.text.replace("\n", ",").split(",")
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for line in lines for cell in line
    )


async def test_xlsx_holds_text_and_no_formula(
    site: Staffed, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 4)
    texts = (*FORMULAS[:4], "xấu \ufffe và \x01", "<b>&amp;", "_x0041_", "hai\ndòng")
    log(site, *texts)
    answer = await admin.get(f"{LOG}.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
        assert book.testzip() is None
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.body)).get_sheet_by_name("Câu hỏi")
    header, *rows = sheet.to_python()
    assert tuple(header) == exports.HEADER
    kept = ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "xấu  và ", "<b>&amp;", "_x0041_", "hai\ndòng"]
    assert [row[3] for row in rows[::-1]] == kept
    assert [row[0] for row in rows[::-1]] == list(range(1, 9))
    assert rows[0][8] == 0.93


async def test_an_export_is_recorded_without_the_words(site: Staffed, admin: Visitor) -> None:
    await admin.get(f"{LOG}.csv?q=nguoi+ta&channel=telegram")
    with site.store.work() as work:
        [entry] = work.audit.entries(Filter(action="inquiry.export"))
    assert entry.after is not None
    assert (entry.after["kind"], entry.after["channel"], entry.after["q"]) == (
        "csv",
        "telegram",
        "có",
    )
    assert {"since", "until"} <= set(entry.after)


def test_every_status_has_a_word_and_a_group() -> None:
    for status in Status:
        assert status in STATUSES
        assert any(status.startswith(group) for group in STATUS_GROUPS), status
