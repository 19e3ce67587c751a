"""The office: its name, place, opening hours and working days."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from pydantic import Field

from knowledge.model import Code, Record, Text
from knowledge.workdays import VIETNAM, Hours, Override, Workdays, clock, seed_overrides
from knowledge.yaml_reading import read_yaml

__all__ = ["VIETNAM", "Hours", "Office", "Ward", "seed_office"]

SEED = Path(__file__).parent / "data" / "offices.yaml"


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
    reply_hours: int | None = Field(default=None, ge=1, le=80)
    """Opening hours within which the office promises to answer a question meant for an officer;
    empty when it has promised none."""
    portal: Text
    complaints: Text
    wards: tuple[Ward, ...] = ()
    frequent: tuple[Code, ...] = ()
    """What citizens come for most, first in every list; a reviewed judgement, not a count."""

    overrides: tuple[Override, ...] = ()
    """Days worked otherwise; kept in a table of their own, ``workdays.yaml``."""

    @property
    def workdays(self) -> Workdays:
        """The calendar of this office's hours and days."""
        return Workdays(hours=self.hours, overrides=self.overrides)

    def holiday(self, on: date) -> str | None:
        """The name of the public holiday, weekends apart."""
        return self.workdays.holiday(on)

    def working_day(self, on: date) -> bool:
        """True when the office works that day; make-up days count."""
        return self.workdays.is_working_day(on)

    def next_working_day(self, after: date) -> date:
        """The first working day after a date."""
        return self.workdays.next_working_day(after)

    def open_at(self, moment: datetime) -> bool:
        """True when someone is at the counter."""
        local = moment.astimezone(VIETNAM)
        hours = self.workdays.hours_on(local.date())
        return any(each.start <= local.time() < each.end for each in hours)

    def opens_later(self, moment: datetime) -> str | None:
        """«13 giờ 30 hôm nay» when the counter opens again on the same day."""
        local = moment.astimezone(VIETNAM)
        hours = self.workdays.hours_on(local.date())
        later = [each.start for each in hours if each.start > local.time()]
        return f"{clock(later[0])} hôm nay" if later else None


def seed_office() -> Office:
    """The reviewed seed."""
    office = Office.model_validate(read_yaml(SEED))
    return office.model_copy(update={"overrides": seed_overrides().overrides})
