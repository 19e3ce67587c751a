"""What a followed dossier is told of, on which day, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app import build_services
from handlers.conversation import Reply
from handlers.dossier_news import (
    Reminder,
    Told,
    followed_until,
    fresh,
    is_quiet,
    news,
    next_day,
    reached,
    state_of,
    tail,
    template_values,
)
from knowledge.onestop import Dossier, FeeDue, PapersAsked, Stage

SERVICES = build_services([])
DAYS = SERVICES.office.workdays
CODE = "H32.215-261118-0042"


def at(text: str) -> datetime:
    """In Việt Nam, in November and December 2026; the 24th of November is a holiday."""
    return datetime.fromisoformat(f"2026-{text}+07:00")


NOW = at("11-25T09:00")
"""A Wednesday."""


def dossier(stage: Stage | None = Stage.PROCESSING, **changes: Any) -> Dossier:
    known: dict[str, Any] = {
        "code": CODE, "source": "x", "as_of": NOW, "procedure_name": "Tách thửa đất",
        "applicant": "Nguyễn Thị Hoa",
    }  # fmt: skip
    return Dossier(stage=stage, **known | changes)


def shown(reply: Reply) -> str:
    lines = [line for section in reply.sections for line in (section.heading, *section.lines)]
    return "\n".join([reply.lead, *lines, reply.source])


def days_of(found: Dossier, reminder: Reminder) -> list[str]:
    """Days of the coming weeks on which a reminder stands, for a live source."""
    moments = (at("11-16T09:00") + timedelta(days=n) for n in range(40))
    live = ((each, _live(found, each)) for each in moments)
    return [f"{each:%m-%d}" for each, one in live if reminder in reached(one, DAYS, each)]


def _live(found: Dossier, now: datetime) -> Dossier:
    known = {name: getattr(found, name) for name in Dossier.__dataclass_fields__}
    return Dossier(**known | {"as_of": now})


def test_the_last_working_day_before_the_due_date() -> None:
    assert days_of(dossier(due_at=at("12-02T17:00")), Reminder.DUE) == ["12-01", "12-02"]
    # Before a Monday comes the Friday, before a holiday's morrow the day before the holiday.
    monday = days_of(dossier(due_at=at("11-30T17:00")), Reminder.DUE)
    assert monday == ["11-27", "11-28", "11-29", "11-30"]
    assert days_of(dossier(due_at=at("11-25T00:00")), Reminder.DUE)[0] == "11-23"


def test_overdue_from_the_first_working_day_after() -> None:
    assert days_of(dossier(due_at=at("11-27T17:00")), Reminder.OVERDUE)[0] == "11-30"


@pytest.mark.parametrize(
    "stage", [None, Stage.REGISTERED, *(each for each in Stage if each > Stage.PROCESSING)]
)
def test_no_due_date_where_the_clock_does_not_run(stage: Stage | None) -> None:
    found = dossier(stage, due_at=at("11-20T17:00"))
    assert not reached(found, DAYS, NOW) & {Reminder.DUE, Reminder.OVERDUE}


def test_a_request_is_repeated_after_three_working_days() -> None:
    found = dossier(Stage.SUPPLEMENT, paused_since=at("11-20T14:00"))
    assert days_of(found, Reminder.WAITING)[0] == "11-26"
    assert days_of(dossier(Stage.SUPPLEMENT), Reminder.WAITING) == []


def test_the_day_before_a_deadline_that_is_still_open() -> None:
    open_one = PapersAsked(what="Bản vẽ", deadline=at("11-30T00:00"))
    done = PapersAsked(what="Đơn", deadline=at("11-27T00:00"), done_at=at("11-26T08:00"))
    found = dossier(Stage.SUPPLEMENT, papers=(done, open_one))
    assert days_of(found, Reminder.DEADLINE) == ["11-29", "11-30"]
    fee = FeeDue(name="Thuế", amount=8000, deadline=at("12-03T00:00"))
    assert days_of(dossier(Stage.PAYMENT, fees=(fee,)), Reminder.DEADLINE) == ["12-02", "12-03"]


def test_a_result_that_waits_five_working_days() -> None:
    found = dossier(Stage.FINISHED, finished_at=at("11-20T15:00"))
    assert days_of(found, Reminder.UNCOLLECTED)[0] == "11-30"


def test_an_old_export_does_not_claim_that_nothing_happened() -> None:
    late = dossier(due_at=at("11-23T17:00"), as_of=at("11-23T18:00"))
    assert reached(late, DAYS, NOW) == frozenset()
    soon = dossier(due_at=at("11-26T17:00"), as_of=at("11-23T18:00"))
    assert reached(soon, DAYS, NOW) == {Reminder.DUE}


@pytest.mark.parametrize("year", ["1900", "9999"])
def test_dates_that_stand_for_none_remind_of_nothing_odd(year: str) -> None:
    moment = datetime.fromisoformat(f"{year}-12-31T00:00:00+07:00")
    for stage in (Stage.PROCESSING, Stage.SUPPLEMENT, Stage.FINISHED):
        found = dossier(stage, due_at=moment, paused_since=moment, finished_at=moment)
        reached(found, DAYS, NOW)
        next_day(found, DAYS, NOW)


def test_the_next_day_with_something_to_say() -> None:
    found = dossier(due_at=at("12-02T17:00"))
    assert str(next_day(found, DAYS, NOW)) == "2026-12-01"
    assert str(next_day(found, DAYS, at("12-01T09:00"))) == "2026-12-03"
    assert next_day(found, DAYS, at("12-03T09:00")) is None


def test_a_reminder_is_news_once() -> None:
    found = dossier(due_at=at("11-26T17:00"))
    before = Told.read(state_of(found, DAYS, at("11-20T09:00")).written())
    assert fresh(found, before, DAYS, NOW) is Reminder.DUE
    after = Told.read(state_of(found, DAYS, NOW).written())
    assert fresh(found, after, DAYS, NOW) is False
    assert fresh(dossier(Stage.FINISHED), after, DAYS, NOW) is True
    assert fresh(found, Told.read(""), DAYS, NOW) is True
    assert len(state_of(found, DAYS, NOW).written()) <= 64


def test_following_ends_after_the_end() -> None:
    assert followed_until(dossier(), NOW, None) is None
    first = followed_until(dossier(Stage.RETURNED), NOW, None)
    assert first == NOW + timedelta(days=30)
    assert followed_until(dossier(Stage.RETURNED), NOW + timedelta(days=3), first) == first
    waits = followed_until(dossier(Stage.FINISHED), NOW, None)
    assert waits == NOW + timedelta(days=90)
    # Reopened: followed as before.
    assert followed_until(dossier(), NOW, first) is None


@pytest.mark.parametrize(
    ("time", "quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("07:00", False)]
)
def test_nights_are_quiet(time: str, quiet: bool) -> None:
    assert is_quiet(at(f"11-25T{time}")) is quiet


def test_news_shows_no_whole_code_and_no_name() -> None:
    found = dossier(Stage.SUPPLEMENT, papers=(PapersAsked(what="Bản vẽ có chữ ký"),))
    reply = news(found, SERVICES, NOW)
    said = shown(reply)
    assert reply.lead == "Tin mới về hồ sơ …0042: Tách thửa đất"
    assert "Bản vẽ có chữ ký" in said
    for hidden in (CODE, "H32", "Nguyễn", "Hoa", "N. T. H."):
        assert hidden not in said
    assert [each.action for each in reply.buttons] == ["hs:timeline", "hs:unfollow"]
    assert len(said) <= 900


@pytest.mark.parametrize("stage", [None, *Stage])
@pytest.mark.parametrize("reminder", [None, *Reminder])
def test_every_news_has_its_words(stage: Stage | None, reminder: Reminder | None) -> None:
    found = dossier(stage, raw_status="Chờ ký", due_at=at("11-26T17:00"))
    assert "…0042" in news(found, SERVICES, NOW, reminder).lead
    values = template_values(found, SERVICES, NOW, reminder)
    assert values["ma_ho_so"] == "…0042"
    assert values["ngay"] == "25/11/2026"
    assert 0 < len(values["trang_thai"]) <= 30


def test_an_overdue_dossier_tells_the_rights() -> None:
    found = dossier(due_at=at("11-20T17:00"))
    said = shown(news(found, SERVICES, NOW, Reminder.OVERDUE))
    assert "xin lỗi" in said
    assert SERVICES.office.complaints in said


def test_the_last_news_says_until_when() -> None:
    ends_at = at("12-25T09:00")
    said = shown(news(dossier(Stage.RETURNED), SERVICES, NOW, None, ends_at))
    assert "đến ngày 25/12/2026" in said
    assert "25/12" not in shown(news(dossier(Stage.FINISHED), SERVICES, NOW, None, ends_at))


@pytest.mark.parametrize(
    ("code", "shown_of_it"),
    [(CODE, "0042"), ("H32.215-261118-123456", "3456"), ("000.00.18.H43-240115-0005", "0005")],
)
def test_tails(code: str, shown_of_it: str) -> None:
    assert tail(code) == shown_of_it
