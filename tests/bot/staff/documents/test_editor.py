"""A piece from its form to force: preview, conflict, rollback, roles, what was typed stays."""

from __future__ import annotations

import pytest

from bot.desk import Desk
from knowledge.accounts import Role
from knowledge.audit import Filter
from tests.staffing import PASSWORD, SALT, Staffed, Visitor

from .forms import HOME, changed, fields, opened, previewed, saved

KEY = "error"


async def test_a_sentence_is_in_force_in_another_process_and_back_again(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("minh", Role.APPROVER)
    other = Desk.open(site.store, SALT)
    before = other.services.wording("thanks")
    await visitor.sign_in("minh")
    done = await changed(visitor, "wording", "thanks", "nói gọn hơn", sentence="Dạ không có gì ạ.")
    assert (done.status, done.headers["Location"]) == (303, f"{HOME}/wording")
    assert other.refresh() is True
    assert other.services.wording("thanks") == "Dạ không có gì ạ."
    page = await visitor.get(f"{HOME}/wording/history")
    assert "nói gọn hơn" in page.said
    assert f"Câu: «{before}» → «Dạ không có gì ạ.»" in page.said
    back = await visitor.post(f"{HOME}/wording/rollback", {"number": "0", "base": "1"})
    assert back.status == 303
    assert other.refresh() is True
    assert other.services.wording("thanks") == before
    assert site.actions()[-2:] == ["document.change", "document.rollback"]
    with site.store.work() as work:
        rows = work.audit.entries(Filter(action="document.change"), limit=2)
        assert work.documents.count("wording") == 2
    (row,) = rows
    assert (row.actor, row.target) == ("minh", "document:wording")
    assert row.after is not None
    assert row.after["Lý do"] == "nói gọn hơn"


async def test_nothing_is_saved_that_was_not_shown(site: Staffed, visitor: Visitor) -> None:
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    form = await opened(visitor, "wording", KEY)
    blind = await visitor.post(
        f"{HOME}/wording/edit", {**form, "sentence": "Em bận ạ.", "do": "save"}
    )
    assert blind.status == 422
    assert "xem lại rồi lưu" in blind.said
    shown = await previewed(visitor, "wording", {**form, "sentence": "Em bận ạ."})
    other = await saved(visitor, "wording", shown, sentence="Em đi vắng ạ.")
    assert other.status == 422
    assert fields(other)["sentence"] == "Em đi vắng ạ."
    assert (await saved(visitor, "wording", other)).status == 303
    forged = await visitor.post(
        f"{HOME}/wording/edit", {**form, "sentence": "x y", "seen": "đ", "do": "save"}
    )
    assert forged.status == 409  # made from an older version by now
    with site.store.work() as work:
        assert work.documents.count("wording") == 1


async def test_the_second_of_two_sees_what_the_first_did(site: Staffed, visitor: Visitor) -> None:
    site.hire("minh", Role.APPROVER)
    site.hire("hoa", Role.ADMIN)
    await visitor.sign_in("minh")
    mine = await opened(visitor, "office")
    async with site.browser() as other:
        await other.sign_in("hoa")
        done = await changed(other, "office", phone="0259 111 1111", address="1 Lê Lợi")
        assert done.status == 303
    mine |= {"phone": "0259 222 2222", "short_name": "Một cửa Phan Rang"}
    shown = await previewed(visitor, "office", mine)
    assert shown.status == 409
    assert "hoa vừa sửa mục này" in shown.said
    assert "Điện thoại: thêm «0259 111 1111»" in shown.said
    kept = fields(shown)
    # Mine stays, and what I did not touch is the other one's.
    assert (kept["phone"], kept["address"]) == ("0259 222 2222", "1 Lê Lợi")
    assert kept["short_name"] == "Một cửa Phan Rang"
    again = await previewed(visitor, "office", kept)
    assert "«0259 111 1111» → «0259 222 2222»" in again.said
    assert (await saved(visitor, "office", again)).status == 303


async def test_two_who_change_different_pieces_do_not_meet(site: Staffed, visitor: Visitor) -> None:
    site.hire("minh", Role.APPROVER)
    site.hire("hoa", Role.ADMIN)
    await visitor.sign_in("minh")
    form = await opened(visitor, "wording", "thanks")
    async with site.browser() as other:
        await other.sign_in("hoa")
        assert (await changed(other, "wording", "bye", sentence="Chào anh/chị.")).status == 303
    shown = await previewed(visitor, "wording", {**form, "sentence": "Dạ."})
    assert (await saved(visitor, "wording", shown)).status == 303
    desk = Desk.open(site.store, SALT)
    assert (desk.services.wording("thanks"), desk.services.wording("bye")) == (
        "Dạ.",
        "Chào anh/chị.",
    )


async def test_a_piece_removed_meanwhile_can_be_made_again(site: Staffed, visitor: Visitor) -> None:
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    day = {"day": "2026-12-31", "kind": "off", "notice": "9/TB-UBND"}
    assert (await changed(visitor, "calendar", **day)).status == 303
    form = await opened(visitor, "calendar", "2026-12-31")
    gone = await previewed(visitor, "calendar", {**form, "remove": "yes"})
    assert "Sẽ bỏ ngày này" in gone.said
    assert (await saved(visitor, "calendar", gone)).status == 303
    late = await previewed(visitor, "calendar", {**form, "notice": "10/TB-UBND"})
    assert late.status == 409
    assert "vừa bị bỏ bởi minh" in late.said
    again = await previewed(visitor, "calendar", fields(late))
    assert (await saved(visitor, "calendar", again)).status == 303
    assert (await visitor.get(f"{HOME}/calendar/edit?key=2026-12-31")).status == 200
    assert (await visitor.get(f"{HOME}/calendar/edit?key=2026-12-30")).status == 404


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, set()),
        (Role.OFFICER, {"glossary"}),
        (Role.APPROVER, {"glossary", "wording", "office", "calendar", "phrases"}),
        (Role.ADMIN, {"glossary", "wording", "office", "calendar", "phrases"}),
    ],
)
async def test_who_may_change_what(
    site: Staffed, visitor: Visitor, role: Role, may: set[str]
) -> None:
    site.hire("lan", role)
    await visitor.sign_in("lan")
    for part in ("glossary", "wording", "office", "calendar", "phrases"):
        page = await visitor.get(f"{HOME}/{part}")
        assert page.status == 200
        assert (f"{HOME}/{part}/edit" in page.text) == (part in may), part
        tried = await visitor.post(f"{HOME}/{part}/edit", {"key": "nope", "do": "save"})
        assert (tried.status == 403) == (part not in may), part
        tried = await visitor.post(f"{HOME}/{part}/rollback", {"number": "0", "base": "0"})
        assert (tried.status == 403) == (part not in may), part


