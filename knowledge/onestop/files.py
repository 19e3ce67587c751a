"""Dossiers of a table that an office exports every day, for offices without any interface."""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from knowledge.importers.batch import Unreadable
from knowledge.importers.spreadsheet import read_tables
from knowledge.onestop.model import Change, Dossier
from knowledge.onestop.reading import Reader, asked
from knowledge.onestop.sources import Rubbish, SourceDown
from knowledge.onestop.sql import newest, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from knowledge.onestop.mapping import FileMapping

log = structlog.get_logger()

MOST_BYTES = 256 * 1024 * 1024
SUFFIXES = (".csv", ".txt", ".xlsx", ".xls")
HEADING_ROWS = 20
"""Rows in which the headings are looked for; exports print titles above them."""
MOMENT = 0.3
"""Seconds that a question waits for a new export before the old one answers."""
MOST = 5
"""Files of a folder that are tried, the newest first."""
SETTLE = 2.0
"""Seconds since the last write before a file is read: a copy may still be running."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

Stamp = tuple[str, int, int]


@dataclass(frozen=True)
class Export:
    """One export as it was read."""

    stamp: Stamp
    as_of: datetime
    dossiers: dict[str, tuple[Dossier, ...]]
    changed: tuple[Change, ...]
    """Since the export before, ordered by moment and code."""


class FileSource:
    """The newest file of a folder, or one file; a broken new one leaves the old in force."""

    def __init__(
        self,
        name: str,
        path: Path,
        mapping: FileMapping,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.name = name
        self._path, self._mapping, self._clock = path, mapping, clock
        self._reader = Reader(mapping.reading)
        self._export: Export | None = None
        self._newest: Stamp | None = None
        self._refused: dict[Stamp, str] = {}
        self._reading: asyncio.Future[Export] | None = None
        # One thread: an export is read once, whoever asks meanwhile.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="onestop-file")

    @property
    def problem(self) -> str | None:
        """Why the newest file is not in force."""
        return self._refused.get(self._newest) if self._newest else None

    async def find(self, code: str) -> Dossier | None:
        """The dossier in the newest sound export."""
        export = await self._current()
        given = asked(code)
        found = export.dossiers.get(given.upper() if given else "")
        return newest(list(found)) if found else None

    async def changed_since(self, cursor: str | None, limit: int) -> tuple[list[Change], str]:
        """What differs from the export before; after a restart every row of the newest one."""
        export = await self._current()
        if cursor is None:
            return [], _written(Change(code="~", at=export.as_of))
        after = _read(cursor)
        found = [each for each in export.changed if (each.at, each.code) > after][:limit]
        return found, _written(found[-1]) if found else cursor

    async def freshness(self) -> datetime | None:
        """When the newest sound export was made."""
        return (await self._current()).as_of

    async def close(self) -> None:
        """Waits for no file."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _current(self) -> Export:
        """The export in force. A new one is awaited for a moment only: a large one takes longer."""
        if self._reading is None or self._reading.done():
            loop = asyncio.get_running_loop()
            self._reading = loop.run_in_executor(self._threads, self._renewed)
        reading = self._reading
        # Shielded: whoever gives up waiting must not stop it for the others.
        if self._export is None:
            return await asyncio.shield(reading)
        await asyncio.wait({reading}, timeout=MOMENT)
        return reading.result() if reading.done() else self._export

    def _renewed(self) -> Export:
        found = self._files()
        if found:
            self._refused = {stamp: told for stamp, told in self._refused.items() if stamp in found}
            self._newest = next(iter(found))
        for stamp, file in found.items():
            if self._export is not None and self._export.stamp == stamp:
                break
            if stamp not in self._refused and self._take(file, stamp):
                break
        if self._export is None:
            raise Rubbish("no export can be read") if found else SourceDown("no export is there")
        return self._export

    def _files(self) -> dict[Stamp, Path]:
        """The exports that can be read now, the newest first."""
        try:
            there = [*self._path.iterdir()] if self._path.is_dir() else [self._path]
            stamps = [
                (_stamp(each), each)
                for each in there
                if each.suffix.lower() in SUFFIXES and each.name[0] not in ".~" and each.exists()
            ]
        except OSError as error:
            log.warning("onestop_file_unreachable", source=self.name, error=type(error).__name__)
            return {}
        settled = self._clock().timestamp() - SETTLE
        ready = [each for each in stamps if each[0][1] / 1e9 <= settled]
        return dict(sorted(ready, key=lambda each: (each[0][1], each[0][0]), reverse=True)[:MOST])

    def _take(self, file: Path, stamp: Stamp) -> bool:
        """Put an export in force, or remember why not."""
        try:
            export = self._read(file, stamp)
        except Unreadable as error:
            told = error.reason
        except (OSError, ValueError, csv.Error) as error:
            told = f"tệp hỏng, không đọc được ({type(error).__name__})."
        else:
            self._export = export
            log.info("onestop_file_read", source=self.name, dossiers=len(export.dossiers))
            return True
        self._refused[stamp] = f"{file.name}: {told}"
        log.warning("onestop_file_refused", source=self.name, problem=self._refused[stamp])
        return False

    def _read(self, file: Path, stamp: Stamp) -> Export:
        as_of = datetime.fromtimestamp(stamp[1] / 1e9, UTC)
        dossiers: dict[str, tuple[Dossier, ...]] = {}
        for row in _records(file, self._mapping):
            found = self._reader.dossier(
                row.get, self._mapping.fields, source=self.name, as_of=as_of
            )
            if found is not None:
                found = self._reader.completed(found)
                dossiers[found.code] = (*dossiers.get(found.code, ()), found)
        if not dossiers:
            raise ValueError("no dossiers")
        return Export(stamp, as_of, dossiers, self._changes(dossiers, as_of))

    def _changes(
        self, dossiers: dict[str, tuple[Dossier, ...]], as_of: datetime
    ) -> tuple[Change, ...]:
        before = self._export.dossiers if self._export else {}
        # Kept from earlier exports: a poller may be behind by more than one.
        earlier = {each.code: each for each in self._export.changed} if self._export else {}
        for code, rows in dossiers.items():
            if _content(rows) != _content(before.get(code, ())):
                earlier[code] = Change(code=code, at=as_of)
        kept = (each for each in earlier.values() if each.code in dossiers)
        return tuple(sorted(kept, key=lambda each: (each.at, each.code)))


