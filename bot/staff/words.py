"""Vietnamese words for roles, for what the audit records, for times and numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from knowledge.accounts import Role
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Mapping

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
}
"""An action without a word here is shown as it is recorded."""


def when(at: datetime | None) -> str:
    """«25/11/2026 09:05» in Vietnam; «chưa» for never."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if at else "chưa"


def day(on: date | str | None) -> str:
    """«25/11/2026»; a day may come as ISO text."""
    if not on:
        return ""
    return f"{date.fromisoformat(on) if isinstance(on, str) else on:%d/%m/%Y}"


def number(count: int) -> str:
    """«2.940»."""
    return f"{count:,}".replace(",", ".")
