"""Working days, limits, pauses: the facts of 2026 and what officers put into the table."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.model import TimeLimit, Unit
from knowledge.offices import seed_office
from knowledge.workdays import (
    VIETNAM,
    DayKind,
    Hours,
    Override,
    Overrides,
    Pause,
    TooFar,
    Workdays,
    expected,
    seed_overrides,
)

DAYS = Workdays(overrides=seed_overrides().overrides)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def _with(day: str, kind: DayKind) -> Workdays:
    return Workdays(overrides=(Override(day=_day(day), kind=kind, notice="12/TB-UBND"),))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),
        ("2026-01-02", False),
        ("2026-01-10", True),
        ("2026-02-13", True),
        ("2026-02-16", False),
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-26", False),
        ("2026-04-27", False),
        ("2026-04-30", False),
        ("2026-05-01", False),
        ("2026-08-22", True),
        ("2026-08-31", False),
        ("2026-09-01", False),
        ("2026-09-02", False),
        ("2026-09-03", True),
        ("2026-11-24", False),
        ("2026-11-21", False),
        ("2026-11-25", True),
    ],
)
def test_the_year_2026(day: str, works: bool) -> None:
    assert DAYS.is_working_day(_day(day)) is works
    assert bool(DAYS.hours_on(_day(day))) is works


def test_the_exchange_of_2_january_is_by_the_table_and_names_its_notice() -> None:
    assert Workdays().is_working_day(_day("2026-01-02"))
    assert not Workdays().is_working_day(_day("2026-01-10"))
    assert [each.notice for each in DAYS.overrides] == ["12729/VPCP-KGVX ngày 25/12/2025"] * 2


@pytest.mark.parametrize(
    ("on", "days", "due"),
    [
        ("2026-11-20", 3, "2026-11-26"),
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),
        ("2026-11-23", 1, "2026-11-25"),
        ("2026-08-21", 1, "2026-08-22"),
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-01-01", 1, "2026-01-05"),
        ("2026-01-09", 1, "2026-01-10"),
        ("2026-02-13", 1, "2026-02-23"),
    ],
)
def test_adding_working_days(on: str, days: int, due: str) -> None:
    assert DAYS.add_working_days(_day(on), days) == _day(due)


@pytest.mark.parametrize(
    ("due", "today", "left"),
    [
        ("2026-11-26", "2026-11-20", 3),
        ("2026-11-26", "2026-11-26", 0),
        ("2026-11-26", "2026-11-27", -1),
        ("2026-11-27", "2026-11-29", 0),
        ("2026-11-27", "2026-11-30", -1),
        ("2026-11-20", "2026-11-26", -3),
        ("2026-12-02", "2026-11-25", 5),
    ],
)
def test_left_and_overdue(due: str, today: str, left: int) -> None:
    assert DAYS.working_days_until(_day(due), _day(today)) == left


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 40))
def test_counting_is_the_inverse_of_adding(on: date, days: int) -> None:
    start = DAYS.add_working_days(on, 0)
    due = DAYS.add_working_days(start, days)
    assert DAYS.is_working_day(due)
    assert DAYS.working_days_until(due, start) == days


@pytest.mark.parametrize(
    ("received", "done"),
    [
        ("2026-11-25 14:59", "2026-11-25"),
        ("2026-11-25 15:00", "2026-11-26"),
        ("2026-11-27 16:00", "2026-11-30"),
        ("2026-11-23 15:30", "2026-11-25"),
        ("2026-11-28 09:00", "2026-11-30"),
        ("2026-08-22 09:00", "2026-08-22"),
    ],
)
def test_the_rule_of_15_hours(received: str, done: str) -> None:
    assert DAYS.same_day(_at(received)) == _day(done)


def test_moments_of_other_time_zones_are_vietnams() -> None:
    assert DAYS.same_day(datetime.fromisoformat("2026-11-25T08:00:00+00:00")) == _day("2026-11-26")
    assert DAYS.same_day(datetime.fromisoformat("2026-11-25T18:00:00+00:00")) == _day("2026-11-26")


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        ("2026-11-25 08:00", 2, "2026-11-25 10:00"),
        ("2026-11-25 10:30", 2, "2026-11-25 14:30"),
        ("2026-11-25 05:00", 1, "2026-11-25 08:00"),
        ("2026-11-25 12:00", 1, "2026-11-25 14:30"),
        ("2026-11-25 17:00", 1, "2026-11-26 08:00"),
        ("2026-11-25 16:00", 2, "2026-11-26 08:00"),
        ("2026-11-25 07:00", 8, "2026-11-25 17:00"),
        ("2026-11-25 09:00", 8, "2026-11-26 09:00"),
        ("2026-11-23 16:00", 8, "2026-11-25 16:00"),
        ("2026-11-27 16:00", 24, "2026-12-02 16:00"),
        ("2026-11-25 07:00", 4, "2026-11-25 11:30"),
    ],
)
def test_limits_in_hours_count_opening_hours(moment: str, hours: int, due: str) -> None:
    limit = TimeLimit(amount=hours, unit=Unit.HOUR)
    if due == "2026-11-25 11:30":
        assert DAYS.add_working_time(_at(moment), timedelta(hours=4.5)) == _at(due)
    else:
        assert expected(limit, _at(moment), DAYS) == _at(due)


@pytest.mark.parametrize(
    ("amount", "unit", "received", "due"),
    [
        (3, Unit.WORKING_DAY, "2026-11-20 09:00", "2026-11-26"),
        (3, Unit.WORKING_DAY, "2026-11-20 17:30", "2026-11-27"),
        (3, Unit.WORKING_DAY, "2026-11-21 09:00", "2026-11-27"),
        (5, Unit.WORKING_DAY, "2026-08-20 09:00", "2026-08-26"),
        (15, Unit.DAY, "2026-11-25 09:00", "2026-12-10"),
        (3, Unit.DAY, "2026-11-25 09:00", "2026-11-30"),
        (5, Unit.DAY, "2026-11-19 09:00", "2026-11-25"),
        (1, Unit.MONTH, "2026-01-30 09:00", "2026-03-02"),
        (2, Unit.MONTH, "2026-11-30 09:00", "2027-02-01"),
    ],
)
def test_expected(amount: int, unit: Unit, received: str, due: str) -> None:
    found = expected(TimeLimit(amount=amount, unit=unit), _at(received), DAYS)
    assert found == _day(due)


def test_a_limit_without_a_number_is_not_guessed() -> None:
    assert expected(TimeLimit(text="ngay trong ngày"), _at("2026-11-25 09:00"), DAYS) is None


def test_a_pause_moves_the_due_date() -> None:
    pause = Pause(since=_at("2026-11-20 10:00"), until=_at("2026-11-26 16:00"))
    assert DAYS.after_pause(_day("2026-11-27"), pause) == _day("2026-12-02")
    same = Pause(since=_at("2026-11-20 10:00"), until=_at("2026-11-20 16:00"))
    assert DAYS.after_pause(_day("2026-11-27"), same) == _day("2026-11-27")
    short = Pause(since=_at("2026-11-25 10:00"), until=_at("2026-11-25 14:30"))
    assert DAYS.working_time(short.since, short.until) == timedelta(hours=2.5)
    due = DAYS.moment_after_pause(_at("2026-11-25 16:00"), short)
    assert due == _at("2026-11-26 08:30")
    with pytest.raises(ValidationError, match="before it begins"):
        Pause(since=short.until, until=short.since)


def test_working_time_passes_over_nights_and_holidays() -> None:
    assert DAYS.working_time(_at("2026-11-23 16:00"), _at("2026-11-25 08:00")) == timedelta(hours=2)
    assert DAYS.working_time(_at("2026-11-28 08:00"), _at("2026-11-29 08:00")) == timedelta()


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(VIETNAM)),  # noqa: DTZ001 - the zone is given beside
    st.timedeltas(timedelta(minutes=1), timedelta(hours=60)),
)
def test_working_time_is_the_inverse_of_adding_it(moment: datetime, span: timedelta) -> None:
    assert DAYS.working_time(moment, DAYS.add_working_time(moment, span)) == span


def test_half_days() -> None:
    morning = _with("2026-11-27", DayKind.MORNING)
    assert morning.is_working_day(_day("2026-11-27"))
    assert [each.end for each in morning.hours_on(_day("2026-11-27"))] == [time(11, 30)]
    assert morning.counted_from(_at("2026-11-27 12:00")) == _at("2026-11-30 07:00")
    afternoon = _with("2026-11-28", DayKind.AFTERNOON)
    assert afternoon.counted_from(_at("2026-11-27 18:00")) == _at("2026-11-28 13:30")


def test_the_office_keeps_its_table() -> None:
    office = seed_office().model_copy(
        update={"overrides": _with("2026-11-27", DayKind.MORNING).overrides}
    )
    assert office.open_at(_at("2026-11-27 09:00"))
    assert not office.open_at(_at("2026-11-27 14:00"))
    assert office.opens_later(_at("2026-11-27 12:00")) is None
    assert office.opens_later(_at("2026-11-26 12:00")) == "13 giờ 30 hôm nay"
    assert seed_office().working_day(_day("2026-01-10"))


def test_rows_that_cannot_be() -> None:
    row = {"day": "2026-11-27", "kind": "off", "notice": "12/TB-UBND"}
    with pytest.raises(ValidationError, match="twice"):
        Overrides.model_validate({"overrides": [row, {**row, "kind": "worked"}]})
    with pytest.raises(ValidationError, match="notice"):
        Override.model_validate({"day": "2026-11-27", "kind": "off", "notice": " "})
    with pytest.raises(ValidationError, match="before they begin"):
        Hours(start=time(17), end=time(7))


def test_dates_that_are_none() -> None:
    never = date.max
    with pytest.raises(TooFar):
        DAYS.working_days_until(never, _day("2026-11-25"))
    with pytest.raises(TooFar):
        DAYS.next_working_day(never)
    with pytest.raises(TooFar):
        DAYS.add_working_days(_day("2026-11-25"), 10**9)
    with pytest.raises(TooFar):
        DAYS.working_time(_at("1900-01-01 00:00"), _at("2026-11-25 09:00"))
    with pytest.raises(TooFar):
        expected(TimeLimit(amount=10**9, unit=Unit.DAY), _at("2026-11-25 09:00"), DAYS)
    with pytest.raises(TooFar):
        expected(TimeLimit(amount=10**9, unit=Unit.MONTH), _at("2026-11-25 09:00"), DAYS)
    with pytest.raises(ValueError, match="negative"):
        DAYS.add_working_days(_day("2026-11-25"), -1)
    with pytest.raises(ValueError, match="hours"):
        Workdays(hours=()).add_working_time(_at("2026-11-25 09:00"), timedelta(hours=1))
