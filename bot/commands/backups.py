"""backup, restore: the whole database in one file, and back."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.app import now
from bot.commands import common
from bot.commands.staff import actor
from bot.single import AlreadyServing, only_one
from knowledge import backups
from knowledge.backups import CannotRun, DamagedBackup, InUse, NotEmpty
from knowledge.offices import VIETNAM
from knowledge.store import NewerDatabase

if TYPE_CHECKING:
    from bot.settings import Settings

FOLDER = Path("var/backups")
KEYS = (
    "Chìa khóa và muối (HMC_SEAL_KEYS, HMC_LINK_KEYS, HMC_CONTACT_SALT, hoặc các tệp var/*.key, "
    "var/contact.salt) KHÔNG nằm trong bản sao: cất riêng, ở nơi khác."
)


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Thư mục để bản sao.",
)
@click.option("--keep", type=click.IntRange(1), help="Chỉ giữ chừng này bản mới nhất.")
@click.pass_obj
def backup(settings: Settings, folder: Path, keep: int | None) -> None:
    """Sao lưu cơ sở dữ liệu thành một tệp; không phải dừng phục vụ."""
    at = now()
    file = folder / f"hoimotcua-{at.astimezone(VIETNAM):%Y%m%d-%H%M%S}.backup"
    try:
        made = backups.back_up(settings.database_url, file, at)
    except (OSError, CannotRun, DamagedBackup, sqlite3.Error) as error:
        raise click.ClickException(f"Không sao lưu được: {_told(error)}.") from error
    click.echo(f"Đã sao lưu: {file} ({file.stat().st_size / 1e6:.1f} MB, mã {made.sha256[:12]}).")
    click.echo(KEYS)
    if keep:
        for old in sorted(folder.glob("hoimotcua-*.backup"))[:-keep]:
            old.unlink()
            click.echo(f"Đã bỏ bản cũ: {old.name}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Thay cơ sở dữ liệu đang có (bản đang có được cất).")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Phục hồi cơ sở dữ liệu từ bản sao FILE. Dừng phục vụ trước đã."""
    stamp = f"{now().astimezone(VIETNAM):%Y%m%d-%H%M%S}"
    served = backups.sqlite_file(settings.database_url)
    aside = _aside(served, stamp) if replace else None
    try:
        with only_one(served) if served else nullcontext():
            made = backups.restore(file, settings.database_url, aside=aside, at=now())
    except AlreadyServing as error:
        raise click.ClickException("Chương trình đang chạy: dừng phục vụ trước đã.") from error
    except InUse as error:
        raise click.ClickException(
            "Còn người nối vào cơ sở dữ liệu: dừng mọi tiến trình phục vụ trước đã."
        ) from error
    except NotEmpty as error:
        raise click.ClickException(
            "Cơ sở dữ liệu đang có dữ liệu. Muốn thay thì thêm --replace; bản đang có được cất lại."
        ) from error
    except NewerDatabase as error:
        raise click.ClickException(
            f"Bản sao do bản mới hơn của chương trình tạo ra ({error}). "
            "Cập nhật chương trình rồi chạy lại."
        ) from error
    except (OSError, CannotRun, DamagedBackup, sqlite3.Error) as error:
        kept = f" Bản đang có được cất ở {aside}." if aside and aside.exists() else ""
        raise click.ClickException(f"Không phục hồi được: {_told(error)}.{kept}") from error
    heads = common.anchors().put_aside(stamp)
    store = common.store(settings)
    with store.work() as work:
        entry = {"file": file.name, "made_at": made.made_at.isoformat(), "sha256": made.sha256}
        work.audit.record(actor(), "backup.restore", "database", None, entry, at=now())
    common.anchors().note(store)
    click.echo(f"Đã phục hồi bản lưu lúc {made.made_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}.")
    if aside and aside.exists():
        click.echo(f"Cơ sở dữ liệu trước đó được cất ở {aside}.")
    if heads:
        click.echo(f"Các lần chốt nhật ký trước đó được cất ở {heads}.")


def _aside(served: Path | None, stamp: str) -> Path:
    if served:
        return served.with_name(f"{served.name}.truoc-{stamp}")
    return FOLDER / f"truoc-{stamp}.backup"


def _told(error: Exception) -> str:
    """A reason without an address or a password."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
