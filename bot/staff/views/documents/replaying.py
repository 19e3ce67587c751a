"""Past questions and regression cases asked again with a changed glossary or other phrases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.replay import Candidate, gather, replay_aside
from bot.staff.views.documents.part import Preview

if TYPE_CHECKING:
    from bot.replay import Material, Outcome
    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork

SINCE = timedelta(days=90)


async def replayed(exchange: Exchange, candidate: Candidate) -> Preview:
    """What the questions of the last 90 days, cases and names would come to."""
    now, today = exchange.now, exchange.today

    def read(work: UnitOfWork) -> Material:
        return gather(work, today=today, since=now - SINCE)

    material = await exchange.work(read)
    report = await replay_aside(material, candidate)
    return Preview(report=report, version=material.version)


def ended(outcome: Outcome) -> str:
    """What a question ends in, in words."""
    if outcome.answered:
        return f"{outcome.name} ({outcome.answered})"
    if outcome.codes:
        return f"hỏi lại: {', '.join(outcome.codes)}"
    return ENDS.get(outcome.decision, "không trả lời về thủ tục")


ENDS = {"clarify": "hỏi lại", "none": "không nhận ra"}
