"""A dossier in plain words: where it is, since when, when it is due, what the citizen must do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from handlers import speech
from handlers.conversation import Button, Reply, Section, Shape
from knowledge.onestop import Dossier, Stage
from knowledge.workdays import VIETNAM, TooFar, clock

if TYPE_CHECKING:
    from datetime import date, datetime

    from handlers.services import Services
    from knowledge.onestop import Event, FeeDue, PapersAsked

OLD = timedelta(hours=1)
"""Data older than this was exported; a live system is asked at the moment of the question."""
_MOMENTS = (Stage.REFUSED, Stage.WITHDRAWN, Stage.RETURNED)
"""Stages that were over at once: «hôm thứ Tư», where others last «từ thứ Tư»."""
_HELD = (Stage.ACCEPTED, Stage.PROCESSING)
MOST_STEPS = 12
"""Steps of a dossier's way that are shown, the newest ones."""


def digest(dossier: Dossier) -> str:
    """What a citizen would call the same state, as 32 characters; another one is news."""
    state = [
        dossier.stage,
        None if dossier.stage else dossier.raw_status,
        _written(dossier.due_at),
        [each.what for each in open_papers(dossier)],
        [[each.name, each.amount] for each in dossier.fees],
        dossier.collect_at,
        dossier.refusal,
    ]
    text = json.dumps(state, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def title(dossier: Dossier, services: Services) -> str:
    """What the dossier is about, as people say it."""
    record = services.procedure(dossier.procedure_code) if dossier.procedure_code else None
    named = record.title if record else dossier.procedure_name
    return named or services.wording("hs.untitled")


def initials(name: str) -> str:
    """«Nguyễn Thị Hoa» as «N. T. H.»; a name is never shown whole."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def status(
    dossier: Dossier, services: Services, now: datetime, *, buttons: tuple[Button, ...] = ()
) -> Reply:
    """The state of a dossier whose owner proved it is theirs."""
    teller = _Teller(dossier, services, now)
    lead = teller.say("hs.lead", title=title(dossier, services))
    if dossier.applicant and (masked := initials(dossier.applicant)):
        lead = teller.say("hs.lead.of", title=title(dossier, services), name=masked)
    lines = [teller.stage_line(), *teller.due_lines(), *teller.handler_line()]
    return Reply(
        lead=lead,
        sections=(Section(lines=tuple(lines)), *teller.to_do()),
        buttons=buttons,
        source=teller.source(),
    )


def timeline(
    dossier: Dossier, services: Services, now: datetime, *, buttons: tuple[Button, ...] = ()
) -> Reply:
    """The way a dossier went, the newest step last."""
    teller = _Teller(dossier, services, now)
    steps = tuple(teller.step(each) for each in dossier.timeline[-MOST_STEPS:])
    say = services.wording
    return Reply(
        lead=say("hs.timeline", title=title(dossier, services)),
        sections=(Section(lines=steps or (say("hs.timeline.none"),), shape=Shape.BULLETS),),
        buttons=buttons,
        source=teller.source(),
    )


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def open_papers(dossier: Dossier) -> tuple[PapersAsked, ...]:
    return tuple(each for each in dossier.papers if each.done_at is None)


def day_of(at: datetime, now: datetime) -> str:
    """«thứ Tư 02/12», with the year when it is not this one."""
    local, this = at.astimezone(VIETNAM), now.astimezone(VIETNAM)
    return speech.day(local.date()) + (f"/{local.year}" if local.year != this.year else "")


def moment(at: datetime, now: datetime) -> str:
    """The same, with the hour when the source states one."""
    local = at.astimezone(VIETNAM)
    said = day_of(at, now)
    if (local.hour, local.minute) == (0, 0):
        return said
    return f"{clock(local.time().replace(second=0, microsecond=0))} {said}"


def since(dossier: Dossier) -> datetime | None:
    """Since when the dossier is where it is; ``None`` when the source does not tell."""
    if dossier.stage and dossier.stage.waits_for_citizen and dossier.paused_since:
        return dossier.paused_since
    if dossier.stage is Stage.RETURNED and dossier.returned_at:
        return dossier.returned_at
    if dossier.stage is Stage.FINISHED and dossier.finished_at:
        return dossier.finished_at
    began = None
    for event in reversed(dossier.timeline):
        if event.stage != dossier.stage:
            break
        began = event.at or began
    if began is None and dossier.stage is Stage.ACCEPTED:
        began = dossier.received_at
    return began


def is_overdue(dossier: Dossier, today: date) -> bool:
    """True when the office should have been done before today and does not wait for the citizen.

    It is claimed as far as the source's data go, and never behind a status that nobody knows.
    """
    if dossier.due_at is None or dossier.stage is None or dossier.stage.ended:
        return False
    if dossier.stage.waits_for_citizen:
        return False
    known = min(today, dossier.as_of.astimezone(VIETNAM).date())
    return dossier.due_at.astimezone(VIETNAM).date() < known


@dataclass(frozen=True)
class _Teller:
    """One dossier at one moment."""

    dossier: Dossier
    services: Services
    now: datetime

    def say(self, key: str, **values: object) -> str:
        return self.services.wording(key, **values)

    @property
    def today(self) -> date:
        return self.now.astimezone(VIETNAM).date()

    @property
    def holder(self) -> str:
        parts = (self.dossier.desk, self.dossier.office)
        return ", ".join(part for part in parts if part) or self.services.office.short_name

    def stage_line(self) -> str:
        dossier, began = self.dossier, since(self.dossier)
        if dossier.stage is None:
            return self.say("hs.stage.unknown", status=dossier.raw_status or "?")
        key = "hs.on" if dossier.stage in _MOMENTS else "hs.since"
        when = self.say(key, day=day_of(began, self.now)) if began else ""
        if when:
            # Behind the name of an office a comma; the sentence goes on by itself elsewhere.
            when = f", {when}" if dossier.stage in _HELD else f" {when}"
        return self.say(f"hs.stage.{dossier.stage.value}", since=when, holder=self.holder)

    def due_lines(self) -> list[str]:
        dossier = self.dossier
        if dossier.due_at is None or (dossier.stage and dossier.stage.ended):
            return []
        day = moment(dossier.due_at, self.now)
        if dossier.stage and dossier.stage.waits_for_citizen:
            return [self.say("hs.due.paused", day=day)]
        left = self._left()
        if left is None or dossier.stage is None:
            # Behind a state that nobody knows the result may lie ready.
            return [self.say("hs.due", day=day)]
        if not self._overdue() and dossier.due_at.astimezone(VIETNAM).date() < self.today:
            return [self.say("hs.due.unsure", day=day)]
        if left > 0:
            return [self.say("hs.due.left", day=day, count=left)]
        if not self._overdue():
            return [self.say("hs.due.today", day=day)]
        return [self.say("hs.due.late", day=day, count=-left) if left else self.say("hs.due.past")]

    def _left(self) -> int | None:
        assert self.dossier.due_at
        due = self.dossier.due_at.astimezone(VIETNAM).date()
        try:
            return self.services.office.workdays.working_days_until(due, self.today)
        except TooFar:
            return None

    def _overdue(self) -> bool:
        return is_overdue(self.dossier, self.today)

    def handler_line(self) -> list[str]:
        ended = self.dossier.stage is not None and self.dossier.stage.ended
        if ended or self.dossier.handler is None or not self.services.shows_handler:
            return []
        return [self.say("hs.handler", name=self.dossier.handler)]

    def to_do(self) -> list[Section]:
        """What the citizen must do, on its own; an overdue dossier also tells their rights."""
        stage = self.dossier.stage
        if stage is Stage.SUPPLEMENT:
            return [self._supplement()]
        if stage is Stage.PAYMENT:
            return [self._payment()]
        if stage is Stage.FINISHED:
            return [self._collect()]
        if stage is Stage.REFUSED:
            lines = [self.say("hs.refused.why", why=self.dossier.refusal)] * bool(
                self.dossier.refusal
            )
            return [Section(lines=(*lines, self.say("hs.refused")))]
        if stage in (Stage.STOPPED, Stage.WITHDRAWN, Stage.RETURNED):
            return [Section(lines=(self.say(f"hs.{stage.name.lower()}"),))]
        if self._overdue():
            office = self.services.office
            lines = [self.say("hs.late.duty"), self.say("hs.late.complain", at=office.complaints)]
            ask = self.say("hs.late.ask")
            if office.phone:
                ask = self.say("hs.late.call", phone=office.phone)
            lines.insert(1, ask)
            return [Section(lines=tuple(lines), shape=Shape.WARNING)]
        if stage is None:
            return []
        return [Section(lines=(self.say("hs.nothing_to_do"),))]

    def _supplement(self) -> Section:
        lines = []
        for each in open_papers(self.dossier):
            said = each.what if each.reason is None else f"{each.what} ({each.reason})"
            if each.deadline:
                said += self.say("hs.before", day=moment(each.deadline, self.now))
            lines.append(said)
        if not lines:
            lines = [self.say("hs.supplement.ask")]
        where = self.say("hs.supplement.where", portal=self.services.office.portal)
        return Section(
            heading=self.say("hs.supplement"),
            lines=(*lines, where, self.say("hs.clock_stands")),
            shape=Shape.WARNING,
        )

    def _payment(self) -> Section:
        fees = [self._fee(each) for each in self.dossier.fees]
        where = self.say("hs.payment.where", portal=self.services.office.portal)
        lines = [*fees, where] if fees else [self.say("hs.payment.ask")]
        return Section(
            heading=self.say("hs.payment"),
            lines=(*lines, self.say("hs.clock_stands")),
            shape=Shape.WARNING,
        )

    def _fee(self, fee: FeeDue) -> str:
        said = f"{fee.name}: {speech.money(fee.amount)}" if fee.amount is not None else fee.name
        return said + (
            self.say("hs.before", day=moment(fee.deadline, self.now)) if fee.deadline else ""
        )

    def _collect(self) -> Section:
        office = self.services.office
        where = self.dossier.collect_at or self.dossier.office or office.short_name
        hours = " và ".join(each.spoken() for each in office.hours)
        lines = [self.say("hs.collect", where=where), self.say("hs.collect.bring")]
        if hours:
            lines.insert(1, self.say("office.hours", hours=hours))
        return Section(lines=tuple(lines))

    def step(self, event: Event) -> str:
        what = self.say(f"hs.step.{event.stage.value}") if event.stage else event.raw or "…"
        by = f" – {event.by}" if event.by and self.services.shows_handler else ""
        when = f"{moment(event.at, self.now)}: " if event.at else ""
        return f"{when}{what}{by}"

    def source(self) -> str:
        local = self.dossier.as_of.astimezone(VIETNAM)
        old = self.now - self.dossier.as_of > OLD
        return self.say(
            "hs.source.old" if old else "hs.source",
            source=self.dossier.source,
            time=clock(local.time().replace(second=0, microsecond=0)),
            day=f"{local:%d/%m/%Y}",
        )
