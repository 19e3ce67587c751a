"""Citizens as Zalo knows them: following, last sign of life, free replies left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.zalo_oa_rules import Refused

FREE = timedelta(hours=48)
LONGEST = timedelta(days=7)
REPLIES = 8


@dataclass
class Person:
    """What the platform allows towards one citizen."""

    follows: bool = True
    last: datetime | None = None
    left: int = REPLIES
    billed: int = 0
    refuses_templates: bool = False

    def interact(self, now: datetime) -> None:
        """A message, a press, a follow: the window opens anew."""
        self.last = now
        self.left = REPLIES

    def take(self, now: datetime) -> dict[str, str]:
        """Count one message to them; the quota as Zalo tells it. Raises ``Refused``."""
        if not self.follows:
            raise Refused(-213, "User has not followed OA")
        if self.last is None or now - self.last > LONGEST:
            raise Refused(-230, "User has not interacted with the OA in the past 7 days")
        if now - self.last > FREE:
            self.billed += 1
            return {"quota_type": "purchase_quota", "remain": "4321", "total": "5000"}
        if self.left == 0:
            raise Refused(-211, "Out of quota")
        self.left -= 1
        return {"quota_type": "reply", "remain": str(self.left), "total": str(REPLIES)}
