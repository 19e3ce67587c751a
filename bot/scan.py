"""Runs by itself, in a process of its own: prints what the codes on a picture say, as JSON.

A picture from a stranger can ask for more memory than there is or make a library abort. Here that
ends this process only. The picture comes by standard input and is never written anywhere.
Started by ``receipts``.
"""

from __future__ import annotations

import json
import re
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    # Isolated mode knows neither the folder of the project nor the environment.
    sys.path.insert(0, str(Path(__file__).parents[1]))

from knowledge.confinement import confine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

MAX_MEMORY = 1024**3
"""Bytes of address space."""
MAX_PIXELS = 64_000_000
"""Pixels of a picture that is decoded at all; cameras of phones make 12 to 50 million."""
SECONDS = 3.0
"""Time for looking; the variants that are likely to help come first."""
MAX_CODES = 16
MAX_TEXT = 1_000
"""Codes of a picture, and characters of a code, that are told."""
TOO_LARGE = 3
"""Exit code: more pixels than ``MAX_PIXELS``."""
NO_PICTURE = 4
"""Exit code: not a whole picture of a known format."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_SIDE = 2_600
"""Pixels of the longer side in which codes are searched; a receipt fills more than it needs."""
_SMALL, _TURNED = 1_400, 2_000
_ENOUGH = re.compile(r"[A-Z]\d{2}[.\d]*-\d{6,8}-\d{3,7}|\bhs_|^\d{12}\|")
"""What a receipt is sent for, or an identity card: once found the search ends."""


class TooManyPixels(Exception):
    """The header announces more pixels than are decoded."""


def opened(data: bytes) -> Image.Image:
    """The first frame in grey, not larger than needed.

    Raises :class:`TooManyPixels`, and any error of the library for what is no picture.
    """
    # The modules of these formats only: looking for a format would load all of them.
    from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    del GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
    Image.MAX_IMAGE_PIXELS = None  # Checked here, from the header, before anything is decoded.
    picture = Image.open(BytesIO(data), formats=_FORMATS)
    if picture.width * picture.height > MAX_PIXELS:
        raise TooManyPixels
    picture.draft("L", (_SIDE, _SIDE))
    picture.load()
    found: Image.Image = picture
    if "A" in picture.getbands() or "transparency" in picture.info:
        found = Image.new("L", picture.size, 255)
        layer = picture.convert("LA")
        found.paste(layer.getchannel("L"), mask=layer.getchannel("A"))
    found = found.convert("L")
    found.thumbnail((_SIDE, _SIDE))
    return found


def variants(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, then as it may be read better: light, sharpness, size, angle."""
    from PIL import Image, ImageFilter, ImageOps

    yield grey
    bright = ImageOps.autocontrast(grey, cutoff=2)
    yield bright
    sharp = bright.filter(ImageFilter.UnsharpMask(radius=4, percent=250, threshold=2))
    yield sharp
    longer = max(grey.size)
    if longer > _SMALL:
        yield ImageOps.contain(bright, (_SMALL, _SMALL))
    else:
        doubled = bright.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield doubled
        yield doubled.filter(ImageFilter.UnsharpMask(radius=6, percent=300, threshold=0))
    # Bars are found within some ten degrees of upright and level; four turns cover the rest.
    turned = ImageOps.contain(bright, (_TURNED, _TURNED)) if longer > _TURNED else bright
    for angle in (18, 72, 36, 54):
        yield turned.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    yield bright.filter(ImageFilter.MedianFilter(5))
    yield ImageOps.equalize(grey)
    yield grey.filter(ImageFilter.UnsharpMask(radius=8, percent=400, threshold=0))


def texts(grey: Image.Image, seconds: float) -> list[str]:
    """What the codes say, each once, until the time is up or a dossier code is among them."""
    import zxingcpp

    formats = zxingcpp.barcode_formats_from_str("QRCode|Code128|Code39|DataMatrix|PDF417|Aztec")
    until = time.monotonic() + seconds
    found: dict[str, None] = {}
    for number, picture in enumerate(variants(grey)):
        read = zxingcpp.read_barcodes(picture, formats, text_mode=zxingcpp.TextMode.Plain)
        found |= {each.text[:MAX_TEXT]: None for each in read}
        # The first three are always tried: a picture may carry several codes.
        done = number >= 2 and any(_ENOUGH.search(text) for text in found)
        if done or len(found) >= MAX_CODES or time.monotonic() > until:
            break
    return list(found)[:MAX_CODES]


def main() -> int:
    """Read a picture from standard input; the exit code says what went wrong."""
    confine(memory=MAX_MEMORY, seconds=int(SECONDS * 3))
    try:
        grey = opened(sys.stdin.buffer.read())
    except TooManyPixels:
        return TOO_LARGE
    except Exception:
        # Each format's decoder has errors of its own; none of them says more than this.
        return NO_PICTURE
    sys.stdout.write(json.dumps(texts(grey, SECONDS)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
