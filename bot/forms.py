"""Blank forms in a folder: which file a record's label means, its bytes, its download address."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from aiohttp import web

from bot.channels.render import FORMS_PATH
from handlers.conversation import File
from knowledge.text import clean, fold

if TYPE_CHECKING:
    from knowledge.model import Procedure

MAX_BYTES = 5 * 1024 * 1024
"""Size of a form that every channel still takes (Zalo OA: 5 MB a file)."""
TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".doc": "application/msword",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
}
"""What is handed out; of one form in several kinds the first here, which opens on every phone."""

# No link, no waiting for a pipe, no changed line ends; not every system has each.
_OPENED = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
)

_LAW = r"nd|tt|ttlt|qd|vbhn|thong tu|nghi dinh|quyet dinh"
_LAWFUL = re.compile(rf"\b(?:{_LAW})\b")
_SAID_BY = re.compile(rf"\(\s*(?=(?:{_LAW})\b)|\b(?:ban hanh|kem theo|(?:theo )?(?:{_LAW}))\b")
"""Where a label stops naming the form and says which document it belongs to."""
_BRACKET = re.compile(rf"\(|{_SAID_BY.pattern}")
"""In a file's name anything in brackets is said of the form, such as its field."""
_WORD = re.compile(r"\d\.\d{6}(?!\d)|[a-z]+|\d+[a-z]?(?![a-z])|\d+")
_CALLED = (("bieu", "mau", "so"), ("bieu", "mau"), ("mau", "so"), ("mau",))
_COUNTED = re.compile(r"\d+[a-z]?")

log = structlog.get_logger()


@dataclass(frozen=True)
class _Name:
    """A form's name taken apart: what it is called, and what is said of where it belongs."""

    called: tuple[str, ...]
    belongs: frozenset[str]
    lawful: bool
    """Where it belongs is a document, not a field or a procedure."""

    @property
    def counted(self) -> bool:
        """«Mẫu số 18»: every decree has one, so the name alone means nothing."""
        return len(self.called) == 1 and bool(_COUNTED.fullmatch(self.called[0]))


class FormFolder:
    """A folder of forms named as they are called: «Mẫu CT01.docx».

    The folder is looked at whenever it is asked, so a new file needs no restart; it may be missing.
    Symbolic links and subfolders in it are left alone. A form that is only counted needs the field
    of law or a procedure's code in its name, «Mẫu số 18 (Đất đai).docx»: other decrees have a form
    of the same number.
    """

    def __init__(self, folder: Path, public_url: str = "") -> None:
        """``public_url`` is where citizens reach this server; empty: nowhere."""
        self._folder = folder
        self._public_url = public_url.rstrip("/")

    def find(self, label: str, procedure: Procedure | None = None) -> File | None:
        """The form that a label of a record means; ``None`` when it is unsure which."""
        around = frozenset(_words(f"{procedure.field} {procedure.code}")) if procedure else None
        fitting = {
            file: name
            for file in self._names()
            if _fits(name := _name(Path(file).stem, _BRACKET), label, around)
        }
        if len(set(fitting.values())) != 1:
            if fitting:
                log.warning("form_ambiguous", label=label, files=len(fitting))
            return None
        kinds = list(TYPES)
        best = min(fitting, key=lambda file: (kinds.index(_ending(file)), file))
        return File(name=best, title=unicodedata.normalize("NFC", best[: -len(_ending(best))]))

    def read(self, name: str) -> bytes:
        """The bytes of one form. Raises ``KeyError`` when there is none of that name."""
        wanted = unicodedata.normalize("NFC", name)
        # Only a name that the folder itself lists is opened, so no path leads out of it.
        for file in self._names():
            if unicodedata.normalize("NFC", file) == wanted:
                try:
                    return self._read(file)
                except OSError as error:
                    log.warning("form_unreadable", error=type(error).__name__)
        raise KeyError(name)

    def address(self, name: str) -> str | None:
        """Where a browser finds the form; ``None`` when the office has no public address."""
        if not self._public_url:
            return None
        return f"{self._public_url}/{FORMS_PATH}{quote(name, safe='')}"

    def _names(self) -> list[str]:
        """Files that may be handed out, in order."""
        try:
            with os.scandir(self._folder) as entries:
                return sorted(each.name for each in entries if _offered(each))
        except OSError:
            return []

    def _read(self, file: str) -> bytes:
        # The file may have been changed for a link since it was listed.
        handle = os.open(self._folder / file, _OPENED)
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError("not a file")
            found = opened.read(MAX_BYTES + 1)
        if len(found) > MAX_BYTES:
            raise OSError("too large")
        return found


def add_routes(app: web.Application, forms: FormFolder) -> None:
    """Hand out the forms under ``/mau/``."""

    async def download(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            found = await asyncio.to_thread(forms.read, name)
        except KeyError:
            raise web.HTTPNotFound(
                text="Không có mẫu này. Anh/chị xin mẫu tại bộ phận một cửa."
            ) from None
        return web.Response(body=found, content_type=TYPES[_ending(name)], headers=_headers(name))

    app.router.add_get(f"/{FORMS_PATH}{{name}}", download)


def _headers(name: str) -> dict[str, str]:
    """Saved under its own name (RFC 6266, RFC 8187) and never run as a page."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", fold(name)).strip() or "mau"
    starred = quote(unicodedata.normalize("NFC", name), safe="")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{starred}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-cache",
    }


def _offered(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith((".", "~")) or _ending(entry.name) not in TYPES:
        return False
    if not entry.name.isprintable() or not entry.is_file(follow_symlinks=False):
        return False
    return 0 < entry.stat(follow_symlinks=False).st_size <= MAX_BYTES


def _ending(name: str) -> str:
    return Path(name).suffix.lower()


def _fits(file: _Name, label: str, around: frozenset[str] | None) -> bool:
    """Whether a file is the form that a label means, as far as the names tell."""
    asked = _name(label, _SAID_BY)
    if not asked.called or file.called != asked.called:
        # «Tờ khai (cho trẻ em)»: in a label, brackets may be part of what the form is called.
        bracketed = _name(label, _BRACKET)
        return (file.called, file.belongs) == (bracketed.called, bracketed.belongs)
    alone = asked.counted and (around is not None or bool(asked.belongs))
    if file.belongs <= asked.belongs | (around or frozenset()):
        return bool(file.belongs) or not alone
    # The file names its document and the label none: no contradiction.
    return file.lawful and not asked.belongs and not asked.counted


def _name(text: str, rest: re.Pattern[str]) -> _Name:
    folded = fold(clean(text))
    cut = rest.search(folded, 1)
    end = cut.start() if cut else len(folded)
    called = _words(folded[:end])
    for prefix in _CALLED:
        if called[: len(prefix)] == prefix and len(called) > len(prefix):
            called = called[len(prefix) :]
            break
    belongs = folded[end:]
    return _Name(
        called=called, belongs=frozenset(_words(belongs)), lawful=bool(_LAWFUL.search(belongs))
    )


def _words(text: str) -> tuple[str, ...]:
    """Words and numbers without leading zeros: «CT-01», «CT01» and «ct 1» are the same."""
    return tuple(re.sub(r"^0+(?=\d)", "", word) for word in _WORD.findall(fold(text)))
