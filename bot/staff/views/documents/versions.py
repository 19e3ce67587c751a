"""The versions of a document: what each changed, and one click to an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.app import SEED_AUTHOR
from bot.staff.rendering import Paging
from bot.staff.views.documents.parts import PARTS, SETTINGS, home
from knowledge.documents import Moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.documents import Body
    from bot.staff.exchange import Exchange
    from knowledge.documents import Version
    from knowledge.store import UnitOfWork

VERSIONS = 10
"""Versions on one page: each is read and compared as a whole."""
NOTED = 50
"""Changes that the audit lists; the versions themselves hold all of them."""
OTHER_PROGRAM = "Bản này của một phiên bản chương trình khác, không đọc được."
MOVED = "Có người vừa sửa. Anh/chị xem lại rồi bấm lần nữa."


class Ledger:
    """The versions of one document. Version 0 is what comes with the program."""

    def __init__(self, document: str) -> None:
        self.document = document
        self.parts = [each for each in PARTS if each.document == document]
        self.home = home(self.parts[0])

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Versions, the newest first, each with what it changed."""

        def read(work: UnitOfWork) -> tuple[Sequence[Version], Paging]:
            total = work.documents.count(self.document)
            page = Paging(page=exchange.number("page"), total=total, per_page=VERSIONS)
            return work.documents.history(
                self.document, limit=VERSIONS + 1, offset=page.offset
            ), page

        found, paging = await exchange.work(read)
        older: list[Version | None] = [*found[1:], None]
        pairs = list(zip(found, older, strict=False))[:VERSIONS]
        return await exchange.page(
            "document_history.html",
            title=self.parts[0].title,
            home=self.home,
            settings=SETTINGS,
            rows=[(each, self._changed(each, before)) for each, before in pairs],
            paging=paging,
            may=bool(self.parts[0].roles & exchange.me.roles),
            seed=SEED_AUTHOR,
        )

    async def roll_back(self, exchange: Exchange) -> web.StreamResponse:
        """Put an older version in force again, as a new one."""
        wanted, base = (_number(exchange.sent(name)) for name in ("number", "base"))
        who, now = exchange.me.login, exchange.now

        def write(work: UnitOfWork) -> str:
            old = work.documents.version(self.document, wanted)
            if wanted and old is None:
                raise web.HTTPNotFound
            try:
                part = self.parts[0]
                body = part.dump(part.load(old.body if old else None))
            except ValueError:
                return OTHER_PROGRAM
            reason = f"Trở lại bản {wanted}" if wanted else "Trở lại bản kèm chương trình"
            current = work.documents.current(self.document)
            lines = self._difference(current.body if current else None, body)
            try:
                work.documents.put(
                    self.document, body, author=who, at=now, reason=reason, expects=base
                )
            except Moved:
                return MOVED
            told = {"Lý do": reason, "Thay đổi": lines[:NOTED]}
            target = f"document:{self.document}"
            work.audit.record(who, "document.rollback", target, None, told, at=now)
            return f"{reason}. Bot dùng bản này trong vài giây."

        return await exchange.go(f"{self.home}/history", await exchange.work(write))

    def _changed(self, version: Version, before: Version | None) -> list[str]:
        if before is None and (version.number > 1 or version.author == SEED_AUTHOR):
            return []
        return self._difference(before.body if before else None, version.body)

    def _difference(self, old: Body | None, new: Body) -> list[str]:
        try:
            return [
                line
                for part in self.parts
                for line in part.difference(part.load(old), part.load(new))
            ]
        except ValueError:
            return [OTHER_PROGRAM]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 8:
        raise web.HTTPNotFound
    return int(text)
