"""Reads dossier codes from a photo of a receipt; neither the photo nor a strange code is kept."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bot import scan
from bot.channels import MAX_PICTURE
from handlers.conversation import ScanKind
from handlers.links import DossierLink, ForgedLink, Link, ProcedureLink, decode, decode_url
from knowledge.codes import CodeKind, find_codes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

SECONDS = 12.0
"""Time a picture may take in all; the search itself ends after three."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One code of a picture; ``code`` only for a dossier or a procedure, nothing else is told."""

    kind: ScanKind
    code: str = ""
    candidates: tuple[str, ...] = ()
    """What to look up, the likeliest first."""


class Unread(StrEnum):
    """Why a picture was not read."""

    TOO_LARGE = "too_large"
    NO_PICTURE = "no_picture"
    HEIC = "heic"
    """A format of phones that is not decoded here (ADR 4)."""
    TOO_SLOW = "too_slow"


class UnreadablePicture(Exception):
    """A picture that is none, or none to be read; ``why`` says what to tell the citizen."""

    def __init__(self, why: Unread) -> None:
        super().__init__(why.value)
        self.why = why


class ReceiptReader:
    """Reads pictures, few at once, each in a process that can be ended."""

    def __init__(
        self, link_keys: Sequence[bytes], *, at_once: int = 2, seconds: float = SECONDS
    ) -> None:
        self._keys = tuple(link_keys)
        self._turn = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def read(self, picture: bytes, today: date) -> tuple[Scanned, ...]:
        """The codes of a picture, what they are, dossiers first; empty when it shows none.

        Raises :class:`UnreadablePicture`. Waits for its turn while others are read.
        """
        if len(picture) > MAX_PICTURE:
            raise UnreadablePicture(Unread.TOO_LARGE)
        if _HEIC.match(picture):
            raise UnreadablePicture(Unread.HEIC)
        if not _SIGNATURE.match(picture):
            raise UnreadablePicture(Unread.NO_PICTURE)
        async with self._turn:
            texts = await _scan(picture, self._seconds)
        found = dict.fromkeys(classify(text, today, self._keys) for text in texts)
        return tuple(sorted(found, key=lambda each: list(ScanKind).index(each.kind)))


_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP", re.DOTALL)
_HEIC = re.compile(rb"....ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1|avi[fs])", re.DOTALL)
_IDENTITY_CARD = re.compile(r"\s*\d{12}\s*\|")
_ADDRESS = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{1,20}://|www\.|(?:mailto|tel|smsto|sms):)", re.I)
_DOUBTFUL = (CodeKind.DOSSIER_FUTURE, CodeKind.DOSSIER_WRONG_DATE)


def classify(text: str, today: date, link_keys: Sequence[bytes]) -> Scanned:
    """What the text of a code is. Nothing is opened, and only our codes are carried on."""
    if link := decode(text.strip(), link_keys) or decode_url(text.strip(), link_keys):
        return _linked(link)
    if _IDENTITY_CARD.match(text):
        return Scanned(ScanKind.IDENTITY_CARD)
    if _ADDRESS.match(text):
        # Digits in an address are anything; only a plain code says what it is.
        return Scanned(ScanKind.WEB_LINK)
    found = {each.kind: each for each in find_codes(text, today)}
    if CodeKind.IDENTITY in found:
        return Scanned(ScanKind.IDENTITY_CARD)
    if dossier := found.get(CodeKind.DOSSIER):
        return Scanned(ScanKind.DOSSIER, dossier.code, dossier.candidates)
    if any(kind in found for kind in _DOUBTFUL):
        return Scanned(ScanKind.DOSSIER_DOUBTFUL)
    procedure = found.get(CodeKind.PROCEDURE) or found.get(CodeKind.SERVICE)
    if procedure:
        return Scanned(ScanKind.PROCEDURE, procedure.candidates[0], procedure.candidates)
    return Scanned(ScanKind.OTHER)


def _linked(link: Link) -> Scanned:
    match link:
        case DossierLink(code):
            return Scanned(ScanKind.DOSSIER, code, (code,))
        case ProcedureLink(code):
            return Scanned(ScanKind.PROCEDURE, code, (code,))
        case ForgedLink():
            return Scanned(ScanKind.FORGED_LINK)


async def _scan(picture: bytes, seconds: float) -> list[str]:
    # Without the environment: a process that opens strangers' files needs no secrets.
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(Path(scan.__file__))),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=kept,
    )
    try:
        async with asyncio.timeout(seconds):
            told, _ = await process.communicate(picture)
    except TimeoutError as error:
        raise UnreadablePicture(Unread.TOO_SLOW) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == scan.TOO_LARGE:
        raise UnreadablePicture(Unread.TOO_LARGE)
    if process.returncode:
        raise UnreadablePicture(Unread.NO_PICTURE)
    texts: list[str] = json.loads(told)
    return texts
