"""Every staff page and action with the role it needs, in one table."""

from __future__ import annotations

from bot.handover import ANSWERING
from bot.staff.gate import LOGIN, LOGOUT, NEW_PASSWORD, Route
from bot.staff.views import (
    accounts,
    audit,
    frame,
    home,
    inbox,
    me,
    procedures,
    sign_in,
    undelivered,
)
from bot.staff.views.documents import pages as documents
from knowledge.accounts import Role

EVERYBODY = frozenset(Role)
ADMINS = frozenset([Role.ADMIN])
ONE = r"/staff/inbox/{id:\d+}"

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
        path="/staff/inbox",
        handler=inbox.show_all,
        roles=EVERYBODY,
        menu="Hộp thư bàn giao",
    ),
    Route(
        method="GET",
        path="/staff/inbox/part",
        handler=inbox.list_part,
        roles=EVERYBODY,
        watched=True,
    ),
    Route(method="GET", path=ONE, handler=inbox.show, roles=EVERYBODY),
    Route(method="GET", path=f"{ONE}/part", handler=inbox.talk_part, roles=EVERYBODY, watched=True),
    Route(method="POST", path=f"{ONE}/draft", handler=inbox.draft, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/answer", handler=inbox.answer, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/note", handler=inbox.note, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/take", handler=inbox.take, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/hand-on", handler=inbox.hand_on, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/close", handler=inbox.close, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/reopen", handler=inbox.reopen, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/again", handler=inbox.send_again, roles=ANSWERING),
    Route(method="POST", path=f"{ONE}/reveal", handler=inbox.reveal, roles=ANSWERING),
    Route(
        method="GET",
        path="/staff/procedures",
        handler=procedures.show_all,
        roles=EVERYBODY,
        menu="Thủ tục",
    ),
    Route(method="GET", path="/staff/procedures/{code}", handler=procedures.show, roles=EVERYBODY),
    *documents.ROUTES,
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
