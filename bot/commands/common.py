"""What several commands need: log, salt, store, desk."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
import structlog

from bot.anchors import Anchors
from bot.app import now, open_store
from bot.channels import Channel
from bot.channels.configured import Around, Incomplete, configured
from bot.channels.configured import zalo_oa as official_account
from bot.channels.zalo_oa import ZaloOaChannel
from bot.desk import Desk
from bot.forms import FormFolder
from bot.intake import Spool
from bot.lookups import Follows, Lookups
from bot.sealing import Seal
from bot.settings import Settings
from bot.tokens import StoredTokens
from handlers.services import Services
from knowledge import onestop
from knowledge.masking import mask
from knowledge.offices import seed_office
from knowledge.store import NewerDatabase, Store

SHORTEST_KEY = 32
"""Characters of a key that signs links."""
HOME = Path("var")
"""Where a machine keeps what it made itself."""


def masked(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Mask every text of a log line: an exception may carry what a citizen wrote."""
    for key, value in event.items():
        if isinstance(value, str) and key not in ("timestamp", "level", "event"):
            event[key] = mask(value)
    return event


def log_to_stderr(level: str) -> None:
    """One JSON object a line on standard error; standard output belongs to the commands."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            masked,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def store(settings: Settings) -> Store:
    """The migrated and seeded store, or a plain message why there is none."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    try:
        opened = open_store(settings.database_url)
    except NewerDatabase as error:
        raise click.ClickException(
            f"Cơ sở dữ liệu do bản mới hơn của chương trình tạo ra ({error}). "
            "Cập nhật chương trình rồi chạy lại."
        ) from error
    except ArgumentError as error:
        raise click.ClickException(
            "DATABASE_URL không đúng dạng. Ví dụ: sqlite:///var/hoimotcua.db"
        ) from error
    except OSError as error:
        raise click.ClickException(
            f"Không tạo được cơ sở dữ liệu ({error.strerror}). Kiểm tra DATABASE_URL và quyền ghi."
        ) from error
    except OperationalError as error:
        # The driver's text may hold the address with its password; it is not shown.
        raise click.ClickException(
            "Không mở được cơ sở dữ liệu. Kiểm tra DATABASE_URL và máy chủ cơ sở dữ liệu."
        ) from error
    if context := click.get_current_context(silent=True):
        context.call_on_close(opened.close)
    return opened


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """A secret made once and kept beside the data, readable by its owner only."""
    file = HOME / name
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as opened:
                    opened.write(make())
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(
            f"Không đọc hoặc ghi được {file} ({error.strerror}). Kiểm tra quyền, đĩa đầy."
        ) from error


def salt(settings: Settings) -> bytes:
    """The salt of contact hashes: from the environment, or made once and kept."""
    if settings.contact_salt is not None:
        return settings.contact_salt.get_secret_value().encode()[:64]
    return kept("contact.salt", lambda: secrets.token_bytes(32))


def seal(settings: Settings) -> Seal:
    """What seals waiting messages and tokens: keys of the environment, or one made and kept."""
    if settings.seal_keys is not None:
        keys = settings.seal_keys.get_secret_value().split()
    else:
        keys = [kept("seal.key", lambda: Seal.new_key().encode()).decode()]
    try:
        return Seal(keys)
    except ValueError as error:
        raise click.ClickException(
            "HMC_SEAL_KEYS không đúng dạng: mỗi khóa là 32 byte viết theo base64."
        ) from error


def link_keys(settings: Settings) -> tuple[bytes, ...]:
    """The keys of links on receipts, the newest first: of the environment, or one kept."""
    if settings.link_keys is None:
        return (kept("link.key", lambda: secrets.token_bytes(32)),)
    keys = tuple(key.encode() for key in settings.link_keys.get_secret_value().split())
    if not keys or min(map(len, keys)) < SHORTEST_KEY:
        raise click.ClickException(
            f"HMC_LINK_KEYS không đúng dạng: mỗi khóa ít nhất {SHORTEST_KEY} ký tự ngẫu nhiên."
        )
    return keys


def spool(process: str = "serve") -> Spool:
    """Where one process keeps messages while the database is down."""
    return Spool(HOME / f"spool.{process}.jsonl")


def onestop_setting(settings: Settings) -> str:
    """Invented dossiers only where no citizen comes by."""
    return settings.onestop or ("none" if settings.public_url else "demo")


def sources(settings: Settings) -> onestop.Desk:
    """The dossier sources; a wrong configuration is a plain message."""
    try:
        return onestop.open_desk(onestop_setting(settings), folder=HOME, environment=os.environ)
    except onestop.WrongConfiguration as error:
        raise click.ClickException(f"HMC_ONESTOP: {error}") from error


def anchors() -> Anchors:
    """Where heads of the audit are noted outside the database."""
    return Anchors(HOME / "audit.heads")


def desk(settings: Settings, lookups: Lookups | None = None) -> Desk:
    """A desk over the records in force today, with the office's forms and dossier sources."""
    found, keys = forms(settings), link_keys(settings)
    asked = lookups or look_ups(settings, store(settings))

    def equip(services: Services) -> Services:
        return replace(
            services,
            forms=found.find,
            dossiers=asked,
            link_keys=keys,
            shows_handler=settings.show_handler,
            check_every=timedelta(days=settings.check_every_days),
        )

    return Desk.open(asked.store, salt(settings), equip)


def look_ups(settings: Settings, opened: Store, follows: Follows | None = None) -> Lookups:
    """What looks dossiers up."""
    return Lookups(
        sources=sources(settings),
        store=opened,
        seal=seal(settings),
        salt=salt(settings),
        clock=now,
        follows=follows,
    )


def forms(settings: Settings) -> FormFolder:
    """The blank forms the office hands out."""
    return FormFolder(settings.forms_dir, public_url=settings.public_url)


def _around(settings: Settings, opened: Store) -> Around:
    return Around(
        forms=forms(settings),
        tokens=StoredTokens(opened, seal(settings), "zalo_oa", clock=now),
        clock=now,
        salt=salt(settings),
        office=seed_office().short_name,
    )


def channels(settings: Settings, opened: Store | None = None) -> tuple[Channel, ...]:
    """The channels that are configured; one configured halfway is a plain message."""
    try:
        return configured(settings, _around(settings, opened or store(settings)))
    except Incomplete as error:
        raise click.ClickException(str(error)) from error


def zalo_oa(settings: Settings) -> ZaloOaChannel | None:
    """The Official Account alone."""
    try:
        return official_account(settings, _around(settings, store(settings)))
    except Incomplete as error:
        raise click.ClickException(str(error)) from error
