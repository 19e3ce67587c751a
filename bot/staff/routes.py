"""Every staff page and action with the role it needs, in one table."""

from __future__ import annotations

from bot.handover import ANSWERING
from bot.staff.gate import LOGIN, LOGOUT, NEW_PASSWORD, Route
from bot.staff.views import (
    accounts,
    aliases,
    approval,
    audit,
    corrections,
    drafts,
    editing,
    exports,
    frame,
    home,
    imports,
    inbox,
    me,
    missed,
    procedures,
    review,
    sign_in,
    trial,
    undelivered,
)
from bot.staff.views.documents import pages as documents
from bot.staff.views.service import pages as service
from knowledge.accounts import OFFICIALS, Role

EVERYBODY = frozenset(Role)
ADMINS = frozenset([Role.ADMIN])
ONE = r"/staff/inbox/{id:\d+}"
CORRECTION = "/staff/corrections/{code}"
IMPORT = "/staff/import/{import:[0-9a-f]{16}}"
MISSED = "/staff/missed/{key:[0-9a-f]{32}}"
EDITORS, APPROVERS = procedures.EDITORS, procedures.APPROVERS
RECORD = 2 * 1024 * 1024
"""Bytes of the form of a record."""
SEALED = 2 * RECORD
"""Bytes of a log-in form, which may carry the form of a record whose session ran out."""
_RECORD = "/staff/procedures/{code}"
_DRAFT = f"{_RECORD}/draft"
_REVISION = _RECORD + r"/revisions/{number:\d+}"

ROUTES = (
    Route(method="GET", path="/staff/static/{name}", handler=frame.asset, roles=None),
    Route(method="GET", path="/staff", handler=frame.to_home, roles=None),
    Route(method="GET", path=LOGIN, handler=sign_in.show, roles=None),
    Route(method="POST", path=LOGIN, handler=sign_in.submit, roles=None, most=SEALED),
    Route(
        method="POST",
        path="/staff/login/code",
        handler=sign_in.submit_code,
        roles=None,
        most=SEALED,
    ),
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
    Route(method="GET", path="/staff/procedures/new", handler=editing.show, roles=EDITORS),
    Route(
        method="POST",
        path="/staff/procedures/new",
        handler=editing.send,
        roles=EDITORS,
        most=RECORD,
    ),
    Route(method="GET", path=_RECORD, handler=procedures.show, roles=EVERYBODY),
    Route(method="GET", path=f"{_RECORD}/edit", handler=editing.show, roles=EDITORS),
    Route(method="POST", path=f"{_RECORD}/edit", handler=editing.send, roles=EDITORS, most=RECORD),
    Route(method="POST", path=f"{_RECORD}/keep", handler=editing.keep, roles=EDITORS, most=RECORD),
    Route(method="GET", path=f"{_RECORD}/aliases", handler=aliases.show, roles=EDITORS),
    Route(method="POST", path=f"{_RECORD}/aliases", handler=aliases.add, roles=EDITORS),
    Route(method="GET", path=_DRAFT, handler=drafts.show, roles=EDITORS),
    Route(method="POST", path=_DRAFT, handler=drafts.submit, roles=EDITORS),
    Route(method="GET", path=f"{_DRAFT}/replay", handler=drafts.show_replay, roles=EDITORS),
    Route(method="POST", path=f"{_DRAFT}/rebase", handler=drafts.rebase, roles=EDITORS),
    Route(method="POST", path=f"{_DRAFT}/drop", handler=drafts.discard, roles=EDITORS),
    Route(method="POST", path=f"{_RECORD}/adopt", handler=drafts.adopt, roles=EDITORS),
    Route(method="POST", path=f"{_RECORD}/retire", handler=drafts.retire, roles=EDITORS),
    Route(
        method="GET",
        path="/staff/approval",
        handler=approval.show_all,
        roles=EVERYBODY,
        menu="Chờ duyệt",
    ),
    Route(method="GET", path=_REVISION, handler=approval.show, roles=EVERYBODY),
    Route(method="GET", path=f"{_REVISION}/replay", handler=approval.show_replay, roles=EVERYBODY),
    Route(method="POST", path=f"{_REVISION}/approve", handler=approval.approve, roles=APPROVERS),
    Route(method="POST", path=f"{_REVISION}/reject", handler=approval.reject, roles=APPROVERS),
    Route(
        method="POST",
        path=f"{_REVISION}/withdraw",
        handler=approval.withdraw,
        roles=EDITORS | APPROVERS,
    ),
    Route(method="POST", path=f"{_REVISION}/rollback", handler=approval.roll_back, roles=APPROVERS),
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
    *documents.ROUTES,
    *service.ROUTES,
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
