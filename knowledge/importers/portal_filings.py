"""Ways of filing as the national portal states them: channel, time limits, fees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from knowledge.importers.cleaning import line, shorten, tidy, unbulleted
from knowledge.model import Channel, Fee, Filing, TimeLimit, Unit

FREE = "Cổng Dịch vụ công ghi miễn phí"
"""Said instead of an amount of 0: the portal writes «Miễn phí» where a fee is due too."""
SMALLEST_FEE = 1_000
"""Đồng. Smaller figures were seen only as thousands that lost their zeros («45», «900 VNĐ»)."""
LONGEST_LIMIT = 3650
NOTE_LIMIT = 400

CHANNELS = {
    "trực tiếp": Channel.COUNTER,
    "direct": Channel.COUNTER,
    "trực tuyến": Channel.ONLINE,
    "online": Channel.ONLINE,
    "dịch vụ bưu chính": Channel.POST,
    "qua bưu điện": Channel.POST,
    "bưu chính": Channel.POST,
    "postal": Channel.POST,
}
_UNITS = {
    "ngày làm việc": Unit.WORKING_DAY,
    "ngày làm việ": Unit.WORKING_DAY,
    "ngày": Unit.DAY,
    "giờ": Unit.HOUR,
    "tháng": Unit.MONTH,
}
_LIMIT = re.compile(r"(\d{1,6})\s*(ngày làm việc?|ngày|giờ|tháng)\.?", re.I)
_DECIMAL = re.compile(r"\d{1,3}[.,]\d{1,2} (?:ngày làm việc|ngày|giờ|tháng)", re.I)
_BARE = re.compile(r"\d{1,4}")
_NOTHING = re.compile(
    r"(?:không(?: có| quy định| xác định| có thông tin)?|chưa (?:có )?quy định|0|\W*|\D)[\s.;]*",
    re.I,
)
_LEADING_NOTHING = re.compile(r"^(?:\s*Không có thông tin)+\s*")
_WHOLE = re.compile(r"\d{1,3}(?:[.,]\d{3})+[.,]?|\d+[.,]?")
"""A sum with marks between thousands only; «10000.00» would become a million."""
_MONEY = r"(?:Việt Nam Đồng|VNĐ|VND|đồng|USD)"
_AMOUNT = re.compile(
    rf"(?:(?:Phí|Lệ phí)\s*:\s*)?(\d[\d.,]{{0,18}})\s*({_MONEY})\s*(?:\((.*)\))?", re.I | re.S
)
_LABELLED = re.compile(rf"(?:Phí|Lệ phí)\s*:\s*(.*?)\s*(?:{_MONEY})?\s*(?:\((.*)\))?", re.I | re.S)
_NEXT_FEE = re.compile(r"\n(?=(?:Phí|Lệ phí)\s*:)", re.I)
_ATTACHED = re.compile(r"\n?File đính kèm:[^\n]*", re.I)
_IN_DESC = re.compile(rf"(\d[\d.,]{{2,18}})\s*{_MONEY}|Miễn phí", re.I)
_GLUED_DESC = re.compile(rf"{_MONEY}\b", re.I)
_SPOKEN = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{4,9})\s*(?:đồng|đ\b|vnđ|vnd)", re.I)
_PER = re.compile(r"(?:đồng)?\s*/\s*(?:0?1 )?([^\W\d][\w ]{0,30}?)[.\s]*(?:\((.*)\))?", re.I)
_BASIS = re.compile(
    r"(?:theo )?(?:quy định )?(?:tại |của )?(?:luật|nghị định|nghị quyết|thông tư|quyết định)\b",
    re.I,
)
_SPEAKS_OF_FEE = re.compile(
    r"phí|hđnd|hội đồng nhân dân|đồng|thông tư|vnđ|usd|\bgiá\b|thuế|\d\.\d{3}|ủy ban nhân dân", re.I
)
_DESCRIBES_FEE = re.compile(
    r"phí\s*:|(?:các loại|mức(?: thu)?|biểu|về|luật) (?:lệ )?phí|\d[\d.]{3,}\s*(?:đồng|đ\b|vnđ)",
    re.I,
)
_WAIVED = re.compile(r"^\W*(?:không thu|miễn (?:lệ )?phí|không phải nộp)[^;]*$", re.I)


@dataclass(frozen=True)
class Filings:
    """Ways of filing, one per channel, and doubts about the source."""

    filings: tuple[Filing, ...]
    doubts: tuple[str, ...]


def _dong(digits: str) -> int:
    return int(re.sub(r"[.,]", "", digits) or 0)


def _balanced(text: str) -> tuple[str, str]:
    """What stands in the bracket that opens the text, and what follows it."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:at], text[at + 1 :]
    return text[1:], ""


