"""Encrypts what must be kept readable for a while: messages not answered yet, and tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

if TYPE_CHECKING:
    from collections.abc import Sequence


class Unsealable(Exception):
    """Sealed with a key that is not here, or damaged."""


class Seal:
    """Seals JSON values. The first key seals; all keys open, so that a key can be changed."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("at least one key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    @staticmethod
    def new_key() -> str:
        """A fresh key as it stands in the environment."""
        return Fernet.generate_key().decode()

    def close(self, value: Any) -> bytes:
        """The value, encrypted and signed."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode())

    def open(self, sealed: bytes) -> Any:
        """The value again. Raises :class:`Unsealable`."""
        try:
            return json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, ValueError) as error:
            raise Unsealable from error
