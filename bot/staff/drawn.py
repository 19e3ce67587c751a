"""The charts of the dashboard, each from the overview it shows."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from bot.staff.charts import Chart, Point, Table, bars, columns, stack
from bot.staff.tiles import changed, percent
from bot.staff.words import CHANNELS, number
from knowledge.figures import SLOWER, SPEEDS, Kind, in_weeks
from knowledge.metrics import COUNTED, MISSED, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from bot.staff.overview import Overview, Span

MOST_DAYS = 62
"""Days that are drawn one by one; more are summed into weeks."""
TOP = 10
NAME = 32
"""Letters of a name inside a picture; the table has it whole."""
OUTCOMES = {
    Outcome.ANSWERED: "Trả lời được",
    Outcome.ASKED_BACK: "Phải hỏi lại",
    Outcome.UNANSWERED: "Chưa trả lời được",
    Outcome.HANDED_OVER: "Chuyển cán bộ",
}
BEFORE = (("now", "Kỳ này"), ("before", "Kỳ trước"))
MARKED = (("now", "Kỳ này"), ("mark", "Kỳ trước"))
_COUNTS = ("Kỳ này", "Kỳ trước", "Thay đổi")


def charts(found: Overview) -> list[Chart]:
    """All charts, in the order they are read."""
    return [
        _by_day(found, "inquiries", "Lượt hỏi", _all, "Lượt hỏi theo ngày (giờ Việt Nam)."),
        _outcomes(found),
        _hours(found),
        _ranked(
            "channels",
            "Kênh",
            _channels(found.now),
            _channels(found.before),
            "Lượt hỏi đến từ kênh nào.",
        ),
        _ranked(
            "procedures",
            "Thủ tục được hỏi nhiều nhất",
            _titled(found, found.now),
            _titled(found, found.before),
            "Lượt hỏi mà câu trả lời là một thủ tục, theo thủ tục.",
        ),
        _ranked(
            "fields",
            "Lĩnh vực được hỏi nhiều nhất",
            found.by_field(found.now),
            found.by_field(found.before),
            "Cũng những lượt ấy, theo lĩnh vực của thủ tục.",
        ),
        _by_day(
            found,
            "missed",
            "Câu hỏi bị lỡ",
            _missed,
            "Lượt không tìm ra thủ tục nào, hoặc phải hỏi lại là thủ tục nào.",
        ),
        _speeds(found),
        _health(found),
    ]


def _all(statuses: Mapping[str, int]) -> int:
    return sum(statuses.values())


def _missed(statuses: Mapping[str, int]) -> int:
    return sum(statuses.get(each, 0) for each in MISSED)


def _by_day(
    found: Overview, key: str, title: str, of: Callable[[Mapping[str, int]], int], meaning: str
) -> Chart:
    weekly = found.now.period.days > MOST_DAYS

    def line(span: Span) -> list[tuple[date, int]]:
        days = {day: of(statuses) for day, statuses in span.daily.items()}
        return sorted((in_weeks(days) if weekly else days).items())

    now, before = line(found.now), line(found.before)
    points = [
        Point(f"{day:%d/%m}", value, earlier[1] if earlier else None)
        for (day, value), earlier in zip_longest(now, before[: len(now)])
    ]
    rows = [
        (f"{day:%d/%m/%Y}", number(value), number(earlier[1]) if earlier else "")
        for (day, value), earlier in zip_longest(now, before[: len(now)])
    ]
    every = "tuần, tính từ thứ Hai" if weekly else "ngày"
    return Chart(
        key=key,
        title=f"{title} theo {'tuần' if weekly else 'ngày'}",
        meaning=f"{meaning} Mỗi cột là một {every}; vạch ngang là kỳ trước.",
        picture=columns(key, points, _short),
        table=Table(header=("Tuần từ" if weekly else "Ngày", "Kỳ này", "Kỳ trước"), rows=rows),
        legend=BEFORE,
        wide=True,
    )


def _outcomes(found: Overview) -> Chart:
    spans = (("Kỳ này", found.now), ("Kỳ trước", found.before))
    drawn = [
        (name, [(each.value, span.metrics.share(each) or 0.0) for each in COUNTED])
        for name, span in spans
    ]
    rows = [
        (
            OUTCOMES[each],
            number(found.now.metrics.outcomes[each]),
            percent(found.now.metrics.share(each)),
            number(found.before.metrics.outcomes[each]),
            percent(found.before.metrics.share(each)),
        )
        for each in COUNTED
    ]
    return Chart(
        key="outcomes",
        title="Câu hỏi kết thúc thế nào",
        meaning="Phần của mỗi cách kết thúc trong các lượt cần trả lời; chào hỏi, cảm ơn và lời "
        "nhắn cho cán bộ không tính.",
        picture=stack("outcomes", drawn),
        table=Table(header=("Kết thúc", "Kỳ này", "Phần", "Kỳ trước", "Phần kỳ trước"), rows=rows),
        legend=[(f"part {each.value}", OUTCOMES[each]) for each in COUNTED],
        wide=True,
    )


def _hours(found: Overview) -> Chart:
    now, before = found.now.counts[Kind.HOUR], found.before.counts[Kind.HOUR]
    keys = [f"{hour:02}" for hour in range(24)]
    points = [Point(f"{int(key)}h", now.get(key, 0), before.get(key, 0)) for key in keys]
    return Chart(
        key="hours",
        title="Lượt hỏi theo giờ trong ngày",
        meaning="Cả kỳ cộng lại, theo giờ Việt Nam: «7h» là từ 7 giờ đến trước 8 giờ.",
        picture=columns("hours", points, _short),
        table=_counted("Giờ", [(each.label, each) for each in points]),
        legend=BEFORE,
    )


def _speeds(found: Overview) -> Chart:
    now, before = found.now.counts[Kind.SPEED], found.before.counts[Kind.SPEED]
    keys = [*map(str, SPEEDS), SLOWER]
    seen = [place for place, key in enumerate(keys) if now.get(key) or before.get(key)]
    shown = keys[min(seen, default=0) : max(seen, default=0) + 1]
    points = [
        Point("lâu hơn" if key == SLOWER else f"≤{key}", now.get(key, 0), before.get(key, 0))
        for key in shown
    ]
    return Chart(
        key="speeds",
        title="Thời gian soạn câu trả lời (mili giây)",
        meaning="Số lượt theo thời gian máy soạn câu trả lời, chưa kể đường truyền của kênh.",
        picture=columns("speeds", points, _short),
        table=_counted("Mili giây", [(each.label, each) for each in points]),
        legend=BEFORE,
    )


def _health(found: Overview) -> Chart:
    health = found.health
    named = (
        ("Đang dùng", health.records),
        ("Cán bộ đã xác nhận", health.confirmed),
        ("Cần xem lại", health.due),
        ("Hai nguồn nói khác nhau", health.contradictory),
    )
    points = [Point(name, count or 0) for name, count in named]
    rows = [(name, "đang đếm" if count is None else number(count)) for name, count in named]
    return Chart(
        key="health",
        title="Kho thủ tục lúc này",
        meaning="Đếm trên các thủ tục đang dùng, lúc mở trang này; không phụ thuộc kỳ đã chọn. "
        "Cần xem lại: quá hạn kiểm tra, hoặc đến hạn trong 14 ngày. Hai nguồn nói khác nhau: cổng "
        "dịch vụ công và văn bản.",
        picture=bars("health", points, _short),
        table=Table(header=("Thủ tục", "Số"), rows=rows),
    )


def _channels(span: Span) -> dict[str, int]:
    return {CHANNELS.get(key, key): count for key, count in span.counts[Kind.CHANNEL].items()}


def _titled(found: Overview, span: Span) -> dict[str, int]:
    titles: dict[str, int] = {}
    for code, count in span.counts[Kind.PROCEDURE].items():
        name = f"{found.titles[code]} ({code})" if code in found.titles else code
        titles[name] = titles.get(name, 0) + count
    return titles


def _ranked(
    key: str,
    title: str,
    now: Mapping[str, int],
    before: Mapping[str, int],
    meaning: str,
) -> Chart:
    names = sorted(now, key=lambda name: (-now[name], name))[:TOP]
    points = [Point(name, now[name], before.get(name, 0)) for name in names]
    cut = [Point(_cut(each.label), each.value, each.before) for each in points]
    more = f" Cho xem {TOP} dòng đầu trong {number(len(now))}." if len(now) > TOP else ""
    return Chart(
        key=key,
        title=title,
        meaning=f"{meaning}{more} Vạch đứng là kỳ trước.",
        picture=bars(key, cut, _short),
        table=_counted(title, [(each.label, each) for each in points]),
        legend=MARKED,
    )


def _counted(first: str, points: Sequence[tuple[str, Point]]) -> Table:
    rows = [
        (
            name,
            number(int(each.value)),
            "" if each.before is None else number(int(each.before)),
            changed(each.value, each.before),
        )
        for name, each in points
    ]
    return Table(header=(first, *_COUNTS), rows=rows)


def _cut(name: str) -> str:
    name = name.partition(" (")[0]
    return name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"


def _short(value: float) -> str:
    """A number of a scale: «2.500»."""
    return number(round(value)) if value == round(value) else f"{value:.1f}".replace(".", ",")
