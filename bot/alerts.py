"""Tells the administrators' chat when something is wrong, and when it is right again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.jobs import Job
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.staff_chat import StaffChat
    from bot.vitals import Doctor, Vitals

LOOK_SECONDS = 30.0
SURE_AFTER = 2
"""Looks in a row that must see it: a database that restarts is no reason to wake somebody."""
SLOW = 300.0
"""Seconds the oldest question may wait for its answer."""
LEAST_FREE, LEAST_SHARE = 1_000_000_000, 0.05
"""Bytes and share of the disk that must be free."""

log = structlog.get_logger()


def troubles(vitals: Vitals) -> Iterator[tuple[str, str]]:
    """A key and a Vietnamese sentence for each thing that is wrong."""
    queues = vitals.queues
    if queues is None:
        yield "database", "Cơ sở dữ liệu không trả lời. Tin nhắn đang được giữ trên đĩa."
    elif vitals.spooling:
        yield "spool", "Có tin nhắn còn giữ trên đĩa, chưa vào cơ sở dữ liệu."
    if queues and queues.oldest_seconds > SLOW:
        yield "slow", f"Có câu hỏi chờ trả lời đã {queues.oldest_seconds / 60:.0f} phút."
    if queues and (dead := sum(queues.dead.values())):
        yield "dead", f"{dead} tin không gửi được trong 24 giờ qua. Xem /staff/undelivered."
    if not vitals.working:
        yield "workers", "Bộ phận trả lời đã dừng. Cần khởi động lại chương trình."
    if not vitals.procedures:
        yield "knowledge", "Không có thủ tục nào để trả lời."
    for channel in vitals.misconfigured:
        told = f"Kênh {channel} không nhận mã truy cập của mình. Chạy: python -m bot channels check"
        yield f"channel:{channel}", told
    for source in vitals.sources_down:
        yield f"source:{source}", f"Nguồn hồ sơ «{source}» không trả lời."
    if vitals.disk_free < max(LEAST_FREE, vitals.disk_total * LEAST_SHARE):
        yield "disk", f"Đĩa sắp đầy: còn {vitals.disk_free / 1e9:.1f} GB."


@dataclass
class _Raised:
    told: str
    seen: int = 0
    told_at_day: str = ""


@dataclass
class AlertDesk:
    """Looks again and again, and writes to one chat through the outbox.

    With several processes each looks for itself; what all see is told once, by the outbox's key.
    With the database down nothing can be told: a monitor that asks ``/readyz`` sees that.
    """

    doctor: Doctor
    chat: StaffChat
    _raised: dict[str, _Raised] = field(default_factory=dict)

    def job(self) -> Job:
        """The looking, by the clock."""
        return Job(name="alerts", every=LOOK_SECONDS, do=self.look)

    async def look(self) -> None:
        """Tell what is new, what is over, and once a day what is still wrong."""
        found = dict(troubles(await self.doctor.look()))
        now = self.doctor.clock().astimezone(VIETNAM)
        day = now.date().isoformat()
        for key, text in found.items():
            raised = self._raised.setdefault(key, _Raised(text))
            raised.seen += 1
            if raised.seen >= SURE_AFTER and raised.told_at_day != day:
                log.error("alarm", trouble=key)
                if await self._tell(f"{key}:{day}", f"⚠️ {text}"):
                    raised.told_at_day = day
        for key in [key for key in self._raised if key not in found]:
            over = self._raised.pop(key)
            if over.told_at_day:
                await self._tell(f"{key}:over:{now:%Y-%m-%dT%H:%M}", f"✅ Đã hết: {over.told}")

    async def _tell(self, key: str, text: str) -> bool:
        delivery = self.doctor.delivery
        channel = delivery.channel(self.chat.channel)
        if channel is None:
            return False
        departures = self.chat.departures(
            text,
            f"alert:{key}",
            channel,
            contact_hash=delivery.contact_hash,
            close=delivery.close,
            apology=True,
        )

        def write() -> None:
            with delivery.store.work() as work:
                work.queues.post(departures, at=delivery.now())

        try:
            await delivery.threaded(write)
        except Exception as error:
            log.warning("alarm_not_told", trouble=key, error=type(error).__name__)
            return False
        for each in departures:
            delivery.posted(each.channel, each.contact)
        return True
