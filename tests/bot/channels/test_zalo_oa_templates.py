"""Template messages: lengths, numbers, names that make a repeat harmless."""

from __future__ import annotations

import pytest

from bot.channels import Outgoing
from bot.channels.zalo_oa_templates import LONGEST, template_message

DATA = {"ho_ten": "Nguyễn Thị A", "trang_thai": "Đã có kết quả"}


def test_by_phone() -> None:
    assert template_message("t1", DATA, phone="0912 345 678", tracking="hs-1") == Outgoing(
        contact="phone:84912345678",
        call="template",
        body={"template_id": "t1", "template_data": DATA, "tracking_id": "hs-1"},
    )


def test_by_contact_there_is_no_tracking_name() -> None:
    assert template_message("t1", DATA, contact="1001", tracking="hs-1") == Outgoing(
        contact="template:1001",
        call="template",
        body={"template_id": "t1", "template_data": DATA},
    )


def test_words_are_cut_and_composed() -> None:
    long = "Chi nhánh Văn phòng đăng ký đất đai khu vực"
    call = template_message("t", {"a": long, "b": "e\u0323\u0302 \n x"}, contact="1")
    assert call.body["template_data"] == {"a": "Chi nhánh Văn phòng đăng ký…", "b": "ệ x"}


def test_each_parameter_has_its_limit() -> None:
    url = "https://dichvucong.gov.vn/" + "x" * 100
    call = template_message("t", {"u": url}, contact="1", longest={"u": LONGEST["url"]})
    assert call.body["template_data"] == {"u": url}


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ({"code": "H32.215-261118-0042-0042-0042-0"}, {"contact": "1"}),
        ({"u": "https://dichvucong.gov.vn/" + "x" * 100}, {"contact": "1"}),
        ({"a": ""}, {"contact": "1"}),
        ({"a": " \n"}, {"contact": "1"}),
        (DATA, {}),
        (DATA, {"contact": "1", "phone": "0912345678", "tracking": "x"}),
        (DATA, {"phone": "0912345678"}),
        (DATA, {"phone": "1022", "tracking": "x"}),
        (DATA, {"phone": "0259 3 123 456", "tracking": "x"}),
        (DATA, {"phone": "0912345678", "tracking": "x" * 49}),
    ],
)
def test_what_cannot_be_sent(data: dict[str, str], more: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        template_message("t", data, **more)  # type: ignore[arg-type]
