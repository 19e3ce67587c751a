"""Text on its way through Zalo: composed, cut to size, telephone numbers, presses of buttons."""

from __future__ import annotations

import re
import unicodedata

MARK = "#a:"
"""Begins the payload of a button."""
_MOST_BYTES = 64
_MOBILE = re.compile(r"(?:\+?84|0)(\d{9})")
_NATIONAL = re.compile(r"(?:\+?84|0)(\d{7,10})")
_SEPARATORS = re.compile(r"[\s.()-]")


def composed(text: str) -> str:
    """The text in NFC, in which Zalo counts characters."""
    return unicodedata.normalize("NFC", text)


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters, cut at a word where there is one."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut[: cut.rfind(' ') if ' ' in cut else None].rstrip()}…"


def payload(action: str) -> str:
    """What a button carries, for a press comes back as if the citizen had typed it.

    Whoever does type it only presses a button that is offered to everybody: an action holds no
    secret and no personal data.
    """
    return MARK + action


def pressed(text: str) -> str | None:
    """The action of a press that came back as text; ``None`` for what a citizen wrote."""
    action = text.removeprefix(MARK)
    if action == text or not action.strip() or "\n" in action:
        return None
    return action if len(action.encode()) <= _MOST_BYTES else None


def mobile_number(written: str) -> str | None:
    """«0912 345 678» as 84912345678; ``None`` for what is no Vietnamese mobile number."""
    found = _MOBILE.fullmatch(_SEPARATORS.sub("", written))
    return f"84{found[1]}" if found else None


def national_number(written: str) -> str | None:
    """«0259 123 456» as 84259123456; ``None`` for 1022 and 1900…, which have no such form."""
    found = _NATIONAL.fullmatch(_SEPARATORS.sub("", written))
    return f"84{found[1]}" if found else None
