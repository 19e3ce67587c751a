"""Hours, weekends and holidays as the office keeps them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from knowledge.offices import seed_office

OFFICE = seed_office()


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-25T06:59:00+07:00", False),
        ("2026-11-25T07:00:00+07:00", True),
        ("2026-11-25T11:29:00+07:00", True),
        ("2026-11-25T12:00:00+07:00", False),
        ("2026-11-25T13:30:00+07:00", True),
        ("2026-11-25T17:01:00+07:00", False),
        ("2026-11-25T02:00:00+00:00", True),
        ("2026-11-28T09:00:00+07:00", False),
        ("2026-11-29T09:00:00+07:00", False),
        ("2026-11-24T09:00:00+07:00", False),
    ],
)
def test_open(moment: str, is_open: bool) -> None:
    assert OFFICE.open_at(datetime.fromisoformat(moment)) is is_open


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-02-17", "2026-04-30", "2026-05-01", "2026-09-02", "2027-02-06"],
)
def test_public_holidays(day: str) -> None:
    assert OFFICE.holiday(date.fromisoformat(day))
    assert not OFFICE.working_day(date.fromisoformat(day))


def test_the_next_working_day_passes_over_the_weekend() -> None:
    assert OFFICE.next_working_day(date(2026, 11, 27)) == date(2026, 11, 30)


def test_what_citizens_come_for_most_is_in_the_seed() -> None:
    from bot.app import seed_procedures

    assert set(OFFICE.frequent) <= {each.code for each in seed_procedures()}
