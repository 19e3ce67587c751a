"""A form whose session ran out: nothing typed is lost, and nobody else can plant one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from knowledge.accounts import IDLE, LONGEST, Role
from tests.staffing import PASSWORD, Answer, Staffed, Visitor

TYPED = [("name", 'Trần "Lan" <b>\nhai dòng'), ("role", "officer"), ("role", "admin")]
CHANGE = "/staff/accounts/1"


async def expired_post(site: Staffed, visitor: Visitor, **more: dict[str, str]) -> Answer:
    site.hire("lan", Role.ADMIN)
    await visitor.sign_in("lan")
    await visitor.get(CHANGE)
    site.ahead += IDLE + timedelta(minutes=1)
    return await visitor.post(CHANGE, TYPED, **more)  # type: ignore[arg-type]


async def sign_in_with(visitor: Visitor, page: Answer, login: str = "lan") -> Answer:
    return await visitor.post(
        "/staff/login", {"login": login, "password": PASSWORD, "kept": page.value("kept")}
    )


async def test_what_was_typed_comes_back_and_is_saved(site: Staffed, visitor: Visitor) -> None:
    page = await expired_post(site, visitor)
    assert page.status == 403
    assert "Trần" not in page.text
    # A wrong password in between loses nothing either.
    page = await visitor.post(
        "/staff/login", {"login": "lan", "password": "x", "kept": page.value("kept")}
    )
    again = await sign_in_with(visitor, page)
    assert again.status == 200
    assert "hmc_staff=" in again.headers["Set-Cookie"]
    assert 'action="/staff/accounts/1"' in again.text
    assert "Trần &#34;Lan&#34; &lt;b&gt;\nhai dòng" in again.text
    assert (await visitor.post(CHANGE, TYPED)).status == 303
    with site.store.work() as work:
        account = work.accounts.get(1)
    assert account
    assert account.roles == {Role.OFFICER, Role.ADMIN}


async def test_it_comes_back_through_the_one_time_code(site: Staffed, visitor: Visitor) -> None:
    from tests.bot.staff.test_sign_in import SECRET, code_at

    page = await expired_post(site, visitor)
    with site.store.work() as work:
        work.accounts.set_totp(1, site.seal.close(SECRET), [], at=site.now())
    asked = await sign_in_with(visitor, page)
    fields = {name: asked.value(name) for name in ("ticket", "kept", "next")}
    again = await visitor.post("/staff/login/code", {**fields, "code": code_at(site.now())})
    assert "Gửi lại" in again.text
    assert "hai dòng" in again.text


async def test_another_person_does_not_see_it(site: Staffed, visitor: Visitor) -> None:
    page = await expired_post(site, visitor)
    site.hire("binh", Role.ADMIN)
    answer = await sign_in_with(visitor, page, "binh")
    assert (answer.status, answer.headers["Location"]) == (303, "/staff/")


async def test_a_damaged_or_old_one_is_dropped(site: Staffed, visitor: Visitor) -> None:
    page = await expired_post(site, visitor)
    kept = page.value("kept")
    for bad in (kept[:-9], "x", site.seal.close(["form", 0, "/staff/", [], None]).decode()):
        answer = await visitor.post(
            "/staff/login", {"login": "lan", "password": PASSWORD, "kept": bad}
        )
        assert answer.status == 303
        await visitor.get("/staff/")
        await visitor.post("/staff/logout")
        await visitor.get("/staff/login")
    site.ahead += 3 * LONGEST
    answer = await visitor.post(
        "/staff/login", {"login": "lan", "password": PASSWORD, "kept": kept}
    )
    assert answer.status == 303


async def test_another_site_cannot_plant_one(site: Staffed, visitor: Visitor) -> None:
    page = await expired_post(site, visitor, headers={"Origin": "https://evil.example"})
    assert page.status == 403
    assert not page.value("kept")
    # Without any word of where it comes from it is not kept either.
    silent = await visitor.post(CHANGE, TYPED, headers={"X-Nothing": "1"})
    assert silent.status == 302


async def test_passwords_are_never_kept(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    site.ahead += 2 * IDLE
    answer = await visitor.post(
        "/staff/me/password", {"password": PASSWORD, "password_new": "một câu khác hẳn"}
    )
    assert (answer.status, answer.headers["Location"]) == (302, "/staff/login")


async def test_a_form_of_the_session_before_is_offered_again(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.ADMIN)
    await visitor.sign_in("lan")
    old = (await visitor.get(CHANGE)).csrf
    await visitor.sign_in("lan")
    await visitor.post("/staff/login", {"login": "lan", "password": PASSWORD})
    await visitor.get("/staff/")
    answer = await visitor.post(CHANGE, TYPED, csrf=old)
    assert answer.status == 403
    assert "hai dòng" in answer.text
    assert (await visitor.post(CHANGE, TYPED)).status == 303


async def test_a_failure_on_our_side_loses_nothing_and_changes_nothing(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.ADMIN)
    await visitor.sign_in("lan")
    await visitor.get(CHANGE)
    with site.store.work() as work:
        work._session.execute(text("ALTER TABLE audit RENAME TO away"))
    answer = await visitor.post(CHANGE, TYPED)
    assert answer.status == 500
    assert "Có lỗi ở phía hệ thống" in answer.said
    assert "hai dòng" in answer.text
    with site.store.work() as work:
        account = work.accounts.get(1)
        work._session.execute(text("ALTER TABLE away RENAME TO audit"))
    assert account
    assert account.roles == {Role.ADMIN}
    assert (await visitor.post(CHANGE, TYPED)).status == 303
