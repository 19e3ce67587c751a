"""A correction is shown with its count before it goes out, and goes out once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.staff.exchange import Outside
from knowledge.accounts import Role
from knowledge.consents import Agreement
from knowledge.store import InquiryRecord
from tests.staffing import Staffed, Visitor

MARRIAGE = "1.000894"
PATH = f"/staff/corrections/{MARRIAGE}"
TEXT = "Lệ phí đăng ký kết hôn là miễn phí, không phải 20.000 đồng."


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    await site.server.close()
    site.outside = Outside(channels={"web": PickupChannel("web", Limits(max_text=1000))})
    await site.start()
    site.hire("lan", Role.OFFICER)
    site.fill()
    with site.store.work() as work:
        for contact, channel in (("a", "web"), ("b", "web"), ("c", "telegram"), ("d", "web")):
            line = InquiryRecord(
                at=site.now(),
                channel=channel,
                contact=contact,
                text="lệ phí",
                intent="procedure",
                status="answered",
                milliseconds=1,
                procedure=MARRIAGE,
                revision=1,
            )
            work.log([line, replace(line, text="cưới")])
            if contact != "b":
                sealed = site.seal.close(f"id of {contact}")
                work.consents.agree(
                    Agreement(
                        channel=channel,
                        contact=contact,
                        procedure=MARRIAGE,
                        sealed=sealed,
                        wording="Em nhắn anh/chị, được không?",
                        agreed_at=site.now(),
                    )
                )
    await visitor.sign_in("lan")
    await visitor.get(PATH)
    return visitor


async def test_preview_then_once(site: Staffed, officer: Visitor) -> None:
    page = await officer.get(f"{PATH}?revision=1")
    assert "Telegram: 1 người, Trang hỏi: 3 người" in page.said
    shown = await officer.post(PATH, {"revision": "1", "text": TEXT})
    assert shown.status == 200
    assert "2 người sẽ nhận tin này" in shown.said
    assert "1 người ở kênh đang tắt" in shown.said
    assert "correction.send" not in site.actions()
    sent = {"revision": "1", "text": TEXT, "step": "send", "after": "0"}
    for told in ("tới 2 người", "đã gửi, hoặc vừa có đính chính khác"):
        assert (await officer.post(PATH, sent)).status == 303
        page = await officer.get(PATH)
        assert told in page.said
    assert site.actions().count("correction.send") == 1
    with site.store.work() as work:
        assert work.queues.waiting()[1] in (0, 2)
        assert len(work.consents.notices(MARRIAGE)) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ([("text", TEXT)], "ít nhất một bản"),
        ([("revision", "1")], "viết nội dung"),
        ([("revision", "1"), ("text", "x" * 900)], "dài quá"),
        ([("revision", "1"), ("text", "Gọi số 0912345678")], "số điện thoại"),
        ([("revision", "٣"), ("text", TEXT)], "ít nhất một bản"),
    ],
)
async def test_what_cannot_go_out(
    site: Staffed, officer: Visitor, fields: list[tuple[str, str]], told: str
) -> None:
    answer = await officer.post(PATH, [*fields, ("step", "send"), ("after", "0")])
    assert answer.status == 422
    assert told in answer.said
    assert "correction.send" not in site.actions()


async def test_from_a_code(officer: Visitor) -> None:
    found = await officer.get(f"/staff/corrections?code={MARRIAGE}")
    assert (found.status, found.headers["Location"]) == (303, PATH)
    assert (await officer.get("/staff/corrections?code=//x")).headers["Location"] == "/staff/review"
    assert (await officer.get("/staff/corrections/1.999999")).status == 404
