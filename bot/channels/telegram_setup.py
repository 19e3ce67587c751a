"""What an operator sees and sets: the token, the webhook, the menu and the words about the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonCommands,
)

from bot.channels import Finding, Misconfigured
from bot.channels.telegram_client import failure
from bot.channels.telegram_html import cut
from bot.channels.telegram_menu import MENU
from bot.channels.telegram_reading import ALLOWED_UPDATES
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import User, WebhookInfo

    from bot.channels.telegram_client import Client

MAX_CONNECTIONS = 20
"""Webhook requests at the same time; each only takes a commit to answer."""
LANGUAGES = ("", "vi")
"""Without a language for everybody whose application speaks another."""
MAX_DESCRIPTION = 512
MAX_ABOUT = 120

REFUSED = "Telegram không nhận token. Lấy đúng token ở @BotFather rồi đặt vào HMC_TELEGRAM_TOKEN."
DESCRIPTION = (
    "Hỏi thủ tục hành chính{office}: giấy tờ cần mang, lệ phí, thời gian, nơi nộp, tình trạng "
    "hồ sơ. Gõ có dấu hay không dấu đều được. Đây là trợ lý tự động, không phải cán bộ; "
    "anh/chị đừng gửi số căn cước vào đây."
)
ABOUT = "Trợ lý tự động hỏi thủ tục hành chính{office}. Không phải cán bộ."


async def identity(client: Client, token: str) -> tuple[User | None, Finding]:
    """Who the token belongs to."""
    try:
        me = await client.get_me()
    except Exception as error:
        return None, _failed(error, token, "Chưa hỏi được Telegram token này của bot nào")
    return me, Finding(ok=True, text=f"Token đúng: bot «{me.first_name}» (@{me.username}).")


async def webhook(client: Client, token: str) -> list[Finding]:
    """Where Telegram sends updates, and how that goes."""
    try:
        info = await client.get_webhook_info()
    except Exception as error:
        return [_failed(error, token, "Chưa hỏi được Telegram webhook đang đặt ở đâu")]
    if not info.url:
        waiting = info.pending_update_count
        return [
            Finding(
                ok=True,
                text=f"Chưa đặt webhook: bot tự hỏi tin mới. Đang chờ: {waiting} tin. "
                "Khi chạy thật nên đặt HMC_PUBLIC_URL rồi đăng ký webhook.",
            )
        ]
    return [
        Finding(ok=True, text=f"Webhook đặt ở máy {urlsplit(info.url).netloc}."),
        *_troubles(info),
    ]


def _troubles(info: WebhookInfo) -> list[Finding]:
    waiting = info.pending_update_count
    found = [Finding(ok=True, text=f"Đang chờ giao: {waiting} tin.")]
    if info.last_error_message:
        at = info.last_error_date.astimezone(VIETNAM) if info.last_error_date else None
        when = f" lúc {at:%H:%M %d/%m/%Y}" if at else ""
        # Telegram keeps the last error for ever; with nothing waiting it is over.
        found.append(
            Finding(
                ok=not waiting,
                text=f"Lần lỗi gần nhất khi giao{when}: {info.last_error_message}. "
                "Nếu còn tin chờ, kiểm tra máy chủ, chứng chỉ và HMC_PUBLIC_URL.",
            )
        )
    missing = set(ALLOWED_UPDATES) - set(info.allowed_updates or ALLOWED_UPDATES)
    if missing:
        found.append(
            Finding(
                ok=False,
                text=f"Webhook không nhận đủ loại tin ({', '.join(sorted(missing))}). "
                "Đăng ký lại webhook.",
            )
        )
    return found


def privacy(me: User) -> list[Finding]:
    """In groups the bot should hear only what is said to it."""
    if not me.can_read_all_group_messages:
        return []
    return [
        Finding(
            ok=False,
            text="Trong nhóm, bot đang nhận cả tin không gửi cho nó. "
            "Bật Privacy Mode ở @BotFather (/setprivacy) để bảo vệ người trong nhóm.",
        )
    ]


async def register(
    client: Client, token: str, *, url: str, secret: str, office: str
) -> tuple[Finding, ...]:
    """Set the webhook, then the menu and the descriptions; one finding for each."""
    of = f" của {office}" if office else ""

    async def set_webhook() -> None:
        await client.set_webhook(
            url,
            secret_token=secret,
            allowed_updates=ALLOWED_UPDATES,
            max_connections=MAX_CONNECTIONS,
        )

    async def set_menu() -> None:
        everything = [BotCommand(each.name, each.description) for each in MENU]
        public = [BotCommand(each.name, each.description) for each in MENU if not each.private]
        for language in LANGUAGES:
            for scope, commands in (
                (BotCommandScopeDefault(), public),
                (BotCommandScopeAllPrivateChats(), everything),
                (BotCommandScopeAllGroupChats(), public),
            ):
                await client.set_my_commands(commands, scope=scope, language_code=language)
        await client.set_chat_menu_button(menu_button=MenuButtonCommands())

    async def set_descriptions() -> None:
        for language in LANGUAGES:
            await client.set_my_description(
                cut(DESCRIPTION.format(office=of), MAX_DESCRIPTION), language_code=language
            )
            await client.set_my_short_description(
                cut(ABOUT.format(office=of), MAX_ABOUT), language_code=language
            )

    host = urlsplit(url).netloc
    return (
        await _step(set_webhook, token, f"Đã đặt webhook ở máy {host}.", "Chưa đặt được webhook"),
        await _step(set_menu, token, "Đã đặt menu lệnh.", "Chưa đặt được menu lệnh"),
        await _step(
            set_descriptions, token, "Đã đặt lời giới thiệu.", "Chưa đặt được lời giới thiệu"
        ),
    )


async def _step(do: Callable[[], Awaitable[None]], token: str, done: str, failed: str) -> Finding:
    try:
        await do()
    except Exception as error:
        return _failed(error, token, failed)
    return Finding(ok=True, text=done)


def _failed(error: Exception, token: str, what: str) -> Finding:
    means = failure(error, token)
    if isinstance(means, Misconfigured):
        return Finding(ok=False, text=REFUSED)
    return Finding(
        ok=False,
        text=f"{what}: {means}. Kiểm tra mạng, tường lửa và HMC_TELEGRAM_API_URL rồi thử lại.",
    )
