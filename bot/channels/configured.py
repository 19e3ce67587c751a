"""The channels that the settings ask for."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_pace import Rate, Rates
from bot.channels.zalo_bot import ZaloBotChannel
from bot.channels.zalo_oa import ZaloOaChannel
from bot.channels.zalo_oa_api import Urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pydantic import SecretStr

    from bot.channels import Channel, Forms, Tokens
    from bot.channels.zalo_signature import TimestampSource
    from bot.settings import Settings

ZALO_OA = ("HMC_ZALO_APP_ID", "HMC_ZALO_APP_SECRET", "HMC_ZALO_OA_SECRET")
"""What the OA needs, all of it."""


class Incomplete(ValueError):
    """A channel is configured halfway; the text names the settings that are missing."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """What channels get besides their settings; webhook secrets come from ``salt``."""

    forms: Forms
    tokens: Tokens
    clock: Callable[[], datetime]
    salt: bytes
    office: str


def webhook_secret(salt: bytes, channel: str) -> str:
    """What a platform must send along: the same in every process, and after every restart."""
    return hmac.new(salt, f"webhook {channel}".encode(), hashlib.sha256).hexdigest()


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def configured(settings: Settings, around: Around) -> tuple[Channel, ...]:
    """Every channel whose settings are there. Raises :class:`Incomplete`."""
    found = (_telegram(settings, around), zalo_oa(settings, around), _zalo_bot(settings, around))
    return tuple(channel for channel in found if channel is not None)


def _telegram(settings: Settings, around: Around) -> TelegramChannel | None:
    if not settings.telegram_token:
        return None
    overall = Rate(every=1 / settings.telegram_per_second, burst=5)
    try:
        return TelegramChannel(
            token=_value(settings.telegram_token),
            api_url=settings.telegram_api_url,
            secret=webhook_secret(around.salt, "telegram"),
            forms=around.forms,
            office=around.office,
            rates=Rates(overall=overall),
        )
    except ValueError as error:
        raise Incomplete("HMC_TELEGRAM_TOKEN không đúng dạng 123456:ABC…") from error


def zalo_oa(settings: Settings, around: Around) -> ZaloOaChannel | None:
    """The Official Account, when it is configured. Raises :class:`Incomplete`."""
    values = (
        settings.zalo_app_id,
        _value(settings.zalo_app_secret),
        _value(settings.zalo_oa_secret),
    )
    missing = [name for name, value in zip(ZALO_OA, values, strict=True) if not value]
    if len(missing) == len(ZALO_OA):
        return None
    if missing:
        raise Incomplete(f"Zalo OA còn thiếu: {', '.join(missing)}")
    return ZaloOaChannel(
        app_id=values[0],
        app_secret=values[1],
        oa_secret=values[2],
        tokens=around.tokens,
        forms=around.forms,
        clock=around.clock,
        signature_timestamp=cast("TimestampSource", settings.zalo_signature_timestamp),
        urls=Urls(
            api=settings.zalo_api_url,
            business=settings.zalo_business_url,
            oauth=settings.zalo_oauth_url,
        ),
    )


def _zalo_bot(settings: Settings, around: Around) -> ZaloBotChannel | None:
    if not settings.zalo_bot_token:
        return None
    return ZaloBotChannel(
        _value(settings.zalo_bot_token),
        secret=webhook_secret(around.salt, "zalo_bot"),
        forms=around.forms,
        api_url=settings.zalo_bot_api_url,
    )
