"""Script typed into every field of every form and into every address stays text on every page."""

from __future__ import annotations

import re

from bot.staff.routes import ROUTES
from knowledge.accounts import Role
from tests.bot.staff.test_routes import LAST, address
from tests.staffing import Answer, Staffed, Visitor

EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}"
MARKS = ("<img src=x", "<script>alert", "alert(2)</script>")
LEFT_OUT = (*LAST, "/staff/me/password", "/staff/me/totp", "/staff/me/totp/off")
"""Routes that end sessions or change how one signs in."""
DOWNLOADS = ("/staff/export/{file}", "/staff/static/{name}", "/staff/audit.csv")
SEARCHES = ("q", "field", "flag", "verdict", "kind", "plan", "page", "aspect", "revision", "group",
            "key", "code", "actor", "action", "from", "to", "status", "channel")  # fmt: skip


def harmless(answer: Answer, where: str) -> None:
    for mark in MARKS:
        assert mark not in answer.text, (where, mark)
    assert "49" not in answer.value("q"), where


async def visited(visitor: Visitor, query: str = "") -> dict[str, Answer]:
    """Every page by its address."""
    found = {}
    for route in ROUTES:
        if route.method == "GET" and route.path not in DOWNLOADS and ".csv" not in route.path:
            path = f"{address(route)}{query}"
            found[path] = await visitor.get(path)
    return found


async def test_script_in_every_address_stays_text(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", *Role)
    site.fill()
    await visitor.sign_in("lan")
    typed = EVIL.replace("&", "%26").replace("#", "%23").replace("+", "%2B")
    query = "?" + "&".join(f"{name}={typed}" for name in SEARCHES)
    for path, answer in (await visited(visitor, query)).items():
        assert answer.status < 500, path
        harmless(answer, path)


async def test_script_in_every_field_stays_text(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", *Role)
    site.hire("hoa", *Role)
    site.fill()
    await visitor.sign_in("lan")
    names: set[str] = set()
    for answer in (await visited(visitor)).values():
        names |= set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', answer.text))
    names -= {"csrf", "do", "step"}
    assert {"q", "reason", "alias", "name", "note", "text", "question"} <= names
    for route in ROUTES:
        if route.method == "POST" and route.path not in LEFT_OUT:
            # What a form may be asked to do: look, keep, save.
            for step in ("", "preview", "save", "review", "write"):
                fields = dict.fromkeys(sorted(names), EVIL) | {"do": step, "step": step}
                answer = await visitor.post(address(route), fields)
                assert answer.status < 500, (route.path, step, answer.said[:300])
                harmless(answer, route.path)
    for path, answer in (await visited(visitor)).items():
        harmless(answer, path)
