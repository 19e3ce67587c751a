"""Handing in, a second person's decision, days of effect, rollback, and who saw the old text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.staff.views.approval import NOTE_MISSING, OWN_WORK
from knowledge.accounts import Role
from knowledge.offices import VIETNAM
from knowledge.store import InquiryRecord
from knowledge.tables import RevisionState
from tests.staffing import Staffed, Visitor

CODE = "1.001193"
PAGE = f"/staff/procedures/{CODE}"


def change(site: Staffed, author: str = "lan", **fields: object) -> int:
    """Hand a change in; the number of its revision."""
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        base = record.revision
        body = record.model_copy(update=fields).model_dump(mode="json", exclude_defaults=True)
        kept = work.revisions.draft(CODE, author)
        work.revisions.save(
            CODE, author, body, base=base, expects=kept.saves if kept else 0, at=site.now()
        )
        return work.revisions.submit(CODE, author, reason="mức mới", at=site.now()).number


def result(site: Staffed) -> str | None:
    with site.store.work() as work:
        record = work.get(CODE)
    assert record
    return record.result


def state(site: Staffed, number: int) -> RevisionState:
    with site.store.work() as work:
        return work.revisions.get(CODE, number).state


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.fill()
    site.hire("lan", Role.OFFICER, Role.APPROVER)
    await visitor.sign_in("lan")
    return visitor


@pytest.fixture
async def approver(site: Staffed, officer: Visitor) -> AsyncIterator[Visitor]:
    site.hire("minh", Role.APPROVER)
    async with site.browser() as other:
        await other.sign_in("minh")
        yield other


async def test_a_second_person_approves(site: Staffed, approver: Visitor) -> None:
    number = change(site, result="kết quả <mới>")
    home = await approver.get("/staff/")
    assert "1 bản chờ anh/chị duyệt" in home.said
    listed = await approver.get("/staff/approval")
    assert f"{PAGE}/revisions/{number}" in listed.text
    page = await approver.get(f"{PAGE}/revisions/{number}")
    assert "kết quả <mới>" in page.said
    assert "lan" in page.said
    answer = await approver.post(f"{PAGE}/revisions/{number}/approve", {"note": "đúng"})
    assert answer.status == 303
    assert result(site) == "kết quả <mới>"
    assert site.actions()[-1] == "procedure.approve"
    told = await approver.get(answer.headers["Location"])
    assert "Đã duyệt. Vài giây nữa" in told.said
    assert "minh" in told.said
    again = await approver.post(f"{PAGE}/revisions/{number}/approve")
    assert again.status == 422
    assert "không chờ duyệt nữa: đang dùng" in again.said
    assert "Không có bản nào chờ duyệt" in (await approver.get("/staff/approval")).said


async def test_nobody_approves_their_own(site: Staffed, officer: Visitor) -> None:
    number = change(site, result="tự duyệt")
    page = await officer.get(f"{PAGE}/revisions/{number}")
    assert OWN_WORK in page.said
    assert "/approve" not in page.text
    for step in ("approve", "reject"):
        answer = await officer.post(f"{PAGE}/revisions/{number}/{step}", {"note": "x"})
        assert answer.status == 422
        assert OWN_WORK in answer.said
    assert state(site, number) == RevisionState.IN_REVIEW
    assert "bản chờ anh/chị duyệt" not in (await officer.get("/staff/")).said


async def test_sent_back_with_a_note(site: Staffed, officer: Visitor, approver: Visitor) -> None:
    number = change(site, result="sai")
    bare = await approver.post(f"{PAGE}/revisions/{number}/reject")
    assert bare.status == 422
    assert NOTE_MISSING in bare.said
    sent = await approver.post(f"{PAGE}/revisions/{number}/reject", {"note": "xem lại <căn cứ>"})
    assert sent.status == 303
    seen = await officer.get(f"{PAGE}/revisions/{number}")
    assert "xem lại <căn cứ>" in seen.said
    form = await officer.get(f"{PAGE}/edit")
    assert "sai" in form.text
    assert "1 bản nháp anh/chị đang soạn" in (await officer.get("/staff/")).said
    assert site.actions()[-1] == "procedure.reject"


async def test_taken_back_by_its_author(site: Staffed, officer: Visitor, approver: Visitor) -> None:
    number = change(site, result="rút")
    other = await approver.post(f"{PAGE}/revisions/{number}/withdraw")
    assert other.status == 422
    assert "Chỉ người soạn rút lại" in other.said
    assert (await officer.post(f"{PAGE}/revisions/{number}/withdraw")).status == 303
    assert state(site, number) == RevisionState.WITHDRAWN
    assert site.actions()[-1] == "procedure.withdraw"


async def test_a_colleague_cannot_take_back_what_is_scheduled(
    site: Staffed, officer: Visitor, approver: Visitor
) -> None:
    site.hire("tam", Role.OFFICER)
    day = site.now().astimezone(VIETNAM).date() + timedelta(days=2)
    number = change(site, result="từ mai")
    with site.store.work() as work:
        work.revisions.withdraw(CODE, number, by="lan", note="đổi ngày", at=site.now())
        number = work.revisions.submit(
            CODE, "lan", reason="mức mới", at=site.now(), effective_from=day
        ).number
    path = f"{PAGE}/revisions/{number}"
    assert (await approver.post(f"{path}/approve")).status == 303
    async with site.browser() as colleague:
        await colleague.sign_in("tam")
        assert "Rút lại" not in (await colleague.get(path)).said
        refused = await colleague.post(f"{path}/withdraw")
    assert refused.status == 422
    assert "người soạn hoặc người duyệt" in refused.said
    assert state(site, number) == RevisionState.SCHEDULED
    assert (await approver.post(f"{path}/withdraw")).status == 303
    assert state(site, number) == RevisionState.WITHDRAWN


async def test_a_day_of_effect(site: Staffed, officer: Visitor, approver: Visitor) -> None:
    day = site.now().astimezone(VIETNAM).date() + timedelta(days=2)
    before = result(site)
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        body = record.model_dump(mode="json", exclude_defaults=True) | {"result": "từ ngày sau"}
        work.revisions.save(CODE, "lan", body, base=1, expects=0, at=site.now())
    handed = await officer.post(
        f"{PAGE}/draft", {"reason": "nghị định mới", "effective_from": f"{day:%d/%m/%Y}"}
    )
    number = int(handed.headers["Location"].rpartition("/")[2])
    answer = await approver.post(f"{PAGE}/revisions/{number}/approve")
    told = await approver.get(answer.headers["Location"])
    assert f"tự có hiệu lực từ 0 giờ ngày {day:%d/%m/%Y}" in told.said
    assert result(site) == before
    assert "Đã duyệt, chờ đến ngày" in (await officer.get("/staff/approval")).said
    assert "đã duyệt, từ ngày" in (await officer.get(PAGE)).said.lower()
    with site.store.work() as work:
        work.revisions.take_effect(day, site.now() + timedelta(days=2))
    assert result(site) == "từ ngày sau"


async def test_rollback_in_one_click_and_who_saw_it(site: Staffed, approver: Visitor) -> None:
    before = result(site)
    with site.store.work() as work:
        for contact, ago in (("a", 1), ("a", 2), ("b", 3), ("c", 40)):
            work.log(
                [
                    InquiryRecord(
                        at=site.now() - timedelta(days=ago),
                        channel="zalo_oa",
                        contact=contact,
                        text="phí",
                        intent="procedure",
                        status="answered",
                        milliseconds=1,
                        procedure=CODE,
                        revision=1,
                    )
                ]
            )
    number = change(site, result="bản sai")
    await approver.post(f"{PAGE}/revisions/{number}/approve")
    old = await approver.get(f"{PAGE}/revisions/1")
    assert "zalo_oa: 2 người, 3 lần" in old.said
    answer = await approver.post(f"{PAGE}/revisions/1/rollback")
    assert answer.headers["Location"] == f"{PAGE}/revisions/{number + 1}"
    assert result(site) == before
    assert site.actions()[-1] == "procedure.rollback"
    again = await approver.post(f"{PAGE}/revisions/1/rollback")
    assert again.status == 422
    assert "giống hệt bản đang dùng" in again.said


async def test_a_clash_with_what_took_force_meanwhile(site: Staffed, approver: Visitor) -> None:
    number = change(site, result="của Lan")
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        theirs = record.model_copy(update={"result": "của Hoa"})
        work.write(theirs, publish=True, author="hoa", reason="khác", at=site.now())
    answer = await approver.post(f"{PAGE}/revisions/{number}/approve")
    assert answer.status == 422
    assert "trả lại để người soạn ghép" in answer.said
    assert result(site) == "của Hoa"


async def test_roles(site: Staffed, officer: Visitor) -> None:
    number = change(site, result="chờ")
    site.hire("an", Role.VIEWER)
    async with site.browser() as viewer:
        await viewer.sign_in("an")
        page = await viewer.get(f"{PAGE}/revisions/{number}")
        assert page.status == 200
        assert "<form" not in page.text.partition("<main")[2]
        assert "/edit" not in (await viewer.get(PAGE)).text
        for wrong in (99, 0):
            assert (await viewer.get(f"{PAGE}/revisions/{wrong}")).status == 404
            assert (await officer.post(f"{PAGE}/revisions/{wrong}/approve")).status == 404


async def test_the_replay_comes_by_itself(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        work.log(
            [
                InquiryRecord(
                    at=site.now(), channel="web", contact="a", text="giấy chào đời của bé",
                    intent="procedure", status="unanswered_no_match", milliseconds=1,
                )
            ]
        )  # fmt: skip
        names = (*record.aliases, "giấy chào đời của bé", "đăng ký kết hôn")
    number = change(site, aliases=names, source=record.source.model_copy(update={"origin": None}))
    page = await officer.get(f"{PAGE}/revisions/{number}")
    assert "Em đang hỏi lại" in page.said
    for _ in range(400):
        shown = await officer.get(f"{PAGE}/revisions/{number}/replay")
        if 'http-equiv="refresh"' not in shown.text:
            break
        await asyncio.sleep(0.2)
    assert "«giấy chào đời của bé» (1 lần)" in shown.said
    assert "Tên gọi đụng thủ tục khác" in shown.said
    assert "«đăng ký kết hôn»" in shown.said
    assert "Điều cần xem lại trong bản này" in shown.said
    assert "Tên gọi đụng thủ tục khác" in (await officer.get(f"{PAGE}/revisions/{number}")).said
