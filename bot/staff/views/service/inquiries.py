"""The inquiry log: what was asked and how it ended, found by filters that can be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from bot.staff.rendering import PER_PAGE
from bot.staff.views.service.filters import NAMES, RATED, Chosen, choose
from bot.staff.words import CHANNELS, RATINGS, STATUS_GROUPS, STATUSES
from knowledge.accounts import Role
from knowledge.inquiries import Page, Place
from knowledge.model import Aspect
from knowledge.saved_filters import MOST, NAME_LENGTH, QUERY_LENGTH, TooManyFilters

if TYPE_CHECKING:
    from aiohttp import web

    from bot.staff.exchange import Exchange
    from handlers.services import Services
    from knowledge.store import UnitOfWork

HOME = "/staff/inquiries"
KEPT = "inquiries"
"""What filters of this page are kept under."""


def chosen(exchange: Exchange) -> Chosen:
    """The filter of the address."""
    return choose({name: exchange.asked(name) for name in NAMES}, exchange.today)


def aspect_words(services: Services) -> dict[str, str]:
    """What aspects are called, as on the bot's own buttons."""
    return {each.value: services.wording(f"aspect.{each}") for each in Aspect}


async def show_all(exchange: Exchange) -> web.StreamResponse:
    """One page of the log, the newest first; nonsense is said and nothing is looked up."""
    return await _page(exchange, chosen(exchange))


async def _page(
    exchange: Exchange, choice: Chosen, *, problem: str = "", name: str = ""
) -> web.StreamResponse:
    before, after = (Place.read(exchange.asked(each)) for each in ("before", "after"))
    me, wanted = exchange.me.id, choice.wanted

    def read(work: UnitOfWork) -> dict[str, Any]:
        found = Page(rows=())
        if wanted is not None:
            found = work.inquiry_log.page(wanted, limit=PER_PAGE, before=before, after=after)
        return {
            "page": found,
            "fields": work.register.fields(),
            "kept": work.saved_filters.of(me, KEPT),
        }

    services = exchange.site.desk.services
    trouble = problem or choice.problem
    return await exchange.page(
        "inquiries.html",
        status=422 if trouble else 200,
        choice=choice,
        problem=trouble,
        name=name,
        channels=CHANNELS,
        ratings=RATINGS,
        rated=RATED,
        statuses=STATUSES,
        groups=STATUS_GROUPS,
        aspects=aspect_words(services),
        titles={code: each.title for code, each in services.index.procedures.items()},
        exports=Role.ADMIN in exchange.me.roles,
        **await exchange.work(read),
    )


async def save_filter(exchange: Exchange) -> web.StreamResponse:
    """Keep the filter of the form under a name."""
    name, now, me = exchange.sent("name"), exchange.now, exchange.me.id
    sent = dict(parse_qsl(exchange.sent("query")[:QUERY_LENGTH]))
    choice = choose({each: sent.get(each, "").strip()[:200] for each in NAMES}, exchange.today)
    if not name or len(name) > NAME_LENGTH:
        why = f"Anh/chị đặt cho bộ lọc một tên, nhiều nhất {NAME_LENGTH} ký tự."
        return await _page(exchange, choice, problem=why, name=name[:NAME_LENGTH])
    if choice.problem:
        return await _page(exchange, choice, name=name)
    try:
        await exchange.work(
            lambda work: work.saved_filters.save(me, KEPT, name, choice.query, at=now)
        )
    except TooManyFilters:
        why = f"Mỗi người giữ nhiều nhất {MOST} bộ lọc. Anh/chị xóa bớt một bộ lọc cũ."
        return await _page(exchange, choice, problem=why, name=name)
    return await exchange.go(_address(choice), f"Đã lưu bộ lọc «{name}».")


async def remove_filter(exchange: Exchange) -> web.StreamResponse:
    """Forget a kept filter."""
    number, me = exchange.number("id", 0), exchange.me.id
    await exchange.work(lambda work: work.saved_filters.remove(me, number))
    return await exchange.go(HOME, "Đã xóa bộ lọc.")


def _address(choice: Chosen) -> str:
    return f"{HOME}?{urlencode(choice.told)}" if choice.told else HOME
