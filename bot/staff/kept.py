"""A form whose session ran out: kept sealed, offered again after signing in, never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.sealing import Seal, Unsealable
from bot.staff.exchange import CSRF, within

if TYPE_CHECKING:
    from datetime import datetime

    from bot.staff.exchange import Fields

LIVES = timedelta(hours=24)
CARRIED = frozenset(["key", "base", "seen", "do"])
"""Fields that a form carries beside what its author typed. Names with ``_`` before them are such
too."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was sent where, by whom as far as that is known."""

    path: str
    fields: Fields
    account: int | None

    @property
    def shown(self) -> Fields:
        """What was typed, for its author to see."""
        return tuple(
            (name, value)
            for name, value in self.fields
            if value.strip() and not name.startswith("_") and name not in CARRIED
        )


def keepable(path: str, fields: Fields, account: int | None) -> Kept | None:
    """The form to keep; ``None`` for what must not be kept (passwords) or holds nothing."""
    typed = tuple((name, value) for name, value in fields if name != CSRF)
    if not typed or any("password" in name for name, _ in typed):
        return None
    return Kept(path=path, fields=typed, account=account)


def close(kept: Kept, seal: Seal, at: datetime) -> str:
    """The form as the log-in page carries it, readable by nobody else."""
    return seal.close(["form", at.timestamp(), kept.path, kept.fields, kept.account]).decode()


def reopen(sealed: str, seal: Seal, at: datetime, account: int) -> Kept | None:
    """The form again, unless it is damaged, too old or another person's."""
    try:
        kind, since, path, fields, author = seal.open(sealed.encode())
    except (Unsealable, ValueError, TypeError):
        return None
    old = at.timestamp() - since > LIVES.total_seconds()
    if kind != "form" or old or author not in (None, account) or within(path) != path:
        return None
    return Kept(path=path, fields=tuple((n, v) for n, v in fields), account=author)
