"""The worklist by date, with what the lint finds, made once for each state of the knowledge."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.staff.beside import Beside
from knowledge.lint import lint_procedures
from knowledge.review import Item, worklist

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from bot.desk import Desk


class ReviewBoard:
    """Records in force that must be looked at again; reads none of them from the database."""

    def __init__(self, desk: Desk, today: Callable[[], date]) -> None:
        self._desk = desk
        self._today = today
        self._items = Beside(self._made)

    async def items(self, *, patience: float = 1.0) -> list[Item] | None:
        """The worklist, what has waited longest first; ``None`` while the first one is made."""
        now = (id(self._desk.services.index), self._today())
        found = await self._items.look(now)
        return found if found is not None else await self._items.look(now, patience=patience)

    async def _made(self) -> list[Item]:
        services, today = self._desk.services, self._today()

        def make() -> list[Item]:
            records = list(services.index.procedures.values())
            problems = lint_procedures(records, today=today)
            return worklist(records, today=today, every=services.check_every, problems=problems)

        return await asyncio.to_thread(make)
