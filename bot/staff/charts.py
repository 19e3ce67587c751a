"""Charts drawn on the server as SVG that any width fits and any colour scheme; no script.

Places across are percentages, places down are pixels, so letters keep their size on a phone.
Colours come from the stylesheet. Each chart goes with a table of the same numbers, which is what
people get who do not see it; the picture itself only carries its title.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEIGHT, TOP, FOOT = 190, 20, 24
"""Pixels of a chart of columns; above and below what the columns fill."""
LABELS = 5
"""Labels below the columns; more run into one another on a phone."""
STEPS = (1, 2, 2.5, 5, 10)
"""Lines of a scale stand at these times a power of ten."""


@dataclass(frozen=True, slots=True)
class Point:
    """One column or bar; ``before`` is the same in the period before, ``None`` where unknown."""

    label: str
    value: float
    before: float | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """The numbers of a chart as people read them."""

    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture with its title, its meaning, and its table. ``legend`` explains the marks."""

    key: str
    title: str
    meaning: str
    picture: Markup
    table: Table
    legend: Sequence[tuple[str, str]] = field(default=())
    wide: bool = False


def columns(key: str, points: Sequence[Point], said: Callable[[float], str]) -> Markup:
    """Columns side by side; a short line across one tells the value of the period before."""
    values = [each.value for each in points] + [each.before or 0 for each in points]
    top = scale(max(values, default=0))
    pixels = HEIGHT - TOP - FOOT
    parts: list[Markup] = []
    for share in (0.0, 0.5, 1.0):
        y = TOP + pixels * (1 - share)
        rule = Markup('<line class="rule" x1="0" x2="100%" y1="{0}" y2="{0}"/>')
        parts.append(rule.format(_number(y)))
        if share:
            line = Markup('<text class="scale" x="0" y="{}">{}</text>')
            parts.append(line.format(_number(y - 4), said(top * share)))
    step = 100 / max(len(points), 1)
    for number, each in enumerate(points):
        x, width = step * (number + 0.14), step * 0.72
        tall = pixels * each.value / top
        parts.append(_rect("now", x, TOP + pixels - tall, width, tall))
        if each.before is not None:
            y = TOP + pixels * (1 - each.before / top)
            parts.append(_rect("before", step * number, y - 1, step, 2))
    parts += _labels(points, step)
    return _svg(key, HEIGHT, parts)


def bars(key: str, points: Sequence[Point], said: Callable[[float], str]) -> Markup:
    """Bars below one another, named above each; a mark tells the value of the period before."""
    row, thick = 46, 12
    longest = max((max(each.value, each.before or 0) for each in points), default=0) or 1
    parts = []
    for number, each in enumerate(points):
        y = row * number
        name = Markup('<text class="name" x="0" y="{}">{}</text>')
        parts.append(name.format(y + 15, each.label))
        value = Markup('<text class="name" text-anchor="end" x="100%" y="{}">{}</text>')
        parts.append(value.format(y + 15, said(each.value)))
        parts.append(_rect("track", 0, y + 21, 100, thick))
        parts.append(_rect("now", 0, y + 21, 100 * each.value / longest, thick))
        if each.before is not None:
            mark = Markup('<line class="mark" x1="{0}%" x2="{0}%" y1="{1}" y2="{2}"/>')
            x = _number(100 * each.before / longest)
            parts.append(mark.format(x, y + 18, y + 21 + thick + 3))
    return _svg(key, row * max(len(points), 1), parts)


def stack(key: str, rows: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> Markup:
    """Shares of a whole beside one another, in one band for each row: its name, (class, share)."""
    row, thick = 58, 28
    parts = []
    for number, (name, shares) in enumerate(rows):
        y, x = row * number, 0.0
        label = Markup('<text class="name" x="0" y="{}">{}</text>').format(y + 15, name)
        parts.append(label)
        for kind, share in shares:
            if share > 0:
                parts.append(_rect(f"part {kind}", x, y + 22, 100 * share, thick))
            x += 100 * share
    return _svg(key, row * len(rows), parts)


def scale(most: float) -> float:
    """The end of a scale of whole halves that holds a value: 7 → 10, 130 → 200."""
    if most <= 2:
        return 2.0
    power = 10.0 ** (len(str(int(most))) - 1)
    return next(power * each for each in STEPS if power * each >= most)


def _labels(points: Sequence[Point], step: float) -> list[Markup]:
    every = max(1, -(-len(points) // LABELS))
    found = []
    for number in range(0, len(points), every):
        middle = step * (number + 0.5)
        anchor = "start" if middle < 8 else "end" if middle > 92 else "middle"
        x = {"start": step * number, "end": step * (number + 1)}.get(anchor, middle)
        text = Markup('<text class="label" text-anchor="{}" x="{}%" y="{}">{}</text>')
        found.append(text.format(anchor, _number(x), HEIGHT - 6, points[number].label))
    return found


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    shape = Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>')
    return shape.format(kind, _number(x), _number(y), _number(width), _number(height))


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _svg(key: str, height: int, parts: Sequence[Markup]) -> Markup:
    opening = Markup(
        '<svg class="chart" role="img" aria-labelledby="{}" width="100%" height="{}">'
    ).format(f"{key}-title", height)
    return opening + Markup("").join(parts) + Markup("</svg>")
