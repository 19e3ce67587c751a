"""Trying it shows every channel and the reasons, and leaves no trace."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.accounts import Role
from knowledge.tables import Conversation, InboxRow, InquiryRow, OutboxRow
from tests.staffing import Staffed, Visitor

MARRIAGE = "1.000894"


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    await visitor.get("/staff/try")
    return visitor


def traces(site: Staffed) -> list[int]:
    with Session(site.store._engine) as session:
        tables = (InquiryRow, Conversation, InboxRow, OutboxRow)
        return [session.scalar(select(func.count()).select_from(each)) or 0 for each in tables]


async def test_the_answer_on_every_channel_and_why(site: Staffed, officer: Visitor) -> None:
    before = site.actions()
    page = await officer.post("/staff/try", {"question": "đăng ký kết hôn cần gì"})
    assert page.status == 200
    for channel in ("Trang hỏi", "Telegram", "Zalo OA", "Zalo Bot"):
        assert channel in page.said
    assert page.said.count("Đăng ký kết hôn – cần mang:") == 4
    assert "Gõ số bên dưới để chọn." in page.said
    assert "<b>Đăng ký kết hôn" in page.text
    assert "Bot quyết định trả lời bằng một thủ tục" in page.said
    assert "điểm của thủ tục gần nhất" in page.said
    assert traces(site) == [0, 0, 0, 0]
    assert site.actions() == before


async def test_a_number_means_the_button_shown_before(site: Staffed, officer: Visitor) -> None:
    fields = [("before", "đăng ký kết hôn cần gì"), ("question", "lệ phí")]
    page = await officer.post("/staff/try", fields)
    assert "Đăng ký kết hôn – lệ phí: miễn phí" in page.said
    assert traces(site) == [0, 0, 0, 0]


async def test_a_draft_of_ones_own_is_tried(site: Staffed, officer: Visitor) -> None:
    record = site.services.index.procedures[MARRIAGE]
    body = record.model_copy(update={"aliases": ("rước nàng về dinh",)}).model_dump(mode="json")
    with site.store.work() as work:
        work.revisions.save(MARRIAGE, "lan", body, base=1, expects=0, at=site.now())
        work.revisions.save("1.001193", "lan", {"name": ""}, base=1, expects=0, at=site.now())
        work.revisions.save("2.000815", "mai", body, base=1, expects=0, at=site.now())
    asked = "rước nàng về dinh"
    plain = await officer.post("/staff/try", {"question": asked})
    assert "Đăng ký kết hôn – cần mang:" not in plain.said
    drafted = await officer.post("/staff/try", {"question": asked, "draft": MARRIAGE})
    assert "Đăng ký kết hôn – cần mang:" in drafted.said
    for code, told in (("1.001193", "thiếu mục bắt buộc"), ("2.000815", "không còn")):
        refused = await officer.post("/staff/try", {"question": asked, "draft": code})
        assert refused.status == 422
        assert told in refused.said


@pytest.mark.parametrize(
    "question", ["<script>alert(1)</script>", "\ud800\x00", "x" * 5000, "H32.215-261118-0042 1234"]
)
async def test_odd_questions(site: Staffed, officer: Visitor, question: str) -> None:
    sent = question.encode("utf-8", "replace").decode()
    page = await officer.post("/staff/try", {"question": sent})
    assert page.status == 200
    assert "<script" not in page.text
    assert traces(site) == [0, 0, 0, 0]


async def test_an_empty_box(officer: Visitor) -> None:
    assert (await officer.post("/staff/try", {"question": " "})).status == 422
