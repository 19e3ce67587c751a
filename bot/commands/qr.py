"""qr: the code that an office prints on its receipts; one scan opens the chat."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import segno

from bot.app import now
from bot.commands import common
from bot.settings import Settings
from handlers.links import dossier_payload, procedure_payload, telegram_url, zalo_url
from knowledge.codes import CodeKind, Found, find_codes
from knowledge.offices import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Iterator

SCALE = 10
"""Pixels of one module: sharp on paper at the size of a stamp."""

_WRONG = {
    CodeKind.DOSSIER_FUTURE: "Ngày trong mã hồ sơ này chưa tới. Kiểm tra lại mã.",
    CodeKind.DOSSIER_WRONG_DATE: "Mã hồ sơ này có ngày không có thật. Kiểm tra lại mã.",
    CodeKind.DOSSIER_INCOMPLETE: "Mã hồ sơ còn thiếu số cuối, ví dụ H32.215-260105-0123.",
    CodeKind.SERVICE: "Đây là mã dịch vụ công. Dùng mã thủ tục, ví dụ 1.001193.",
    CodeKind.RESULT: "Đây là mã giấy tờ hoặc mã kết quả, không phải mã hồ sơ.",
    CodeKind.SOCIAL_INSURANCE: "Đây là số hồ sơ bảo hiểm xã hội, hệ thống khác tra cứu.",
    CodeKind.IDENTITY: "Đây là số căn cước. Không in số căn cước vào mã QR.",
    CodeKind.PHONE: "Đây là số điện thoại, không phải mã hồ sơ.",
}
_UNKNOWN = "Không phải mã hồ sơ (H32.215-260105-0123) hay mã thủ tục (1.001193)."
_ZALO_TOLD = (
    "Lưu ý Zalo: tài liệu của Zalo chỉ hứa mở khung chat, không hứa điền sẵn mã. In mã hồ sơ "
    "bằng chữ bên cạnh; người dân gõ mã đó, hoặc gửi ảnh chụp chính mã QR này vào khung chat."
)


@click.command()
@click.argument("code")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Thư mục ghi tệp; không có thì tạo.",
)
@click.option("--svg", is_flag=True, help="Ghi SVG thay cho PNG.")
@click.pass_obj
def qr(settings: Settings, code: str, folder: Path, svg: bool) -> None:
    """Tạo mã QR mở khung chat với CODE điền sẵn: mã hồ sơ (có ký) hoặc mã thủ tục."""
    if not settings.telegram_name and not settings.zalo_oa_id:
        raise click.ClickException(
            "Chưa đặt HMC_TELEGRAM_NAME (tên bot) hay HMC_ZALO_OA_ID (số của OA) trong .env."
        )
    name, payload = _payload(settings, _one(code))
    kind = "svg" if svg else "png"
    for channel, url in urls(settings, payload):
        file = folder / f"qr-{name}-{channel}.{kind}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            segno.make(url, micro=False, error="m").save(str(file), kind=kind, scale=SCALE)
        except OSError as error:
            raise click.ClickException(f"Không ghi được {file}: {error.strerror}.") from error
        click.echo(f"{file}  {url}")
    if settings.zalo_oa_id:
        click.echo(_ZALO_TOLD, err=True)


def _one(code: str) -> Found:
    found = find_codes(code, now().astimezone(VIETNAM).date())
    if len(found) != 1:
        raise click.ClickException(_UNKNOWN)
    if told := _WRONG.get(found[0].kind):
        raise click.ClickException(told)
    return found[0]


def _payload(settings: Settings, found: Found) -> tuple[str, str]:
    """The code and its payload."""
    if found.kind is CodeKind.PROCEDURE:
        with common.store(settings).work() as work:
            known = next((each for each in found.candidates if work.get(each)), None)
        if known is None:
            raise click.ClickException(f"Không có thủ tục {found.code} đang dùng.")
        return known, procedure_payload(known)
    return found.code, dossier_payload(found.code, common.link_keys(settings))


def urls(settings: Settings, payload: str) -> Iterator[tuple[str, str]]:
    """The channels that are configured, each with the address that opens the chat."""
    if settings.telegram_name:
        yield "telegram", telegram_url(settings.telegram_name, payload)
    if settings.zalo_oa_id:
        yield "zalo", zalo_url(settings.zalo_oa_id, payload)
