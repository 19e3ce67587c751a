"""What a citizen is told who wants a person: no promise that the office has not made."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from bot.channels.render import render_text
from bot.channels.terminal import LIMITS
from handlers.conversation import (
    Answer,
    Attachment,
    Contact,
    HandOverStep,
    Incoming,
    Memory,
    Scan,
    ScanKind,
    Status,
)
from handlers.dispatch import converse
from handlers.handover import PATIENCE
from handlers.services import Services
from knowledge.handovers import Standing
from tests.dossiers import moment
from tests.staffing import services as few

MORNING = moment("2026-11-25T09:00:00")
NOON = moment("2026-11-25T12:00:00")
EVENING = moment("2026-11-25T20:15:00")
FRIDAY = moment("2026-11-27T17:30:00")
TET = moment("2027-02-05T08:00:00")


@cache
def built() -> Services:
    return few()


def services(**office: object) -> Services:
    return replace(built(), office=built().office.model_copy(update=office))


async def told(
    at: datetime, standing: Standing | None = None, text: str = "gặp cán bộ", **office: object
) -> tuple[Answer, str]:
    incoming = Incoming(
        contact=Contact(channel="web", id="an"),
        received_at=at,
        text=text,
        officers=standing or Standing(),
    )
    [answer] = await converse(incoming, Memory(), services(**office))
    words = "\n".join(part for each in answer.replies for part in render_text(each, LIMITS))
    return answer, words


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (MORNING, "Cán bộ sẽ trả lời ngay trong khung chat này, trong giờ làm việc."),
        (NOON, "làm việc lại lúc 13 giờ 30 hôm nay"),
        (EVENING, "làm việc lại lúc 7 giờ sáng mai"),
        (FRIDAY, "làm việc lại lúc 7 giờ thứ Hai 30/11"),
        (TET, "làm việc lại lúc 7 giờ"),
    ],
)
async def test_an_office_without_a_promise_says_its_hours(at: datetime, says: str) -> None:
    answer, words = await told(at)
    assert answer.status is Status.HANDED_OVER
    assert says in words
    assert "dự kiến" not in words
    assert ("7 giờ – 11 giờ 30 và 13 giờ 30 – 17 giờ" in words) is (at == MORNING)
    step = answer.hands_over
    assert step
    assert step.step is HandOverStep.OPEN
    # Nobody is told, but after four opening hours somebody says sorry.
    days = services().office.workdays
    assert step.expected_by
    assert (
        timedelta()
        <= step.expected_by - days.add_working_time(at, timedelta(hours=PATIENCE))
        < timedelta(minutes=30)
    )


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (MORNING, "dự kiến trước 11 giờ hôm nay"),
        (moment("2026-11-25T10:40:00"), "dự kiến trước 15 giờ hôm nay"),
        (EVENING, "làm việc lại lúc 7 giờ sáng mai"),
    ],
)
async def test_a_stated_promise_is_told(at: datetime, says: str) -> None:
    _, words = await told(at, reply_hours=2)
    assert says in words


async def test_without_any_hours_nothing_is_said_of_them() -> None:
    answer, words = await told(EVENING, hours=())
    assert "cán bộ sẽ trả lời ngay trong khung chat này" in words
    assert "giờ" not in words.split("\n")[0]
    assert answer.hands_over
    assert answer.hands_over.expected_by is None


@pytest.mark.parametrize(
    ("at", "standing", "office", "says"),
    [
        (MORNING, {}, {}, "Cán bộ trả lời trong giờ làm việc."),
        (MORNING, {}, {"reply_hours": 4}, "dự kiến trước 15 giờ hôm nay"),
        (EVENING, {}, {}, "làm việc lại lúc 7 giờ sáng mai"),
        (MORNING, {"taken": True}, {}, "Cán bộ đang xem câu hỏi"),
        (EVENING, {"taken": True}, {}, "làm việc lại lúc 7 giờ sáng mai"),
        (MORNING, {"expected_by": MORNING}, {}, "xin lỗi vì để anh/chị chờ lâu"),
    ],
)
async def test_asked_again_while_it_waits(
    at: datetime, standing: dict[str, object], office: dict[str, object], says: str
) -> None:
    waiting = replace(
        Standing(id=1, opened_at=at, expected_by=at + timedelta(hours=6)),
        **standing,  # type: ignore[arg-type]
    )
    answer, words = await told(at, waiting, **office)
    assert says in words
    assert answer.hands_over
    assert answer.hands_over.step is HandOverStep.RELAY


async def test_zalo_tells_how_long_it_lets_us_write() -> None:
    window = timedelta(hours=48)
    assert "48 giờ" in (await told(MORNING, Standing(window=window)))[1]
    assert "48 giờ" not in (await told(MORNING, Standing(window=window), reply_hours=4))[1]
    assert "48 giờ" in (await told(FRIDAY, Standing(window=window), reply_hours=4))[1]


@pytest.mark.parametrize(
    ("attachment", "scanned", "text", "passed"),
    [
        (Attachment.PHOTO, (), "", "[ảnh: máy chưa chuyển được]"),
        (Attachment.VOICE, (), "", "[ghi âm: máy chưa chuyển được]"),
        (Attachment.PHOTO, (), "giấy này đúng chưa", "[ảnh: máy chưa chuyển được] giấy này đúng"),
        (Attachment.PHOTO, (Scan(ScanKind.WEB_LINK),), "", "mã QR dẫn tới một địa chỉ"),
        (Attachment.PHOTO, (Scan(ScanKind.IDENTITY_CARD),), "", "máy không đọc, không giữ"),
    ],
)
async def test_officers_learn_that_a_picture_came(
    attachment: Attachment, scanned: tuple[Scan, ...], text: str, passed: str
) -> None:
    incoming = Incoming(
        contact=Contact(channel="web", id="1"),
        received_at=MORNING,
        text=text,
        attachment=attachment,
        scanned=scanned,
        officers=Standing(id=1, opened_at=MORNING, acknowledged=True),
    )
    [answer] = await converse(incoming, Memory(), services())
    assert answer.status is Status.HANDED_OVER_MESSAGE
    assert answer.hands_over
    assert passed in answer.hands_over.text
    assert "Em chưa chuyển được ảnh" in answer.replies[-1].lead
