"""Photos of receipts: readable ones are read, hostile ones end only their own process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from bot import scan
from bot.channels import MAX_PICTURE
from bot.receipts import ReceiptReader, ScanKind, Scanned, Unread, UnreadablePicture, classify
from handlers.links import (
    dossier_payload,
    procedure_payload,
    telegram_url,
    zalo_url,
)
from tests.bot import pictures

TODAY = date(2026, 11, 25)
KEYS = [b"k" * 32]
CODE = "H32.215-261118-0042"
OTHER = "000.00.18.H43-240115-0005"
WEB = "https://example.gov.vn/apiqr/qr?id=3f2504e0-4f89-11d3-9a0c-0305e82c3301"
IDENTITY = "056090001234|264123456|Nguyễn Văn A|01011990|Nam|Phường X|01012021"
DOSSIER = Scanned(ScanKind.DOSSIER, CODE, (CODE,))
BOTH = pictures.receipt(pictures.qr(CODE), pictures.bars(CODE))

Change = Callable[[Image.Image], Image.Image]


def _texts(page: Image.Image, kind: str = "JPEG") -> list[str]:
    return scan.texts(scan.opened(pictures.saved(page, kind)), scan.SECONDS * 5)


def _same(page: Image.Image) -> Image.Image:
    return page


@pytest.mark.parametrize(
    "change",
    [
        _same,
        *(lambda page, a=angle: pictures.tilted(page, a) for angle in (7, 33, 90, 135, 180, 250)),
        pictures.blurred,
        pictures.dark,
        pictures.slanted,
        pictures.shaded,
        lambda page: pictures.blurred(pictures.tilted(page, 20), 1.5),
        lambda page: pictures.dark(pictures.slanted(page)),
        lambda page: page.resize((page.width // 2, page.height // 2)),
        lambda page: page.resize((page.width * 3, page.height * 3)),
    ],
)
def test_a_qr_code_is_read_however_it_was_taken(change: Change) -> None:
    assert _texts(change(pictures.receipt(pictures.qr(CODE)))) == [CODE]


@pytest.mark.parametrize(
    "change",
    [
        _same,
        *(lambda page, a=angle: pictures.tilted(page, a) for angle in (5, 20, 40, 65, 90, 155)),
        lambda page: pictures.blurred(page, 1.0),
        pictures.dark,
        pictures.slanted,
        pictures.shaded,
    ],
)
def test_a_barcode_is_read_however_it_was_taken(change: Change) -> None:
    assert _texts(change(pictures.receipt(pictures.bars(CODE)))) == [CODE]


def test_several_codes_on_one_picture() -> None:
    page = pictures.receipt(pictures.qr(WEB, 4), pictures.qr(IDENTITY, 4), pictures.bars(OTHER))
    assert set(_texts(page)) == {WEB, IDENTITY, OTHER}


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "1"])
def test_every_way_of_holding_colours(mode: str) -> None:
    assert _texts(pictures.receipt(pictures.qr(CODE)).convert(mode), "PNG") == [CODE]


def test_colours_of_print() -> None:
    assert _texts(pictures.receipt(pictures.qr(CODE)).convert("CMYK")) == [CODE]


def test_black_on_nothing() -> None:
    black = Image.new("RGBA", pictures.qr(CODE).size, (0, 0, 0, 0))
    black.paste((0, 0, 0, 255), mask=pictures.qr(CODE).point(lambda value: 255 - value))
    assert _texts(black, "PNG") == [CODE]


async def test_a_receipt_goes_through_its_own_process() -> None:
    reader = ReceiptReader(KEYS)
    assert await reader.read(pictures.saved(BOTH), TODAY) == (DOSSIER,)
    assert await reader.read(pictures.saved(BOTH, "WEBP"), TODAY) == (DOSSIER,)


async def test_two_dossiers_and_strange_codes_are_told_apart() -> None:
    page = pictures.receipt(pictures.qr(CODE), pictures.qr(WEB, 4), pictures.bars(OTHER))
    found = await ReceiptReader(KEYS).read(pictures.saved(page), TODAY)
    assert [each.kind for each in found] == [ScanKind.DOSSIER, ScanKind.DOSSIER, ScanKind.WEB_LINK]
    assert {each.code for each in found} == {CODE, OTHER, ""}


async def test_an_identity_card_is_recognised_and_forgotten() -> None:
    page = pictures.receipt(pictures.qr(IDENTITY))
    found = await ReceiptReader(KEYS).read(pictures.saved(page), TODAY)
    assert found == (Scanned(ScanKind.IDENTITY_CARD),)


async def test_a_photo_without_a_code() -> None:
    assert await ReceiptReader(KEYS).read(pictures.saved(pictures.receipt()), TODAY) == ()


async def test_a_gif_of_ten_thousand_frames_is_its_first() -> None:
    gif = pictures.long_gif(pictures.receipt(pictures.qr(CODE)))
    assert await ReceiptReader(KEYS).read(gif, TODAY) == (DOSSIER,)


ROOT = Path(scan.__file__).parents[1]
SCAN = Path(scan.__file__).read_text(encoding="utf-8")
PNG = pictures.saved(BOTH, "PNG")
SVG = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (pictures.huge_png(), Unread.TOO_LARGE),
        (b"\xff\xd8\xff" + b"\0" * MAX_PICTURE, Unread.TOO_LARGE),
        (PNG[: len(PNG) // 2], Unread.NO_PICTURE),
        (pictures.saved(BOTH)[:2_000], Unread.NO_PICTURE),
        (PNG[:8] + SVG, Unread.NO_PICTURE),
        (SVG, Unread.NO_PICTURE),
        (b"RIFF\0\0\0\0WEBP", Unread.NO_PICTURE),
        (b"GIF89a", Unread.NO_PICTURE),
        (b"%PDF-1.7", Unread.NO_PICTURE),
        (b"", Unread.NO_PICTURE),
        (pictures.saved(BOTH, "TIFF"), Unread.NO_PICTURE),
        (b"\0\0\0\x20ftypheic\0\0\0\0mif1heic", Unread.HEIC),
        (b"\0\0\0\x1cftypmif1", Unread.HEIC),
        (b"\0\0\0\x18ftypmp42", Unread.NO_PICTURE),
    ],
    ids=lambda value: str(value)[:12] if isinstance(value, Unread) else "",
)
async def test_what_is_no_picture_is_refused(picture: bytes, why: Unread) -> None:
    with pytest.raises(UnreadablePicture) as refused:
        await ReceiptReader(KEYS).read(picture, TODAY)
    assert refused.value.why is why


async def test_a_picture_that_takes_too_long_ends_its_process() -> None:
    with pytest.raises(UnreadablePicture) as refused:
        await ReceiptReader(KEYS, seconds=0.01).read(pictures.saved(BOTH), TODAY)
    assert refused.value.why is Unread.TOO_SLOW


async def test_many_at_once_are_read_in_turn() -> None:
    reader = ReceiptReader(KEYS, at_once=2)
    picture = pictures.saved(BOTH)
    found = await asyncio.gather(*(reader.read(picture, TODAY) for _ in range(4)))
    assert found == [(DOSSIER,)] * 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of memory")
async def test_a_picture_that_eats_memory_ends_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SCAN.replace("str(Path(__file__).parents[1])", repr(str(ROOT)))
    small = tmp_path / "scan.py"
    small.write_text(source.replace("1024**3", "96 * 1024**2"), encoding="utf-8")
    monkeypatch.setattr(scan, "__file__", str(small))
    reader = ReceiptReader(KEYS)
    assert await reader.read(pictures.saved(BOTH), TODAY) == (DOSSIER,)
    large = pictures.saved(Image.new("L", (7_900, 7_900), 255), "PNG")
    with pytest.raises(UnreadablePicture):
        await reader.read(large, TODAY)


LINK = dossier_payload(CODE, KEYS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CODE, DOSSIER),
        (f" {CODE.lower()}\n", DOSSIER),
        (LINK, DOSSIER),
        (telegram_url("phanrang_bot", LINK), DOSSIER),
        (zalo_url("236", LINK), DOSSIER),
        (telegram_url("x", dossier_payload(CODE, [b"another"])), Scanned(ScanKind.FORGED_LINK)),
        (telegram_url("x", LINK[:-1]), Scanned(ScanKind.FORGED_LINK)),
        (
            telegram_url("x", procedure_payload("1.001193")),
            Scanned(ScanKind.PROCEDURE, "1.001193", ("1.001193",)),
        ),
        ("1.001193.02", Scanned(ScanKind.PROCEDURE, "1.001193", ("1.001193",))),
        (WEB, Scanned(ScanKind.WEB_LINK)),
        (f"https://example.vn/?maHoSo={CODE}", Scanned(ScanKind.WEB_LINK)),
        ("www.example.vn", Scanned(ScanKind.WEB_LINK)),
        ("javascript://alert(1)", Scanned(ScanKind.WEB_LINK)),
        (IDENTITY, Scanned(ScanKind.IDENTITY_CARD)),
        (f"056090001234 {CODE}", Scanned(ScanKind.IDENTITY_CARD)),
        ("H32.215-991118-0042", Scanned(ScanKind.DOSSIER_DOUBTFUL)),
        ("H32.215-261318-0042", Scanned(ScanKind.DOSSIER_DOUBTFUL)),
        ("8934588012345", Scanned(ScanKind.OTHER)),
        ("", Scanned(ScanKind.OTHER)),
    ],
)
def test_what_a_code_holds(text: str, found: Scanned) -> None:
    assert classify(text, TODAY, KEYS) == found
