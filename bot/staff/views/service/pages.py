"""The routes of the pages on how the service does."""

from __future__ import annotations

from bot.staff.gate import Route
from bot.staff.views.service import (
    conversation,
    dashboard,
    exports,
    inquiries,
    quality,
    reports,
    switches,
)
from knowledge.accounts import OFFICIALS, Role

EVERYBODY = frozenset(Role)
ADMINS = frozenset([Role.ADMIN])
LOG_READERS = frozenset([Role.ADMIN, Role.VIEWER])
"""Officers may see conversations of their own office only, and the log knows no office yet."""
_LOG = inquiries.HOME
_SAMPLE = quality.HOME + r"/{id:\d+}"

ROUTES = (
    Route(
        method="GET",
        path=dashboard.HOME,
        handler=dashboard.show,
        roles=EVERYBODY,
        menu="Số liệu",
    ),
    Route(
        method="GET",
        path=f"{dashboard.HOME}/report.docx",
        handler=reports.show,
        roles=EVERYBODY,
    ),
    Route(
        method="GET",
        path=_LOG,
        handler=inquiries.show_all,
        roles=LOG_READERS,
        menu="Câu hỏi",
    ),
    Route(method="POST", path=_LOG, handler=inquiries.save_filter, roles=LOG_READERS),
    Route(
        method="POST",
        path=_LOG + r"/filters/{id:\d+}/remove",
        handler=inquiries.remove_filter,
        roles=LOG_READERS,
    ),
    Route(method="GET", path=f"{_LOG}.csv", handler=exports.as_csv, roles=ADMINS),
    Route(method="GET", path=f"{_LOG}.xlsx", handler=exports.as_xlsx, roles=ADMINS),
    Route(method="GET", path=_LOG + r"/{id:\d+}", handler=conversation.show, roles=LOG_READERS),
    Route(
        method="GET",
        path=quality.HOME,
        handler=quality.show,
        roles=EVERYBODY,
        menu="Chất lượng",
    ),
    Route(method="GET", path=f"{quality.HOME}/next", handler=quality.go_on, roles=OFFICIALS),
    Route(method="GET", path=_SAMPLE, handler=quality.judge, roles=OFFICIALS),
    Route(method="POST", path=_SAMPLE, handler=quality.label, roles=OFFICIALS),
    Route(
        method="GET",
        path=switches.HOME,
        handler=switches.show,
        roles=EVERYBODY,
        menu="Công tắc, thông báo",
    ),
    Route(method="POST", path=f"{switches.HOME}/off", handler=switches.turn_off, roles=ADMINS),
    Route(method="POST", path=f"{switches.HOME}/on", handler=switches.turn_on, roles=ADMINS),
    Route(method="POST", path=f"{switches.HOME}/announce", handler=switches.announce, roles=ADMINS),
    Route(
        method="POST",
        path=switches.HOME + r"/announcements/{id:\d+}/end",
        handler=switches.take_down,
        roles=ADMINS,
    ),
)
