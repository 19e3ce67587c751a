"""How staff pages are drawn: templates, the words for times and roles, the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.staff import words
from bot.staff.words import ROLE_MEANINGS, ROLES
from handlers.conversation import Shape
from knowledge.accounts import Role
from knowledge.difference import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.staff.exchange import Exchange
    from bot.staff.gate import Route

HERE = Path(__file__).parent
PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Paging:
    """Which page of how many rows."""

    page: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (min(max(self.page, 1), self.pages) - 1) * self.per_page

    @property
    def current(self) -> int:
        """The page that is shown: the nearest there is."""
        return self.offset // self.per_page + 1


class Pages:
    """All templates with what every page needs."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._menu = [route for route in routes if route.menu]
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "when": words.when,
            "day": words.day,
            "span": words.span,
            "number": words.number,
            "browser": words.browser,
            "label": words.label,
            "told": words.told,
            "status": words.status,
            "mood": words.mood,
            "score": words.score,
            "said": said,
        }
        self._environment.tests["starting"] = str.startswith
        self._environment.globals |= {
            "role_names": ROLES,
            "role_meanings": ROLE_MEANINGS,
            "changes": words.changes,
            "clock": words.clock,
            "Role": Role,
            "Shape": Shape,
        }

    def render(
        self,
        template: str,
        exchange: Exchange,
        notices: Sequence[str],
        values: Mapping[str, Any],
    ) -> str:
        """One page as text. A value that is missing is an error, never an empty place."""
        account = exchange.account
        menu = [
            route for route in self._menu if account and route.roles and route.roles & account.roles
        ]
        path = exchange.request.path
        leading = [r.path for r in menu if path == r.path or path.startswith(f"{r.path}/")]
        here = max(leading, key=len, default="")
        query = exchange.request.query

        def address(**changed: object) -> str:
            """This page with other values in its address; empty ones are left out."""
            merged = {**query, **{name: str(value) for name, value in changed.items()}}
            return "?" + urlencode({name: value for name, value in merged.items() if value})

        shown = {
            "me": account,
            "office": exchange.site.desk.services.office.name,
            "csrf": exchange.csrf,
            "menu": menu,
            "here": here,
            "notices": notices,
            "address": address,
            "now": exchange.now,
            **values,
        }
        return self._environment.get_template(template).render(shown)
