"""The office: its name, place, opening hours and working days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import holidays
import yaml
from pydantic import ConfigDict, Field

from knowledge.model import Code, Record, Text

SEED = Path(__file__).parent / "data" / "offices.yaml"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Hours(Record):
    """A stretch of opening time."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    def spoken(self) -> str:
        """«7 giờ – 11 giờ 30»."""
        return f"{_clock(self.start)} – {_clock(self.end)}"


class Ward(Record):
    """A ward of today and the wards it was made of."""

    name: Text
    was: tuple[Text, ...] = ()


class Office(Record):
    """The office this installation speaks for; what is not known stays empty and is said so."""

    name: Text
    short_name: Text
    province: Text
    address: Text | None = None
    phone: Text | None = None
    hours: tuple[Hours, ...] = ()
    hours_confirmed: bool = False
    portal: Text
    complaints: Text
    wards: tuple[Ward, ...] = ()
    frequent: tuple[Code, ...] = ()
    """What citizens come for most, first in every list; a reviewed judgement, not a count."""

    def holiday(self, on: date) -> str | None:
        """The name of the public holiday, weekends apart (BLLĐ 2019 Đ112; NQ 28/2026/QH16)."""
        return cast("str | None", _calendar(on.year).get(on))

    def working_day(self, on: date) -> bool:
        """True when the office works that day; make-up Saturdays count."""
        return _calendar(on.year).is_working_day(on)

    def next_working_day(self, after: date) -> date:
        """The first working day after a date."""
        following = after + timedelta(days=1)
        while not self.working_day(following):
            following += timedelta(days=1)
        return following

    def open_at(self, moment: datetime) -> bool:
        """True when someone is at the counter."""
        local = moment.astimezone(VIETNAM)
        return self.working_day(local.date()) and any(
            each.start <= local.time() < each.end for each in self.hours
        )

    def opens_later(self, moment: datetime) -> str | None:
        """«13 giờ 30 hôm nay» when the counter opens again on the same day."""
        local = moment.astimezone(VIETNAM)
        if not self.working_day(local.date()):
            return None
        later = [each.start for each in self.hours if each.start > local.time()]
        return f"{_clock(later[0])} hôm nay" if later else None


def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("VN", years=year, language="vi")


def _clock(at: time) -> str:
    return f"{at.hour} giờ" + (f" {at.minute:02d}" if at.minute else "")


def seed_office() -> Office:
    """The reviewed seed."""
    return Office.model_validate(yaml.safe_load(SEED.read_text(encoding="utf-8")))
