"""Words as people type and paste them."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from bot.staff.editing.typed import plain, read_count, read_day, read_money, show_number


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("8.000", 8_000), ("8000đ", 8_000), ("8,000 đ", 8_000), ("8 000 đồng", 8_000),
        ("8k", 8_000), ("8 nghìn", 8_000), ("12 ngàn đồng", 12_000), ("1,5 triệu", 1_500_000),
        ("2.5tr", 2_500_000), ("1.250.000 VNĐ", 1_250_000), ("0", 0), ("Miễn phí", 0),
        ("1.5", None), ("8.00", None), ("1.000,50", None), ("-5", None), ("", None), ("đ", None),
        ("8.000.00", None), ("9" * 13, None), ("٣", None), ("8.000 USD", None),
        ("1,2345 triệu", None), ("8.000 đ vnd", 8_000), ("8 k k", None),
        ("1.250.000 nghìn", 1_250_000_000),
    ],
)  # fmt: skip
def test_money(text: str, dong: int | None) -> None:
    if dong is None:
        with pytest.raises(ValueError, match=r".*"):
            read_money(text)
    else:
        assert read_money(text) == dong
        assert read_money(show_number(dong)) == dong


@pytest.mark.parametrize(
    "text", ["1/7/2026", "01-07-2026", "01.07.2026", "1 / 7 / 2026", "2026-07-01"]
)
def test_days(text: str) -> None:
    assert read_day(text) == date(2026, 7, 1)


@pytest.mark.parametrize("text", ["31/02/2026", "1/7/26", "mai", "", "7/2026", "0/0/0000"])
def test_no_days(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_day(text)


@pytest.mark.parametrize("text", ["2.5", "hai", "-1", "", "1" * 13])
def test_no_counts(text: str) -> None:
    assert read_count("1.200") == 1_200
    with pytest.raises(ValueError, match=r".*"):
        read_count(text)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("<p>Một</p><p>Hai</p>", "Một\nHai"),
        ("<B>Một</B> <span style='x'>hai</span>", "Một hai"),
        ("<ul><li>Một<li>Hai</ul>", "Một\nHai"),
        ("a<br/>b &amp; c", "a\nb & c"),
        ("<o:p>&nbsp;</o:p>x", "x"),
        ("<script>alert(1)</script>x", "x"),
        ("<style>p</style", ""),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<họ tên> &amp;", "<họ tên> &amp;"),
        ("dòng\r\nhai\rba", "dòng\nhai\nba"),
        (unicodedata.normalize("NFD", "Giấy khai sinh"), "Giấy khai sinh"),
        ("z\u200bw\u00a0x\x07", "zw x "),
    ],
)
def test_what_is_pasted_becomes_plain(pasted: str, text: str) -> None:
    assert plain(pasted) == text
    assert plain(text) == text
