"""Text with emphasis as Telegram's HTML, cut into messages without ever breaking a tag."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_TEXT = 4096
"""Characters of a message after Telegram parsed the HTML (Bot API, sendMessage).

Telegram does not say of which kind; UTF-16 units, the stricter reading, are counted.
"""
MAX_CAPTION = 1024

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\ufff9-\ufffb]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_UNSEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
"""Characters that Unicode calls letters or symbols and that nobody sees."""
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


class Tag(StrEnum):
    """How a piece of text stands out; the value is the opening tag."""

    NONE = ""
    BOLD = "b"
    ITALIC = "i"
    FOLDED = "blockquote expandable"

    def around(self, text: str) -> str:
        """Escaped text between the tags."""
        escaped = html.escape(text, quote=False)
        return f"<{self}>{escaped}</{self.split()[0]}>" if self else escaped


@dataclass(frozen=True, slots=True)
class Span:
    """Some text under one tag."""

    text: str
    tag: Tag = Tag.NONE


def sound(text: str) -> str:
    """The text without what UTF-8, a database or Telegram would stumble over."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\t", " ")
    return _CONTROLS.sub("", text)


def visible(text: str) -> bool:
    """True when there is anything to see: Telegram refuses a message of spaces."""
    return any(unicodedata.category(each)[0] not in "ZCM" and each not in _UNSEEN for each in text)


def width(text: str) -> int:
    """Length in UTF-16 units."""
    # A Python loop over the letters would cost as much as all the rest of a bubble.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """One line of at most so many units, with «…» where something is missing."""
    text = " ".join(text.split())
    if width(text) <= most:
        return text
    end = _fitting(text, 0, most - 1)
    space = text.rfind(" ", 0, end + 1)
    return text[: space if space > end // 2 else end].rstrip(" ,;:–-") + "…"


def messages(spans: Iterable[Span], most: int = MAX_TEXT) -> list[str]:
    """The spans as HTML in as few messages as they fit; tags are closed and opened at each cut.

    A message ends at a blank line, else at a line, else at a word, else between characters.
    """
    spans = [Span(_BLANK_LINES.sub("\n\n", sound(span.text)), span.tag) for span in spans]
    text = "".join(span.text for span in spans)
    return [_html(spans, start, end) for start, end in _pieces(text, most)]


def _pieces(text: str, most: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = _end(text, start, most)
        piece = text[start:end]
        if visible(piece):
            left = start + len(piece) - len(piece.lstrip())
            yield left, left + len(piece.strip())
        start = end


def _end(text: str, start: int, most: int) -> int:
    """Where a piece that begins at ``start`` ends."""
    end = _fitting(text, start, most)
    if end == len(text):
        return end
    # A cut in the first half would leave a stump of a message.
    half = start + (end - start) // 2
    for sign in ("\n\n", "\n", " "):
        found = text.rfind(sign, half, end + 1)
        if found > start:
            return found
    while end > start + 1 and (unicodedata.combining(text[end]) or _joined(text, end)):
        end -= 1
    return end


def _joined(text: str, place: int) -> bool:
    return text[place] in _JOINERS or text[place - 1] == "\u200d"


def _fitting(text: str, start: int, most: int) -> int:
    """The farthest end with at most so many UTF-16 units from ``start``; at least one character."""
    end = min(len(text), start + most)
    while end > start + 1 and width(text[start:end]) > most:
        end -= max((width(text[start:end]) - most) // 2, 1)
    return end


def _html(spans: Sequence[Span], start: int, end: int) -> str:
    said = []
    place = 0
    for span in spans:
        inside = span.text[max(start - place, 0) : max(end - place, 0)]
        place += len(span.text)
        # A tag around spaces only is dropped: there is nothing to see in bold.
        said.append((span.tag if inside.strip() else Tag.NONE).around(inside))
    return "".join(said)
