"""Files that officers bring in: each read, shown and written beside the pages."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import structlog

from bot.aside import aside
from bot.file_imports import Moved, Order, Preview, Source, preview, write
from knowledge.importers.batch import Unreadable
from knowledge.uploads import Upload, UploadState

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import date, datetime

    from knowledge.store import Store, UnitOfWork

MOST = 8
"""Files kept at once; the oldest finished one goes."""
BEAT = 10.0
"""Seconds between two signs of life while a file is written."""
SILENT = timedelta(minutes=2)
"""Without one for so long the writing broke off with its process."""
LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^\w.() -]+")
BROKE = "Có lỗi khi đọc tệp này; lỗi đã được ghi lại. Anh/chị thử lưu lại tệp rồi gửi lần nữa."
MOVED = "Có người vừa sửa thủ tục trong lúc anh/chị xem. Anh/chị xem lại rồi bấm ghi lần nữa."
LOST = "Chưa ghi xong vì lỗi hệ thống. Nhập lại chính tệp này: phần đã ghi sẽ là «không đổi»."

T = TypeVar("T")
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
    """One file as this process sees it; what was read of it is made by each process anew."""

    kept: Upload
    state: State = State.READING
    problem: str = ""
    preview: Preview | None = None
    source: Source | None = None
    work: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """What it is asked for by."""
        return self.kept.id

    @property
    def name(self) -> str:
        """The file's name."""
        return self.kept.name

    @property
    def busy(self) -> bool:
        """True while something is done with it."""
        return self.state in (State.READING, State.WRITING)

    def progress(self) -> tuple[int, int]:
        """Rows done, rows in all; (0, 0) before anything is known here."""
        if self.source is None:
            return 0, 0
        try:
            done, total = self.source.progress.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return 0, 0
        return int(done), int(total)


