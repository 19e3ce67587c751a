"""doctor: a machine that is ready, and one clear line for each thing that is not."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from tests.bot.test_server import free_port

Run = Callable[..., str]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/office.db")
    monkeypatch.setenv("HMC_PORT", str(free_port()))

    def start(*, ok: bool, **settings: str) -> str:
        done = CliRunner().invoke(main, ["doctor"], env=dict(settings))
        assert (done.exit_code == 0) is ok, done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.output

    return start


def test_a_machine_that_is_ready(run: Run) -> None:
    said = run(ok=True)
    assert "✘" not in said
    assert "142 thủ tục đang dùng" in said
    assert said.rstrip().endswith("python -m bot serve")


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"HMC_SEAL_KEYS": "ngắn"}, "HMC_SEAL_KEYS không đúng dạng"),
        ({"HMC_LINK_KEYS": "ngắn"}, "HMC_LINK_KEYS không đúng dạng"),
        ({"HMC_PUBLIC_URL": "https://chat.example.gov.vn"}, "HMC_CHAT_SECRET: chưa đặt"),
        ({"HMC_ZALO_APP_ID": "1"}, "HMC_ZALO_APP_SECRET"),
        ({"HMC_ONESTOP": "khong-co.yaml"}, "HMC_ONESTOP"),
        ({"DATABASE_URL": "postgresql://localhost:1/x"}, "Không mở được cơ sở dữ liệu"),
        ({"DATABASE_URL": "cái gì đây"}, "DATABASE_URL không đúng dạng"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, settings: dict[str, str], line: str) -> None:
    (wrong,) = [each for each in run(ok=False, **settings).splitlines() if line in each]
    assert wrong.startswith("✘ ")


def test_a_port_in_use(run: Run) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        said = run(ok=False, HMC_PORT=str(held.getsockname()[1]))
    assert "chương trình đang chạy, hoặc đổi HMC_PORT" in said


def test_a_disk_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    assert "✘ Không ghi được vào var/" in run(ok=False)


def test_a_full_disk_and_a_wrong_clock(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.doctor.shutil.disk_usage", lambda _: Usage(9, 9, 10**6))
    monkeypatch.setattr("bot.commands.doctor.now", lambda: datetime(2000, 1, 1, tzinfo=UTC))
    said = run(ok=False)
    assert "✘ Đĩa còn trống 0.0 GB, cần ít nhất 2." in said
    assert "✘ Đồng hồ máy chỉ 01/01/2000, chắc chắn sai" in said


def test_a_database_of_a_newer_version(run: Run, tmp_path: Path) -> None:
    import sqlite3

    run(ok=True)
    with sqlite3.connect(tmp_path / "var" / "office.db") as opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    assert "✘ Cơ sở dữ liệu do bản mới hơn" in run(ok=False)
