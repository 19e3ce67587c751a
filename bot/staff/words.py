"""Vietnamese words for roles, for what the audit records, for times and numbers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.staff.editing.layout import spoken
from handlers.conversation import Status
from knowledge.accounts import Role
from knowledge.labels import LABELS
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from knowledge.audit import State

ROLES: Mapping[Role, str] = {
    Role.OFFICER: "Cán bộ",
    Role.APPROVER: "Người duyệt",
    Role.ADMIN: "Quản trị",
    Role.VIEWER: "Người xem",
}
ROLE_MEANINGS: Mapping[Role, str] = {
    Role.OFFICER: "soạn và sửa nội dung, trả lời người dân",
    Role.APPROVER: "duyệt nội dung trước khi đưa vào dùng",
    Role.ADMIN: "tài khoản, cài đặt, nhật ký",
    Role.VIEWER: "chỉ xem",
}
ACTIONS: Mapping[str, str] = {
    "account.add": "Thêm tài khoản",
    "account.change": "Sửa tài khoản",
    "account.activate": "Mở lại tài khoản",
    "account.deactivate": "Khóa tài khoản",
    "account.password": "Đổi mật khẩu",
    "account.reset": "Cấp lại mật khẩu",
    "account.totp_on": "Bật mã một lần",
    "account.totp_off": "Tắt mã một lần",
    "session.open": "Đăng nhập",
    "session.close": "Đăng xuất",
    "session.end": "Đăng xuất nơi khác",
    "audit.export": "Xuất nhật ký",
    "handover.take": "Nhận câu hỏi",
    "handover.take_over": "Nhận thay câu hỏi",
    "handover.hand_on": "Chuyển câu hỏi",
    "handover.answer": "Trả lời người dân",
    "handover.note": "Ghi chú nội bộ",
    "handover.close": "Kết thúc trao đổi",
    "handover.reopen": "Mở lại trao đổi",
    "handover.reveal": "Xem phần bị che",
    "handover.send_again": "Gửi lại tin",
    "procedure.teach": "Dạy tên gọi",
    "missed.decide": "Xử lý câu hỏi bị lỡ",
    "procedure.checked": "Kiểm tra lại thủ tục",
    "procedure.export": "Xuất thủ tục",
    "correction.send": "Gửi đính chính",
    "import.write": "Nhập từ tệp",
    "procedure.alias": "Thêm tên thường gọi",
    "procedure.adopt": "Nhận bản nhập về",
    "procedure.discard": "Bỏ bản nháp",
    "procedure.submit": "Gửi duyệt thủ tục",
    "procedure.approve": "Duyệt thủ tục",
    "procedure.reject": "Trả lại bản gửi duyệt",
    "procedure.withdraw": "Rút lại bản gửi duyệt",
    "procedure.rollback": "Lấy lại bản cũ",
    "document.change": "Sửa nội dung chung",
    "document.rollback": "Trở lại bản cũ",
    "quality.label": "Chấm câu trả lời",
    "switch.off": "Tắt",
    "switch.on": "Bật lại",
    "announcement.add": "Ra thông báo",
    "announcement.end": "Gỡ thông báo",
    "inquiry.open": "Xem một cuộc hỏi đáp",
    "inquiry.export": "Xuất câu hỏi của người dân",
}
"""An action without a word here is shown as it is recorded."""

FIELDS: Mapping[str, str] = {
    "name": "Họ tên",
    "login": "Tên đăng nhập",
    "roles": "Vai trò",
    "role": "Vai trò",
    "active": "Đang dùng",
    "since": "Từ ngày",
    "until": "Đến hết ngày",
    "actor": "Ai",
    "action": "Việc",
    "target": "Đối tượng",
    "sentence": "Câu",
    "means": "Nghĩa là",
    "day": "Ngày",
    "notice": "Thông báo",
    "reply_text": "Trả lời người dân",
    "internal": "Ghi chú nội bộ",
    "colleague": "Chuyển cho",
    "token": "Mã biểu mẫu",
    "holder": "Người giữ",
    "message": "Tin số",
    "silently": "Không nhắn người dân",
    "verdict": "Xử lý",
    "note": "Ghi chú",
    "checked_on": "Kiểm tra ngày",
    "revisions": "Lần sửa",
    "reached": "Số người nhận",
    "file": "Tệp",
    "count": "Số thủ tục",
    "forced": "Dạy dù lấy mất câu của thủ tục khác",
    "reason": "Vì sao",
    "changes": "Thay đổi",
    "alias": "Tên thường gọi",
    "effective_from": "Có hiệu lực từ",
    "state": "Tình trạng",
    "rating": "Người dân thấy",
    "ends_at": "Đến lúc",
    "begins_at": "Từ lúc",
    "told": "Người dân đọc",
    "label": "Chấm",
    "by": "Người chấm",
    "least": "Điểm từ",
    "most": "Điểm đến",
    "status": "Kết thúc",
    "q": "Có các từ",
    "kind": "Loại tệp",
}
"""Fields of forms and of the audit that are no fields of a record."""


CHANNELS: Mapping[str, str] = {
    "telegram": "Telegram",
    "zalo_oa": "Zalo OA",
    "zalo_bot": "Zalo Bot",
    "web": "Trang hỏi",
    "terminal": "Dòng lệnh",
}
"""Channels an inquiry may come from, as people call them."""

STATUSES: Mapping[str, str] = {
    Status.ANSWERED: "Đã trả lời",
    Status.ANSWERED_OFFICE: "Hỏi về trụ sở, giờ làm",
    Status.ANSWERED_SMALLTALK: "Chào hỏi, cảm ơn",
    Status.ANSWERED_OUT_OF_SCOPE: "Ngoài phạm vi, đã chỉ chỗ",
    Status.ANSWERED_EMERGENCY: "Khẩn cấp, đã chỉ số gọi",
    Status.ANSWERED_PRIVACY: "Dữ liệu cá nhân",
    Status.ANSWERED_CONSENT: "Nhờ báo khi thủ tục thay đổi",
    Status.ANSWERED_DOSSIER: "Đã cho xem hồ sơ",
    Status.ANSWERED_DOSSIER_OVERDUE: "Đã cho xem hồ sơ trễ hẹn",
    Status.ANSWERED_DOSSIER_ELSEWHERE: "Hồ sơ ở nơi khác, đã chỉ chỗ",
    Status.CLARIFY_PROCEDURE: "Hỏi lại: thủ tục nào",
    Status.CLARIFY_CASE: "Hỏi lại: trường hợp nào",
    Status.CLARIFY_DOSSIER: "Hỏi lại: hồ sơ nào",
    Status.UNANSWERED_NO_MATCH: "Không tìm ra thủ tục",
    Status.UNANSWERED_EMPTY: "Tin trống",
    Status.UNANSWERED_ATTACHMENT: "Ảnh, tệp không đọc được",
    Status.UNANSWERED_DOSSIER: "Không tìm ra hồ sơ",
    Status.UNANSWERED_SOURCE: "Nguồn hồ sơ không trả lời",
    Status.UNANSWERED_SWITCHED_OFF: "Đang tắt",
    Status.RATED_GOOD: "Người dân nói đúng ý",
    Status.RATED_BAD: "Người dân nói chưa đúng",
    Status.HANDED_OVER: "Chuyển cán bộ",
    Status.HANDED_OVER_MESSAGE: "Nhắn cho cán bộ",
    Status.HANDED_OVER_ENDED: "Thôi gặp cán bộ",
    Status.ERROR_INTERNAL: "Lỗi của hệ thống",
}
RATINGS: Mapping[bool, str] = {True: "Đúng ý", False: "Chưa đúng"}
"""What citizens press below an answer."""
STATUS_GROUPS: Mapping[str, str] = {
    "answered": "Trả lời được",
    "clarify": "Hỏi lại",
    "unanswered": "Chưa trả lời được",
    "handed_over": "Chuyển cán bộ",
    "rated": "Đánh giá câu trả lời",
    "error": "Lỗi",
}
"""Beginnings of statuses that belong together."""


def status(value: str) -> str:
    """How an inquiry ended, in words; what an older version wrote as it is."""
    return STATUSES.get(value, value)


def mood(value: str) -> str:
    """The class of a status's tag: good, a warning, or nothing."""
    if value == Status.ANSWERED or value.startswith(Status.ANSWERED_DOSSIER):
        return " good"
    return " warn" if value.startswith(("unanswered", "error")) else ""


