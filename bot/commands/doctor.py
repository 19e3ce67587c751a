"""doctor: whether this machine can carry the service, and what is missing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import click

from bot import ports
from bot.app import now
from bot.channels import Finding
from bot.commands import common

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.settings import Settings

LEAST_FREE = 2_000_000_000
"""Bytes: a year of a commune's log, and room for a backup."""
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock can be right that stands before this program was made."""


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Máy này đã sẵn sàng chưa, còn thiếu gì."""
    well, told = True, set[str]()
    for check in CHECKS:
        for finding in check(settings):
            if finding.text in told:
                continue
            told.add(finding.text)
            well = well and finding.ok
            click.echo(f"{'✔' if finding.ok else '✘'} {finding.text}")
    if not well:
        raise click.ClickException("Chưa sẵn sàng: sửa các dòng ✘ ở trên rồi chạy lại.")
    click.echo("Sẵn sàng. Chạy: python -m bot serve")


def _yes(text: str) -> Finding:
    return Finding(ok=True, text=text)


def _no(text: str) -> Finding:
    return Finding(ok=False, text=text)


def _program(_settings: Settings) -> Iterator[Finding]:
    version = metadata.version("hoi-mot-cua")
    yield _yes(f"Hỏi Một Cửa {version}, Python {sys.version.split()[0]}")
    wanted = metadata.requires("hoi-mot-cua") or []
    missing = []
    for line in wanted:
        name = line.split(";")[0].split("[")[0].split(">")[0].split("=")[0].split("<")[0].strip()
        if "extra ==" in line:
            continue
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        yield _no(f"Thiếu thư viện: {', '.join(missing)}. Chạy lại bước cài đặt.")


def _words(_settings: Settings) -> Iterator[Finding]:
    encodings = {sys.stdout.encoding.lower(), sys.getfilesystemencoding().lower()}
    if encodings <= {"utf-8", "utf8"}:
        yield _yes("Bảng mã UTF-8")
    else:
        yield _no("Bảng mã không phải UTF-8: đặt LANG=C.UTF-8 (Windows: PYTHONUTF8=1).")


def _clock(_settings: Settings) -> Iterator[Finding]:
    found = now()
    if found < BUILT:
        yield _no(f"Đồng hồ máy chỉ {found:%d/%m/%Y}, chắc chắn sai: bật đồng bộ giờ (NTP).")
    else:
        yield _yes(f"Đồng hồ máy: {found.astimezone():%H:%M %d/%m/%Y}")


def _disk(settings: Settings) -> Iterator[Finding]:
    for folder in dict.fromkeys((common.HOME, settings.forms_dir.parent)):
        yield _writable(folder)
    free = shutil.disk_usage(".").free
    told = f"Đĩa còn trống {free / 1e9:.1f} GB"
    yield _yes(told) if free >= LEAST_FREE else _no(f"{told}, cần ít nhất {LEAST_FREE / 1e9:.0f}.")


def _writable(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        return _no(f"Không ghi được vào {folder}/ ({error.strerror}).")
    return _yes(f"Ghi được vào {folder}/")


def _secrets(settings: Settings) -> Iterator[Finding]:
    for name, get in (
        ("HMC_SEAL_KEYS", lambda: common.seal(settings)),
        ("HMC_LINK_KEYS", lambda: common.link_keys(settings)),
        ("HMC_CONTACT_SALT", lambda: common.salt(settings)),
    ):
        yield _plainly(name, get)
    if settings.public_url and settings.chat_secret is None:
        yield _no("HMC_CHAT_SECRET: chưa đặt; mỗi lần khởi động, khung chat bắt đầu lại từ đầu.")


def _plainly(name: str, get: Callable[[], object]) -> Finding:
    try:
        get()
    except click.ClickException as error:
        return _no(error.message)
    return _yes(f"{name}: dùng được")


def _database(settings: Settings) -> Iterator[Finding]:
    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"

    def count() -> int:
        store = common.store(settings)
        with store.work() as work:
            return len(work.procedures())

    try:
        found = count()
    except click.ClickException as error:
        yield _no(error.message)
    else:
        yield _yes(f"Cơ sở dữ liệu {kind}: {found} thủ tục đang dùng")


def _port(settings: Settings) -> Iterator[Finding]:
    where = f"Cổng {settings.host}:{settings.port}"
    if why := ports.refusal(settings.host, settings.port):
        yield _no(f"{where} không mở được ({why}): chương trình đang chạy, hoặc đổi HMC_PORT.")
    else:
        yield _yes(f"{where} còn trống")


def _connections(settings: Settings) -> Iterator[Finding]:
    try:
        names = [channel.name for channel in common.channels(settings)]
        connected = common.onestop_setting(settings)
        common.sources(settings)
    except click.ClickException as error:
        yield _no(error.message)
        return
    yield _yes(f"Kênh: {', '.join(['web', *names])}. Kiểm tra mã: python -m bot channels check")
    what = {"demo": "dữ liệu bịa để thử", "none": "chưa nối"}.get(connected, "đã cấu hình")
    yield _yes(f"Nguồn hồ sơ: {what}")


def _tools(settings: Settings) -> Iterator[Finding]:
    if settings.database_url.startswith("sqlite"):
        return
    for tool in ("pg_dump", "pg_restore"):
        if shutil.which(tool, path=os.environ.get("PATH")):
            yield _yes(f"{tool}: có")
        else:
            yield _no(f"{tool}: chưa cài, không sao lưu được PostgreSQL.")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _program,
    _words,
    _clock,
    _disk,
    _secrets,
    _database,
    _port,
    _connections,
    _tools,
)
