"""Heads of the audit, noted outside the database, so that a cut or a rewriting is seen."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge.audit import Head

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge.store import Store


class DamagedAnchors(Exception):
    """A line of the file is no head; the text is its number."""


@dataclass(frozen=True)
class Anchors:
    """A file to which one line is added whenever the audit has grown.

    It proves most where an intruder of the database cannot write: on another disk or machine.
    """

    file: Path

    def read(self) -> list[Head]:
        """Every head ever noted. Raises :class:`DamagedAnchors`."""
        if not self.file.exists():
            return []
        heads = []
        for number, line in enumerate(self.file.read_text("utf-8").splitlines(), 1):
            try:
                heads.append(Head.read(line))
            except ValueError as error:
                raise DamagedAnchors(str(number)) from error
        return heads

    def note(self, store: Store) -> bool:
        """Add the head of now, when it is new; True when it was."""
        with store.work() as work:
            head = work.audit.head()
        if not head.count or self._last() == str(head):
            return False
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(f"{head}\n")
        return True

    def put_aside(self, stamp: str) -> Path | None:
        """Begin anew, as the database does after a restore; where the old heads are now."""
        if not self.file.exists():
            return None
        return self.file.rename(self.file.with_name(f"{self.file.name}.{stamp}"))

    def _last(self) -> str:
        if not self.file.exists():
            return ""
        with self.file.open("rb") as opened:
            opened.seek(max(0, self.file.stat().st_size - 200))
            lines = opened.read().decode("utf-8", "replace").splitlines()
        return lines[-1] if lines else ""
