"""How the service did in a period and in the one before: what dashboard and report are made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.figures import Kind
from knowledge.metrics import measured
from knowledge.review import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.staff.exchange import Exchange
    from bot.staff.views.service.periods import Period
    from knowledge.figures import Counts
    from knowledge.handover_lists import Counts as Waiting
    from knowledge.metrics import Metrics
    from knowledge.quality import Accuracy
    from knowledge.store import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Span:
    """One period: its sums, its metrics, its statuses day by day."""

    period: Period
    counts: Counts
    metrics: Metrics
    daily: Mapping[date, Mapping[str, int]]
    accuracy: Accuracy
    """Of what the bot answered, as staff judged a random sample of it."""

    @classmethod
    def of(cls, work: UnitOfWork, period: Period) -> Span:
        """Read a period out of the daily figures."""
        counts = work.figures.totals(period.since, period.until)
        return cls(
            period=period,
            counts=counts,
            metrics=measured(counts),
            daily=work.figures.by_day(period.since, period.until, Kind.STATUS),
            accuracy=work.quality.accuracy(period.since, period.until),
        )


@dataclass(frozen=True, kw_only=True)
class Health:
    """The knowledge as it is now; ``due`` and ``contradictory`` are ``None`` while counted."""

    records: int
    confirmed: int
    due: int | None
    contradictory: int | None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A period beside the one before it. ``titles`` and ``fields`` are by procedure code."""

    now: Span
    before: Span
    waiting: Waiting
    health: Health
    titles: Mapping[str, str]
    fields: Mapping[str, str]

    def by_field(self, span: Span) -> Counter[str]:
        """Inquiries by field; a procedure that is gone has none."""
        found: Counter[str] = Counter()
        for code, count in span.counts[Kind.PROCEDURE].items():
            if field := self.fields.get(code):
                found[field] += count
        return found


async def overview(exchange: Exchange, period: Period, *, patience: float = 0.05) -> Overview:
    """Read everything for one page; waits ``patience`` seconds for what is counted beside."""
    services = exchange.site.desk.services
    items = await exchange.site.review.items(patience=patience)
    records = services.index.procedures.values()

    def read(work: UnitOfWork) -> tuple[Span, Span, Waiting]:
        spans = Span.of(work, period), Span.of(work, period.before)
        return *spans, work.handovers.lists.counts("")

    now, before, waiting = await exchange.work(read)

    def flagged(*flags: Flag) -> int | None:
        return None if items is None else sum(bool(set(flags) & set(each.flags)) for each in items)

    return Overview(
        now=now,
        before=before,
        waiting=waiting,
        health=Health(
            records=len(records),
            confirmed=sum(each.source.confirmed for each in records),
            due=flagged(Flag.OVERDUE, Flag.DUE),
            contradictory=flagged(Flag.CONTRADICTORY),
        ),
        titles={each.code: each.title for each in records},
        fields={each.code: each.field for each in records},
    )
