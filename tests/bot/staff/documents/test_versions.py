"""Versions of a document: what each changed, and back to an older one in one click."""

from __future__ import annotations

from bot.desk import Desk
from knowledge.accounts import Role
from knowledge.vocabulary import seed_vocabulary
from tests.staffing import SALT, Staffed, Visitor

from .forms import HOME, changed


async def test_rolling_back_over_a_newer_change_is_refused(site: Staffed, visitor: Visitor) -> None:
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    for text in ("Một ạ.", "Hai ạ."):
        assert (await changed(visitor, "wording", "thanks", sentence=text)).status == 303
    await visitor.post(f"{HOME}/wording/rollback", {"number": "1", "base": "1"})
    assert "Có người vừa sửa" in (await visitor.get(f"{HOME}/wording/history")).said
    await visitor.post(f"{HOME}/wording/rollback", {"number": "1", "base": "2"})
    assert Desk.open(site.store, SALT).services.wording("thanks") == "Một ạ."
    for wrong in ({"number": "99", "base": "3"}, {"number": "-1", "base": "3"}, {"number": "1"}):
        assert (await visitor.post(f"{HOME}/wording/rollback", wrong)).status == 404


async def test_versions_fill_pages_and_tell_what_changed(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.VIEWER)
    body = seed_vocabulary().model_dump(mode="json", exclude_defaults=True)
    with site.store.work() as work:
        for number in range(12):
            words = [{"form": f"từ {number}", "means": ["kết hôn"]}]
            work.documents.put(
                "vocabulary", {**body, "words": words}, author="hoa", at=site.now(), reason="<b>x"
            )
    await visitor.sign_in("lan")
    page = await visitor.get(f"{HOME}/glossary/history")
    assert "từ 11 – thêm mới" in page.said
    assert "từ 10 – bỏ" in page.said
    # The last on this page is compared with the first of the next.
    assert "từ 2 – thêm mới" in page.said
    assert "từ 1 – thêm mới" not in page.said
    assert "<b>x" not in page.text
    assert "rollback" not in page.text
    older = await visitor.get(f"{HOME}/glossary/history?page=2")
    assert "từ 1 – thêm mới" in older.said


async def test_what_another_program_wrote_is_told_and_not_taken(
    site: Staffed, visitor: Visitor
) -> None:
    site.hire("minh", Role.APPROVER)
    with site.store.work() as work:
        work.documents.put("workdays", {"days": "?"}, author="hoa", at=site.now())
        work.documents.put("workdays", {"overrides": []}, author="hoa", at=site.now())
    await visitor.sign_in("minh")
    page = await visitor.get(f"{HOME}/calendar/history")
    assert "không đọc được" in page.said
    await visitor.post(f"{HOME}/calendar/rollback", {"number": "1", "base": "2"})
    assert "không đọc được" in (await visitor.get(f"{HOME}/calendar/history")).said
    with site.store.work() as work:
        assert work.documents.count("workdays") == 2
