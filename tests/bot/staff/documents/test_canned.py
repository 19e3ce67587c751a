"""Canned replies: what officers find in the hand-over inbox."""

from __future__ import annotations

from knowledge.accounts import Role
from knowledge.canned import DOCUMENT, CannedReplies
from tests.staffing import Staffed, Visitor

from .forms import changed, opened, previewed, saved


async def test_replies_are_added_renamed_and_removed(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    text = "Hôm nay em bận, mai em trả lời."
    assert (await changed(visitor, "canned", title="Bận", text=text)).status == 303
    form = await opened(visitor, "canned")
    twice = await previewed(visitor, "canned", {**form, "title": "BẬN", "text": "x"})
    assert (twice.status, "Đã có câu mẫu tên này" in twice.said) == (422, True)
    assert (await changed(visitor, "canned", "Bận", title="Hẹn mai")).status == 303
    with site.store.work() as work:
        body, _ = work.document(DOCUMENT) or ({}, "")
    last = CannedReplies.model_validate(body).replies[-1]
    assert (last.title, last.text) == ("Hẹn mai", text)
    form = await opened(visitor, "canned", "Hẹn mai")
    shown = await previewed(visitor, "canned", {**form, "remove": "yes"})
    assert (await saved(visitor, "canned", shown)).status == 303
    assert "Hẹn mai" not in (await visitor.get("/staff/settings/canned")).said
