"""Pictures of receipts as phones take them, drawn for the tests."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT = 1_000, 1_400


def qr(text: str, scale: int = 6) -> Image.Image:
    """A QR code as receipts print it."""
    stream = BytesIO()
    segno.make(text, micro=False, error="m").save(stream, kind="png", scale=scale, border=4)
    return Image.open(BytesIO(stream.getvalue())).convert("L")


def bars(text: str, scale: int = 2) -> Image.Image:
    """A Code 128 with its quiet zones."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=scale)
    height, width = drawn.shape[:2]
    return Image.frombytes("L", (width, height), memoryview(drawn).tobytes())


def receipt(*codes: Image.Image) -> Image.Image:
    """A page with some lines of print and the codes under each other."""
    page = Image.new("L", (WIDTH, HEIGHT), 235)
    pen = ImageDraw.Draw(page)
    for line in range(14):
        pen.line((120, 60 + 18 * line, 500 + 37 * line % 380, 60 + 18 * line), fill=60, width=3)
    top = 380
    for code in codes:
        page.paste(code, ((WIDTH - code.width) // 2, top))
        top += code.height + 60
    return page


def tilted(page: Image.Image, angle: float) -> Image.Image:
    """Held at an angle, on a dark table."""
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=70)


def blurred(page: Image.Image, radius: float = 2.2) -> Image.Image:
    """Out of focus."""
    return page.filter(ImageFilter.GaussianBlur(radius))


def dark(page: Image.Image) -> Image.Image:
    """In low light: little contrast, and noise as sensors make it."""
    dim = ImageEnhance.Brightness(ImageEnhance.Contrast(page).enhance(0.35)).enhance(0.35)
    noise = Image.effect_noise(page.size, 14)
    return Image.blend(dim, noise, 0.2)


def slanted(page: Image.Image) -> Image.Image:
    """Seen from the side."""
    corners = (0, 0, 90, HEIGHT, WIDTH - 40, HEIGHT - 130, WIDTH - 140, 60)
    return page.transform(
        page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=70
    )


def shaded(page: Image.Image) -> Image.Image:
    """Half in the shadow of a hand."""
    light = Image.linear_gradient("L").resize(page.size)
    black = Image.new("L", page.size, 25)
    return Image.composite(page, black, light.point(lambda value: 60 + value * 3 // 4))


def saved(page: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a picture."""
    stream = BytesIO()
    page.save(stream, kind, **options)
    return stream.getvalue()


def huge_png(side: int = 60_000) -> bytes:
    """A few bytes that announce a picture of billions of pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\0" * 10_000)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def long_gif(page: Image.Image, frames: int = 10_000) -> bytes:
    """A moving picture whose first frame is the page."""
    first = saved(page.convert("P"), "GIF")
    pixel = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return first[:-1] + pixel * (frames - 1) + b";"
