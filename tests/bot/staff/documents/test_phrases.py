"""Ask-back rules and sayings: replayed before they are saved."""

from __future__ import annotations

import pytest

from bot.desk import Desk
from knowledge.accounts import Role
from tests.staffing import SALT, Staffed, Visitor

from .forms import HOME, changed, fields, opened, previewed

RULE = {
    "phrases": "làm giấy đôi\ngiấy đôi",
    "ask": "Giấy đôi nào?",
    "label1": "Kết hôn",
    "code1": "1.000894",
    "label2": "Khai sinh",
    "code2": "1.001193",
}


@pytest.fixture
async def minh(site: Staffed, visitor: Visitor) -> Visitor:
    site.fill()
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    return visitor


async def test_a_new_question_is_asked(site: Staffed, minh: Visitor) -> None:
    assert (await changed(minh, "phrases", **RULE)).status == 303
    rule = Desk.open(site.store, SALT).services.understanding.ask_back("làm giấy đôi")
    assert rule is not None
    assert (rule.ask, [each.code for each in rule.options]) == (
        "Giấy đôi nào?",
        ["1.000894", "1.001193"],
    )
    assert "Giấy đôi nào? – thêm mới" in (await minh.get(f"{HOME}/phrases/history")).said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label2": "", "code2": ""}, "Cần ít nhất hai lựa chọn"),
        ({"code2": "1.0"}, "Cần mã thủ tục"),
        ({"label2": ""}, "Ghi lời của lựa chọn"),
        ({"phrases": "tách sổ"}, "Đã có ở câu hỏi lại khác"),
        ({"phrases": "…"}, "Mỗi dòng cần ít nhất một chữ"),
    ],
)
async def test_what_cannot_be(minh: Visitor, changes: dict[str, str], said: str) -> None:
    form = await opened(minh, "phrases")
    shown = await previewed(minh, "phrases", {**form, **RULE, **changes})
    assert (shown.status, said in shown.said) == (422, True), shown.said
    assert fields(shown)["ask"] == RULE["ask"]


async def test_a_saying_is_added(site: Staffed, minh: Visitor) -> None:
    form = await opened(minh, "phrases/sayings", "greeting")
    wrong = await previewed(minh, "phrases/sayings", {**form, "phrases": "chào {x}"})
    assert "không dùng dấu ngoặc nhọn" in wrong.said
    done = await changed(
        minh, "phrases/sayings", "greeting", phrases=form["phrases"] + "\nhê lô bà con"
    )
    assert done.status == 303
    said = Desk.open(site.store, SALT).services.phrases.intents.said
    assert "hê lô bà con" in next(each for each in said if each.key == "greeting").phrases
    assert (await minh.get(f"{HOME}/phrases/sayings/edit")).status == 404
