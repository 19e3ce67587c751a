"""Signing in: who gets in, what the others learn (nothing), and what is never lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest

from bot.staff.passwords import Passwords
from bot.staff.views.sign_in import TOO_LATE, WRONG, WRONG_CODE
from knowledge.accounts import IDLE, Role
from knowledge.attempts import FIRST_WAIT, FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS, LONGEST_WAIT
from tests.staffing import CHEAP, PASSWORD, Answer, Staffed, Visitor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def session_cookie(answer: Answer) -> str:
    return answer.headers.get("Set-Cookie", "")


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


async def test_the_right_password_opens_the_pages(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    answer = await visitor.sign_in(" LAN ")
    assert (answer.status, answer.headers["Location"]) == (303, "/staff/")
    assert "Việc của tôi" in (await visitor.get("/staff/")).text
    assert site.actions() == ["session.open"]


async def test_what_is_wrong_is_not_told(site: Staffed, visitor: Visitor) -> None:
    site.hire("boss", Role.ADMIN)
    locked = site.hire("locked", Role.OFFICER)
    site.hire("lan", Role.OFFICER)
    with site.store.work() as work:
        work.accounts.change(locked, at=site.now(), active=False)
    said = set()
    for login, password in (
        ("nobody", PASSWORD),
        ("lan", "wrong"),
        ("lan", ""),
        ("locked", PASSWORD),
        ("", ""),
        ("x" * 5000, "y" * 5000),
        ("\x00lan", "\x00"),
    ):
        answer = await visitor.sign_in(login, password)
        assert answer.status == 403
        assert WRONG in answer.said
        assert "hmc_staff=" not in session_cookie(answer)
        said.add(answer.said)
    assert len(said) == 1


async def test_an_unknown_name_costs_as_much_as_a_wrong_password() -> None:
    # No clock: what takes the time is that Argon2 runs, with the same parameters.
    passwords = Passwords(memory_kib=64, rounds=1)
    made = passwords.hash("x")
    assert passwords._nobody.rsplit("$", 2)[0] == made.rsplit("$", 2)[0]
    assert not passwords.proves(None, "x")


async def test_guessing_gets_slower_for_known_and_unknown_names_alike(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    for login in ("lan", "nobody"):
        for _ in range(FREE_FOR_ACCOUNT):
            assert (await visitor.sign_in(login, "wrong")).status == 403
        # Even the right password has to wait now.
        answer = await visitor.sign_in(login)
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert "đợi" in answer.said
    site.ahead += LONGEST_WAIT
    assert (await visitor.sign_in("lan")).status == 303


async def test_an_address_behind_our_proxy_is_counted_by_itself(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.get("/staff/login")
    ours = {"Origin": str(site.server.make_url("/")).rstrip("/")}
    for number in range(FREE_FOR_ADDRESS):
        forged = ours | {"X-Forwarded-For": f"9.9.9.{number}, 198.51.100.7"}
        fields = {"login": f"name{number}", "password": "x"}
        assert (await visitor.post("/staff/login", fields, headers=forged)).status == 403
    answer = await visitor.post("/staff/login", {"login": "a", "password": "x"}, headers=forged)
    assert answer.status == 429
    assert (await visitor.sign_in("lan")).status == 303


async def test_after_signing_in_one_is_where_one_wanted_to_be(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", Role.OFFICER)
    answer = await visitor.get("/staff/procedures?q=khai sinh&page=2")
    there = answer.headers["Location"]
    page = await visitor.get(there)
    answer = await visitor.post(
        "/staff/login", {"login": "lan", "password": PASSWORD, "next": page.value("next")}
    )
    assert answer.headers["Location"] == "/staff/procedures?q=khai+sinh&page=2"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil",
        "/staff//evil.example",
        "/staff/\\x",
        "/",
    ],
)
async def test_nobody_is_sent_to_another_site(site: Staffed, visitor: Visitor, path: str) -> None:
    site.hire("lan", Role.OFFICER)
    answer = await visitor.sign_in("lan", next=path)
    assert answer.headers["Location"] == "/staff/"
    answer = await visitor.get(f"/staff/login?next={path}")
    assert answer.headers["Location"] == "/staff/"


async def test_each_log_in_has_a_new_token(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    first = session_cookie(await visitor.sign_in("lan"))
    again = await visitor.post("/staff/login", {"login": "lan", "password": PASSWORD})
    assert session_cookie(again) != first
    with site.store.work() as work:
        assert len(work.accounts.sessions(1, at=site.now())) == 1


async def test_an_idle_session_ends(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    site.ahead += IDLE + timedelta(minutes=1)
    assert (await visitor.get("/staff/")).status == 302


async def test_an_old_hash_is_renewed(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    old = Passwords(memory_kib=32, rounds=1).hash(PASSWORD)
    with site.store.work() as work:
        work.accounts.set_password(1, old, at=site.now())
    assert (await visitor.sign_in("lan")).status == 303
    with site.store.work() as work:
        proof = work.accounts.credentials("lan")
    assert proof
    assert proof.password != old
    assert not CHEAP.is_old(proof.password)
    assert CHEAP.proves(proof.password, PASSWORD)


async def with_codes(site: Staffed) -> None:
    site.hire("lan", Role.OFFICER)
    from bot.staff.passwords import recovery_hash

    with site.store.work() as work:
        work.accounts.set_totp(
            1, site.seal.close(SECRET), [recovery_hash("abcd-efgh-jkmn")], at=site.now()
        )


async def test_a_code_is_needed_and_works_once(site: Staffed, visitor: Visitor) -> None:
    await with_codes(site)
    page = await visitor.sign_in("lan", next="/staff/me")
    assert page.status == 200
    assert "hmc_staff=" not in session_cookie(page)
    assert (await visitor.get("/staff/")).status == 302
    page = await visitor.sign_in("lan", next="/staff/me")
    ticket = {"ticket": page.value("ticket"), "next": page.value("next")}
    for wrong in ("000000x", "abcd-efgh-jkmm", "١٢٣٤٥٦"):
        answer = await visitor.post("/staff/login/code", {**ticket, "code": wrong})
        assert WRONG_CODE in answer.said
    site.ahead += FIRST_WAIT
    page = await visitor.sign_in("lan", next="/staff/me")
    assert page.status == 200
    site.ahead += 2 * FIRST_WAIT
    ticket = {"ticket": page.value("ticket"), "next": page.value("next")}
    code = code_at(site.now())
    answer = await visitor.post("/staff/login/code", {**ticket, "code": f"{code[:3]} {code[3:]}"})
    assert (answer.status, answer.headers.get("Location")) == (303, "/staff/me")
    async with site.browser() as other:
        page = await other.sign_in("lan")
        answer = await other.post(
            "/staff/login/code", {"ticket": page.value("ticket"), "code": code}
        )
        assert WRONG_CODE in answer.said
        spare = {"ticket": page.value("ticket"), "code": "ABCD efgh jkmn"}
        assert (await other.post("/staff/login/code", spare)).status == 303
    async with site.browser() as third:
        page = await third.sign_in("lan")
        spare["ticket"] = page.value("ticket")
        assert WRONG_CODE in (await third.post("/staff/login/code", spare)).said


async def test_a_ticket_is_of_one_browser_and_does_not_last(
    site: Staffed, visitor: Visitor
) -> None:
    await with_codes(site)
    page = await visitor.sign_in("lan")
    ticket = page.value("ticket")
    async with site.browser() as thief:
        await thief.get("/staff/login")
        stolen = {"ticket": ticket, "code": code_at(site.now())}
        assert TOO_LATE in (await thief.post("/staff/login/code", stolen)).said
    for forged in ("", "x", site.seal.close(["form"]).decode(), site.seal.close(7).decode()):
        answer = await visitor.post("/staff/login/code", {"ticket": forged, "code": "000000"})
        assert TOO_LATE in answer.said
    site.ahead += timedelta(minutes=6)
    late = {"ticket": ticket, "code": code_at(site.now())}
    assert TOO_LATE in (await visitor.post("/staff/login/code", late)).said


async def test_codes_cannot_be_guessed_at_leisure(site: Staffed, visitor: Visitor) -> None:
    await with_codes(site)
    page = await visitor.sign_in("lan")
    ticket = page.value("ticket")
    statuses = [
        (await visitor.post("/staff/login/code", {"ticket": ticket, "code": "123123"})).status
        for _ in range(FREE_FOR_ACCOUNT)
    ]
    assert statuses[-1] == 429
