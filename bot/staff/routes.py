"""Every staff page and action with the role it needs, in one table."""

from __future__ import annotations

from bot.staff.gate import LOGIN, LOGOUT, NEW_PASSWORD, Route
from bot.staff.views import (
    accounts,
    audit,
    corrections,
    exports,
    frame,
    home,
    imports,
    me,
    missed,
    procedures,
    review,
    sign_in,
    trial,
    undelivered,
)
from knowledge.accounts import OFFICIALS, Role

EVERYBODY = frozenset(Role)
ADMINS = frozenset([Role.ADMIN])
CORRECTION = "/staff/corrections/{code}"
IMPORT = "/staff/import/{import:[0-9a-f]{16}}"
MISSED = "/staff/missed/{key:[0-9a-f]{32}}"

ROUTES = (
    Route(method="GET", path="/staff/static/{name}", handler=frame.asset, roles=None),
    Route(method="GET", path="/staff", handler=frame.to_home, roles=None),
    Route(method="GET", path=LOGIN, handler=sign_in.show, roles=None),
    Route(method="POST", path=LOGIN, handler=sign_in.submit, roles=None),
    Route(method="POST", path="/staff/login/code", handler=sign_in.submit_code, roles=None),
    Route(method="POST", path=LOGOUT, handler=me.log_out, roles=EVERYBODY),
    Route(method="GET", path="/staff/", handler=home.show, roles=EVERYBODY, menu="Việc của tôi"),
    Route(
        method="GET",
        path="/staff/procedures",
        handler=procedures.show_all,
        roles=EVERYBODY,
        menu="Thủ tục",
    ),
    Route(method="GET", path="/staff/procedures/{code}", handler=procedures.show, roles=EVERYBODY),
    Route(
        method="GET",
        path="/staff/missed",
        handler=missed.show_all,
        roles=EVERYBODY,
        menu="Câu hỏi bị lỡ",
    ),
    Route(method="POST", path="/staff/missed/refresh", handler=missed.refresh, roles=OFFICIALS),
    Route(method="GET", path=MISSED, handler=missed.show, roles=EVERYBODY),
    Route(method="POST", path=f"{MISSED}/teach", handler=missed.learn, roles=OFFICIALS),
    Route(method="POST", path=f"{MISSED}/decide", handler=missed.decide, roles=OFFICIALS),
    Route(
        method="GET",
        path="/staff/review",
        handler=review.show,
        roles=EVERYBODY,
        menu="Cần rà soát",
    ),
    Route(method="POST", path="/staff/review/{code}", handler=review.checked, roles=OFFICIALS),
    Route(method="GET", path="/staff/corrections", handler=corrections.find, roles=EVERYBODY),
    Route(method="GET", path=CORRECTION, handler=corrections.show, roles=EVERYBODY),
    Route(method="POST", path=CORRECTION, handler=corrections.submit, roles=OFFICIALS),
    Route(method="GET", path="/staff/try", handler=trial.show, roles=EVERYBODY, menu="Hỏi thử"),
    Route(method="POST", path="/staff/try", handler=trial.ask, roles=EVERYBODY),
    Route(
        method="GET",
        path="/staff/import",
        handler=imports.show_all,
        roles=EVERYBODY,
        menu="Nhập, xuất",
    ),
    Route(
        method="POST",
        path="/staff/import",
        handler=imports.take,
        roles=OFFICIALS,
        most=imports.MOST_FILE,
    ),
    Route(method="GET", path=IMPORT, handler=imports.show, roles=EVERYBODY),
    Route(method="POST", path=IMPORT, handler=imports.act, roles=OFFICIALS),
    Route(method="GET", path="/staff/export", handler=exports.show, roles=EVERYBODY),
    Route(method="GET", path="/staff/export/{file}", handler=exports.download, roles=EVERYBODY),
    Route(
        method="GET",
        path="/staff/accounts",
        handler=accounts.show_all,
        roles=ADMINS,
        menu="Tài khoản",
    ),
    Route(method="GET", path="/staff/accounts/new", handler=accounts.show_new, roles=ADMINS),
    Route(method="POST", path="/staff/accounts/new", handler=accounts.add, roles=ADMINS),
    Route(method="GET", path=r"/staff/accounts/{id:\d+}", handler=accounts.show, roles=ADMINS),
    Route(method="POST", path=r"/staff/accounts/{id:\d+}", handler=accounts.change, roles=ADMINS),
    Route(
        method="POST",
        path=r"/staff/accounts/{id:\d+}/active",
        handler=accounts.set_active,
        roles=ADMINS,
    ),
    Route(
        method="POST",
        path=r"/staff/accounts/{id:\d+}/password",
        handler=accounts.reset_password,
        roles=ADMINS,
    ),
    Route(
        method="POST",
        path=r"/staff/accounts/{id:\d+}/totp",
        handler=accounts.remove_totp,
        roles=ADMINS,
    ),
    Route(
        method="POST",
        path=r"/staff/accounts/{id:\d+}/sessions",
        handler=accounts.end_sessions,
        roles=ADMINS,
    ),
    Route(method="GET", path="/staff/audit", handler=audit.show, roles=ADMINS, menu="Nhật ký"),
    Route(method="GET", path="/staff/audit.csv", handler=audit.export, roles=ADMINS),
    Route(
        method="GET",
        path="/staff/undelivered",
        handler=undelivered.show,
        roles=ADMINS,
        menu="Tin không gửi được",
    ),
    Route(method="GET", path="/staff/me", handler=me.show, roles=EVERYBODY),
    Route(method="GET", path=NEW_PASSWORD, handler=me.show_password, roles=EVERYBODY),
    Route(method="POST", path=NEW_PASSWORD, handler=me.change_password, roles=EVERYBODY),
    Route(method="GET", path="/staff/me/totp", handler=me.show_totp, roles=EVERYBODY),
    Route(method="POST", path="/staff/me/totp", handler=me.enrol_totp, roles=EVERYBODY),
    Route(method="POST", path="/staff/me/totp/off", handler=me.end_totp, roles=EVERYBODY),
    Route(method="POST", path="/staff/me/sessions", handler=me.end_sessions, roles=EVERYBODY),
    Route(method="GET", path="/staff/{rest:.*}", handler=frame.nothing_here, roles=None),
)
