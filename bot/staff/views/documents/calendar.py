"""Days worked otherwise, each by a notice, with what a filing of today then comes to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot import documents
from bot.staff.views.documents.part import Field, Part, Piece, Preview, Row, Said, Typed, Wrong
from handlers import speech
from handlers.estimate import estimate
from knowledge.model import TimeLimit, Unit
from knowledge.offices import VIETNAM
from knowledge.workdays import DayKind, Override, Overrides, TooFar, Workdays, expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.documents import Body
    from bot.staff.exchange import Exchange
    from handlers.services import Services

KINDS = {
    DayKind.OFF: "nghỉ cả ngày",
    DayKind.WORKED: "làm bù cả ngày",
    DayKind.MORNING: "chỉ làm buổi sáng",
    DayKind.AFTERNOON: "chỉ làm buổi chiều",
}
BEHIND, AHEAD = timedelta(days=3 * 366), timedelta(days=2 * 366)
"""Days further away are typing errors: notices come a year ahead at most."""
LIMITS = (1, 3, 5, 7, 15)
"""Working days that procedures usually take."""
MORNING = time(9)
SHOWN = 2
_DIGIT = re.compile(r"\d")


class CalendarPart(Part[Overrides]):
    """The table of days."""

    document = documents.WORKDAYS
    path = "calendar"
    title = "Lịch làm việc"
    one = "ngày"
    intro = (
        "Thứ Bảy, Chủ nhật và ngày lễ đã được tính sẵn. Ở đây chỉ ghi ngày làm khác đi: nghỉ "
        "hoán đổi, làm bù, làm nửa ngày, theo thông báo nào. Ngày hẹn trả tính theo bảng này."
    )
    fields = (
        Field(name="day", label="Ngày", kind="date", needed=True),
        Field(
            name="kind",
            label="Làm việc thế nào",
            kind="choice",
            needed=True,
            choices=tuple((kind.value, words) for kind, words in KINDS.items()),
        ),
        Field(
            name="notice",
            label="Số và ngày của thông báo",
            hint="Ví dụ: 12/TB-UBND ngày 20/11/2026.",
            needed=True,
        ),
        Field(name="confirmed", label="Đã đối chiếu với văn bản", kind="tick"),
    )

    def load(self, body: Body | None) -> Overrides:
        return documents.read_overrides(body)

    def dump(self, model: Overrides) -> Body:
        return model.model_dump(mode="json", exclude_defaults=True)

    def pieces(self, model: Overrides) -> list[Piece]:
        return [
            Piece(
                key=str(each.day),
                title=f"{speech.day(each.day)}/{each.day.year}",
                lines=(f"{KINDS[each.kind]} – {each.notice}",),
                tags=("đã đối chiếu",) if each.confirmed else (),
                group=f"Năm {each.day.year}",
            )
            for each in sorted(model.overrides, key=lambda each: each.day, reverse=True)
        ]

    def find(self, model: Overrides, key: str) -> Typed | None:
        found = next((each for each in model.overrides if str(each.day) == key), None)
        if found is None:
            return None
        return {
            "day": str(found.day),
            "kind": found.kind.value,
            "notice": found.notice,
            "confirmed": "yes" if found.confirmed else "",
        }

    def typed(self, exchange: Exchange) -> Typed:
        typed = super().typed(exchange)
        day, today = _day(typed["day"], {}), exchange.today
        if day and not today - BEHIND <= day <= today + AHEAD:
            raise Wrong({"day": "Ngày này quá xa. Anh/chị xem lại năm."})
        return typed

    def put(self, model: Overrides, key: str, typed: Typed) -> tuple[Overrides, str]:
        faults: dict[str, str] = {}
        day = _day(typed["day"], faults)
        if typed["kind"] not in set(DayKind):
            faults["kind"] = "Chọn một cách trong danh sách."
        if not _DIGIT.search(typed["notice"]):
            faults["notice"] = "Ghi số của thông báo, ví dụ 12/TB-UBND."
        others = [each for each in model.overrides if str(each.day) != key]
        if day in {each.day for each in others}:
            faults["day"] = "Ngày này đã có trong bảng. Anh/chị sửa dòng đã có."
        if faults or day is None:
            raise Wrong(faults)
        row = Override(
            day=day,
            kind=DayKind(typed["kind"]),
            notice=typed["notice"],
            confirmed=bool(typed["confirmed"]),
        )
        rows = sorted([*others, row], key=lambda each: each.day)
        return Overrides(overrides=tuple(rows)), str(day)

    def remove(self, model: Overrides, key: str) -> Overrides:
        return Overrides(overrides=tuple(e for e in model.overrides if str(e.day) != key))

    async def preview(
        self, exchange: Exchange, before: Overrides, after: Overrides, key: str
    ) -> Preview:
        office = exchange.site.desk.services.office
        old = office.model_copy(update={"overrides": before.overrides}).workdays
        new = office.model_copy(update={"overrides": after.overrides}).workdays
        day, now = date.fromisoformat(key), exchange.now
        preview = Preview(warnings=list(_warnings(day, exchange.today, after, new)))
        preview.rows.append(
            Row(label="Giờ mở cửa ngày này", before=_hours(old, day), after=_hours(new, day))
        )
        eve = datetime.combine(_before(day, old), MORNING, VIETNAM)
        for label, filed in (("nộp bây giờ", now), (f"nộp sáng {speech.day(eve.date())}", eve)):
            preview.rows += _rows(label, filed, old, new)
        preview.replies += _answers(exchange.site.desk.services, now, before, after)
        return preview


def _day(text: str, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults["day"] = "Ngày ghi không đúng."
        return None
    return day


def _warnings(day: date, today: date, after: Overrides, new: Workdays) -> Iterator[str]:
    row = next((each for each in after.overrides if each.day == day), None)
    plain = Workdays(hours=new.hours)
    if day < today:
        yield "Ngày này đã qua: ngày hẹn của hồ sơ cũ có thể tính lại khác đi."
    if row is None:
        return
    if row.kind is DayKind.OFF and not plain.is_working_day(day):
        yield "Ngày này vốn đã nghỉ (cuối tuần hoặc lễ)."
    if row.kind is DayKind.WORKED and plain.is_working_day(day):
        yield "Ngày này vốn là ngày làm việc."
    if row.kind is not DayKind.OFF and new.hours and not new.hours_on(day):
        yield "Giờ làm việc của văn phòng chưa ghi buổi này. Anh/chị xem lại trang Văn phòng."


def _before(day: date, days: Workdays) -> date:
    """The working day before a day."""
    for back in range(1, 60):
        if days.is_working_day(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day - timedelta(days=1)


def _hours(days: Workdays, on: date) -> str:
    return ", ".join(each.spoken() for each in days.hours_on(on)) or "nghỉ"


def _rows(label: str, filed: datetime, old: Workdays, new: Workdays) -> Iterator[Row]:
    """What limits come to. Those that nothing changes for are left out, but the first."""
    told = [
        Row(
            label=f"Trong ngày, {label}",
            before=_said(old.same_day(filed)),
            after=_said(new.same_day(filed)),
        )
    ]
    for amount in LIMITS:
        limit = TimeLimit(amount=amount, unit=Unit.WORKING_DAY)
        told.append(
            Row(
                label=f"{amount} ngày làm việc, {label}",
                before=_due(limit, filed, old),
                after=_due(limit, filed, new),
            )
        )
    yield from [row for row in told if row.before != row.after] or told[2:3]


def _due(limit: TimeLimit, filed: datetime, days: Workdays) -> str:
    try:
        due = expected(limit, filed, days)
    except (TooFar, ValueError):
        due = None
    return _said(due) if isinstance(due, date) else "không tính được"


def _said(on: date) -> str:
    return f"{speech.day(on)}/{on.year}"


def _answers(
    services: Services, filed: datetime, before: Overrides, after: Overrides
) -> list[Said]:
    """How «nộp hôm nay thì khi nào có» is answered for what citizens come for most."""

    def over(overrides: Overrides) -> Services:
        office = services.office.model_copy(update={"overrides": overrides.overrides})
        return replace(services, office=office)

    old, new = over(before), over(after)
    asked: list[Said] = []
    for code in services.office.frequent:
        record = services.procedure(code)
        if record is None:
            continue
        was, now = estimate(record, filed, old), estimate(record, filed, new)
        if was != now:
            text = f"nộp hôm nay thì khi nào có – {record.title}"
            asked.append(Said(asked=text, before=was, after=now))
    return asked[:SHOWN]
