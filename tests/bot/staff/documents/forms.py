"""How tests fill in the forms of documents."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

from tests.staffing import Answer, Visitor

HOME = "/staff/settings"


def fields(answer: Answer) -> dict[str, str]:
    """What the form of a page would send, as a browser reads it."""
    found: dict[str, str] = {}
    text = answer.text[answer.text.index('class="settings"') :].partition("</form>")[0]
    for tag in re.findall(r"<input [^>]*>", text):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(unescape(name[1]), unescape(value[1]) if value else "")
    for name, value in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?([^<]*)<', text):
        found[name] = unescape(value)
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrf", None)
    return found


async def opened(visitor: Visitor, part: str, key: str = "") -> dict[str, str]:
    """The fields of a piece's form."""
    answer = await visitor.get(f"{HOME}/{part}/edit" + (f"?key={quote(key)}" if key else ""))
    assert answer.status == 200, answer.said
    return fields(answer)


async def previewed(visitor: Visitor, part: str, form: dict[str, str]) -> Answer:
    """The page with the preview."""
    return await visitor.post(f"{HOME}/{part}/edit", {**form, "do": "preview"})


async def saved(visitor: Visitor, part: str, shown: Answer, **more: str) -> Answer:
    """What saving the previewed form comes to."""
    return await visitor.post(f"{HOME}/{part}/edit", {**fields(shown), "do": "save", **more})


async def changed(
    visitor: Visitor, part: str, key: str = "", /, reason: str = "", **values: str
) -> Answer:
    """Open, change, preview, save; what the last step came to."""
    form = await opened(visitor, part, key)
    shown = await previewed(visitor, part, {**form, **values})
    if shown.status != 200:
        return shown
    return await saved(visitor, part, shown, reason=reason)
