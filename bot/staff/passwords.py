"""Passwords of staff: rules, Argon2id, one that is made up; one-time codes and their spares."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge.text import fold

SHORTEST, LONGEST = 12, 256
"""NIST SP 800-63B rev. 4: length counts and no mixture is demanded; 15 where it is the only
factor is its advice, 12 with a brake on guessing is ours."""
COMMON = frozenset(
    (  # noqa: SIM905 - a list of words is read as words
        "password matkhau matkhaumoi qwerty qwertyuiop asdfghjkl zxcvbnm admin administrator "
        "quantri quantrivien canbo motcua hoimotcua hanhchinh hanhchinhcong ubnd phuong "
        "phanrang ninhthuan khanhhoa vietnam hanoi saigon welcome letmein iloveyou anhyeuem "
        "emyeuanh chucmung xinchao abcd abcdef abcdefgh dichvucong thutuc"
    ).split()
)
"""Words that guessers try first, here; digits and signs around them do not help."""
_RUNS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters that nobody mistakes for one another when reading them from paper."""
ISSUER = "Hoi Mot Cua"
RECOVERY_CODES = 8
_STEP = 30
"""Seconds of a one-time code (RFC 6238)."""


def problem(password: str, login: str) -> str:
    """Why a password is refused, in a sentence; empty when it is good."""
    if len(password) < SHORTEST:
        return f"Mật khẩu cần ít nhất {SHORTEST} ký tự. Một câu ngắn dễ nhớ là tốt nhất."
    if len(password) > LONGEST:
        return f"Mật khẩu dài quá {LONGEST} ký tự."
    bare = re.sub(r"[\W_]+", "", fold(password).lower())
    letters = re.sub(r"\d+", "", bare)
    if len(set(bare)) < 5 or any(bare in run for run in _RUNS):
        return "Mật khẩu này lặp lại hoặc theo dãy, rất dễ đoán. Chọn mật khẩu khác."
    if letters in COMMON or _repeats(letters) or (len(login) > 2 and login in password.lower()):
        return "Mật khẩu này nhiều người dùng hoặc có tên đăng nhập, dễ đoán. Chọn mật khẩu khác."
    return ""


def _repeats(letters: str) -> bool:
    """True for a common word said more than once."""
    return any(
        letters == word * (len(letters) // len(word))
        for word in COMMON
        if letters and len(letters) % len(word) == 0
    )


class Passwords:
    """Hashes and proves passwords with Argon2id, as OWASP's cheat sheet sets it (19 MiB, t=2)."""

    def __init__(self, *, memory_kib: int = 19_456, rounds: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """What is stored of a password."""
        return self._hasher.hash(_normal(password))

    def proves(self, hashed: str | None, password: str) -> bool:
        """True when it is the password; without a hash as slowly, and never."""
        try:
            self._hasher.verify(hashed or self._nobody, _normal(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    def is_old(self, hashed: str) -> bool:
        """True when it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)


def _normal(password: str) -> str:
    # The same letters typed with another input method must be the same password.
    return unicodedata.normalize("NFC", password)


def made_up() -> str:
    """An initial password to be read from paper or a screen: 20 letters, 99 bits."""
    letters = [secrets.choice(_ALPHABET) for _ in range(20)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 20, 5))


def new_secret() -> str:
    """A fresh secret of one-time codes, as apps take it."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step for which a code is right, one step early or late; else ``None``."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    now = int(at.timestamp()) // _STEP
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def recovery_codes() -> list[str]:
    """Spare codes for a lost phone: 12 letters, 59 bits, each works once."""
    letters = [[secrets.choice(_ALPHABET) for _ in range(12)] for _ in range(RECOVERY_CODES)]
    return ["-".join("".join(code[at : at + 4]) for at in (0, 4, 8)) for code in letters]


def recovery_hash(code: str) -> str:
    """What is stored of a spare code: it is random, so a fast hash is enough."""
    bare = re.sub(r"[^a-z0-9]", "", code.lower())
    return hashlib.sha256(bare.encode()).hexdigest()
