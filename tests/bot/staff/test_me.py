"""My account: a new password, one-time codes on and off, my sessions."""

from __future__ import annotations

import pyotp
import pytest

from bot.staff.passwords import RECOVERY_CODES
from bot.staff.views.me import WRONG
from knowledge.accounts import Role
from tests.staffing import PASSWORD, Staffed, Visitor

NEW = "một câu khác hẳn"


async def change(visitor: Visitor, old: str, new: str, again: str | None = None) -> tuple[int, str]:
    fields = {"password": old, "password_new": new, "password_again": new}
    if again is not None:
        fields["password_again"] = again
    await visitor.get("/staff/me/password")
    answer = await visitor.post("/staff/me/password", fields)
    return answer.status, answer.said


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER, must_change=True)
    async with site.browser() as other:
        await other.sign_in("lan")
        await visitor.sign_in("lan")
        assert (await change(visitor, PASSWORD, NEW))[0] == 303
        assert "Đã đổi mật khẩu" in (await visitor.get("/staff/me")).said
        assert (await other.get("/staff/me")).status == 302
        assert (await other.sign_in("lan", PASSWORD)).status == 403
        assert (await other.sign_in("lan", NEW)).status == 303
    assert "account.password" in site.actions()


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, None, WRONG),
        (PASSWORD, "ngắn", None, "ít nhất 12 ký tự"),
        (PASSWORD, NEW, "khác", "không giống nhau"),
        (PASSWORD, PASSWORD, None, "phải khác"),
        (PASSWORD, "matkhau12345", None, "dễ đoán"),
        (PASSWORD, "xin chào lan.nguyen", None, "dễ đoán"),
    ],
)
async def test_a_bad_change_says_why(
    site: Staffed, visitor: Visitor, old: str, new: str, again: str | None, said: str
) -> None:
    site.hire("lan.nguyen", Role.OFFICER)
    await visitor.sign_in("lan.nguyen")
    status, words = await change(visitor, old, new, again)
    assert status == 422
    assert said in words
    assert (await visitor.get("/staff/me")).status == 200


async def test_the_current_password_cannot_be_guessed_from_an_open_session(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    for _ in range(5):
        await change(visitor, "wrong", NEW)
    assert "nhiều lần" in (await change(visitor, PASSWORD, NEW))[1]


async def test_codes_are_switched_on_and_off(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    page = await visitor.get("/staff/me/totp")
    secret = page.text.split('class="secret">')[1].split("<")[0]
    assert "<svg" in page.text
    sealed = page.value("secret")
    bad = await visitor.post(
        "/staff/me/totp", {"secret": sealed, "code": "000", "password": PASSWORD}
    )
    assert bad.status == 422
    assert secret in bad.text
    code = pyotp.TOTP(secret).at(site.now())
    bad = await visitor.post("/staff/me/totp", {"secret": sealed, "code": code, "password": "x"})
    assert WRONG in bad.said
    done = await visitor.post(
        "/staff/me/totp", {"secret": sealed, "code": code, "password": PASSWORD}
    )
    assert done.text.count('<li class="secret">') == RECOVERY_CODES
    spare = done.text.split('<li class="secret">')[1].split("<")[0]
    async with site.browser() as other:
        asked = await other.sign_in("lan")
        # The code that switched it on is used up.
        again = {"ticket": asked.value("ticket"), "code": code}
        assert (await other.post("/staff/login/code", again)).status == 403
        again["code"] = spare
        assert (await other.post("/staff/login/code", again)).status == 303
    await visitor.get("/staff/me")
    assert (await visitor.post("/staff/me/totp/off", {"password": "x"})).status == 303
    page = await visitor.get("/staff/me")
    assert "vẫn bật" in page.said
    assert f"Còn {RECOVERY_CODES - 1} mã dự phòng" in page.said
    await visitor.post("/staff/me/totp/off", {"password": PASSWORD})
    assert "Đã tắt mã một lần" in (await visitor.get("/staff/me")).said
    assert [each for each in site.actions() if "totp" in each] == [
        "account.totp_on",
        "account.totp_off",
    ]


async def test_a_secret_of_another_account_is_not_taken(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    secret = pyotp.random_base32()
    for forged in (site.seal.close([99, secret]).decode(), "x", ""):
        answer = await visitor.post(
            "/staff/me/totp",
            {"secret": forged, "code": pyotp.TOTP(secret).at(site.now()), "password": PASSWORD},
        )
        assert answer.status == 303
    with site.store.work() as work:
        account = work.accounts.get(1)
    assert account
    assert not account.has_totp


async def test_sessions_are_ended_one_by_one_or_all(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    site.hire("binh", Role.OFFICER)
    async with site.browser() as one, site.browser() as two, site.browser() as binh:
        for each in (one, two, visitor):
            await each.sign_in("lan")
        await binh.sign_in("binh")
        await visitor.get("/staff/me")
        with site.store.work() as work:
            mine = work.accounts.sessions(1, at=site.now())
            [others] = work.accounts.sessions(2, at=site.now())
        first = min(each.id for each in mine)
        for session in (str(first), str(others.id), "9" * 30, "x"):
            if session != "x":
                await visitor.post("/staff/me/sessions", {"session": session})
        assert (await one.get("/staff/")).status == 302
        assert (await two.get("/staff/")).status == 200
        assert (await binh.get("/staff/")).status == 200
        await visitor.post("/staff/me/sessions")
        assert (await two.get("/staff/")).status == 302
        assert (await visitor.get("/staff/")).status == 200


async def test_signed_out_is_out(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    answer = await visitor.post("/staff/logout")
    assert answer.headers["Location"] == "/staff/login"
    assert (await visitor.get("/staff/")).status == 302
    assert site.actions()[-1] == "session.close"