def _content(rows: tuple[Dossier, ...]) -> list[Dossier]:
    earliest = datetime.min.replace(tzinfo=UTC)
    return [replace(each, as_of=earliest) for each in rows]


def _stamp(file: Path) -> Stamp:
    found = file.stat()
    return str(file), found.st_mtime_ns, found.st_size


def _written(change: Change) -> str:
    return f"{change.at.isoformat()} {change.code}"


def _read(cursor: str) -> tuple[datetime, str]:
    moment, _, code = cursor.partition(" ")
    try:
        return datetime.fromisoformat(moment), code
    except ValueError as error:
        raise Rubbish("not a cursor of ours") from error


def _records(file: Path, mapping: FileMapping) -> Iterator[dict[str, Any]]:
    """The rows below the headings, by heading."""
    rows = iter(_rows(file, mapping.sheet))
    wanted = _heading(mapping.fields.code)
    for _, row in zip(range(HEADING_ROWS), rows, strict=False):
        headings = [_heading(cell) for cell in row]
        if wanted in headings:
            break
    else:
        raise ValueError("no headings")
    spelled = {_heading(name): name for named in mapping.fields.named().values() for name in named}
    for row in rows:
        yield {
            spelled[heading]: cell
            for heading, cell in zip(headings, row, strict=False)
            if heading in spelled
        }


def _heading(cell: Any) -> str:
    return " ".join(unicodedata.normalize("NFC", str(cell)).casefold().split())


def _rows(file: Path, sheet: str | None) -> Iterable[Sequence[Any]]:
    if file.suffix.lower() in (".xlsx", ".xls"):
        tables = read_tables(file)
        if sheet is not None and sheet not in tables:
            raise ValueError("no such sheet")
        return tables[sheet] if sheet is not None else next(iter(tables.values()), [])
    if file.stat().st_size > MOST_BYTES:
        raise ValueError("too large")
    words = decoded(file.read_bytes())
    return csv.reader(io.StringIO(words, newline=""), delimiter=_delimiter(words), strict=True)


def decoded(raw: bytes) -> str:
    """The text of a CSV file: by its mark, else UTF-8, else Windows-1258 as older programs write.

    Windows-1258 writes tone marks behind the letter; the text is composed again. Raises
    ``UnicodeDecodeError`` for what is neither.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return unicodedata.normalize("NFC", raw.decode("cp1258"))


def _delimiter(words: str) -> str:
    head = "\n".join(words.split("\n", HEADING_ROWS)[:HEADING_ROWS])
    return max(",;\t", key=head.count)
