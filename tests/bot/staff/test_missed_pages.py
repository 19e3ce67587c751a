"""Missed questions as officers work through them: grouped, taught in one click, put away."""

from __future__ import annotations

import pytest

from bot.desk import Desk
from handlers.decision import decide
from knowledge.accounts import Role
from knowledge.audit import Filter
from knowledge.missed import missed_key
from knowledge.store import InquiryRecord
from tests.staffing import SALT, Staffed, Visitor

MARRIAGE, BIRTH = "1.000894", "1.001193"
ASKED = "rước nàng về dinh"
KEY = missed_key(ASKED)


def log(site: Staffed, *lines: tuple[str, str]) -> None:
    with site.store.work() as work:
        work.log(
            [
                InquiryRecord(
                    at=site.now(),
                    channel="web",
                    contact="a",
                    text=text,
                    intent="none",
                    status=status,
                    milliseconds=1,
                )
                for text, status in lines
            ]
        )


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    log(
        site,
        *[(ASKED, "unanswered_no_match")] * 3,
        ("ruoc nang ve dinh", "clarify_procedure"),
        ("thả diều giấy ở sân", "unanswered_no_match"),
        ("lệ phí kết hôn", "answered"),
    )
    await visitor.sign_in("lan")
    return visitor


async def test_alike_is_one_and_the_most_frequent_comes_first(officer: Visitor) -> None:
    page = await officer.get("/staff/missed")
    assert "2 nhóm câu hỏi" in page.said
    assert page.said.index(f"«{ASKED}»") < page.said.index("«thả diều giấy ở sân»")
    assert "4 lần chưa trả lời được: 3 phải hỏi lại: 1" in page.said
    assert "và 1 cách nói khác" in page.said
    assert "lệ phí kết hôn" not in page.said
    back = await officer.get("/staff/missed?kind=asked_back")
    assert "1 nhóm câu hỏi" in back.said
    assert (await officer.get("/staff/missed?kind=x&verdict=y&page=99")).status == 200
    group = await officer.get(f"/staff/missed/{KEY}")
    assert "ruoc nang ve dinh (1 lần)" in group.said
    assert "2 nhóm câu hỏi bị lỡ" in (await officer.get("/staff/")).said


async def test_one_click_teaches(site: Staffed, officer: Visitor) -> None:
    found = await officer.get(f"/staff/missed/{KEY}?q=ket hon")
    assert "Đăng ký kết hôn" in found.said
    sent = {"code": MARRIAGE, "phrase": ASKED}
    answer = await officer.post(f"/staff/missed/{KEY}/teach", sent)
    assert (answer.status, answer.headers["Location"]) == (303, "/staff/missed")
    page = await officer.get("/staff/missed")
    assert f"Đã dạy «{ASKED}» cho {MARRIAGE}" in page.said
    assert "1 nhóm câu hỏi" in page.said
    taught = await officer.get("/staff/missed?verdict=taught")
    assert f"đã dạy cho {MARRIAGE} , lan" in taught.said
    decided = decide("ruoc nang ve dinh can giay to gi", Desk.open(site.store, SALT).services)
    assert (decided.decision, decided.matches[0].code) == ("answer", MARRIAGE)
    with site.store.work() as work:
        (case,) = work.regression.all()
        newest = work.audit.entries(Filter(), limit=1)[0]
    assert (case.phrase, case.code) == (ASKED, MARRIAGE)
    assert (newest.action, newest.actor, newest.target) == (
        "procedure.teach",
        "lan",
        f"procedure:{MARRIAGE}",
    )


async def test_a_steal_is_refused_with_its_words(site: Staffed, officer: Visitor) -> None:
    await officer.get("/staff/missed")
    sent = {"code": MARRIAGE, "phrase": "khai sinh cho con"}
    answer = await officer.post(f"/staff/missed/{KEY}/teach", sent)
    assert answer.status == 422
    assert "lấy mất câu của thủ tục khác: «" in answer.said
    assert BIRTH in answer.said
    assert 'value="khai sinh cho con"' in answer.text
    with site.store.work() as work:
        assert work.regression.all() == []
    assert "procedure.teach" not in site.actions()


@pytest.mark.parametrize(
    ("phrase", "told"),
    [("số 079203001234", "Câu có dữ liệu cá nhân"), ("x " * 300, "dài quá"), ("123", "trống")],
)
async def test_what_is_no_name_is_refused(officer: Visitor, phrase: str, told: str) -> None:
    await officer.get("/staff/missed")
    sent = {"code": MARRIAGE, "phrase": phrase}
    answer = await officer.post(f"/staff/missed/{KEY}/teach", sent)
    assert answer.status == 422
    assert told in answer.said


async def test_put_away_and_taken_back(site: Staffed, officer: Visitor) -> None:
    await officer.get("/staff/missed")
    path = f"/staff/missed/{KEY}/decide"
    sent = {"verdict": "out_of_scope", "note": "hỏi phường, anh An 0912345678 <b>"}
    assert (await officer.post(path, sent)).status == 303
    assert f"«{ASKED}»" not in (await officer.get("/staff/missed")).said
    away = await officer.get("/staff/missed?verdict=out_of_scope")
    assert "ngoài phạm vi, lan" in away.said
    assert "0912345678" not in away.text
    assert "&lt;b&gt;" in away.text
    assert (await officer.post(path, {"verdict": "taught"})).status == 422
    assert (await officer.post(path, {"verdict": "open"})).status == 303
    assert f"«{ASKED}»" in (await officer.get("/staff/missed")).said
    assert site.actions().count("missed.decide") == 2
    with site.store.work() as work:
        entries = work.audit.entries(Filter(action="missed.decide"), limit=9)
    assert all(ASKED not in f"{each.before}{each.after}{each.target}" for each in entries)


async def test_a_new_question_is_there_after_reading_again(site: Staffed, officer: Visitor) -> None:
    await officer.get("/staff/missed")
    log(site, ("nuôi chim cút", "unanswered_no_match"))
    assert (await officer.post("/staff/missed/refresh")).status == 303
    assert "«nuôi chim cút»" in (await officer.get("/staff/missed")).said


async def test_a_viewer_reads_only(site: Staffed, officer: Visitor) -> None:
    site.hire("xem", Role.VIEWER)
    async with site.browser() as viewer:
        await viewer.sign_in("xem")
        for path in ("/staff/missed", f"/staff/missed/{KEY}"):
            page = await viewer.get(path)
            assert page.status == 200
            assert "/teach" not in page.text
        sent = {"code": MARRIAGE, "phrase": ASKED}
        assert (await viewer.post(f"/staff/missed/{KEY}/teach", sent)).status == 403
