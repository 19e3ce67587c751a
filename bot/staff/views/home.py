"""The first page: what waits for me, by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.app import now
from bot.handover import ANSWERING
from bot.staff.exchange import ROOT
from bot.staff.views import missed, review
from bot.staff.views.procedures import due_before
from knowledge.accounts import OFFICIALS, Account, Role
from knowledge.register import Wanted
from knowledge.tables import RevisionState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from aiohttp import web

    from bot.staff.exchange import Exchange
    from knowledge.store import UnitOfWork

FEW_SPARES = 3


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that waits, and where it is done. ``count`` 0 means there is nothing to count."""

    what: str
    path: str
    why: str = ""
    count: int = 0


def _citizens(work: UnitOfWork, account: Account, _today: date) -> Task | None:
    counts = work.handovers.lists.counts(account.login)
    if not counts.unanswered:
        return None
    parts = [f"{counts.untaken} chưa ai nhận"] * bool(counts.untaken)
    parts += [f"{counts.mine_unanswered} của anh/chị"] * bool(counts.mine_unanswered)
    why = ", ".join(parts) or "Đồng nghiệp đang giữ."
    what = "người dân đang chờ cán bộ trả lời"
    return Task(what=what, path=f"{ROOT}/inbox", why=why, count=counts.unanswered)


def _drafts(work: UnitOfWork, _account: Account, _today: date) -> Task | None:
    count = work.register.count(Wanted(drafts=True))
    path = f"{ROOT}/procedures?drafts=yes"
    return Task(what="bản nhập về chưa đưa vào dùng", path=path, count=count) if count else None


def _in_review(work: UnitOfWork, account: Account, _today: date) -> Task | None:
    count = work.revisions.count_waiting(RevisionState.IN_REVIEW, but=account.login)
    what = "bản chờ anh/chị duyệt"
    return Task(what=what, path=f"{ROOT}/approval", count=count) if count else None


def _mine(work: UnitOfWork, account: Account, _today: date) -> Task | None:
    count = len(work.revisions.drafts(author=account.login))
    return (
        Task(what="bản nháp anh/chị đang soạn", path=f"{ROOT}/approval", count=count)
        if count
        else None
    )


def _unconfirmed(work: UnitOfWork, _account: Account, _today: date) -> Task | None:
    count = work.register.count(Wanted(confirmed=False))
    if not count:
        return None
    return Task(
        what="thủ tục cán bộ chưa xác nhận",
        path=f"{ROOT}/procedures?confirmed=no",
        why="Người dân thấy dòng «cán bộ chưa xác nhận» dưới mỗi câu trả lời.",
        count=count,
    )


def _due(work: UnitOfWork, _account: Account, today: date) -> Task | None:
    count = work.register.count(Wanted(due=due_before(today)))
    path = f"{ROOT}/procedures?due=yes"
    return Task(what="thủ tục đến hạn kiểm tra lại", path=path, count=count) if count else None


def _undelivered(work: UnitOfWork, _account: Account, _today: date) -> Task | None:
    count = len(work.queues.dead())
    if not count:
        return None
    return Task(
        what="tin không gửi được tới người dân",
        path=f"{ROOT}/undelivered",
        why="Nền tảng không nhận; bấm để xem vì sao.",
        count=count,
    )


def _to_judge(work: UnitOfWork, _account: Account, _today: date) -> Task | None:
    count = work.quality.waiting()
    if not count:
        return None
    return Task(
        what="câu trả lời chờ chấm đúng sai",
        path=f"{ROOT}/quality",
        why="Rút ngẫu nhiên mỗi tuần; mỗi câu chừng nửa phút.",
        count=count,
    )


def _off(work: UnitOfWork, _account: Account, _today: date) -> Task | None:
    count = len(work.switches.board(now()).switches)
    if not count:
        return None
    return Task(
        what="thứ đang tắt (bot, kênh hay thủ tục)",
        path=f"{ROOT}/switches",
        why="Người dân đọc câu xin lỗi thay cho câu trả lời.",
        count=count,
    )


def _second_factor(_work: UnitOfWork, account: Account, _today: date) -> Task | None:
    if not account.has_totp:
        return Task(
            what="Bật mã một lần cho tài khoản của anh/chị",
            path=f"{ROOT}/me",
            why="Có mật khẩu bị lộ cũng không ai vào được. Mất một phút.",
        )
    if account.recovery_left < FEW_SPARES:
        return Task(what="Sắp hết mã dự phòng: tắt rồi bật lại mã một lần", path=f"{ROOT}/me")
    return None


WAITING: tuple[tuple[frozenset[Role], Callable[[UnitOfWork, Account, date], Task | None]], ...] = (
    (frozenset(Role), _off),
    (ANSWERING, _citizens),
    (frozenset([Role.APPROVER]), _in_review),
    (frozenset([Role.OFFICER]), _mine),
    (frozenset([Role.OFFICER, Role.APPROVER]), _drafts),
    (frozenset([Role.OFFICER, Role.APPROVER]), _due),
    (frozenset([Role.OFFICER, Role.APPROVER]), _unconfirmed),
    (OFFICIALS, _to_judge),
    (frozenset([Role.ADMIN]), _undelivered),
    (frozenset(Role), _second_factor),
)
"""Each look at what may wait, and the roles it is for."""


async def show(exchange: Exchange) -> web.StreamResponse:
    """What waits for me."""
    account, today = exchange.me, exchange.today

    def look(work: UnitOfWork) -> list[Task]:
        found = [see(work, account, today) for roles, see in WAITING if roles & account.roles]
        return [task for task in found if task]

    tasks = [*await exchange.work(look), *await _beside(exchange)]
    week = await review.summary(exchange) if OFFICIALS & account.roles else ""
    return await exchange.page("home.html", tasks=tasks, week=week)


async def _beside(exchange: Exchange) -> list[Task]:
    """What is counted beside the pages, not read from the database for each view."""
    if not OFFICIALS & exchange.me.roles:
        return []
    found = []
    if count := await missed.count(exchange):
        path, why = f"{ROOT}/missed", "Bấm đúng thủ tục là bot học ngay."
        found.append(Task(what="nhóm câu hỏi bị lỡ", path=path, why=why, count=count))
    return found
