"""What an account must be like, wherever it is made: on a page or on the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.accounts import Role

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LAST_ADMIN = (
    "Đây là quản trị viên cuối cùng. Giao quyền quản trị cho một người khác trước, "
    "rồi mới bỏ quyền hoặc khóa tài khoản này."
)
BAD_LOGIN = (
    "Tên đăng nhập gồm 2–40 chữ không dấu viết thường, số, dấu chấm, gạch; ví dụ: lan.nguyen"
)


def problem_of(login: str, name: str, roles: frozenset[Role]) -> str:
    """Why an account cannot be like this; empty when it can."""
    if not LOGIN.fullmatch(login):
        return BAD_LOGIN
    if not name:
        return "Anh/chị nhập họ tên giúp em."
    if not roles:
        return "Anh/chị chọn ít nhất một vai trò."
    return ""
