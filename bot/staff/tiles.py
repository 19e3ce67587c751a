"""The figures that stand first: each with its meaning and how it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.staff.words import number
from knowledge.metrics import Outcome, change

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.staff.overview import Overview
    from knowledge.metrics import Metrics
    from knowledge.quality import Accuracy


@dataclass(frozen=True, kw_only=True)
class Tile:
    """``value`` and ``changed`` in words; ``before`` is the value of the period before."""

    name: str
    value: str
    before: str
    changed: str
    meaning: str


def percent(share: float | None) -> str:
    """«87,5%»; «chưa có» for none."""
    return "chưa có" if share is None else f"{share * 100:.1f}%".replace(".", ",")


def changed(now: float | None, before: float | None) -> str:
    """«tăng 12%», «giảm 3%», «như cũ»; empty where nothing was before."""
    found = change(now, before)
    if found is None:
        return ""
    whole = round(found * 100)
    if not whole:
        return "như cũ"
    return f"{'tăng' if whole > 0 else 'giảm'} {number(abs(whole))}%"


def points(now: float | None, before: float | None) -> str:
    """The change of a share in points of a hundred: «tăng 1,5 điểm»."""
    if now is None or before is None:
        return ""
    moved = round((now - before) * 100, 1)
    if not moved:
        return "như cũ"
    return f"{'tăng' if moved > 0 else 'giảm'} {abs(moved):.1f} điểm".replace(".", ",")


def milliseconds(bound: int | None, counted: int) -> str:
    """«dưới 20 ms»."""
    if not counted:
        return "chưa có"
    return "trên 5 giây" if bound is None else f"dưới {number(bound)} ms"


def interval(found: Accuracy) -> str:
    """«khoảng tin cậy 95%: 78,1%–92,4%, chấm 60 câu»."""
    ends = found.interval
    if ends is None:
        return "chưa chấm câu nào"
    low, high = (percent(each) for each in ends)
    return f"khoảng tin cậy 95%: {low} – {high}, chấm {number(found.judged)} câu"


def accuracy(now: Accuracy, before: Accuracy) -> Tile:
    """It stands beside the share answered: an answer is worth something only when it is right."""
    earlier = f"{percent(before.share)} ({interval(before)})" if before.judged else "chưa chấm"
    return Tile(
        name="Trả lời đúng",
        value=percent(now.share),
        before=earlier,
        changed=interval(now),
        meaning="Phần đúng hẳn trong các câu bot đã trả lời được rút ngẫu nhiên mỗi tuần và do "
        "cán bộ chấm; đúng một phần không tính là đúng, câu không rõ thì bỏ ra. Khoảng tin cậy "
        "nói phần đúng của tất cả các câu nằm trong khoảng nào (Wilson, 95%).",
    )


def tiles(found: Overview) -> list[Tile]:
    """All of them, in the order a report tells them."""
    now, before = found.now.metrics, found.before.metrics

    def count(name: str, of: Callable[[Metrics], int], meaning: str) -> Tile:
        return Tile(
            name=name,
            value=number(of(now)),
            before=number(of(before)),
            changed=changed(of(now), of(before)),
            meaning=meaning,
        )

    def share(name: str, of: Callable[[Metrics], float | None], meaning: str) -> Tile:
        return Tile(
            name=name,
            value=percent(of(now)),
            before=percent(of(before)),
            changed=points(of(now), of(before)),
            meaning=meaning,
        )

    counted = "các lượt cần trả lời (trừ chào hỏi và lời nhắn cho cán bộ)"
    return [
        count(
            "Lượt hỏi",
            lambda each: each.inquiries,
            "Mỗi câu hỏi hoặc mỗi lần bấm nút là một lượt; một tin hỏi hai việc là hai lượt.",
        ),
        count(
            "Lượt người",
            lambda each: each.visits,
            "Số người viết cho bot trong từng ngày, cộng các ngày; một người hỏi hai ngày là hai.",
        ),
        share(
            "Trả lời được",
            lambda each: each.share(Outcome.ANSWERED),
            f"Lượt bot trả lời ngay, chia cho {counted}. Trả lời được chưa có nghĩa là đúng.",
        ),
        accuracy(found.now.accuracy, found.before.accuracy),
        share(
            "Phải hỏi lại",
            lambda each: each.share(Outcome.ASKED_BACK),
            f"Lượt bot hỏi lại cho rõ, chia cho {counted}.",
        ),
        share(
            "Chưa trả lời được",
            lambda each: each.share(Outcome.UNANSWERED),
            f"Lượt không tìm ra, không đọc được hoặc lỗi, chia cho {counted}.",
        ),
        count(
            "Câu hỏi bị lỡ",
            lambda each: each.missed,
            "Lượt không tìm ra thủ tục nào, hoặc phải hỏi lại là thủ tục nào.",
        ),
        share(
            "Chuyển cán bộ",
            lambda each: each.share(Outcome.HANDED_OVER),
            f"Lượt xin gặp cán bộ, chia cho {counted}.",
        ),
        share(
            "Cán bộ nhận đúng hẹn",
            lambda each: each.in_time,
            "Trao đổi được cán bộ nhận trước giờ đã hứa, chia cho mọi trao đổi được nhận.",
        ),
        share(
            "Người dân thấy đúng ý",
            lambda each: each.satisfied,
            "Lượt bấm «Đúng ý», chia cho mọi lượt bấm «Đúng ý» và «Chưa đúng»; tính vào ngày bấm. "
            "Ít người bấm, và người không vừa ý hay bấm hơn.",
        ),
        count(
            "Lượt đánh giá",
            lambda each: each.good + each.bad,
            "Số câu trả lời được người dân bấm «Đúng ý» hoặc «Chưa đúng».",
        ),
        count(
            "Lượt xem hồ sơ",
            lambda each: each.lookups,
            "Lượt người dân xem được hồ sơ của mình sau khi khớp mã và 4 số.",
        ),
        count(
            "Trong đó hồ sơ trễ hẹn",
            lambda each: each.overdue,
            "Lượt xem một hồ sơ đã quá ngày hẹn mà cơ quan chưa xong và không chờ người dân.",
        ),
        Tile(
            name="Nửa số câu trả lời xong",
            value=milliseconds(now.median, now.inquiries),
            before=milliseconds(before.median, before.inquiries),
            changed="",
            meaning="Thời gian máy soạn câu trả lời, chưa kể đường truyền của kênh; "
            "lấy tròn lên theo bậc.",
        ),
        Tile(
            name="95 trên 100 câu xong",
            value=milliseconds(now.slow, now.inquiries),
            before=milliseconds(before.slow, before.inquiries),
            changed="",
            meaning="Cũng vậy, cho 95 trong 100 câu.",
        ),
    ]