class Imports:
    """Files of the office, in the database for every process; one is worked on at a time here."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._here: dict[str, Import] = {}
        self._turn = asyncio.Semaphore(1)

    async def all(self) -> list[Import]:
        """What is kept, the newest first."""
        uploads = await self._look(lambda work: work.uploads.all())
        found = [self._seen(each) for each in uploads]
        for each in found:
            if each.state is State.READING and each.work is None:
                each.state = State.READY
        return found

    async def get(self, number: str, today: date) -> Import | None:
        """One of them; read here when this process has not read it yet."""
        kept = await self._look(lambda work: work.uploads.get(number))
        found = self._seen(kept) if kept else None
        here = self._here.get(number)
        if here is not None and here is not found and (here.work is None or here.work.done()):
            await self._forget(self._here.pop(number))
        if found is None:
            return None
        if found.state is State.READING and found.work is None:
            self._here[found.id] = found
            self._begin(found, self._read(found, today))
        return found

    async def take(
        self, name: str, data: IO[bytes], *, author: str, today: date, at: datetime
    ) -> Import:
        """Keep an uploaded file and begin to read it."""
        kept = Upload(id=secrets.token_hex(8), name=safe_name(name), author=author, started=at)

        def write(work: UnitOfWork) -> None:
            work.uploads.add(kept, data.read())
            idle = [each for each in work.uploads.all() if each.state is not UploadState.WRITING]
            work.uploads.drop(*(each.id for each in idle[MOST:]))

        await self._look(write)
        found = self._here[kept.id] = Import(kept=kept)
        self._begin(found, self._read(found, today))
        return found

    async def reread(self, found: Import, *, overwrite: bool) -> None:
        """Plan again, with or without records that people worked on."""
        await self._look(lambda work: work.uploads.plan(found.id, overwrite=overwrite))

    async def write(self, found: Import, *, author: str, at: datetime) -> None:
        """Write what was shown, unless another process has begun to."""
        assert found.preview is not None
        order = Order(digest=found.preview.digest, author=author, at=at)
        if await self._look(lambda work: work.uploads.claim(found.id, at=self._clock())):
            found.state, found.problem = State.WRITING, ""
            self._begin(found, self._write(found, order))

    async def drop(self, found: Import) -> None:
        """Forget a file."""
        await self._look(lambda work: work.uploads.drop(found.id))
        if here := self._here.pop(found.id, None):
            await self._forget(here)

    async def close(self) -> None:
        """Forget what this process read, at its end; the files stay."""
        while self._here:
            await self._forget(self._here.popitem()[1])

    def _seen(self, kept: Upload) -> Import:
        """A file in the state that all processes know, with what this one read of it."""
        here = self._here.get(kept.id)
        match kept.state:
            case UploadState.WRITTEN:
                return Import(kept=kept, state=State.WRITTEN)
            case UploadState.FAILED:
                return Import(kept=kept, state=State.REFUSED, problem=kept.problem)
            case UploadState.WRITING if here is None or here.state is not State.WRITING:
                return Import(kept=kept, state=State.WRITING)
        if here is None or here.kept.overwrite != kept.overwrite:
            return Import(kept=kept)
        return here

    async def _look(self, do: Callable[[UnitOfWork], T]) -> T:
        def inside() -> T:
            with self._store.work() as work:
                work.uploads.give_up(self._clock() - SILENT, LOST)
                return do(work)

        return await asyncio.to_thread(inside)

    @staticmethod
    async def _forget(found: Import) -> None:
        if found.work is not None:
            found.work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await found.work
        if found.source is not None:
            folder = found.source.progress.parent
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _begin(self, found: Import, work: Coroutine[None, None, None]) -> None:
        found.work = asyncio.create_task(work)

    async def _unpacked(self, found: Import, today: date) -> Source:
        """The file as a file, for a process of its own."""
        data = await self._look(lambda work: work.uploads.data(found.id))

        def copy() -> Source:
            folder = Path(tempfile.mkdtemp(prefix="hmc-import-"))
            file = folder / "file" / found.name
            file.parent.mkdir()
            file.write_bytes(data or b"")
            return Source(
                url=self._store.url,
                file=file,
                progress=folder / "progress",
                today=today,
                overwrite=found.kept.overwrite,
            )

        return await asyncio.to_thread(copy)

    async def _read(self, found: Import, today: date) -> None:
        try:
            async with self._turn:
                found.source = found.source or await self._unpacked(found, today)
                found.preview = await aside(preview, found.source)
            found.state = State.READY
        except Unreadable as error:
            found.state, found.problem = State.REFUSED, f"{error.place}: {error.reason}"
        except Exception:
            log.exception("import_failed")
            found.state, found.problem = State.REFUSED, BROKE

    async def _write(self, found: Import, order: Order) -> None:
        assert found.source is not None
        found.source.progress.unlink(missing_ok=True)
        beating = asyncio.create_task(self._beat(found.id))
        try:
            async with self._turn:
                count = await aside(write, found.source, order)
            await self._settle(found.id, UploadState.WRITTEN, written=count)
            found.kept = replace(found.kept, state=UploadState.WRITTEN, written=count)
            found.state = State.WRITTEN
        except Moved:
            await self._settle(found.id, UploadState.KEPT)
            await self._read(found, found.source.today)
            found.problem = found.problem or MOVED
        except Exception:
            log.exception("import_failed")
            await self._settle(found.id, UploadState.FAILED, problem=LOST)
            found.state, found.problem = State.REFUSED, LOST
        finally:
            beating.cancel()

    async def _settle(
        self, number: str, state: UploadState, *, written: int = 0, problem: str = ""
    ) -> None:
        await self._look(
            lambda work: work.uploads.settle(number, state, written=written, problem=problem)
        )

    async def _beat(self, number: str) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._look(lambda work: work.uploads.beat(number, at=self._clock()))


def safe_name(name: str) -> str:
    """A file name without folders and odd characters; its ending stays."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = _UNSAFE.sub("_", plain).lstrip(". ") or "tep"
    stem, dot, ending = plain.rpartition(".")
    return (
        f"{stem[: LONGEST_NAME - len(ending)]}{dot}{ending[:10]}" if stem else plain[:LONGEST_NAME]
    )
