"""Masks personal data in one place, before the log and before the database."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_PROCEDURE = re.compile(r"(?<![\d.])[1-6]\.\d{6}(?!\d)")
_PLATE = re.compile(r"\b\d{2}[A-Za-z]{1,2}\d?[-. ]?\d{3}[. ]?\d{2}\b")
_DOSSIER = re.compile(
    r"(?<![\w.])(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.[\dOIL]{2,3}){0,4}\s*[-–—_ ]\s*"
    r"[\dOIL]{6,8}\s*[-–—_ ]\s*[\dOIL]{1,7}(?!\d)",
    re.IGNORECASE,
)
# Digits with the separators people put between them; six or more are a number of somebody.
_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[ .\-()]{0,2}\d){5,}(?!\d)")
_MONEY = re.compile(r"^[1-9]\d{0,2}(?:\.\d{3}){1,3}$")
_CURRENCY = re.compile(r"\s*(?:đồng|đ\b|dong\b|vn[đd]\b)", re.IGNORECASE)
IDENTITY = 9
"""Digits from which a number may be somebody's; money of so many digits must name its currency."""
_DATE = re.compile(r"^(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d{2}$")

_CAPITAL = "A-ZÀ-ỸĐ"
_SMALL = "a-zà-ỹđ"
_NAME_WORD = f"[{_CAPITAL}][{_SMALL}]*"
_FAMILY = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trương|Lâm|"
    "Mai|Cao|Lương|Đoàn|Trịnh|Đào|Tô|Châu|Thái|Tạ|Chế|Thập|Kadá|Pinăng|Katơr|Chamaléa|"
    "Nguyen|Tran|Pham|Hoang|Huynh|Vo|Dang|Bui|Duong|Truong|Luong|Doan|Trinh"
)
_NAME = re.compile(rf"\b(?:{_FAMILY})(?:\s+{_NAME_WORD}){{1,4}}\b")
# «nguyen van an», «NGUYỄN VĂN AN»: without capitals only the middle word tells a name.
_TYPED = re.compile(
    rf"\b(?:{_FAMILY})\s+(?:văn|thị|van|thi)\s+[^\W\d_]+(?:\s+(?!là\b|la\b)[^\W\d_]+)?",
    re.IGNORECASE,
)
_SHOUTED = re.compile(rf"\b(?:{_FAMILY.upper()})(?:\s+[{_CAPITAL}]+\b){{1,4}}")
_CALLED = re.compile(
    r"(?P<said>\b(?:tôi|tui|em|con|cháu|mình|chồng tôi|vợ tôi)?\s*(?:tên là|tên|ten la|họ tên)"
    rf"\s*:?\s+)(?P<name>{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,4}})"
)
_STREETS = re.compile(r"(?:đường|phố|hẻm|duong|pho|hem)\s*$", re.IGNORECASE)

KEEP = ("Hồ Chí Minh", "Lê Duẩn", "Trần Phú")
"""Names of places and streets that are nobody's personal data."""


def _number(match: re.Match[str]) -> str:
    found = match.group()
    if _DATE.match(found):
        return found
    digits = sum(sign.isdigit() for sign in found)
    spoken = _CURRENCY.match(match.string, match.end())
    if _MONEY.match(found) and (digits < IDENTITY or spoken):
        return found
    return "[số]"


def _name(match: re.Match[str]) -> str:
    if match.group() in KEEP or _STREETS.search(match.string[: match.start()]):
        return match.group()
    return "[tên]"


def mask(text: str) -> str:
    """The text with e-mails, numbers of six digits and more, plates, dossier codes and names gone.

    Procedure codes (``1.001193``), money and dates stay: they are nobody's personal data.
    """
    text = _EMAIL.sub("[email]", text.replace("\x00", " "))
    text = _DOSSIER.sub("[mã hồ sơ]", text)
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"\x00{len(kept) - 1}\x00"

    text = _PROCEDURE.sub(hide, text)
    text = _PLATE.sub("[biển số]", text)
    text = _NUMBER.sub(_number, text)
    text = _CALLED.sub(lambda match: match["said"] + "[tên]", text)
    text = _NAME.sub(_name, text)
    text = _SHOUTED.sub("[tên]", _TYPED.sub("[tên]", text))
    return re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], text)


def has_identity_number(text: str) -> bool:
    """True when the text holds a bare number of 9 or 12 digits, as identity cards have."""
    found = [re.sub(r"\D", "", each) for each in _NUMBER.findall(_DOSSIER.sub("", text))]
    return any(len(digits) in (9, 12) for digits in found)
