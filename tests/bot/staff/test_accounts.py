"""Accounts on their pages: added, changed, locked, each step in the audit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.staff.people import LAST_ADMIN
from knowledge.accounts import Account, Role
from knowledge.audit import Filter
from tests.staffing import Staffed, Visitor


@pytest.fixture
async def admin(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("boss", Role.ADMIN)
    async with site.browser() as found:
        await found.sign_in("boss")
        yield found


def account(site: Staffed, number: int) -> Account:
    with site.store.work() as work:
        found = work.accounts.get(number)
    assert found
    return found


async def test_a_new_account_gets_a_password_shown_once(
    site: Staffed, admin: Visitor, visitor: Visitor
) -> None:
    fields = [("login", "Hoa.Le"), ("name", "Lê  Thị Hoa"), ("role", "officer"), ("role", "root")]
    page = await admin.post("/staff/accounts/new", fields)
    [initial] = re.findall(r'class="secret">([^<]+)', page.text)
    hoa = account(site, 2)
    assert (hoa.login, hoa.roles, hoa.must_change) == ("hoa.le", {Role.OFFICER}, True)
    assert initial not in (await admin.get("/staff/accounts/2")).text
    answer = await visitor.sign_in("hoa.le", initial)
    assert answer.headers["Location"] == "/staff/me/password"
    with site.store.work() as work:
        [entry] = work.audit.entries(Filter(action="account.add"))
        assert initial not in repr(
            work._session.connection().exec_driver_sql("SELECT * FROM audit").all()
        )
    assert (entry.actor, entry.target, entry.before) == ("boss", "account:hoa.le", None)
    assert entry.after == {
        "name": "Lê Thị Hoa",
        "roles": ["officer"],
        "office": None,
        "active": True,
    }


@pytest.mark.parametrize(
    ("login", "name", "role", "said"),
    [
        ("boss", "Hai", "officer", "đã có người dùng"),
        ("a", "Hai", "officer", "Tên đăng nhập gồm"),
        ("có dấu", "Hai", "officer", "Tên đăng nhập gồm"),
        ("x" * 41, "Hai", "officer", "Tên đăng nhập gồm"),
        ("hai", " \x00 ", "officer", "họ tên"),
        ("hai", "Hai", "king", "ít nhất một vai trò"),
    ],
)
async def test_a_bad_account_says_why_and_keeps_what_was_typed(
    site: Staffed, admin: Visitor, login: str, name: str, role: str, said: str
) -> None:
    fields = {"login": login, "name": name, "role": role}
    page = await admin.post("/staff/accounts/new", fields)
    assert page.status == 422
    assert said in page.said
    assert page.value("login") == "" or login in page.text
    with site.store.work() as work:
        assert len(work.accounts.all()) == 1


async def test_markup_in_a_name_stays_text(site: Staffed, admin: Visitor) -> None:
    fields = {"login": "hai", "name": "<script>alert(1)</script>", "role": "officer"}
    for page in (
        await admin.post("/staff/accounts/new", fields),
        await admin.get("/staff/accounts"),
        await admin.get("/staff/accounts/2"),
        await admin.get("/staff/audit"),
    ):
        assert "<script" not in page.text
        assert "<script>alert(1)</script>" in page.said or "hai" in page.said


async def test_a_change_is_recorded_before_and_after(site: Staffed, admin: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await admin.get("/staff/accounts/2")
    changed = [("name", "Chị Lan"), ("role", "officer"), ("role", "approver")]
    assert (await admin.post("/staff/accounts/2", changed)).status == 303
    assert account(site, 2).roles == {Role.OFFICER, Role.APPROVER}
    assert "Vai trò: Cán bộ → Người duyệt, Cán bộ" in (await admin.get("/staff/audit")).said


async def test_locked_means_out_at_once(site: Staffed, admin: Visitor, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    await admin.post("/staff/accounts/2/active", {"active": "no"})
    assert (await visitor.get("/staff/")).status == 302
    assert (await visitor.sign_in("lan")).status == 403
    await admin.post("/staff/accounts/2/active", {"active": "yes"})
    assert (await visitor.sign_in("lan")).status == 303
    assert {"account.deactivate", "account.activate"} <= set(site.actions())


async def test_a_forgotten_password_is_given_anew(
    site: Staffed, admin: Visitor, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    page = await admin.post("/staff/accounts/2/password")
    [initial] = re.findall(r'class="secret">([^<]+)', page.text)
    assert (await visitor.get("/staff/")).status == 302
    assert (await visitor.sign_in("lan")).status == 403
    assert (await visitor.sign_in("lan", initial)).status == 303
    assert account(site, 2).must_change
    # One's own is changed with the old one.
    own = await admin.post("/staff/accounts/1/password")
    assert own.headers["Location"] == "/staff/me/password"


async def test_the_last_admin_stays(site: Staffed, admin: Visitor) -> None:
    for path, fields in (
        ("/staff/accounts/1", {"name": "Sếp", "role": "officer"}),
        ("/staff/accounts/1/active", {"active": "no"}),
    ):
        page = await admin.post(path, fields)
        assert page.status == 422
        assert LAST_ADMIN in page.said
    assert account(site, 1).roles == {Role.ADMIN}
    assert (await admin.get("/staff/accounts")).status == 200
    assert site.actions() == ["session.open"]


async def test_codes_and_sessions_of_others_are_ended(
    site: Staffed, admin: Visitor, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    with site.store.work() as work:
        work.accounts.set_totp(2, b"x", [], at=site.now())
    await admin.post("/staff/accounts/2/totp")
    assert not account(site, 2).has_totp
    await visitor.sign_in("lan")
    await admin.post("/staff/accounts/2/sessions")
    assert (await visitor.get("/staff/")).status == 302
    assert "Đã đăng xuất ở 1 nơi" in (await admin.get("/staff/accounts/2")).said


async def test_an_account_that_is_not_there(site: Staffed, admin: Visitor) -> None:
    for number in ("2", "0", "999999999999999999999"):
        assert (await admin.get(f"/staff/accounts/{number}")).status == 404
        assert (await admin.post(f"/staff/accounts/{number}/password")).status == 404
