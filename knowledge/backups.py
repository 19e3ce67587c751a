"""One file that holds the whole database, made while the office works, and proven before use."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import URL, MetaData, create_engine, inspect, make_url, text

from knowledge.store import NewerDatabase, known_revisions, migrate, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MANIFEST, CONTENT = "manifest.json", "database"
CHUNK = 1 << 20
LARGEST_MANIFEST = 10_000
MARGIN = 1.1
"""Free room a copy must leave over, as a factor of its size."""


class DamagedBackup(Exception):
    """The file is no backup, or no longer whole; the text says how, in Vietnamese."""


class NotEmpty(Exception):
    """The database holds something already, and replacing was not asked for."""


class InUse(Exception):
    """Somebody else is connected to the database just now."""


class CannotRun(Exception):
    """A tool of PostgreSQL is missing or refused; the text names it and its last line."""


class Manifest(BaseModel):
    """What a backup says of itself. ``schema_revision`` is the migration it was at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["sqlite", "postgresql"]
    made_at: datetime
    schema_revision: str
    size: int
    sha256: str


def back_up(url: str, file: Path, at: datetime) -> Manifest:
    """Write the database to ``file``, which appears only when it is whole.

    People go on working: SQLite's own online copy, or ``pg_dump``. Raises ``OSError``,
    ``sqlite3.Error``, :class:`CannotRun`.
    """
    address = make_url(url)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        copy, packed = Path(folder) / CONTENT, Path(folder) / "packed"
        if address.get_backend_name() == "sqlite":
            kind, revision = "sqlite", _copy_sqlite(str(address.database), copy)
        else:
            kind, revision = "postgresql", _dump_postgresql(address, copy)
        manifest = Manifest.model_validate(
            {
                "kind": kind,
                "made_at": at,
                "schema_revision": revision,
                "size": copy.stat().st_size,
                "sha256": _digest(copy),
            }
        )
        # A dump of PostgreSQL is compressed already.
        method = zipfile.ZIP_DEFLATED if kind == "sqlite" else zipfile.ZIP_STORED
        with zipfile.ZipFile(packed, "w", method, compresslevel=1) as archive:
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
            archive.write(copy, CONTENT)
        packed.chmod(0o600)
        _sync(packed)
        packed.replace(file)
    return manifest


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address; ``None`` for a server. Raises ``ArgumentError``."""
    address = make_url(url)
    name = address.database
    return Path(name) if address.get_backend_name() == "sqlite" and name else None


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself. Raises :class:`DamagedBackup`, ``OSError``."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(MANIFEST) as opened:
            return Manifest.model_validate_json(opened.read(LARGEST_MANIFEST))
    except (zipfile.BadZipFile, KeyError, ValidationError) as error:
        raise DamagedBackup("không phải bản sao lưu của chương trình, hoặc tệp bị hỏng") from error


def restore(file: Path, url: str, *, aside: Path | None, at: datetime) -> Manifest:
    """Put a backup in the place of the database and bring it to this program's version.

    Everything is proven before anything is touched. ``aside`` is where the database of now goes;
    without it the database must be empty (:class:`NotEmpty`). Raises :class:`DamagedBackup`,
    :class:`NewerDatabase`, :class:`InUse`, :class:`CannotRun`, ``OSError``.
    """
    manifest, address = read_manifest(file), make_url(url)
    if manifest.kind != address.get_backend_name():
        raise DamagedBackup(f"bản sao này của {manifest.kind}, không phải loại đang dùng")
    if manifest.schema_revision not in known_revisions():
        raise NewerDatabase(manifest.schema_revision)
    near = Path(str(address.database)).parent if manifest.kind == "sqlite" else None
    with _unpacked(file, manifest, near) as content:
        if manifest.kind == "sqlite":
            _check_sqlite(content)
            _replace_sqlite(content, Path(str(address.database)), aside)
        else:
            _replace_postgresql(content, address, aside, at)
    engine = open_engine(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    return manifest


@contextmanager
def _unpacked(file: Path, manifest: Manifest, near: Path | None) -> Iterator[Path]:
    if near:
        near.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=near) as folder:
        if shutil.disk_usage(folder).free < manifest.size * MARGIN:
            raise OSError(28, "không đủ chỗ trống trên đĩa")
        content = Path(folder) / CONTENT
        try:
            with zipfile.ZipFile(file) as archive, archive.open(CONTENT) as packed:
                left = manifest.size
                with content.open("wb") as written:
                    while chunk := packed.read(min(CHUNK, left + 1)):
                        left -= len(chunk)
                        if left < 0:
                            break
                        written.write(chunk)
        except (zipfile.BadZipFile, KeyError, EOFError) as error:
            raise DamagedBackup("tệp bị hỏng, không giải nén được") from error
        if left or _digest(content) != manifest.sha256:
            raise DamagedBackup("nội dung không khớp với mã kiểm tra, tệp bị hỏng hoặc bị sửa")
        yield content


def _copy_sqlite(name: str, copy: Path) -> str:
    with (
        closing(sqlite3.connect(f"{Path(name).absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        revision: tuple[str] | None = target.execute(
            "SELECT version_num FROM alembic_version"
        ).fetchone()
    _check_sqlite(copy)
    return revision[0] if revision else ""


def _check_sqlite(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as opened:
            found = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise DamagedBackup("không phải cơ sở dữ liệu SQLite") from error
    if found != "ok":
        raise DamagedBackup("cơ sở dữ liệu bên trong bị hỏng")


def _replace_sqlite(content: Path, file: Path, aside: Path | None) -> None:
    if file.exists() and file.stat().st_size:
        if aside is None:
            raise NotEmpty
        # Closing the last connection brings what waits in the write-ahead log into the file.
        with closing(sqlite3.connect(file, timeout=1)) as opened:
            busy = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise InUse
        file.replace(aside)
    for left in ("-wal", "-shm"):
        file.with_name(file.name + left).unlink(missing_ok=True)
    content.chmod(0o600)
    _sync(content)
    content.replace(file)


def _dump_postgresql(address: URL, copy: Path) -> str:
    engine = open_engine(address.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    finally:
        engine.dispose()
    _run(["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={copy}"], address)
    return str(revision)


def _replace_postgresql(content: Path, address: URL, aside: Path | None, at: datetime) -> None:
    # Reading the table of contents proves that it is a dump before anything is dropped.
    _run(["pg_restore", "--list", str(content)], None)
    plain = address.set(drivername="postgresql+psycopg")
    engine = create_engine(plain, hide_parameters=True)
    try:
        with engine.begin() as connection:
            others = connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            ).scalar()
            if others:
                raise InUse
            tables = inspect(connection).get_table_names()
        if tables and aside is None:
            raise NotEmpty
        if tables and aside:
            back_up(address.render_as_string(hide_password=False), aside, at)
            with engine.begin() as connection:
                held = MetaData()
                held.reflect(connection)
                held.drop_all(connection)
    finally:
        engine.dispose()
    _run(
        ["pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction"],
        address,
        [f"--dbname={address.database}", str(content)],
    )


def _run(command: Sequence[str], address: URL | None, last: Sequence[str] = ()) -> None:
    """One of PostgreSQL's own tools; the password goes by the environment, never in sight."""
    environment = dict(os.environ)
    if address is not None:
        query = {key: str(value) for key, value in address.query.items()}
        given = {
            "PGHOST": address.host or query.get("host"),
            "PGPORT": str(address.port) if address.port else query.get("port"),
            "PGUSER": address.username,
            "PGPASSWORD": address.password,
            "PGDATABASE": address.database,
            "PGSSLMODE": query.get("sslmode"),
        }
        environment |= {key: value for key, value in given.items() if value}
    try:
        done = subprocess.run(  # noqa: S603
            [*command, *last], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise CannotRun(f"{command[0]}: chưa cài") from error
    if done.returncode:
        told = "; ".join(done.stderr.strip().splitlines()[-2:])
        raise CannotRun(told or f"{command[0]}: {done.returncode}")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
