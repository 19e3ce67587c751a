"""channels: what is configured, what is missing, whether tokens work; tells platforms of us."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import click

from bot import gateway
from bot.channels import ChannelError, Finding
from bot.channels.zalo_oauth import new_verifier
from bot.commands import common
from knowledge.workdays import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.channels import Channel
    from bot.channels.zalo_oa import ZaloOaChannel
    from bot.settings import Settings

NAMES = {"telegram": "Telegram", "zalo_oa": "Zalo OA", "zalo_bot": "Zalo Bot"}
MOST_SHOWN = 100
GUIDES = {
    "telegram": ("HMC_TELEGRAM_TOKEN", "docs/vi/dang-ky-telegram.md"),
    "zalo_oa": ("HMC_ZALO_APP_ID", "docs/vi/dang-ky-zalo-oa.md"),
    "zalo_bot": ("HMC_ZALO_BOT_TOKEN", "docs/vi/zalo-bot-thu-nghiem.md"),
}


@click.group()
def channels() -> None:
    """Các kênh Telegram, Zalo: kiểm tra, đăng ký."""


def _say(findings: Iterable[Finding]) -> bool:
    """Print findings; True when all is well."""
    well = True
    for finding in findings:
        well = well and finding.ok
        click.echo(f"  {'✔' if finding.ok else '✘'} {finding.text}")
    return well


@channels.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Kênh nào đã cấu hình, còn thiếu gì, mã truy cập còn dùng được không."""
    found = {channel.name: channel for channel in common.channels(settings)}
    if not asyncio.run(_check(found, settings)):
        raise SystemExit(1)


async def _check(found: dict[str, Channel], settings: Settings) -> bool:
    well = True
    for name, title in NAMES.items():
        click.echo(title)
        setting, guide = GUIDES[name]
        if name not in found:
            click.echo(f"  – chưa dùng. Muốn dùng thì đặt {setting}; xem {guide}")
            continue
        channel = found[name]
        await channel.open()
        well = _say(await channel.check()) and well
        await channel.close()
    address = settings.public_url or "chưa đặt, Telegram và Zalo Bot được hỏi tin định kỳ"
    click.echo(f"Địa chỉ công khai (HMC_PUBLIC_URL): {address}")
    if "zalo_oa" in found and not settings.public_url:
        click.echo("  ✘ Zalo OA chỉ gửi tin tới địa chỉ công khai: đặt HMC_PUBLIC_URL")
        return False
    return well


@channels.command()
@click.pass_obj
def register(settings: Settings) -> None:
    """Báo cho các kênh địa chỉ nhận tin và bảng lệnh của bot."""
    if not settings.public_url.startswith("https://"):
        raise click.ClickException("Đặt HMC_PUBLIC_URL (https://…) trước đã.")
    found = common.channels(settings)
    if not found:
        raise click.ClickException("Chưa có kênh nào. Xem: python -m bot channels check")
    if not asyncio.run(_register(found, settings.public_url.rstrip("/"))):
        raise SystemExit(1)


async def _register(found: tuple[Channel, ...], address: str) -> bool:
    well = True
    for channel in found:
        click.echo(NAMES[channel.name])
        await channel.open()
        well = _say(await channel.register(address + gateway.PATHS[channel.name])) and well
        await channel.close()
    return well


@channels.command()
@click.pass_obj
def queue(settings: Settings) -> None:
    """Bao nhiêu tin đang chờ, tin nào không gửi được và vì sao."""
    opened = common.store(settings)
    with opened.work() as work:
        waiting, unsent = work.queues.waiting()
        twice, dead = work.queues.maybe_sent_twice(), work.queues.dead()
    opened.close()
    click.echo(f"Đang chờ trả lời: {waiting}. Đang chờ gửi: {unsent}.")
    click.echo(f"Có thể đã gửi hai lần (tắt máy giữa chừng): {twice}.")
    click.echo(f"Không gửi được: {len(dead)}{' mới nhất' if len(dead) == MOST_SHOWN else ''}.")
    for each in dead:
        name, at = NAMES.get(each.channel, each.channel), each.created_at.astimezone(VIETNAM)
        click.echo(f"  {at:%d/%m %H:%M} {name}, {each.attempts} lần: {each.error}")


@channels.command("zalo-link")
@click.option("--redirect", help="Callback URL đã khai ở ứng dụng; để trống: HMC_PUBLIC_URL.")
@click.pass_obj
def zalo_link(settings: Settings, redirect: str | None) -> None:
    """In liên kết để quản trị viên OA đồng ý cấp quyền, thay cho lấy token ở API Explorer."""
    channel = _zalo_oa(settings)
    back = redirect or settings.public_url
    if not back.startswith("https://"):
        raise click.ClickException("Đặt HMC_PUBLIC_URL (https://…) hoặc thêm --redirect.")
    verifier = new_verifier()
    click.echo("1. Quản trị viên OA mở liên kết này và bấm đồng ý:")
    click.echo(f"   {channel.oauth.consent_link(back, verifier, secrets.token_urlsafe(9))}")
    click.echo("2. Trình duyệt sang một địa chỉ có «code=…». Chép phần sau «code=», tới dấu «&».")
    click.echo("3. Trong vòng mười phút, chạy:")
    click.echo(f"   python -m bot channels zalo-token --code MÃ --verifier {verifier}")


def _zalo_oa(settings: Settings) -> ZaloOaChannel:
    channel = common.zalo_oa(settings)
    if channel is None:
        raise click.ClickException("Zalo OA chưa cấu hình. Xem docs/vi/dang-ky-zalo-oa.md")
    return channel


@channels.command("zalo-token")
@click.option("--code", help="Mã lấy được sau khi bấm đồng ý cấp quyền (thay cho dán mã truy cập).")
@click.option("--verifier", help="Chuỗi code_verifier đã dùng để tạo liên kết cấp quyền.")
@click.pass_obj
def zalo_token(settings: Settings, code: str | None, verifier: str | None) -> None:
    """Lưu cặp mã truy cập đầu tiên của Zalo OA; sau đó chương trình tự làm mới."""
    if bool(code) != bool(verifier):
        raise click.ClickException("--code và --verifier phải đi cùng nhau.")
    channel = _zalo_oa(settings)
    access = refresh = ""
    if not code:
        access = click.prompt("Access token", hide_input=True)
        refresh = click.prompt("Refresh token", hide_input=True)

    async def store() -> None:
        await channel.open()
        try:
            if code and verifier:
                await channel.oauth.authorise(code, verifier)
            else:
                await channel.oauth.put(access.strip(), refresh.strip())
        finally:
            await channel.close()

    try:
        asyncio.run(store())
    except ChannelError as error:
        raise click.ClickException(f"Zalo không nhận: {error}") from error
    click.echo("Đã lưu. Kiểm tra: python -m bot channels check")
