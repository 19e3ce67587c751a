"""The week's summary of records to look at again, sent once a week to the administrators' chat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.jobs import Job
from knowledge.lint import lint_procedures
from knowledge.offices import VIETNAM
from knowledge.review import weekly_summary, worklist

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from bot.channels import Channel
    from bot.desk import Desk
    from bot.sealing import Seal
    from bot.staff_chat import StaffChat

EVERY = 600.0
FROM = time(7, 30)
"""Monday from this hour in Vietnam, or the first look after it until Friday."""
FRIDAY = 4

log = structlog.get_logger()


@dataclass(kw_only=True)
class Weekly:
    """Tells it; the key of the call in the outbox makes it once a week over all processes."""

    desk: Desk
    seal: Seal
    channels: Mapping[str, Channel]
    chat: StaffChat
    clock: Callable[[], datetime]
    _told: date | None = None

    def job(self) -> Job:
        """What is done by the clock."""
        return Job(name="weekly summary", every=EVERY, do=self.tell)

    async def tell(self) -> bool:
        """Put this week's summary into the outbox when it is time; True when this did it.

        A week without anything to look at is not told.
        """
        now = self.clock().astimezone(VIETNAM)
        monday = now.date() - timedelta(days=now.weekday())
        late = now.weekday() > FRIDAY
        if self._told == monday or late or (now.weekday() == 0 and now.time() < FROM):
            return False
        channel = self.channels.get(self.chat.channel)
        if channel is None:
            log.error("staff_chat_unreachable", channel=self.chat.channel)
            self._told = monday
            return False
        text = await asyncio.to_thread(self._summary, monday)
        told = bool(text) and await asyncio.to_thread(self._post, channel, text, monday)
        self._told = monday
        return told

    def _summary(self, monday: date) -> str:
        services = self.desk.services
        records = list(services.index.procedures.values())
        problems = lint_procedures(records, today=monday)
        items = worklist(records, today=monday, every=services.check_every, problems=problems)
        return weekly_summary(items, today=monday) if items else ""

    def _post(self, channel: Channel, text: str, monday: date) -> bool:
        departures = self.chat.departures(
            text,
            f"weekly:{monday}",
            channel,
            contact_hash=self.desk.contact_hash,
            close=self.seal.close,
            apology=False,
        )
        with self.desk.store.work() as work:
            work.queues.post(departures, at=self.clock())
        return bool(departures)
