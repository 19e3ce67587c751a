"""Words as people type and paste them: plain text out of Word, money, days, counts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from html.parser import HTMLParser

_MARKUP = re.compile(
    r"<(?:!--|!\[|!doctype|\?xml|/?(?:[ovwmx]|st1):\w|/?(?:a|abbr|area|article|aside|audio|b|base|"
    r"big|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|dd|del|details|"
    r"div|dl|dt|em|embed|fieldset|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|"
    r"input|ins|label|legend|li|link|main|map|mark|math|meta|nav|object|ol|option|p|picture|pre|q|"
    r"s|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|"
    r"tbody|td|template|textarea|tfoot|th|thead|title|tr|tt|u|ul|video|xml)(?=[\s/>]))",
    re.IGNORECASE,
)
"""The beginning of a real tag. «< 5 tỷ đồng» and «<họ tên>» are words."""
_LINE_TAGS = frozenset(["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table"])
_SILENT = frozenset(["script", "style", "head", "title", "template", "xml"])
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_GROUPED = re.compile(r"[0-9]{1,3}([.,\s])[0-9]{3}(?:\1[0-9]{3})*|[0-9]+")
_MONEY = re.compile(
    r"(?P<number>[0-9.,\s]*[0-9])\s*(?P<unit>[^\W\d]*)(?:\s+(?:đồng|đ|vnđ|vnd))?\.?"
)
_TIMES = {
    "": 1,
    "đ": 1,
    "d": 1,
    "đồng": 1,
    "dong": 1,
    "vnđ": 1,
    "vnd": 1,
    "k": 1_000,
    "nghìn": 1_000,
    "ngàn": 1_000,
    "nghin": 1_000,
    "ngan": 1_000,
    "triệu": 1_000_000,
    "trieu": 1_000_000,
    "tr": 1_000_000,
}
_FREE = frozenset(["miễn phí", "mien phi", "không thu", "khong thu", "không mất phí", "miễn"])
_DAY = re.compile(r"([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{4})")


class _Plain(HTMLParser):
    """Collects the words of markup; ends of paragraphs become line breaks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, or a stretch that nobody reads."""
        self._silent += tag in _SILENT
        if tag in _LINE_TAGS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line, or a stretch that nobody reads."""
        if tag in _SILENT and self._silent:
            self._silent -= 1
        if tag in _LINE_TAGS:
            self.words.append("\n")
        if tag in ("td", "th"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._silent:
            # Word breaks its source where the text does not break.
            self.words.append(re.sub(r"\s+", " ", data))


def plain(text: str) -> str:
    """What was typed as plain text in NFC: markup pasted from Word or a web page stripped to its
    words, invisible and control characters gone. Text without markup keeps its line breaks.
    """
    if _MARKUP.search(text):
        reader = _Plain()
        reader.feed(text)
        reader.close()
        text = "".join(reader.words)
        text = "\n".join(line for line in map(str.strip, text.split("\n")) if line)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))


def one_line(text: str) -> str:
    """Text of a field that has one line: runs of blanks and line breaks become one blank."""
    return " ".join(text.split())


def read_money(text: str) -> int:
    """đồng from «8.000», «8000đ», «8 nghìn», «1,5 triệu», «miễn phí». Raises ValueError."""
    text = one_line(text).lower()
    if text in _FREE:
        return 0
    found = _MONEY.fullmatch(text)
    times = _TIMES.get(found["unit"]) if found else None
    if found is None or times is None:
        raise ValueError(text)
    number = found["number"]
    if _GROUPED.fullmatch(number):
        return _counted(re.sub(r"\D", "", number)) * times
    if times > 1 and (parts := re.fullmatch(r"([0-9]{1,6})[.,]([0-9]{1,3})", number)):
        # «1,5 triệu»: thousandths of a thousand are whole đồng.
        return int(parts[1] + parts[2].ljust(3, "0")) * (times // 1_000)
    raise ValueError(text)


def read_count(text: str) -> int:
    """A whole number; «1.200» is one too. Raises ValueError."""
    text = one_line(text)
    if not _GROUPED.fullmatch(text):
        raise ValueError(text)
    return _counted(re.sub(r"\D", "", text))


def _counted(digits: str) -> int:
    if len(digits) > 12:
        raise ValueError(digits)
    return int(digits)


def read_day(text: str) -> date:
    """A day from «1/7/2026», «01-07-2026», «01.07.2026» or ISO. Raises ValueError."""
    text = one_line(text)
    if found := _DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    return date.fromisoformat(text)


def show_number(number: int | None) -> str:
    """«8.000»; nothing for nothing."""
    return "" if number is None else f"{number:,}".replace(",", ".")
