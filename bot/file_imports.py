"""What a file would change, and the writing of it, each done in a process of its own."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge import importers
from knowledge.importing import WRITING, Plan, Planned, plan_import, write_import
from knowledge.store import Store, open_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from pathlib import Path

    from knowledge.importers.batch import Batch

EVERY = 0.3
"""Seconds between two notes of the progress."""
PORTION = 50
"""Records of one transaction."""
BREATH = 0.05
"""Seconds between two transactions, for whoever waits to write."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file, and what is to be made of it. ``progress`` is a file that tells «done total».

    ``overwrite``: also records that somebody edited or confirmed.
    """

    url: str
    file: Path
    progress: Path
    today: date
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record of the file and what will become of it."""

    code: str
    title: str
    plan: Plan
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The rows by plan, findings (severity, place, reason), and the plan's fingerprint."""

    rows: tuple[Row, ...]
    findings: tuple[tuple[str, str, str], ...]
    digest: str

    @property
    def counts(self) -> Counter[Plan]:
        """How many records come to what."""
        return Counter(row.plan for row in self.rows)

    @property
    def writing(self) -> int:
        """Records that will be written."""
        return sum(row.plan in WRITING for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Write what was shown: whose order, when, and the fingerprint of what they saw."""

    digest: str
    author: str
    at: datetime


class Moved(Exception):
    """A record was saved elsewhere since the preview; nothing was written."""


def preview(source: Source) -> Preview:
    """Read and plan, write nothing. Raises ``Unreadable`` with a Vietnamese reason."""
    batch = _read(source)
    store = Store(open_engine(source.url))
    try:
        _, planned = _planned(store, source, batch)
    finally:
        store.close()
    rows = [
        Row(
            code=each.procedure.code,
            title=each.procedure.title,
            plan=each.plan,
            changes=tuple(map(str, each.changes)),
        )
        for each in planned
    ]
    findings = tuple((f.severity, str(f.place), f.reason) for f in batch.findings)
    return Preview(rows=tuple(rows), findings=findings, digest=_digest(planned))


def write(source: Source, order: Order) -> int:
    """Write as drafts what was shown; how many. Raises :class:`Moved`.

    In portions: citizens' answers are written between them. A file whose writing broke off is
    simply imported again, what was written already is «không đổi» then.
    """
    batch = _read(source)
    store = Store(open_engine(source.url))
    try:
        version, waiting = _planned(store, source, batch)
        if _digest(waiting) != order.digest:
            raise Moved
        return _in_portions(store, source, order, batch, (version, waiting))
    finally:
        store.close()


def _planned(store: Store, source: Source, batch: Batch) -> tuple[int, list[Planned]]:
    with store.work() as work:
        version, stored = work.version(), work.newest()
    return version, plan_import(batch.drafts, stored, publish=False, overwrite=source.overwrite)


def _in_portions(
    store: Store, source: Source, order: Order, batch: Batch, plan: tuple[int, list[Planned]]
) -> int:
    version, planned = plan
    waiting = _to_write(planned)
    total, done, noted = len(waiting), 0, _noting(source.progress)
    while waiting:
        with store.work() as work:
            work.alone()
            current = work.version() == version
            if current:
                write_import(
                    waiting[:PORTION],
                    work,
                    publish=False,
                    reason=f"nhập từ {source.file.name} ({order.author})",
                    at=order.at,
                )
                if not done:
                    what = {"file": source.file.name, "count": total}
                    who, at = order.author, order.at
                    work.audit.record(who, "import.write", "procedures", None, what, at=at)
        if current:
            done += len(waiting[:PORTION])
            del waiting[:PORTION]
            noted(done, total)
            time.sleep(BREATH)
        else:
            # Somebody saved a record meanwhile: what they touched is protected again.
            version, planned = _planned(store, source, batch)
            waiting = _to_write(planned)
    return done


def _to_write(planned: list[Planned]) -> list[Planned]:
    return [each for each in planned if each.plan in WRITING]


def _read(source: Source) -> Batch:
    return importers.read(source.file, today=source.today, progress=_noting(source.progress))


def _noting(file: Path) -> Callable[[int, int], None]:
    last = 0.0

    def note(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            file.write_text(f"{done} {total}", encoding="ascii")

    return note


def _digest(planned: list[Planned]) -> str:
    found = hashlib.sha256()
    for each in planned:
        record = (
            each.procedure.model_dump_json(exclude={"revision"}) if each.plan in WRITING else ""
        )
        told = "\n".join([each.procedure.code, each.plan, *map(str, each.changes), record])
        found.update(told.encode("utf-8", "replace") + b"\0")
    return found.hexdigest()
