"""staff and audit as typed: passwords from a pipe, refusals in words, the audit proved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from bot.__main__ import main
from knowledge.store import Store, open_engine

GOOD = "con mèo nằm trên mái\n"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_url: str) -> Run:
    """The command in a folder and a database of its own, in this process: it starts in no time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", empty_url)
    monkeypatch.setattr("bot.app._follow_seed", lambda work: None)

    def start(*arguments: str, stdin: str = "", ok: bool = True) -> Result:
        done = CliRunner().invoke(main, list(arguments), input=stdin)
        assert (done.exit_code == 0) is ok, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert stdin.strip() == "" or stdin.strip() not in done.output
        return done

    return start


def add(run: Run, login: str = "lan", role: str = "admin", **more: object) -> Result:
    return run("staff", "add", login, "--name", "Chị Lan", "--role", role, stdin=GOOD, **more)


def test_an_account_from_first_to_last(run: Run, empty_url: str) -> None:
    assert "Chưa có tài khoản" in run("staff", "list").output
    assert "Đã thêm lan (quản trị)" in add(run).output
    add(run, "binh", "officer")
    run("staff", "roles", "binh", "officer", "approver")
    run("staff", "password", "BINH", stdin="một câu khác hẳn\n")
    run("staff", "deactivate", "binh")
    listed = run("staff", "list").output
    assert "ĐÃ KHÓA" in listed
    assert "cán bộ, người duyệt" in listed
    run("staff", "deactivate", "binh", "--again")
    assert "ĐÃ KHÓA" not in run("staff", "list").output
    store = Store(open_engine(empty_url))
    with store.work() as work:
        entries = work.audit.entries(_all(), limit=20)[::-1]
    store.close()
    assert [each.action for each in entries] == [
        "account.add",
        "account.add",
        "account.change",
        "account.reset",
        "account.deactivate",
        "account.activate",
    ]
    assert all(each.actor.startswith("cli") for each in entries)


def _all() -> object:
    from knowledge.audit import Filter

    return Filter()


def test_refusals_are_one_sentence(run: Run) -> None:
    add(run)
    for arguments, stdin, said in (
        (["add", "lan", "--name", "x", "--role", "admin"], GOOD, "đã có người dùng"),
        (["add", "Có Dấu", "--name", "x", "--role", "admin"], GOOD, "không dấu"),
        (["add", "hai", "--name", "x", "--role", "admin"], "cụtđuôi\n", "12 ký tự"),
        (["add", "hai", "--name", "x", "--role", "admin"], "", "12 ký tự"),
        (["add", "hai", "--name", "x"], GOOD, "--role"),
        (["deactivate", "nobody"], "", "Không có tài khoản"),
        (["password", "nobody"], GOOD, "Không có tài khoản"),
        (["deactivate", "lan"], "", "quản trị viên cuối cùng"),
        (["roles", "lan", "viewer"], "", "quản trị viên cuối cùng"),
        (["roles", "lan", "king"], "", "king"),
    ):
        assert said in run("staff", *arguments, stdin=stdin, ok=False).output
    assert "quản trị" in run("staff", "list").output


def test_the_audit_proves_itself_and_tampering_is_told(run: Run, empty_url: str) -> None:
    assert "0 dòng" in run("audit", "verify").output
    add(run)
    add(run, "binh", "admin")
    said = run("audit", "verify").output
    assert "Nhật ký nguyên vẹn: 2 dòng" in said
    head = said.split("chép lại: ")[1].strip()
    run("audit", "verify", "--head", head)
    assert "không đúng dạng" in run("audit", "verify", "--head", "x", ok=False).output
    store = Store(open_engine(empty_url))
    # Cut at the end, with the head row made to fit: only the noted heads tell.
    with store.work() as work:
        work._session.execute(text("DELETE FROM audit WHERE id = 2"))
        first = work._session.execute(text("SELECT digest FROM audit WHERE id = 1")).scalar()
        work._session.execute(
            text("UPDATE audit_head SET count = 1, digest = :digest"), {"digest": first}
        )
    store.close()
    assert "KHÔNG còn nguyên" in run("audit", "verify", ok=False).output
    Path("var/audit.heads").unlink()
    assert "nguyên vẹn" in run("audit", "verify").output
    assert "đã từng có 2" in run("audit", "verify", "--head", head, ok=False).output
    Path("var/audit.heads").write_text("x\n", encoding="utf-8")
    assert "dòng 1: không đọc được" in run("audit", "verify", ok=False).output
