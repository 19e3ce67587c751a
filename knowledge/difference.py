"""What changed between two records, field by field, in words an officer reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel

from knowledge.labels import LABELS

if TYPE_CHECKING:
    from knowledge.model import Procedure

SHOWN = 160
"""Characters of a value that are shown; a whole article of law would hide the change."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference. Of a list only what left and what came is told; empty means nothing."""

    field: str
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        label = LABELS.get(self.field, self.field)
        if not self.old:
            return f"{label}: thêm «{self.new}»"
        if not self.new:
            return f"{label}: bỏ «{self.old}»"
        return f"{label}: «{self.old}» → «{self.new}»"


def difference(old: Procedure, new: Procedure) -> tuple[Change, ...]:
    """Changes from one record to another in the order of the model, the revision left out."""
    changes: list[Change] = []
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name == "revision" or before == after:
            continue
        if isinstance(before, tuple) and isinstance(after, tuple):
            changes += _of_list(name, before, after)
        else:
            changes.append(Change(field=name, old=_shown(before), new=_shown(after)))
    return tuple(changes)


def _of_list(name: str, before: tuple[object, ...], after: tuple[object, ...]) -> list[Change]:
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    if not gone and not come:
        return [Change(field=name, old="thứ tự cũ", new="thứ tự mới")]
    if len(gone) == len(come):
        pairs = zip(gone, come, strict=True)
        return [Change(field=name, old=_shown(one), new=_shown(other)) for one, other in pairs]
    return [Change(field=name, old=_shown(each)) for each in gone] + [
        Change(field=name, new=_shown(each)) for each in come
    ]


def _shown(value: object) -> str:
    """One line; never empty for a value that is there, so that a change never looks like none."""
    text = " ".join(_said(value).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def _said(value: object) -> str:
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, BaseModel):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields)
        parts = [
            _said(item) if name in _OBVIOUS else f"{LABELS.get(name, name).lower()}: {_said(item)}"
            for name, item in fields
            if item not in (None, (), {}, False)
        ]
        return ", ".join(parts)
    if isinstance(value, dict):
        return "; ".join(f"{key}={_said(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return "; ".join(_said(item) for item in value)
    return str(value)


_OBVIOUS = frozenset(["name", "text", "label", "say", "number", "title", "channel", "key"])
"""Fields whose value needs no label before it."""
