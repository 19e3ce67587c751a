"""Sentences: their places must stay, examples fill them, a newer program loses none."""

from __future__ import annotations

import pytest

from knowledge.accounts import Role
from tests.staffing import Staffed, Visitor

from .forms import changed, fields, opened, previewed, saved

KEY = "hs.due.left"


@pytest.fixture
async def minh(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    return visitor


async def test_a_sentence_is_shown_with_examples(minh: Visitor) -> None:
    form = await opened(minh, "wording", KEY)
    form["sentence"] = "Ngày hẹn: {day}, còn {count} ngày làm việc."
    shown = await previewed(minh, "wording", form)
    assert "Ngày hẹn: thứ Năm 26/11, còn 3 ngày làm việc." in shown.said
    assert shown.text.count('class="phone"') == 2


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Hẹn trả.", "Thiếu chỗ điền {count}, {day}"),
        ("Hẹn {day} ({count}), {title}", "không có chỗ điền {title}"),
        ("Hẹn {day} ({count)", "Dấu ngoặc nhọn không đúng"),
        ("Hẹn {day} ({count} {}", "Dấu ngoặc nhọn không đúng"),
        ("Hẹn {day.year} ({count})", "Dấu ngoặc nhọn không đúng"),
        ("Hẹn {day!r} ({count})", "Dấu ngoặc nhọn không đúng"),
        ("Hẹn {day} ({count:>999999999})", "Dấu ngoặc nhọn không đúng"),
        ("", "Chưa nhập mục này"),
        ("{day}{count}" + "x" * 1500, "Dài quá 1500 ký tự"),
    ],
)
async def test_places_must_stay(minh: Visitor, sentence: str, said: str) -> None:
    form = await opened(minh, "wording", KEY)
    shown = await previewed(minh, "wording", {**form, "sentence": sentence})
    assert (shown.status, said in shown.said) == (422, True), shown.said
    assert fields(shown)["sentence"] == sentence


async def test_odd_sentences_are_told(minh: Visitor) -> None:
    form = await opened(minh, "wording", "button.hs.follow")
    shown = await previewed(
        minh, "wording", {**form, "sentence": "Báo cho tôi ngay khi có gì mới!"}
    )
    assert "dấu chấm than" in shown.said
    shown = await previewed(
        minh, "wording", {**form, "sentence": "Báo cho tôi ngay khi có gì đó mới"}
    )
    assert "điện thoại nhỏ cắt bớt" in shown.said


async def test_back_to_the_program_s_own(site: Staffed, minh: Visitor) -> None:
    assert (await changed(minh, "wording", "thanks", sentence="Dạ <b>ạ</b>.")).status == 303
    listing = await minh.get("/staff/settings/wording?q=thanks")
    assert "đã sửa" in listing.said
    assert "<b>ạ</b>" not in listing.text
    form = await opened(minh, "wording", "thanks")
    shown = await previewed(minh, "wording", {**form, "remove": "yes"})
    assert "Sẽ trở lại câu gốc" in shown.said
    assert (await saved(minh, "wording", shown)).status == 303
    with site.store.work() as work:
        assert work.document("wording") == ({"sentences": {}}, "minh")
