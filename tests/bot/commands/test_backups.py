"""backup and restore as typed: what an operator reads, what is refused, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.single import only_one

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/office.db")
    monkeypatch.setattr("bot.app._follow_seed", lambda work: None)

    def start(*arguments: str, stdin: str = "", ok: bool = True) -> Result:
        done = CliRunner().invoke(main, list(arguments), input=stdin)
        assert (done.exit_code == 0) is ok, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return start


def hire(run: Run, login: str) -> None:
    stdin = "con mèo nằm trên mái\n"
    run("staff", "add", login, "--name", "Chị", "--role", "admin", stdin=stdin)


def only_backup() -> str:
    (found,) = Path("var/backups").glob("hoimotcua-*.backup")
    return str(found)


def test_back_to_what_it_was(run: Run) -> None:
    hire(run, "lan")
    said = run("backup").output
    assert "Đã sao lưu: var/backups/hoimotcua-" in said
    assert "KHÔNG nằm trong bản sao" in said
    hire(run, "binh")
    assert "đang có dữ liệu" in run("restore", only_backup(), ok=False).output
    said = run("restore", only_backup(), "--replace").output
    assert "Đã phục hồi bản lưu lúc" in said
    assert "office.db.truoc-" in said
    assert "audit.heads." in said
    assert "binh" not in run("staff", "list").output
    assert "nguyên vẹn: 2 dòng" in run("audit", "verify").output


def test_not_while_it_is_served(run: Run) -> None:
    run("staff", "list")
    run("backup")
    with only_one(Path("var/office.db")):
        said = run("restore", only_backup(), "--replace", ok=False).output
    assert "đang chạy" in said


def test_the_oldest_are_dropped(run: Run) -> None:
    folder = Path("kho")
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"hoimotcua-2026110{day}-000000.backup").touch()
    run("staff", "list")
    assert "Đã bỏ bản cũ" in run("backup", "--to", "kho", "--keep", "2").output
    kept = sorted(each.name for each in folder.iterdir())
    assert kept[0] == "hoimotcua-20261103-000000.backup"
    assert len(kept) == 2


def test_what_is_no_backup_is_said_plainly(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.backup").write_text("chào", encoding="utf-8")
    said = run("restore", "x.backup", ok=False).output
    assert "Không phục hồi được: không phải bản sao lưu" in said


def test_nothing_to_back_up_is_said_plainly(run: Run) -> None:
    assert "Không sao lưu được" in run("backup", ok=False).output