class _Method:
    """One row of the portal's table of filing methods."""

    def __init__(self, row: dict[str, Any], doubts: dict[str, None]) -> None:
        self.doubts = doubts
        self.channel = CHANNELS.get(line(str(row.get("method") or "")).lower())
        self.time = line(str(row.get("time") or ""))
        self.fee = tidy(str(row.get("fee") or ""))
        self.note = line(str(row.get("fee_note") or ""))
        self.desc = _LEADING_NOTHING.sub("", tidy(str(row.get("desc") or ""))).strip()
        self._unglue()

    def doubt(self, reason: str) -> None:
        self.doubts[reason] = None

    def _unglue(self) -> None:
        """Take a fee out of the description where the crawl put it; drop digits cut in two."""
        if _GLUED_DESC.match(self.desc):
            # «125» + «VNĐ(…)»: a limit and the start of a fee ran together; neither is known.
            self.doubt("Thời hạn và phí dính vào nhau, không tách được; đã bỏ cả hai.")
            rest = _GLUED_DESC.sub("", self.desc, count=1).strip()
            self.note = _balanced(rest)[0] if rest.startswith("(") else self.note
            self.desc = _balanced(rest)[1] if rest.startswith("(") else rest
            self.time, self.fee = "", ""
        elif not self.fee and (found := _IN_DESC.match(self.desc)):
            rest = self.desc[found.end() :].strip()
            self.fee = found.group()
            if rest.startswith("("):
                self.note, rest = _balanced(rest)
            self.desc = rest.strip()

    def limit(self) -> TimeLimit | None:
        text = self.time
        if _NOTHING.fullmatch(text):
            return None
        if text.lower() in {"theo mô tả", "theo mô tả."}:
            return TimeLimit(text=shorten(line(self.desc), NOTE_LIMIT)) if self.desc else None
        if found := _LIMIT.fullmatch(text):
            return self._counted(int(found.group(1)), _UNITS[found.group(2).lower()])
        if _DECIMAL.fullmatch(text):
            return TimeLimit(text=text.replace(".", ",").lower())
        if _BARE.fullmatch(text):
            return self._bare(int(text))
        if re.fullmatch(r"[\d.,\s]+", text):
            self.doubt(f"Thời hạn ghi «{text}», không hiểu được; đã bỏ.")
            return None
        return TimeLimit(text=shorten(unbulleted(text), NOTE_LIMIT))

    def _counted(self, amount: int, unit: Unit) -> TimeLimit | None:
        if amount > LONGEST_LIMIT:
            self.doubt(f"Thời hạn {amount} dài bất thường; đã bỏ.")
            return None
        # 0 means the result comes by appointment, not at once.
        return TimeLimit(amount=amount, unit=unit) if amount else None

    def _bare(self, amount: int) -> TimeLimit | None:
        if amount == 0:
            return None
        self.doubt(f"Thời hạn ghi «{amount}» mà không ghi đơn vị.")
        return TimeLimit(text=f"{amount} (Cổng Dịch vụ công không ghi đơn vị ngày hay giờ)")

    def fees(self) -> list[Fee]:
        text = _ATTACHED.sub("", self.fee).strip()
        note = "" if _NOTHING.fullmatch(self.note) else self.note
        found = [self._fee(part.strip(), note) for part in _NEXT_FEE.split(text)]
        return [fee for fee in found if fee]

    def _fee(self, text: str, note: str) -> Fee | None:
        if not text:
            return self._from_note(note) if note else None
        if text.lower().startswith("miễn phí"):
            return self._free(note)
        if found := _AMOUNT.fullmatch(text):
            return self._sum(found.group(1), found.group(2), line(found.group(3) or note))
        if found := _LABELLED.fullmatch(text):
            said, own = line(found.group(1)), line(found.group(2) or note)
            if said.lower() in {"không", "0"}:
                return self._free(own)
            if len(said) < 3:
                return self._from_note(own) if own else None
            return Fee(text=shorten(said, NOTE_LIMIT), basis=shorten(own, 300) or None)
        self.doubt(f"Mức phí ghi «{shorten(line(text), 60)}», chưa hiểu được thành số tiền.")
        return Fee(text=shorten(line(text), NOTE_LIMIT), condition=self._condition(note))

    def _from_note(self, note: str) -> Fee:
        return Fee(text=shorten(unbulleted(note).strip("() ") or note, NOTE_LIMIT))

    def _condition(self, note: str) -> str | None:
        return shorten(unbulleted(note).strip(" ;.") or note, NOTE_LIMIT) if note else None

    def _free(self, note: str) -> Fee:
        if not re.search(r"\w{3}", note) or note.lower().strip(" .()") == "miễn phí":
            return self._said_free()
        if _WAIVED.match(note) and not _SPOKEN.search(note):
            return Fee(text=f"Cổng Dịch vụ công ghi: {shorten(unbulleted(note), NOTE_LIMIT)}")
        if _SPEAKS_OF_FEE.search(note):
            self.doubt("Ghi «Miễn phí» nhưng phần ghi chú nói đến một khoản phí.")
            return self._from_note(note)
        return Fee(text=FREE, condition=self._condition(note))

    def _said_free(self) -> Fee:
        """Free without a note; the description may still speak of money."""
        if not _DESCRIBES_FEE.search(self.desc):
            return Fee(text=FREE)
        self.doubt("Ghi «Miễn phí» nhưng phần mô tả nói đến một khoản phí.")
        return Fee(text=f"Cổng Dịch vụ công ghi: {shorten(line(self.desc), NOTE_LIMIT)}")

    def _sum(self, digits: str, unit: str, note: str) -> Fee | None:
        note = "" if _NOTHING.fullmatch(note) else note
        if unit.upper() == "USD":
            return Fee(text=f"{digits} USD", condition=self._condition(note))
        if not _WHOLE.fullmatch(digits):
            self.doubt(f"Mức phí ghi «{digits}», không rõ là bao nhiêu; đã bỏ.")
            return self._from_note(note) if note else None
        amount = _dong(digits)
        if amount == 0:
            return self._free(note)
        if amount < SMALLEST_FEE:
            self.doubt(f"Mức phí {amount} đồng nhỏ bất thường, có lẽ thiếu số 0; đã bỏ.")
            # The note often has the figure in full: «… 900.000 đồng/lần».
            return self._from_note(note) if _SPOKEN.search(note) else None
        return self._priced(amount, note)

    def _priced(self, amount: int, note: str) -> Fee:
        spoken = {_dong(digits) for digits in _SPOKEN.findall(note)}
        if len(spoken) > 1:
            # One figure out of a scale of fees would mislead; the note states the whole scale.
            return self._from_note(note)
        if spoken and amount not in spoken:
            self.doubt(f"Mức phí {amount} đồng khác số tiền trong ghi chú.")
            return Fee(amount=amount, condition=self._condition(note))
        if found := _PER.fullmatch(note):
            basis = line(found.group(2) or "")
            per = found.group(1).strip()
            return Fee(amount=amount, per=per, basis=shorten(basis, 300) or None)
        if _BASIS.match(note) and not spoken:
            return Fee(amount=amount, basis=shorten(note, 300))
        return Fee(amount=amount, condition=self._condition(note))


