"""The filter of the inquiry log as it stands in an address: read, judged, said back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.staff.words import CHANNELS, STATUS_GROUPS, day_begins, read_day
from handlers.conversation import Status
from knowledge.inquiries import Wanted
from knowledge.inquiry_words import MOST_WORDS, words_of
from knowledge.model import PROCEDURE_CODE, Aspect

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = (
    "since",
    "until",
    "channel",
    "procedure",
    "field",
    "status",
    "aspect",
    "least",
    "most",
    "rating",
    "q",
)
LONGEST = 366
"""Days one look at the log may cover; a longer time is looked at piece by piece."""
USUAL = 7
"""Days shown when no time is asked for."""
SCORES = (0.0, 9.0)
RATED = {"good": True, "bad": False}
"""Ratings by their name in the address."""
GROUP = "*"
"""Stands behind the beginning of statuses that belong together."""


class NoFilter(Exception):
    """What was asked makes no sense; the text says why, in Vietnamese."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A filter: as typed, as the log understands it, and what is wrong with it."""

    typed: Mapping[str, str]
    since: date
    until: date
    wanted: Wanted | None
    problem: str = ""

    @property
    def query(self) -> str:
        """The address behind «?», without what is empty."""
        return urlencode(self.told)

    @property
    def told(self) -> dict[str, str]:
        """What was asked for, without what is empty."""
        return {name: value for name, value in self.typed.items() if value}


def choose(typed: Mapping[str, str], today: date) -> Chosen:
    """The filter of an address. Nonsense gives no ``wanted``, so that nothing is looked up."""
    asked = {name: typed.get(name, "") for name in NAMES}
    since, until = today - timedelta(days=USUAL - 1), today
    try:
        since, until = read_days(asked, today)
        scores = _scores(asked)
        wanted = Wanted(
            since=day_begins(since),
            until=day_begins(until + timedelta(days=1)),
            channel=_known("channel", asked, CHANNELS, "Không có kênh"),
            procedure=_code(asked["procedure"]),
            field=asked["field"],
            statuses=_statuses(asked["status"]),
            aspect=_known("aspect", asked, frozenset(Aspect), "Không có mục"),
            least=scores[0],
            most=scores[1],
            good=_rating(asked["rating"]),
            words=_words(asked["q"]),
        )
    except NoFilter as nonsense:
        return Chosen(typed=asked, since=since, until=until, wanted=None, problem=str(nonsense))
    return Chosen(typed=asked, since=since, until=until, wanted=wanted)


def read_days(asked: Mapping[str, str], today: date) -> tuple[date, date]:
    """The first and the last day of an address. Raises :class:`NoFilter`."""
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    until = until or max(since or today, today)
    since = since or until - timedelta(days=USUAL - 1)
    if since > until:
        raise NoFilter("Ngày bắt đầu đứng sau ngày kết thúc. Anh/chị đổi lại giúp em.")
    if (until - since).days >= LONGEST:
        raise NoFilter(
            f"Mỗi lần chỉ xem được nhiều nhất {LONGEST} ngày. Anh/chị chọn khoảng ngắn hơn."
        )
    return since, until


def _day(text: str) -> date | None:
    found = read_day(text)
    if text and found is None:
        raise NoFilter(f"«{text[:40]}» không phải là một ngày. Ngày viết như 2026-11-25.")
    return found


def _known(name: str, asked: Mapping[str, str], known: Any, said: str) -> str:
    value = asked[name]
    if value and value not in known:
        raise NoFilter(f"{said} «{value[:40]}».")
    return value


def _code(text: str) -> str:
    if text and not PROCEDURE_CODE.fullmatch(text):
        raise NoFilter(f"«{text[:40]}» không phải mã thủ tục. Mã viết như 1.001193.")
    return text


def _statuses(text: str) -> tuple[str, ...]:
    if text.removesuffix(GROUP) in STATUS_GROUPS and text not in set(Status):
        return tuple(each.value for each in Status if each.startswith(text.removesuffix(GROUP)))
    if text and text not in set(Status):
        raise NoFilter(f"Không có kết quả «{text[:40]}».")
    return (text,) if text else ()


def _scores(asked: Mapping[str, str]) -> tuple[float | None, float | None]:
    least, most = _score(asked["least"]), _score(asked["most"])
    if least is not None and most is not None and least > most:
        raise NoFilter("Điểm thấp nhất lớn hơn điểm cao nhất. Anh/chị đổi lại giúp em.")
    return least, most


def _score(text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = float("nan")
    low, high = SCORES
    if not low <= found <= high:
        raise NoFilter(f"«{text[:40]}» không phải là điểm. Điểm là một số từ 0, như 0,75.")
    return found


def _rating(text: str) -> bool | None:
    if text and text not in RATED:
        raise NoFilter(f"Không có đánh giá «{text[:40]}».")
    return RATED.get(text)


def _words(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(words_of(text)))
    if text and not found:
        raise NoFilter(f"«{text[:40]}» không có chữ nào để tìm.")
    if len(found) > MOST_WORDS:
        raise NoFilter(f"Tìm nhiều nhất {MOST_WORDS} từ một lần. Anh/chị bớt vài từ.")
    return found