async def test_lists_are_searched_and_grouped(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.VIEWER)
    await visitor.sign_in("lan")
    found = await visitor.get(f"{HOME}/glossary?q=so+hong")
    assert "sổ hồng" in found.said
    assert "cccd" not in found.said
    found = await visitor.get(f"{HOME}/wording?group=G%E1%BA%B7p+c%C3%A1n+b%E1%BB%99")
    assert "human.open" in found.said
    assert "hs.ask" not in found.said
    assert "Không có gì khớp" in (await visitor.get(f"{HOME}/calendar?q=zzz")).said


async def test_a_session_that_ends_before_saving_loses_nothing(
    site: Staffed, visitor: Visitor
) -> None:
    account = site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    form = await opened(visitor, "wording", "thanks")
    shown = await previewed(visitor, "wording", {**form, "sentence": "Dạ vâng ạ."})
    with site.store.work() as work:
        work.accounts.end_all(account.id)
    late = await saved(visitor, "wording", shown)
    assert late.status == 403
    again = await visitor.post(
        "/staff/login",
        {"login": "minh", "password": PASSWORD, "kept": late.value("kept")},
    )
    assert "Câu Dạ vâng ạ." in again.said
    assert "base" not in again.said
    done = await saved(visitor, "wording", shown)
    assert done.status == 303
    assert Desk.open(site.store, SALT).services.wording("thanks") == "Dạ vâng ạ."
