"""Files that officers bring in: each read, shown and written beside the pages."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING

import structlog

from bot.aside import aside
from bot.file_imports import Moved, Order, Preview, Source, preview, write
from knowledge.importers.batch import Unreadable

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import date, datetime

    from knowledge.store import Store

MOST = 8
"""Files kept at once; the oldest finished one goes."""
LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^\w.() -]+")
BROKE = "Có lỗi khi đọc tệp này; lỗi đã được ghi lại. Anh/chị thử lưu lại tệp rồi gửi lần nữa."
MOVED = "Có người vừa sửa thủ tục trong lúc anh/chị xem. Anh/chị xem lại rồi bấm ghi lần nữa."
LOST = "Chưa ghi xong vì lỗi hệ thống. Nhập lại chính tệp này: phần đã ghi sẽ là «không đổi»."

log = structlog.get_logger()


class State(StrEnum):
    """Where the work on a file stands."""

    READING = "reading"
    REFUSED = "refused"
    READY = "ready"
    WRITING = "writing"
    WRITTEN = "written"


@dataclass
class Import:
    """One file, whose it is, and how far the work on it is."""

    id: str
    author: str
    source: Source
    started: datetime
    state: State = State.READING
    problem: str = ""
    preview: Preview | None = None
    written: int = 0
    work: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.source.file.name

    @property
    def busy(self) -> bool:
        """True while something is done with it."""
        return self.state in (State.READING, State.WRITING)

    def progress(self) -> tuple[int, int]:
        """Rows done, rows in all; (0, 0) before anything is known."""
        try:
            done, total = self.source.progress.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return 0, 0
        return int(done), int(total)


class Imports:
    """The files of this process; one is worked on at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Import] = {}
        self._turn = asyncio.Semaphore(1)

    def all(self) -> list[Import]:
        """What is kept, the newest first."""
        return list(self._kept.values())[::-1]

    def get(self, number: str) -> Import | None:
        """One of them."""
        return self._kept.get(number)

    async def take(
        self, name: str, data: IO[bytes], *, author: str, today: date, at: datetime
    ) -> Import:
        """Keep an uploaded file and begin to read it."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="hmc-import-"))
        file = folder / "file" / safe_name(name)

        def copy() -> None:
            file.parent.mkdir()
            with file.open("wb") as target:
                shutil.copyfileobj(data, target)

        await asyncio.to_thread(copy)
        source = Source(url=self._store.url, file=file, progress=folder / "progress", today=today)
        found = Import(id=secrets.token_hex(8), author=author, source=source, started=at)
        self._kept[found.id] = found
        await self._make_room()
        self._begin(found, self._read(found))
        return found

    def reread(self, found: Import, *, overwrite: bool) -> None:
        """Plan again, with or without records that people worked on."""
        found.source = Source(**{**vars(found.source), "overwrite": overwrite})
        found.state, found.problem = State.READING, ""
        self._begin(found, self._read(found))

    def write(self, found: Import, *, author: str, at: datetime) -> None:
        """Write what was shown."""
        assert found.preview is not None
        order = Order(digest=found.preview.digest, author=author, at=at)
        found.state, found.problem = State.WRITING, ""
        self._begin(found, self._write(found, order))

    async def drop(self, found: Import) -> None:
        """Forget a file."""
        self._kept.pop(found.id, None)
        if found.work is not None:
            found.work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await found.work
        folder = found.source.progress.parent
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def close(self) -> None:
        """Forget all files, at the end of the process."""
        for each in self.all():
            await self.drop(each)

    async def _make_room(self) -> None:
        idle = [each for each in self._kept.values() if not each.busy]
        for each in idle[: max(len(self._kept) - MOST, 0)]:
            await self.drop(each)

    def _begin(self, found: Import, work: Coroutine[None, None, None]) -> None:
        found.source.progress.unlink(missing_ok=True)
        found.work = asyncio.create_task(work)

    async def _read(self, found: Import) -> None:
        try:
            async with self._turn:
                found.preview = await aside(preview, found.source)
            found.state = State.READY
        except Unreadable as error:
            found.state, found.problem = State.REFUSED, f"{error.place}: {error.reason}"
        except Exception:
            log.exception("import_failed")
            found.state, found.problem = State.REFUSED, BROKE

    async def _write(self, found: Import, order: Order) -> None:
        try:
            async with self._turn:
                found.written = await aside(write, found.source, order)
            found.state = State.WRITTEN
        except Moved:
            await self._read(found)
            found.problem = found.problem or MOVED
        except Exception:
            log.exception("import_failed")
            found.state, found.problem = State.REFUSED, LOST


def safe_name(name: str) -> str:
    """A file name without folders and odd characters; its ending stays."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("_", plain).lstrip(". ") or "tep"
    stem, dot, ending = plain.rpartition(".")
    return (
        f"{stem[: LONGEST_NAME - len(ending)]}{dot}{ending[:10]}" if stem else plain[:LONGEST_NAME]
    )
