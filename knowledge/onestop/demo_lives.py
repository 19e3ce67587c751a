"""The lives of invented dossiers: the same on every machine, and going on day by day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from knowledge.offices import VIETNAM, seed_office
from knowledge.onestop.model import Stage
from knowledge.onestop.stages import DATA
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from knowledge.offices import Office

DAYS = 75
"""Days back from today of which dossiers exist: some three hundred of them."""
COUNTER_OPENS, ONLINE_AT = time(7, 20), time(6, 30)


@dataclass(frozen=True)
class Step:
    """One planned event."""

    at: datetime
    stage: Stage
    desk: str
    action: str
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """One dossier with everything that will ever happen to it."""

    code: str
    ward: str
    procedure: dict[str, Any]
    applicant: str
    officer: str
    identity: str
    phone: str
    pin: str
    steps: tuple[Step, ...]
    paper: str
    fee: dict[str, Any]
    refusal: str

    def until(self, now: datetime) -> tuple[Step, ...]:
        """What has happened by now; empty before it was filed."""
        return tuple(step for step in self.steps if step.at <= now)


@dataclass(frozen=True)
class _Filing:
    """What a plan starts from."""

    at: datetime
    online: bool
    days: int


class Lives:
    """Makes the dossiers of a day; what is made depends on that day alone."""

    def __init__(self) -> None:
        raw = read_yaml(DATA / "demo.yaml")
        self.wards: list[dict[str, str]] = raw["wards"]
        self._stuff: dict[str, Any] = raw
        self._office: Office = seed_office()
        self._next_days: dict[date, date] = {}

    def around(self, now: datetime) -> list[Life]:
        """Everything filed in the last :data:`DAYS` days, up to this moment."""
        today = now.astimezone(VIETNAM).date()
        days = (today - timedelta(days=back) for back in range(DAYS, -1, -1))
        return [life for day in days for life in self._of_day(day) if life.until(now)]

    def _of_day(self, day: date) -> Iterator[Life]:
        chance = random.Random(day.toordinal())  # noqa: S311 - invented data, the same everywhere
        filed = dict.fromkeys((ward["code"] for ward in self.wards), 0)
        for number, filing in enumerate(self._filings(day, chance)):
            ward = self.wards[(number + day.toordinal()) % len(self.wards)]
            filed[ward["code"]] += 1 + chance.randrange(9)
            code = f"{ward['code']}-{day:%y%m%d}-{filed[ward['code']]:04d}"
            yield self._life(code, ward["code"], filing, number, chance)

    def _filings(self, day: date, chance: random.Random) -> Iterator[_Filing]:
        yield _Filing(_moment(day, ONLINE_AT), True, 0)
        if not self._office.working_day(day):
            return
        yield _Filing(_moment(day, COUNTER_OPENS), False, 0)
        for hour in (8, 9, 10, 14, 15)[: 3 + chance.randrange(3)]:
            yield _Filing(_moment(day, time(hour, chance.randrange(60))), False, 0)

    def _life(
        self, code: str, ward: str, filing: _Filing, number: int, chance: random.Random
    ) -> Life:
        stuff = self._stuff
        procedure = chance.choice(stuff["procedures"])
        plans = self._plans()
        # In turn, not by chance: every plan exists in every stretch of days.
        plan = plans[(filing.at.toordinal() * 3 + number) % len(plans)]
        steps = plan(_Filing(filing.at, filing.online, procedure["days"]))
        return Life(
            code=code,
            ward=ward,
            procedure=procedure,
            applicant=f"{chance.choice(stuff['family'])} {chance.choice(stuff['given'])}",
            officer=chance.choice(stuff["officers"]),
            identity=f"{chance.randrange(10_000):012d}",
            phone=f"{chance.randrange(10_000):010d}",
            pin=f"{chance.randrange(1_000_000):06d}",
            steps=tuple(steps),
            paper=chance.choice(stuff["papers"]),
            fee=chance.choice(stuff["fees"]),
            refusal=chance.choice(stuff["refusals"]),
        )

    def _plans(self) -> tuple[Callable[[_Filing], list[Step]], ...]:
        return (
            self._smooth, self._uncollected, self._overdue, self._asked_for_papers,
            self._asked_and_answered, self._fee_due, self._refused, self._smooth,
            self._withdrawn, self._stopped, self._fee_paid,
        )  # fmt: skip

    def _taken(self, filing: _Filing) -> list[Step]:
        """Filing, acceptance (the next working morning when filed online) and the work's start."""
        steps = []
        accepted = filing.at
        if filing.online:
            steps.append(self._step(filing.at, Stage.REGISTERED, "counter", "Nộp trực tuyến"))
            accepted = self._morning_after(filing.at, 1, time(9))
        due = self._morning_after(accepted, filing.days, time(17))
        taken = self._step(accepted, Stage.ACCEPTED, "counter", "Tiếp nhận hồ sơ", due)
        started = self._morning_after(accepted, 1, time(8))
        work = self._step(started, Stage.PROCESSING, "work", "Chuyển hồ sơ xử lý", due)
        return [*steps, taken, work]

    def _ended(self, steps: list[Step], days: int, *, collected: bool) -> list[Step]:
        """The result ``days`` working days after the last step, collected three days later."""
        last = steps[-1]
        ready = self._morning_after(last.at, max(1, days), time(15))
        steps.append(self._step(ready, Stage.FINISHED, "counter", "Có kết quả", last.due_at))
        if collected:
            at = self._morning_after(ready, 3, time(10))
            steps.append(self._step(at, Stage.RETURNED, "counter", "Trả kết quả", last.due_at))
        return steps

    def _smooth(self, filing: _Filing) -> list[Step]:
        return self._ended(self._taken(filing), filing.days * 3 // 4, collected=True)

    def _uncollected(self, filing: _Filing) -> list[Step]:
        return self._ended(self._taken(filing), filing.days // 2, collected=False)

    def _overdue(self, filing: _Filing) -> list[Step]:
        return self._ended(self._taken(filing), filing.days + 12, collected=True)

    def _asked_for_papers(self, filing: _Filing) -> list[Step]:
        steps = self._taken(filing)
        at = self._morning_after(steps[-1].at, 2, time(14))
        due = steps[-1].due_at
        return [*steps, self._step(at, Stage.SUPPLEMENT, "work", "Yêu cầu bổ sung", due)]

    def _asked_and_answered(self, filing: _Filing) -> list[Step]:
        steps = self._asked_for_papers(filing)
        answered = self._morning_after(steps[-1].at, 5, time(9))
        due = self._morning_after(steps[-1].due_at or answered, 5, time(17))
        again = self._step(answered, Stage.PROCESSING, "work", "Đã nhận giấy tờ bổ sung", due)
        return self._ended([*steps, again], filing.days // 2, collected=True)

    def _fee_due(self, filing: _Filing) -> list[Step]:
        steps = self._taken(filing)
        at = self._morning_after(steps[-1].at, max(1, filing.days // 3), time(10))
        due = steps[-1].due_at
        return [*steps, self._step(at, Stage.PAYMENT, "tax", "Thông báo nghĩa vụ tài chính", due)]

    def _fee_paid(self, filing: _Filing) -> list[Step]:
        steps = self._fee_due(filing)
        paid = self._morning_after(steps[-1].at, 4, time(9))
        due = self._morning_after(steps[-1].due_at or paid, 4, time(17))
        again = self._step(paid, Stage.PROCESSING, "work", "Đã nộp nghĩa vụ tài chính", due)
        return self._ended([*steps, again], filing.days // 2, collected=True)

    def _refused(self, filing: _Filing) -> list[Step]:
        first = self._taken(filing)[0]
        steps = [first] if first.stage is Stage.REGISTERED else []
        at = self._morning_after(filing.at, 1, time(11)) if steps else filing.at
        return [*steps, self._step(at, Stage.REFUSED, "counter", "Từ chối tiếp nhận")]

    def _withdrawn(self, filing: _Filing) -> list[Step]:
        steps = self._taken(filing)
        at = self._morning_after(steps[-1].at, 3, time(16))
        return [*steps, self._step(at, Stage.WITHDRAWN, "counter", "Công dân rút hồ sơ")]

    def _stopped(self, filing: _Filing) -> list[Step]:
        steps = self._asked_for_papers(filing)
        at = self._morning_after(steps[-1].at, 20, time(16))
        return [*steps, self._step(at, Stage.STOPPED, "work", "Dừng giải quyết hồ sơ")]

    def _step(
        self, at: datetime, stage: Stage, desk: str, action: str, due_at: datetime | None = None
    ) -> Step:
        return Step(at, stage, self._stuff["desks"][desk], action, due_at)

    def _next_working_day(self, day: date) -> date:
        # Kept: one look into the calendar takes a millisecond, and there are thousands.
        if day not in self._next_days:
            self._next_days[day] = self._office.next_working_day(day)
        return self._next_days[day]

    def _morning_after(self, at: datetime, days: int, clock: time) -> datetime:
        day = at.astimezone(VIETNAM).date()
        for _ in range(days):
            day = self._next_working_day(day)
        return _moment(day, clock)


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, VIETNAM)
