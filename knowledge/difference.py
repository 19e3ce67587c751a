"""What changed between two records, field by field, in words an officer reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel

from knowledge.labels import LABELS
from knowledge.model import (
    Aspect,
    Case,
    Channel,
    Conflict,
    Filing,
    Law,
    Level,
    Option,
    Paper,
    Question,
    Unit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from knowledge.model import Procedure

SHOWN = 160
"""Characters of a value that are shown; a whole article of law would hide the change."""
BEFORE = 40
"""Characters shown before the first difference of two long texts."""

# By type: «online» is a way of filing and an aspect, and equal as a string.
_WORDS: Mapping[type, Mapping[str, str]] = {
    Level: {
        Level.COMMUNE: "cấp xã",
        Level.PROVINCE: "cấp tỉnh",
        Level.MINISTRY: "cấp bộ",
        Level.OTHER: "cơ quan khác",
    },
    Channel: {
        Channel.COUNTER: "trực tiếp",
        Channel.ONLINE: "trực tuyến",
        Channel.POST: "bưu chính",
    },
    Unit: {
        Unit.WORKING_DAY: "ngày làm việc",
        Unit.DAY: "ngày",
        Unit.HOUR: "giờ",
        Unit.MONTH: "tháng",
    },
    Aspect: {
        Aspect.OVERVIEW: "giới thiệu",
        Aspect.PAPERS: "giấy tờ",
        Aspect.FEE: "phí",
        Aspect.TIME: "thời hạn",
        Aspect.PLACE: "nơi nộp",
        Aspect.STEPS: "các bước",
        Aspect.FORM: "mẫu đơn",
        Aspect.ONLINE: "nộp trực tuyến",
        Aspect.LAW: "căn cứ",
        Aspect.WHO: "ai được làm",
        Aspect.CONDITIONS: "điều kiện",
        Aspect.RESULT: "kết quả",
    },
}
_IDENTITY: Mapping[type[BaseModel], str] = {
    Case: "name",
    Paper: "name",
    Filing: "channel",
    Question: "key",
    Option: "key",
    Law: "number",
    Conflict: "aspect",
}
"""The field by which an item of the old list is known again in the new one."""
_OBVIOUS = frozenset(["name", "text", "label", "say", "number", "title", "channel", "key"])
"""Fields whose value needs no label before it."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference. Of a list only what left and what came is told; empty means nothing.

    ``inside`` is the path below the field, in words: «trực tiếp › Phí, lệ phí».
    """

    field: str
    old: str = ""
    new: str = ""
    inside: str = ""

    @property
    def label(self) -> str:
        """The field in words, with the path below it."""
        return " › ".join(
            part for part in (LABELS.get(self.field, self.field), self.inside) if part
        )

    def __str__(self) -> str:
        if not self.old:
            return f"{self.label}: thêm «{self.new}»"
        if not self.new:
            return f"{self.label}: bỏ «{self.old}»"
        return f"{self.label}: «{self.old}» → «{self.new}»"


def difference(old: Procedure, new: Procedure) -> tuple[Change, ...]:
    """Changes from one record to another in the order of the model, the revision left out."""
    changes: list[Change] = []
    for name in type(old).model_fields:
        if name != "revision":
            changes += _of_value(name, (), getattr(old, name), getattr(new, name))
    return tuple(changes)


def _of_value(field: str, path: tuple[str, ...], before: object, after: object) -> list[Change]:
    if before == after:
        return []
    if isinstance(before, tuple) and isinstance(after, tuple):
        return _of_list(field, path, before, after)
    if isinstance(before, BaseModel) and isinstance(after, BaseModel):
        return _of_model(field, path, before, after)
    return [_change(field, path, before, after)]


def _of_model(
    field: str, path: tuple[str, ...], before: BaseModel, after: BaseModel
) -> list[Change]:
    changes: list[Change] = []
    for name in type(before).model_fields:
        below = (*path, LABELS.get(name, name))
        changes += _of_value(field, below, getattr(before, name), getattr(after, name))
    return changes


def _of_list(
    field: str, path: tuple[str, ...], before: Sequence[object], after: Sequence[object]
) -> list[Change]:
    gone, stayed = _apart(before, after)
    come, still = _apart(after, before)
    changes: list[Change] = []
    for one in list(gone):
        other = next((each for each in come if _same(one, each)), None)
        if isinstance(one, BaseModel) and isinstance(other, BaseModel):
            gone.remove(one)
            come.remove(other)
            who = _shown(getattr(one, _IDENTITY[type(one)]), most=60)
            changes += _of_model(field, (*path, who), one, other)
    if len(gone) == len(come):
        changes += [_change(field, path, *pair) for pair in zip(gone, come, strict=True)]
    else:
        changes += [_change(field, path, each, None) for each in gone]
        changes += [_change(field, path, None, each) for each in come]
    if stayed != still or not changes:
        inside = " › ".join(path)
        changes.append(Change(field=field, old="thứ tự cũ", new="thứ tự mới", inside=inside))
    return changes


def _apart(items: Sequence[object], others: Sequence[object]) -> tuple[list[object], list[object]]:
    """Items that the other list lacks, and those it has; of equal items each counts."""
    left = Counter(map(repr, others))
    gone: list[object] = []
    stayed: list[object] = []
    for each in items:
        if left[repr(each)]:
            left[repr(each)] -= 1
            stayed.append(each)
        else:
            gone.append(each)
    return gone, stayed


def _same(one: object, other: object) -> bool:
    key = _IDENTITY.get(type(one)) if isinstance(one, BaseModel) else None
    return (
        key is not None
        and type(one) is type(other)
        and bool(getattr(one, key) == getattr(other, key))
    )


def _change(field: str, path: tuple[str, ...], before: object, after: object) -> Change:
    old, new = " ".join(said(before).split()), " ".join(said(after).split())
    if old and old == new:
        new += " (khác cách ngắt dòng, khoảng trắng)"
    start = 0
    if max(len(old), len(new)) > SHOWN and old and new:
        alike = (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
        start = max(0, next(alike, min(len(old), len(new))) - BEFORE)
    return Change(
        field=field, old=_window(old, start), new=_window(new, start), inside=" › ".join(path)
    )


def _window(text: str, start: int) -> str:
    """The part of a text that is shown; «…» stands for what is left out."""
    if start:
        text = "…" + text[start:]
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def _shown(value: object, *, most: int) -> str:
    text = " ".join(said(value).split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def said(value: object) -> str:
    """A value of a record in words."""
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, StrEnum):
        return _WORDS[type(value)][value]
    if isinstance(value, BaseModel):
        return ", ".join(_said_fields(value))
    if isinstance(value, dict):
        return "; ".join(f"{key}={said(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "; ".join(said(item) for item in value)
    return str(value)


def _said_fields(value: BaseModel) -> list[str]:
    """Fields that say something; a fee or a count of 0 does."""
    parts = []
    for name, item in value:
        if item is None or item is False or item in ((), {}):
            continue
        label = "" if name in _OBVIOUS else f"{LABELS.get(name, name).lower()}: "
        parts.append(label + said(item))
    return parts