class _Channel:
    """All rows of one channel put together."""

    def __init__(self) -> None:
        self.limits: dict[TimeLimit, str] = {}
        self.fees: dict[Fee, None] = {}
        self.notes: dict[str, None] = {}

    def add(self, method: _Method) -> None:
        desc = line(method.desc)
        if (limit := method.limit()) is not None:
            self.limits.setdefault(limit, desc)
        for fee in method.fees():
            self.fees.setdefault(fee)
        if desc and not _NOTHING.fullmatch(desc):
            self.notes.setdefault(desc)

    def filing(self, channel: Channel, doubts: dict[str, None]) -> Filing:
        fees = tuple(self.fees)
        if len(fees) > 1 and Fee(text=FREE) in fees:
            doubts[
                "Cùng một cách nộp vừa ghi «Miễn phí» vừa ghi mức phí; đã bỏ chữ «Miễn phí»."
            ] = None
            fees = tuple(fee for fee in fees if fee != Fee(text=FREE))
        limits = tuple(self.limits)
        if len({limit.unit for limit in limits if limit.amount}) > 1:
            doubts["Cùng một cách nộp có thời hạn theo ngày và theo ngày làm việc."] = None
        # One text behind several limits tells none of them apart.
        told_apart = len(limits) > 1 and len(set(self.limits.values())) > 1
        if told_apart:
            limits = tuple(
                limit.model_copy(update={"condition": shorten(desc, 200)}) if desc else limit
                for limit, desc in self.limits.items()
            )
        elif len(limits) > 1:
            doubts["Cùng một cách nộp có nhiều thời hạn, không rõ khi nào là thời hạn nào."] = None
        # With several limits each one's description is its condition already.
        told = tuple(self.notes)[:1] if told_apart else tuple(self.notes)
        told = told if len(told) == len(self.notes) else ()
        note = shorten("; ".join(unbulleted(each) for each in told), 600)
        return Filing(channel=channel, limits=limits, fees=fees, note=note or None)


def read_filings(raw: object) -> Filings:
    """Filings of the portal's ``methods`` field; anything that is no list of rows yields none."""
    doubts: dict[str, None] = {}
    channels: dict[Channel, _Channel] = {}
    for row in raw if isinstance(raw, list) else ():
        if not isinstance(row, dict):
            doubts["Có cách nộp không đọc được; đã bỏ."] = None
            continue
        method = _Method(row, doubts)
        if method.channel is None:
            doubts["Có cách nộp không ghi hình thức; đã bỏ."] = None
            continue
        channels.setdefault(method.channel, _Channel()).add(method)
    filings = tuple(found.filing(channel, doubts) for channel, found in channels.items())
    return Filings(filings, tuple(doubts))
