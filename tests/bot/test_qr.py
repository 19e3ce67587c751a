"""The command that makes QR codes: what it writes is read again from the picture."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import scan
from bot.__main__ import main
from bot.receipts import classify
from handlers.conversation import ScanKind

CODE = "H32.215-261118-0042"
TODAY = date(2026, 11, 25)
NAMES = {"HMC_TELEGRAM_NAME": "phanrang_bot", "HMC_ZALO_OA_ID": "2368732341234567890"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'office.db'}")
    return tmp_path


def _run(*arguments: str, **env: str) -> Result:
    return CliRunner().invoke(main, ["qr", *arguments], env={**NAMES, **env})


def _read(file: Path) -> str:
    (text,) = scan.texts(scan.opened(file.read_bytes()), scan.SECONDS)
    return text


@pytest.mark.parametrize("typed", [CODE, "h32.215 261118 42"])
def test_one_scan_opens_the_chat_with_the_dossier(folder: Path, typed: str) -> None:
    done = _run(typed, "--to", "ra/mã")
    assert done.exit_code == 0, done.output
    keys = [(folder / "var" / "link.key").read_bytes()]
    telegram = _read(folder / "ra/mã" / f"qr-{CODE}-telegram.png")
    assert telegram.startswith("https://t.me/phanrang_bot?start=hs_H32_215-261118-0042_")
    zalo = _read(folder / "ra/mã" / f"qr-{CODE}-zalo.png")
    assert zalo.startswith("https://zalo.me/2368732341234567890?text=hs_")
    for text in (telegram, zalo):
        found = classify(text, TODAY, keys)
        assert (found.kind, found.code) == (ScanKind.DOSSIER, CODE)
    assert "không hứa điền sẵn" in done.stderr
    assert telegram in done.stdout


def test_the_kept_key_is_the_owners_and_stays(folder: Path) -> None:
    first, second = _run(CODE), _run(CODE)
    assert first.stdout == second.stdout
    assert (folder / "var" / "link.key").stat().st_mode & 0o077 == 0


def test_a_procedure_needs_no_key(folder: Path) -> None:
    done = _run("1.001193", "--svg", HMC_ZALO_OA_ID="")
    assert done.exit_code == 0, done.output
    assert "?start=tt_1_001193" in done.stdout
    assert "<svg" in (folder / "qr-1.001193-telegram.svg").read_text(encoding="utf-8")
    assert not (folder / "qr-1.001193-zalo.svg").exists()
    assert not (folder / "var" / "link.key").exists()


def test_the_newest_key_of_the_settings_signs(folder: Path) -> None:
    new, old = "n" * 32, "o" * 32
    done = _run(CODE, HMC_LINK_KEYS=f"{new} {old}")
    text = _read(folder / f"qr-{CODE}-telegram.png")
    assert classify(text, TODAY, [new.encode()]).kind is ScanKind.DOSSIER
    assert classify(text, TODAY, [old.encode()]).kind is ScanKind.FORGED_LINK
    assert new not in done.output


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("H32.215-991118-0042", "chưa tới"),
        ("H32.215-261318-0042", "không có thật"),
        ("H32.215-261118", "thiếu số cuối"),
        ("056090001234", "số căn cước"),
        ("0905123456", "số điện thoại"),
        ("1.001193.02", "mã dịch vụ công"),
        ("KQ.G10.000921", "mã kết quả"),
        ("03706/2026/07906", "bảo hiểm xã hội"),
        ("1.999999", "Không có thủ tục"),
        ("xin chào", "Không phải mã"),
        (f"{CODE} {CODE}", "Không phải mã"),
    ],
)
def test_other_codes_are_refused_with_a_reason(folder: Path, code: str, told: str) -> None:
    done = _run(code)
    assert done.exit_code == 1
    assert told in done.stderr
    assert not list(folder.glob("qr-*"))


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"HMC_TELEGRAM_NAME": "", "HMC_ZALO_OA_ID": ""}, "HMC_TELEGRAM_NAME"),
        ({"HMC_LINK_KEYS": "short"}, "HMC_LINK_KEYS"),
        ({"HMC_TELEGRAM_NAME": "@bot?x"}, "telegram_name"),
    ],
)
def test_settings_that_do_not_do(folder: Path, env: dict[str, str], told: str) -> None:
    done = _run(CODE, **env)
    assert done.exit_code == 1
    assert told in done.stderr


def test_a_folder_that_cannot_be(folder: Path) -> None:
    (folder / "file").touch()
    done = _run(CODE, "--to", "file/x")
    assert done.exit_code == 1
    assert "Không ghi được" in done.stderr
