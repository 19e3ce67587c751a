"""News of a followed dossier: what changed, what to remember in time, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from handlers.conversation import Button, Section
from handlers.dossier_status import day_of, digest, open_papers, since, status, title
from knowledge.onestop import Stage
from knowledge.workdays import VIETNAM, TooFar

if TYPE_CHECKING:
    from handlers.conversation import Reply
    from handlers.services import Services
    from knowledge.onestop import Dossier
    from knowledge.workdays import Workdays

QUIET_FROM, QUIET_UNTIL = time(21), time(7)
"""Nobody is woken by news of a dossier."""
PATIENCE = 3
"""Working days without anything done before a request for papers or money is repeated."""
UNCOLLECTED = 5
"""Working days before a result that waits is mentioned again."""
FOLLOWED_AFTER = {
    Stage.REFUSED: timedelta(days=30),
    Stage.WITHDRAWN: timedelta(days=30),
    Stage.STOPPED: timedelta(days=30),
    Stage.RETURNED: timedelta(days=30),
    Stage.FINISHED: timedelta(days=90),
}
"""How long a dossier is followed after its end; many systems never note that a result was
collected, so one that waits is not followed for ever."""
FURTHEST_BACK = 30
"""Days among which the working day before another is looked for; Tết is the longest gap."""


class Reminder(StrEnum):
    """What is told because of the day, without any change; the most pressing first."""

    OVERDUE = "o"
    DEADLINE = "l"
    WAITING = "w"
    UNCOLLECTED = "u"
    DUE = "d"


_OF_DATES = frozenset({Reminder.DUE, Reminder.DEADLINE})
"""True whatever happened since the source was right; the others claim that nothing happened."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a citizen was told last: a state, reminders about it, and a name for the telling."""

    state: str = ""
    reminders: frozenset[Reminder] = frozenset()
    name: str = ""

    def written(self) -> str:
        """As it stands in the database, at most 64 characters."""
        return f"{self.state}.{''.join(sorted(self.reminders))}.{self.name}"

    @classmethod
    def read(cls, written: str) -> Told:
        """Anything unreadable is nothing told."""
        state, _, rest = written.partition(".")
        letters, _, name = rest.partition(".")
        known = frozenset(each for each in Reminder if each in letters)
        return cls(state=state, reminders=known, name=name)


def is_quiet(now: datetime) -> bool:
    """True at night in Việt Nam."""
    at = now.astimezone(VIETNAM).time()
    return at >= QUIET_FROM or at < QUIET_UNTIL


def tail(code: str) -> str:
    """The last four digits of the sequence: others may see the phone."""
    return code.rpartition("-")[2][-4:]


def state_of(dossier: Dossier, days: Workdays, now: datetime) -> Told:
    """What somebody knows who sees the dossier now; its reminders are told with it."""
    return Told(state=digest(dossier), reminders=reached(dossier, days, now))


def fresh(dossier: Dossier, told: Told, days: Workdays, now: datetime) -> Reminder | bool:
    """True for another state, a reminder whose day has come, False when there is no news."""
    if digest(dossier) != told.state:
        return True
    new = reached(dossier, days, now) - told.reminders
    return next((each for each in Reminder if each in new), False)


def reached(dossier: Dossier, days: Workdays, now: datetime) -> frozenset[Reminder]:
    """Reminders whose day has come."""
    today = _day(now)
    known = min(today, _day(dossier.as_of))
    return frozenset(
        reminder
        for reminder, (first, last) in _spans(dossier, days).items()
        if first <= (today if reminder in _OF_DATES else known) and today <= last
    )


def next_day(dossier: Dossier, days: Workdays, now: datetime) -> date | None:
    """The next day on which there is something to remind of if nothing changes."""
    later = (first for first, _ in _spans(dossier, days).values() if first > _day(now))
    return min(later, default=None)


def followed_until(dossier: Dossier, now: datetime, before: datetime | None) -> datetime | None:
    """When following ends; ``before`` is what was said earlier, ``None`` while work goes on."""
    span = FOLLOWED_AFTER.get(dossier.stage) if dossier.stage else None
    if span is None:
        return None
    return min(before, now + span) if before else now + span


