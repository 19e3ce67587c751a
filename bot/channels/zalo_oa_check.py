"""What an operator is told about the Official Account, and what to enter in Zalo's console."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.channels import ChannelError, Finding
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.channels.zalo_oa_api import ZaloOaApi
    from bot.channels.zalo_oauth import Pair, ZaloOauth

SECRETS = {
    "HMC_ZALO_APP_SECRET": "khóa bí mật của ứng dụng, ở trang thông tin ứng dụng",
    "HMC_ZALO_OA_SECRET": "«OA Secret Key», ở trang Webhook của ứng dụng",
}
NEW_PAIR = (
    "Vào developers.zalo.me → Công cụ → API Explorer, chọn OA Access Token, lấy cặp token mới "
    "rồi nạp lại: python -m bot channels zalo-token"
)
EVENTS = (
    "người dùng gửi tin (văn bản, ảnh, âm thanh, tệp, vị trí, nhãn dán), người dùng quan tâm / "
    "bỏ quan tâm, người dùng gửi thông tin, OA gửi tin, người dùng rút lại sự đồng ý"
)
VERIFY = (
    "xác thực tên miền {domain}: chép mã trong tên tệp zalo_verifier….html vào HMC_ZALO_VERIFIER"
)
NO_TEMPLATES = "chưa dùng được tin mẫu ZBS ({error}); vẫn trả lời được người dân nhắn tới"


async def check(
    api: ZaloOaApi, oauth: ZaloOauth, secrets: Mapping[str, str], now: datetime
) -> tuple[Finding, ...]:
    """One line for each thing that must be right. Never raises."""
    found = [
        Finding(
            ok=bool(value), text=f"{name}: {'đã có' if value else 'còn thiếu, ' + SECRETS[name]}"
        )
        for name, value in secrets.items()
    ]
    try:
        pair = await oauth.state()
        found.append(_pair_finding(pair, now))
        if pair is not None:
            found += [await _account(api, pair.access), await _templates(api, pair.access)]
    except Exception as error:
        found.append(
            Finding(ok=False, text=f"không đọc được token đã lưu ({type(error).__name__})")
        )
    return tuple(Finding(ok=each.ok, text=f"Zalo OA: {each.text}") for each in found)


def instructions(app_id: str, url: str) -> tuple[Finding, ...]:
    """What to paste where. Zalo takes only addresses with https and no port."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.port is None
    except ValueError:
        fits = False
    if not fits:
        text = f"Zalo OA: webhook phải là địa chỉ https không kèm cổng, không phải «{url}»."
        return (Finding(ok=False, text=text),)
    steps = (
        f"khai báo bằng tay: developers.zalo.me → ứng dụng {app_id} → Webhook",
        f"dán «{url}» vào ô Webhook URL rồi lưu (Zalo gọi thử ngay)",
        f"bật các sự kiện: {EVENTS}",
        "tắt tùy chọn chỉ nhận tin bắt đầu bằng «#»",
        "chép «OA Secret Key» ở cùng trang vào HMC_ZALO_OA_SECRET",
        VERIFY.format(domain=parts.hostname),
    )
    return tuple(Finding(ok=True, text=f"Zalo OA: {each}") for each in steps)


def _pair_finding(pair: Pair | None, now: datetime) -> Finding:
    if pair is None:
        return Finding(ok=False, text=f"chưa có cặp token. {NEW_PAIR}")
    until = f"{pair.expires_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    if pair.refused:
        text = f"Zalo không nhận refresh token: {pair.refused}; token cũ dùng được tới {until}."
        return Finding(ok=False, text=f"{text} {NEW_PAIR}")
    if pair.begun:
        began = f"{pair.begun.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
        text = f"lần đổi token lúc {began} chưa rõ kết quả. Nếu Zalo từ chối token: {NEW_PAIR}"
        return Finding(ok=False, text=text)
    if pair.expires_at <= now:
        return Finding(ok=False, text=f"token hết hạn từ {until}, chưa đổi được.")
    return Finding(ok=True, text=f"token dùng được tới {until}")


async def _account(api: ZaloOaApi, token: str) -> Finding:
    try:
        account = await api.account(token)
    except ChannelError as error:
        return Finding(ok=False, text=f"Zalo từ chối: {error}")
    package = account.get("package_name")
    name = f"«{account.get('name', '?')}»"
    return Finding(
        ok=True, text=f"đang trả lời cho {name}" + (f", gói {package}" if package else "")
    )


async def _templates(api: ZaloOaApi, token: str) -> Finding:
    # Templates are optional: an office without them still answers everybody who writes.
    try:
        quota = await api.template_quota(token)
    except ChannelError as error:
        return Finding(ok=True, text=NO_TEMPLATES.format(error=error))
    left, day = quota.get("remainingQuota", "?"), quota.get("dailyQuota", "?")
    return Finding(ok=True, text=f"hôm nay còn gửi được {left}/{day} tin mẫu ZBS")
