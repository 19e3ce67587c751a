"""Whether somebody proved that a dossier is theirs, in the same time whatever the answer."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.onestop.model import Dossier

SLOTS = 8
"""Comparisons made each time, however many pieces are on file."""
MOST = 64
"""Bytes of a piece; a longer one proves nothing."""


def proves(dossier: Dossier | None, factor: str) -> bool:
    """True when ``factor`` is a piece on file: four last digits of a number, or the receipt's PIN.

    Without a dossier, and for wrong pieces, the same number of digests is made and compared.
    """
    key = secrets.token_bytes(32)
    on_file = dossier.factors if dossier is not None else ()
    given = _digest(key, b"+", spelled(factor))
    proved = 0
    for slot in range(SLOTS):
        there = slot < len(on_file)
        held = _digest(key, b"+" if there else b"-", spelled(on_file[slot]) if there else "")
        proved |= hmac.compare_digest(given, held)
    return bool(proved)


def spelled(factor: str) -> str:
    """One spelling for what people type: no spaces, plain digits, capitals."""
    return "".join(unicodedata.normalize("NFKC", factor[: 4 * MOST]).split()).upper()


def _digest(key: bytes, kind: bytes, factor: str) -> bytes:
    data = factor.encode("utf-8", "replace")
    # Nothing, and what is too long, must equal nothing: it gets a mark of its own.
    mark = b"=" if 0 < len(data) <= MOST else secrets.token_bytes(8)
    return blake2b(kind + mark + data[:MOST].ljust(MOST, b"\0"), key=key).digest()
