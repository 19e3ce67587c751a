"""Words: replayed before they are saved, and refused when they steal somebody's sentence."""

from __future__ import annotations

import pytest

from bot.desk import Desk
from knowledge.accounts import Role
from tests.staffing import SALT, Staffed, Visitor

from .forms import HOME, changed, fields, opened, previewed, saved


async def signed_in(site: Staffed, visitor: Visitor, role: Role = Role.OFFICER) -> Visitor:
    site.fill()
    site.hire("lan", role)
    await visitor.sign_in("lan")
    return visitor


async def test_a_regional_word_answers(site: Staffed, visitor: Visitor) -> None:
    lan = await signed_in(site, visitor)
    form = await opened(lan, "glossary")
    typed = {**form, "form": "bốp chát", "means": "kết hôn", "same": "yes", "region": "miền Nam"}
    shown = await previewed(lan, "glossary", typed)
    assert shown.status == 200
    assert "Không câu nào được trả lời khác đi" in shown.said
    assert (await saved(lan, "glossary", shown)).status == 303
    index = Desk.open(site.store, SALT).services.index
    assert index.match("đăng ký bốp chát")[0].code == "1.000894"
    assert "miền Nam" in (await lan.get(f"{HOME}/glossary?q=bop+chat")).said


async def test_a_word_that_steals(site: Staffed, visitor: Visitor) -> None:
    lan = await signed_in(site, visitor)
    form = await opened(lan, "glossary")
    typed = {**form, "form": "kết hôn", "means": "khai sinh", "same": "yes"}
    shown = await previewed(lan, "glossary", typed)
    assert "Tên gọi sẽ không còn tới thủ tục của mình" in shown.said
    assert "«làm giấy kết hôn» của 1.000894" in shown.said
    # An officer alone cannot, whatever the form says.
    refused = await saved(lan, "glossary", shown, accept="yes")
    assert (refused.status, "Nhờ người duyệt" in refused.said) == (422, True)
    async with site.browser() as other:
        site.hire("minh", Role.APPROVER)
        await other.sign_in("minh")
        form = await opened(other, "glossary")
        shown = await previewed(other, "glossary", {**form, **typed, "base": form["base"]})
        refused = await saved(other, "glossary", shown)
        assert (refused.status, "vẫn lưu" in refused.said) == (422, True)
        assert fields(refused)["means"] == "khai sinh"
        assert (await saved(other, "glossary", refused, accept="yes")).status == 303


async def test_knowledge_that_changed_since_is_looked_at_anew(
    site: Staffed, visitor: Visitor
) -> None:
    lan = await signed_in(site, visitor)
    form = await opened(lan, "glossary")
    shown = await previewed(lan, "glossary", {**form, "form": "bốp chát", "means": "kết hôn"})
    with site.store.work() as work:
        work.teach("1.000894", "làm giấy bốp chát", author="hoa", at=site.now())
    again = await saved(lan, "glossary", shown)
    assert (again.status, "vừa thay đổi" in again.said) == (422, True)
    assert (await saved(lan, "glossary", again)).status == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"form": "!!!"}, "Cần ít nhất một chữ"),
        ({"form": "CCCD"}, "Đã có từ «cccd»"),
        ({"form": "x" * 61}, "Dài quá 60 ký tự"),
        ({"means": "\n \n"}, "Chưa nhập mục này"),
        ({"means": "bốp chát"}, "trùng với chính từ đó"),
        ({"means": "kết hôn\nly hôn", "same": "yes"}, "đúng một nghĩa"),
    ],
)
async def test_what_cannot_be(
    site: Staffed, visitor: Visitor, typed: dict[str, str], said: str
) -> None:
    lan = await signed_in(site, visitor)
    form = await opened(lan, "glossary")
    shown = await previewed(lan, "glossary", {**form, "form": "bốp chát", "means": "a b", **typed})
    assert (shown.status, said in shown.said) == (422, True), shown.said


async def test_fillers_and_marks(site: Staffed, visitor: Visitor) -> None:
    lan = await signed_in(site, visitor)
    form = await opened(lan, "glossary/fillers")
    shown = await previewed(lan, "glossary/fillers", {"fillers": "a-b c", "key": "", "base": "0"})
    assert "Không phải một tiếng: a-b" in shown.said
    done = await changed(lan, "glossary/fillers", fillers=form["fillers"] + " hihi")
    assert done.status == 303
    assert "thêm «hihi»" in (await lan.get(f"{HOME}/glossary/history")).said
    form = await opened(lan, "glossary/marks")
    shown = await previewed(lan, "glossary/marks", {**form, "forms": "cấp lại\ntrực tuyến"})
    assert "Đã nằm ở nhóm khác: «cấp lại» (nhóm Làm lại, mất, hỏng)" in shown.said
    assert (await changed(lan, "glossary/marks", forms="liên thông")).status == 303
    with site.store.work() as work:
        body, _ = work.document("vocabulary") or ({}, "")
    assert body["marks"][-1] == {"key": "m_lien_thong", "forms": ["liên thông"]}