def news(
    dossier: Dossier,
    services: Services,
    now: datetime,
    reminder: Reminder | None = None,
    ends_at: datetime | None = None,
) -> Reply:
    """What a citizen is told unasked: never more than they would see by asking."""
    say = services.wording
    key = f"news.{reminder.name.lower()}" if reminder else "news.changed"
    deadline = _deadline(dossier, _day(now))
    values = {
        "tail": tail(dossier.code),
        "title": title(dossier, services),
        "due": day_of(dossier.due_at, now) if dossier.due_at else "",
        "deadline": day_of(_noon(deadline), now) if deadline else "",
    }
    told = status(dossier, services, now, buttons=_buttons(dossier, services))
    sections = told.sections
    if ends_at is not None and dossier.stage is not Stage.FINISHED:
        last = say("news.ends", day=f"{_day(ends_at):%d/%m/%Y}")
        sections = (*sections, Section(lines=(last,)))
    return replace(told, lead=say(key, **values), sections=sections)


def template_values(
    dossier: Dossier, services: Services, now: datetime, reminder: Reminder | None = None
) -> dict[str, str]:
    """The same in the parameters of a template message: ma_ho_so, trang_thai, ngay."""
    say = services.wording
    if reminder:
        state = say(f"news.short.{reminder.name.lower()}")
    elif dossier.stage is not None:
        state = say(f"news.short.{dossier.stage.value}")
    else:
        state = say("news.short.unknown")
    return {
        "ma_ho_so": f"…{tail(dossier.code)}",
        "trang_thai": state,
        "ngay": f"{_day(now):%d/%m/%Y}",
    }


def _buttons(dossier: Dossier, services: Services) -> tuple[Button, ...]:
    say, desk = services.wording, services.dossiers
    # The chat may remember another dossier: a button says which one it belongs to.
    which = f":{desk.mark(dossier.code)}" if desk else ""
    return tuple(
        Button(label=say(f"button.hs.{each}"), action=f"hs:{each}{which}")
        for each in ("timeline", "unfollow")
    )


def _day(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), VIETNAM)


def _deadline(dossier: Dossier, today: date) -> date | None:
    """The next day until which papers or money must be there."""
    if dossier.stage is Stage.SUPPLEMENT:
        stated = [each.deadline for each in open_papers(dossier)]
    elif dossier.stage is Stage.PAYMENT:
        stated = [each.deadline for each in dossier.fees]
    else:
        return None
    coming = [_day(each) for each in stated if each]
    return min((each for each in coming if each >= today), default=min(coming, default=None))


def _spans(dossier: Dossier, days: Workdays) -> dict[Reminder, tuple[date, date]]:
    """First and last day of each reminder the dossier will have in its present state."""
    found: dict[Reminder, tuple[date, date]] = {}
    began = since(dossier)
    try:
        if dossier.stage in (Stage.ACCEPTED, Stage.PROCESSING) and dossier.due_at:
            due = _day(dossier.due_at)
            found[Reminder.DUE] = (_working_day_before(due, days), due)
            found[Reminder.OVERDUE] = (days.next_working_day(due), date.max)
        if dossier.stage and dossier.stage.waits_for_citizen:
            if began:
                late = days.add_working_days(_day(began), PATIENCE)
                found[Reminder.WAITING] = (late, date.max)
            if deadline := _deadline(dossier, _day(dossier.as_of)):
                found[Reminder.DEADLINE] = (deadline - timedelta(days=1), deadline)
        if dossier.stage is Stage.FINISHED and began:
            late = days.add_working_days(_day(began), UNCOLLECTED)
            found[Reminder.UNCOLLECTED] = (late, date.max)
    except (TooFar, OverflowError):
        # A date that stands for none: nothing to remind of.
        return found
    return found


def _working_day_before(day: date, days: Workdays) -> date:
    for back in range(1, FURTHEST_BACK):
        if days.is_working_day(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day