def score(value: float | None) -> str:
    """«0,87»; nothing for none."""
    return "" if value is None else f"{value:.2f}".replace(".", ",")


def label(field: str) -> str:
    """The name of a field in words, also of one deep in a record; an unknown one as it is."""
    return FIELDS.get(field) or LABELS.get(field) or spoken(field)


def told(value: object) -> str:
    """A value of the audit in words."""
    if value is None or value == "":
        return "không có"
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return ", ".join(told(each) for each in value) or "không có"
    if isinstance(value, dict):
        return "; ".join(f"{label(name)}: {told(each)}" for name, each in value.items())
    known = next((words for role, words in ROLES.items() if role == value), None)
    return known or str(value)


def changes(before: State, after: State) -> list[str]:
    """What differs between two states, «Vai trò: Cán bộ → Cán bộ, Người duyệt»."""
    old, new = before or {}, after or {}
    lines = []
    for name in dict.fromkeys([*old, *new]):
        if name not in old:
            lines.append(f"{label(name)}: {told(new[name])}")
        elif name not in new:
            lines.append(f"{label(name)}: {told(old[name])} → không còn")
        elif old[name] != new[name]:
            lines.append(f"{label(name)}: {told(old[name])} → {told(new[name])}")
    return lines


def when(at: datetime | None) -> str:
    """«25/11/2026 09:05» in Vietnam; «chưa» for never."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if at else "chưa"


def clock(at: datetime, now: datetime) -> str:
    """«09:05», on another day «24/11 09:05», in Vietnam."""
    local, today = at.astimezone(VIETNAM), now.astimezone(VIETNAM).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%d/%m %H:%M}"


def span(time: timedelta) -> str:
    """«2 giờ 15 phút», «dưới 1 phút»."""
    hours, minutes = divmod(int(time.total_seconds() // 60), 60)
    parts = [f"{number(hours)} giờ"] * bool(hours) + [f"{minutes} phút"] * bool(minutes)
    return " ".join(parts) or "dưới 1 phút"


def day(on: date | str | None) -> str:
    """«25/11/2026»; a day may come as ISO text."""
    if not on:
        return ""
    return f"{date.fromisoformat(on) if isinstance(on, str) else on:%d/%m/%Y}"


def read_day(text: str) -> date | None:
    """A day as a form sends it (ISO); ``None`` for nonsense and for the ends of the calendar."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Near the ends neither the next day nor UTC can be reckoned.
    return found if 1900 < found.year < 9000 else None


def day_begins(on: date) -> datetime:
    """The first moment of a day in Vietnam."""
    return datetime.combine(on, time(), VIETNAM)


def number(count: int) -> str:
    """«2.940»."""
    return f"{count:,}".replace(",", ".")


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("coc_coc", "Cốc Cốc"), ("Firefox/", "Firefox"))
_ENGINES = (("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "máy Mac"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """«Chrome trên Windows», from what a browser says of itself; what is unknown as it is."""
    name = next((word for sign, word in (*_BROWSERS, *_ENGINES) if sign in agent), "")
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    return " trên ".join(part for part in (name, system) if part) or agent[:60] or "không rõ"
