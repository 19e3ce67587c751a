"""Zalo's error numbers by what to do next, for the OA interface and for template messages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.channels import (
    ChannelError,
    Misconfigured,
    OutsideWindow,
    Rejected,
    TryLater,
    Unreachable,
)
from knowledge.masking import mask
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = frozenset({-216, -220, -124})
"""The access token is wrong, replaced or expired: renew it and try once more."""
ATTACHMENT_EXPIRED = -100

_BUSY: Mapping[int, float] = {-32: 5.0, -200: 1.0}
"""Seconds before the first repeat; the outbox waits longer from time to time by itself."""
_TOO_MANY = -32
_MISCONFIGURED: Mapping[int, str] = {
    -204: "OA đã bị khóa",
    -205: "OA không tồn tại",
    -207: "ứng dụng chưa được duyệt",
    -208: "ứng dụng không có khóa bí mật",
    -209: "ứng dụng chưa kích hoạt",
    -212: "ứng dụng chưa đăng ký dùng API của OA",
    -215: "sai HMC_ZALO_APP_ID",
    -219: "ứng dụng đã bị gỡ khỏi OA",
    -221: "OA chưa xác thực",
    -223: "OA chưa cấp quyền cho ứng dụng",
    -224: "gói dịch vụ của OA không đủ, cần nâng gói",
    -235: "loại OA này không dùng được API",
    -242: "sai HMC_ZALO_APP_SECRET",
    -320: "ứng dụng chưa liên kết tài khoản Zalo Cloud (ZCA)",
    -321: "tài khoản Zalo Cloud (ZCA) hết tiền",
}
"""A person must act, and nothing gets through until then."""
_UNREACHABLE = frozenset({-213, -217, -227, -244})
"""Does not follow, blocked, banned or long away, refuses this kind of message."""
_OUTSIDE_WINDOW = frozenset({-211, -218, -230, -232, -305, -311})
"""Too long since the citizen wrote, or too many messages to them.

-211 (out of quota) does not say whose quota; taken for the office's it would silence the bot for
everybody because of one busy conversation.
"""
_NIGHT = frozenset({-133, -234})
_MORNING = time(6)

_NOBODY = frozenset({-108, -114, -118, -119, -139, -141})
"""This number or person gets no template message: no Zalo, no such number, or refused."""
_TOMORROW = frozenset({-144, -147})
"""The day's quota of the OA or of the template is used up."""
_UNPAID = -115
_PAY = timedelta(hours=1)
_TEMPLATE_MISCONFIGURED: Mapping[int, str] = {
    -109: "mã mẫu tin không đúng",
    -117: "OA chưa được cấp quyền dùng mẫu tin này",
    -125: "sai mã OA",
    -126: "mẫu tin chỉ gửi thử được cho quản trị viên",
    -127: "mẫu tin chỉ gửi thử được cho quản trị viên",
    -131: "mẫu tin chưa được duyệt",
    -135: "OA chưa được gửi tin mẫu (chưa xác thực hoặc chưa nâng gói)",
    -136: "chưa liên kết tài khoản Zalo Cloud (ZCA)",
    -137: "tài khoản Zalo Cloud (ZCA) không trả được phí",
    -146: "mẫu tin bị khóa vì chất lượng thấp",
    -249: "mẫu tin không gửi được theo mã người dùng",
    -1241: "sai HMC_ZALO_APP_SECRET",
}


class TokenRefused(ChannelError):
    """The access token was not taken: renew it and make the call once more."""


class AttachmentExpired(ChannelError):
    """The uploaded file is gone from Zalo's servers: upload it again."""


def oa_error(code: int, message: str, *, now: datetime) -> ChannelError:
    """What an error of the OA interface means.

    Sources: Zalo's table of OA error codes, and codes seen in older clients (-305, -311).
    """
    if code in TOKEN:
        return TokenRefused(f"{code}: token không được nhận")
    if code == ATTACHMENT_EXPIRED:
        return AttachmentExpired(f"{code}")
    if code in _BUSY:
        return TryLater(_BUSY[code], f"{code}", everyone=code == _TOO_MANY)
    if code in _NIGHT:
        return TryLater(_until_morning(now), f"{code}")
    if why := _MISCONFIGURED.get(code):
        return Misconfigured(f"{code}: {why}")
    # -201 names the wrong field; only a wrong recipient says something about the citizen.
    if code in _UNREACHABLE or (code == -201 and "user_id" in message):
        return Unreachable(f"{code}")
    if code in _OUTSIDE_WINDOW:
        return OutsideWindow(f"{code}")
    return Rejected(f"{code}: {mask(message[:120])}")


def template_error(code: int, message: str, *, now: datetime) -> ChannelError:
    """What an error of a template message means.

    A template that does not work is ``Rejected`` and never ``Misconfigured``, which would pause
    the whole channel: citizens who ask are answered without templates.
    """
    if code in _NOBODY:
        return Unreachable(f"{code}")
    if code in _TOMORROW:
        return TryLater(
            _until_morning(now, skip_today=True), f"{code}: hết hạn mức tin mẫu hôm nay"
        )
    if code == _UNPAID:
        return TryLater(_PAY.total_seconds(), f"{code}: hết tiền hoặc hết hạn mức tin mẫu")
    if why := _TEMPLATE_MISCONFIGURED.get(code):
        return Rejected(f"{code}: {why}")
    error = oa_error(code, message, now=now)
    return Rejected(f"{error}") if isinstance(error, Misconfigured) else error


def _until_morning(now: datetime, *, skip_today: bool = False) -> float:
    """Seconds until six in Vietnam, when template messages may be sent again."""
    local = now.astimezone(VIETNAM)
    morning = datetime.combine(local.date(), _MORNING, VIETNAM)
    if skip_today or morning <= local:
        morning += timedelta(days=1)
    return (morning - local).total_seconds()
