"""Every route with every role, signed out, with a wrong proof; the headers of every page."""

from __future__ import annotations

import re

import pytest

from bot.staff.gate import LOGIN, Route
from bot.staff.routes import ROUTES
from knowledge.accounts import Role
from tests.staffing import Staffed, Visitor

FILLED = {
    "{name}": "staff.css",
    "{code}": "1.000894",
    "{rest:.*}": "nowhere",
    r"{id:\d+}": "1",
    "{key:[0-9a-f]{32}}": "0" * 32,
    "{import:[0-9a-f]{16}}": "0" * 16,
    "{file}": "template.xlsx",
    r"{number:\d+}": "1",
}
CONFLICT_FREE = {200, 303, 422, 404, 409}
"""What a handler that was let through may say to an empty form."""
LAST = ("/staff/me/sessions", "/staff/logout")
"""Routes that end sessions come last in a walk."""


def address(route: Route) -> str:
    return re.sub(r"\{(?:[^{}]|\{\d+\})*\}", lambda part: FILLED[part[0]], route.path)


def in_order() -> list[Route]:
    return sorted(ROUTES, key=lambda route: LAST.index(route.path) if route.path in LAST else -1)


async def call(visitor: Visitor, route: Route, csrf: str | None = None) -> int:
    path = address(route)
    if route.method == "GET":
        answer = await visitor.get(path)
    else:
        answer = await visitor.post(path, csrf=csrf)
    assert "Content-Security-Policy" in answer.headers
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cache-Control" in answer.headers
    return answer.status


def test_each_route_is_there_once() -> None:
    keys = [(route.method, route.path) for route in ROUTES]
    assert len(keys) == len(set(keys))
    assert {route.method for route in ROUTES} == {"GET", "POST"}
    for route in ROUTES:
        if route.roles is None:
            assert route.method == "GET" or route.path.startswith(LOGIN)
        else:
            assert route.roles


@pytest.mark.parametrize("role", list(Role))
async def test_every_route_with_every_role(site: Staffed, visitor: Visitor, role: Role) -> None:
    site.hire("boss", Role.ADMIN)
    site.hire("other", Role.ADMIN)
    site.fill()
    site.hire("lan", role)
    await visitor.sign_in("lan")
    for route in in_order():
        status = await call(visitor, route)
        if route.roles is None:
            if route.path == "/staff/{rest:.*}":
                assert status == 404
            elif route.method == "GET":
                assert status in (200, 302), route
            else:
                assert status == 403, route  # nobody logs in with an empty form
        elif role in route.roles:
            assert status in CONFLICT_FREE, (route, status)
        else:
            assert status == 403, (route, status)


async def test_every_route_signed_out(site: Staffed, visitor: Visitor) -> None:
    await visitor.get("/staff/login")
    for route in ROUTES:
        status = await call(visitor, route)
        if route.roles is not None:
            assert status == 302, route
        elif route.path == "/staff/{rest:.*}":
            assert status == 404
        elif route.method == "POST":
            assert status == 403
        else:
            assert status in (200, 302)


async def test_every_form_needs_its_proof(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", *Role)
    await visitor.sign_in("lan")
    before = site.actions()
    for route in ROUTES:
        if route.method == "POST":
            for wrong in ("", "0" * 64, "đ"):
                assert await call(visitor, route, csrf=wrong) == 403, route
    assert site.actions() == before


async def test_a_form_from_another_site_is_refused(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", *Role)
    await visitor.sign_in("lan")
    for elsewhere in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        for route in ROUTES:
            if route.method == "POST":
                answer = await visitor.post(address(route), headers=elsewhere)
                assert answer.status == 403, (route, elsewhere)


async def test_the_first_password_must_be_changed_before_anything_else(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("lan", *Role, must_change=True)
    answer = await visitor.sign_in("lan")
    assert answer.headers["Location"] == "/staff/me/password"
    for route in ROUTES:
        if route.roles and route.path not in ("/staff/me/password", "/staff/logout"):
            answer = (
                await visitor.get(address(route))
                if route.method == "GET"
                else await visitor.post(address(route))
            )
            assert (answer.status, answer.headers["Location"]) == (302, "/staff/me/password")


async def test_cookies_are_out_of_reach(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.get("/staff/login")
    tls = {
        "X-Forwarded-Proto": "https",
        "Origin": str(site.server.make_url("/")).rstrip("/"),
    }
    answer = await visitor.post(
        "/staff/login", {"login": "lan", "password": "con mèo nằm trên mái nhà"}, headers=tls
    )
    cookie = answer.headers["Set-Cookie"]
    for part in ("hmc_staff=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/staff"):
        assert part in cookie
