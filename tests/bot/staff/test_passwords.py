"""What a password must be and how it is kept; one-time codes and their spares."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from bot.staff import passwords
from bot.staff.passwords import Passwords, problem
from tests.staffing import CHEAP

NOW = datetime(2026, 11, 25, 2, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "mười một chữ"[:11],
        "x" * 257,
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "210987654321",
        "matkhau12345",
        "MậtKhẩu!!!2026",
        "password1234",
        "PasswordPassword1",
        "hoi-mot-cua-2026",
        "xin chao lan.nguyen",
    ],
)
def test_bad_ones_are_refused_in_a_sentence(password: str) -> None:
    assert problem(password, "lan.nguyen").endswith((".", "tốt nhất."))


@pytest.mark.parametrize(
    "password",
    [
        "con mèo nằm trên mái",
        "aB3$xYz9!kLm",
        "chợ phan rang bán nho",
        "058123456789012 x",
        "🐈 mèo con 12345",
    ],
)
def test_good_ones_need_no_mixture(password: str) -> None:
    assert problem(password, "lan.nguyen") == ""


def test_a_made_up_one_is_good_and_never_the_same() -> None:
    made = {passwords.made_up() for _ in range(50)}
    assert len(made) == 50
    assert all(problem(each, "lan") == "" for each in made)


def test_a_hash_is_argon2id_as_owasp_says() -> None:
    hashed = Passwords().hash("con mèo nằm trên mái")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "mèo" not in hashed
    assert Passwords().proves(hashed, "con mèo nằm trên mái")
    assert not Passwords().proves(hashed, "con mèo nằm trên mái ")
    assert not Passwords().is_old(hashed)
    assert CHEAP.is_old(hashed)


def test_the_same_letters_are_the_same_password() -> None:
    hashed = CHEAP.hash(unicodedata.normalize("NFD", "mật khẩu của tôi"))
    assert CHEAP.proves(hashed, unicodedata.normalize("NFC", "mật khẩu của tôi"))


def test_a_damaged_hash_proves_nothing() -> None:
    for damaged in ("", "x", "$argon2id$v=19$m=8,t=1,p=1$x"):
        assert not CHEAP.proves(damaged, "x")


def test_a_code_is_right_for_a_minute_and_a_half() -> None:
    secret = passwords.new_secret()
    now = int(NOW.timestamp()) // 30
    for late, step in ((-30, now - 1), (0, now), (30, now + 1)):
        code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=late))
        assert passwords.step_of(secret, code, NOW) == step
    for late in (-60, 60):
        code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=late))
        assert passwords.step_of(secret, code, NOW) is None
    for wrong in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        assert passwords.step_of(secret, wrong, NOW) is None


def test_spare_codes_are_read_as_people_write_them() -> None:
    codes = passwords.recovery_codes()
    assert len(set(codes)) == passwords.RECOVERY_CODES
    code = codes[0]
    assert passwords.recovery_hash(code) == passwords.recovery_hash(f" {code.upper()} ")
    assert passwords.recovery_hash(code) == passwords.recovery_hash(code.replace("-", " "))
    assert code not in passwords.recovery_hash(code)
