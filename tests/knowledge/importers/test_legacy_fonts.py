"""Old fonts' text becomes Unicode; everything else stays as it is."""

from __future__ import annotations

import unicodedata

import pytest

from knowledge.importers.cleaning import line
from knowledge.importers.legacy_fonts import modern


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Thuû tuïc ñaêng kyù khai sinh", "Thủ tục đăng ký khai sinh"),
        ("THUÛ TUÏC ÑAÊNG KYÙ", "THỦ TỤC ĐĂNG KÝ"),
        ("Giaáy chöùng nhaän quyeàn söû duïng ñaát", "Giấy chứng nhận quyền sử dụng đất"),
        ("Thñ tôc ®¨ng ký khai sinh", "Thủ tục đăng ký khai sinh"),
        ("GiÊy chøng nhËn quyÒn sö dông ®Êt", "Giấy chứng nhận quyền sử dụng đất"),
    ],
)
def test_old_fonts(typed: str, meant: str) -> None:
    assert modern(typed) == meant
    assert line(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Khai sinh",
        "España và café Müller",
        "Thủ tục đăng ký khai sinh",
        unicodedata.normalize("NFD", "Thủ tục đăng ký"),
        "«Hà Nam» và «Hà Giang»",
        "Thà là quá xa",
        "© Bộ, ® 20°C · ½",
        "hàng hóa quá cũ",
    ],
)
def test_what_is_no_old_font_stays(text: str) -> None:
    assert modern(text) == text


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("Th\u01b0\u0300a th\u00ea\u0301", "Thừa thế"),
        (unicodedata.normalize("NFD", "Đăng ký hộ tịch"), "Đăng ký hộ tịch"),
        (
            "<p class=MsoNormal><o:p>&nbsp;</o:p><span style='mso-x:1'>Đơn</span> xin</p>",
            "Đơn xin",
        ),
        ("Đơn<script>alert(1)</script>", "Đơnalert(1)"),
        ("\uf0b7 Đơn\u00a0xin\u200b", "Đơn xin"),
    ],
)
def test_windows_1258_nfd_and_words_html(pasted: str, meant: str) -> None:
    """Windows-1258 has tone marks as letters of their own; decoded they are such pairs."""
    assert line(pasted) == meant
