"""The settings page, and the routes of all parts and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.app import SEED_AUTHOR
from bot.staff.gate import Route
from bot.staff.views.documents.editor import Editor
from bot.staff.views.documents.parts import PARTS, SETTINGS, home, siblings
from bot.staff.views.documents.versions import Ledger
from knowledge.accounts import Role

if TYPE_CHECKING:
    from aiohttp import web

    from bot.staff.exchange import Exchange
    from knowledge.documents import Version
    from knowledge.store import UnitOfWork


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """What can be changed, and who did so last."""

    def read(work: UnitOfWork) -> dict[str, Version | None]:
        return {each.document: work.documents.current(each.document) for each in PARTS}

    return await exchange.page(
        "settings.html",
        parts_of=[each for each in PARTS if siblings(each)[0] is each],
        siblings=siblings,
        current=await exchange.work(read),
        home=home,
        seed=SEED_AUTHOR,
    )


def _routes() -> tuple[Route, ...]:
    everybody = frozenset(Role)
    found = [Route(method="GET", path=SETTINGS, handler=show_all, roles=everybody, menu="Cài đặt")]
    for part in PARTS:
        editor, path = Editor(part), home(part)
        found += [
            Route(method="GET", path=path, handler=editor.show, roles=everybody),
            Route(method="GET", path=f"{path}/edit", handler=editor.form, roles=part.roles),
            Route(method="POST", path=f"{path}/edit", handler=editor.submit, roles=part.roles),
        ]
        if siblings(part)[0] is part:
            ledger = Ledger(part.document)
            found += [
                Route(method="GET", path=f"{path}/history", handler=ledger.show, roles=everybody),
                Route(
                    method="POST",
                    path=f"{path}/rollback",
                    handler=ledger.roll_back,
                    roles=part.roles,
                ),
            ]
    return tuple(found)


ROUTES = _routes()
