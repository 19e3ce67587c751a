"""The office's form: what the bot then says, and what cannot be hours, addresses or wards."""

from __future__ import annotations

import unicodedata

import pytest

from bot.desk import Desk
from knowledge.accounts import Role
from tests.staffing import SALT, Staffed, Visitor

from .forms import changed, fields, opened, previewed


@pytest.fixture
async def minh(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("minh", Role.APPROVER)
    await visitor.sign_in("minh")
    return visitor


async def test_the_bot_says_the_new_hours(site: Staffed, minh: Visitor) -> None:
    form = await opened(minh, "office")
    shown = await previewed(minh, "office", {**form, "from1": "07:30", "hours_confirmed": "yes"})
    assert "7 giờ – 11 giờ 30" in shown.said
    assert "7 giờ 30 – 11 giờ 30" in shown.said
    assert "Buổi thứ nhất từ: «07:00» → «07:30»" in shown.said
    assert (await changed(minh, "office", from1="07:30")).status == 303
    office = Desk.open(site.store, SALT).services.office
    assert office.hours[0].spoken() == "7 giờ 30 – 11 giờ 30"
    assert office.overrides


@pytest.mark.parametrize("written", ["7h30", "7 giờ 30", "07:30", "7.30"])
async def test_hours_as_people_write_them(site: Staffed, minh: Visitor, written: str) -> None:
    assert (await changed(minh, "office", from1=written, to1="11h")).status == 303
    hours = Desk.open(site.store, SALT).services.office.hours
    assert hours[0].spoken() == "7 giờ 30 – 11 giờ"


async def test_text_is_stored_in_one_form_and_shown_as_text(site: Staffed, minh: Visitor) -> None:
    name = unicodedata.normalize("NFD", "Một cửa\0 phường Đông Hải <script>alert(1)</script>")
    assert (await changed(minh, "office", short_name=name)).status == 303
    office = Desk.open(site.store, SALT).services.office
    assert office.short_name == "Một cửa phường Đông Hải <script>alert(1)</script>"
    page = await minh.get("/staff/settings/office")
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("from1", "11:30", "Giờ đóng phải sau giờ mở"),
        ("to2", "23:30", "nằm trong 5 giờ – 22 giờ"),
        ("from1", "03:00", "nằm trong 5 giờ – 22 giờ"),
        ("from2", "11:00", "chồng lên buổi trước"),
        ("from1", "25:00", "Giờ ghi như 07:30"),
        ("from1", "bảy giờ", "Giờ ghi như 07:30"),
        ("from1", "7h3", "Giờ ghi như 07:30"),
        ("to1", "", "Ghi đủ cả giờ mở và giờ đóng"),
        ("name", " ", "Chưa nhập mục này"),
        ("name", "x" * 301, "Dài quá 300 ký tự"),
        ("portal", "javascript:alert(1)", "bắt đầu bằng https://"),
        ("complaints", "https://[", "bắt đầu bằng https://"),
        ("phone", "<b>113</b>", "Số điện thoại chỉ gồm"),
        ("reply_hours", "0", "Ghi một số từ 1 đến 80"),
        ("reply_hours", "²", "Ghi một số từ 1 đến 80"),
        ("frequent", "1.000894\n12", "Không phải mã thủ tục: 12"),
        ("wards", ": phường cũ", "Dòng này thiếu tên phường"),
        ("wards", "phường A: b\nphường A: c", "Ghi hai lần: phường A"),
    ],
)
async def test_what_cannot_be(
    site: Staffed, minh: Visitor, field: str, value: str, said: str
) -> None:
    form = await opened(minh, "office")
    shown = await previewed(minh, "office", {**form, "address": "12 Lê Lợi", field: value})
    assert shown.status == 422
    assert said in shown.said
    kept = fields(shown)
    # Nothing typed is lost.
    assert (kept[field], kept["address"]) == (value.strip(), "12 Lê Lợi")
    assert 'aria-invalid="true"' in shown.text
    with site.store.work() as work:
        assert work.documents.current("office") is None


async def test_no_change_is_no_version(minh: Visitor) -> None:
    shown = await previewed(minh, "office", await opened(minh, "office"))
    assert (shown.status, "Chưa có gì khác" in shown.said) == (422, True)
