"""The page of switches: off with a reason, on again, announcements; all of it audited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.desk import Desk
from bot.server import BOARD_SECONDS
from knowledge.accounts import Role
from knowledge.audit import Filter
from knowledge.offices import VIETNAM
from knowledge.switches import Scope
from tests.staffing import SALT, Staffed, Visitor

PAGE = "/staff/switches"
OFF = {"scope": "bot", "sentence": "Em nghỉ.", "reason": "trả lời sai"}


@pytest.fixture
async def admin(site: Staffed) -> AsyncIterator[Visitor]:
    site.hire("boss", Role.ADMIN)
    site.fill()
    async with site.browser() as found:
        await found.sign_in("boss")
        await found.get(PAGE)
        yield found


def moment(site: Staffed, **ahead: float) -> str:
    """As a browser sends it."""
    return (site.now() + timedelta(**ahead)).astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


async def test_off_and_on_with_a_reason(site: Staffed, admin: Visitor) -> None:
    assert (await admin.post(f"{PAGE}/off", OFF)).status == 303
    said = (await admin.get(PAGE)).said
    assert "Đã tắt: cả bot." in said
    assert "trả lời sai – boss" in said
    assert "thứ đang tắt" in (await admin.get("/staff/")).said
    assert (await admin.post(f"{PAGE}/on", {"scope": "bot", "key": ""})).status == 303
    assert "Mọi thứ đang chạy" in (await admin.get(PAGE)).said
    with site.store.work() as work:
        entries = work.audit.entries(Filter(target="switch:"))[::-1]
    assert [(each.action, each.actor, each.target) for each in entries] == [
        ("switch.off", "boss", "switch:bot"),
        ("switch.on", "boss", "switch:bot"),
    ]
    told = {"told": "Em nghỉ.", "reason": "trả lời sai", "ends_at": None}
    assert (entries[0].before, entries[0].after) == (None, told)
    assert (entries[1].before, entries[1].after) == (told, None)


async def test_other_processes_see_it_when_they_look(site: Staffed, admin: Visitor) -> None:
    other = Desk.open(site.store, SALT)
    await admin.post(f"{PAGE}/off", {**OFF, "scope": "channel", "key": "zalo_oa"})
    assert other.board.silenced("zalo_oa", site.now()) is None
    other.look_at_board()
    assert other.board.silenced("zalo_oa", site.now()) is not None
    assert BOARD_SECONDS * 2 < 5


async def test_an_old_code_switches_the_record_that_replaced_it(
    site: Staffed, admin: Visitor
) -> None:
    await admin.post(f"{PAGE}/off", {**OFF, "scope": "procedure", "key": "1.001193"})
    with site.store.work() as work:
        [switch] = work.switches.board(site.now()).switches
    assert (switch.scope, switch.key) == (Scope.PROCEDURE, "1.001193")
    assert "Đăng ký khai sinh (1.001193)" in (await admin.get(PAGE)).said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"scope": "world"}, "chọn cần tắt gì"),
        ({"scope": "channel", "key": "fax"}, "chọn kênh"),
        ({"scope": "procedure", "key": "9.999999"}, "Không có thủ tục «9.999999»"),
        ({"sentence": " "}, "người dân sẽ đọc"),
        ({"sentence": "x" * 601}, "người dân sẽ đọc"),
        ({"reason": ""}, "vì sao"),
        ({"until": "soon"}, "không phải là ngày giờ"),
        ({"until": "0001-01-01T00:00"}, "không phải là ngày giờ"),
        ({"until": "2020-01-01T00:00"}, "sau lúc này"),
        ({"until": "2999-01-01T00:00"}, "sau lúc này"),
    ],
)
async def test_nonsense_switches_nothing_and_loses_nothing(
    site: Staffed, admin: Visitor, changed: dict[str, str], why: str
) -> None:
    answer = await admin.post(f"{PAGE}/off", {**OFF, **changed})
    assert answer.status == 422
    assert why in answer.said
    if changed.get("scope", "bot") in set(Scope) and "reason" not in changed:
        assert "trả lời sai" in answer.text
    assert "switch.off" not in site.actions()


async def test_an_announcement_is_hung_out_and_taken_down(site: Staffed, admin: Visitor) -> None:
    fields = {"kind": "storm", "text": "Bão số 9.", "ends_at": moment(site, hours=5)}
    await admin.post(f"{PAGE}/announce", fields)
    assert "Bão số 9." in (await admin.get(PAGE)).said
    assert [each.text for each in Desk.open(site.store, SALT).board.told(site.now())] == [
        "Bão số 9."
    ]
    await admin.post(f"{PAGE}/announcements/1/end")
    assert "Không có thông báo nào" in (await admin.get(PAGE)).said
    await admin.post(f"{PAGE}/announcements/1/end")
    assert site.actions()[-2:] == ["announcement.add", "announcement.end"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kind": "war"}, "loại thông báo"),
        ({"text": ""}, "nội dung"),
        ({"ends_at": ""}, "hết hạn"),
        ({"ends_at": "2020-01-01T00:00"}, "sau lúc này"),
        ({"begins_at": "2998-01-01T00:00"}, "sau khi bắt đầu"),
    ],
)
async def test_a_senseless_announcement_is_refused(
    site: Staffed, admin: Visitor, changed: dict[str, Any], why: str
) -> None:
    fields = {"kind": "storm", "text": "Bão.", "ends_at": moment(site, hours=5), **changed}
    answer = await admin.post(f"{PAGE}/announce", fields)
    assert answer.status == 422
    assert why in answer.said


async def test_others_look_and_touch_nothing(site: Staffed, visitor: Visitor) -> None:
    site.hire("lan", Role.OFFICER)
    await visitor.sign_in("lan")
    page = await visitor.get(PAGE)
    assert page.status == 200
    assert "Tắt cả bot" not in page.said
    assert (await visitor.post(f"{PAGE}/off", OFF)).status == 403
