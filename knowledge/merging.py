"""Joins two changes of one record that began from the same text, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knowledge.model import Procedure

if TYPE_CHECKING:
    from collections.abc import Mapping

UNORDERED = frozenset(["aliases", "related", "replaces"])
"""Lists whose items stand for themselves: what either side adds or takes away can be joined."""
_OWN = frozenset(["code", "revision"])


def merge(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The text with both changes, and the fields that both changed in different ways.

    Bodies are records as JSON; a missing field and an empty one are the same. Of fields that
    clash ``mine`` stays.
    """
    merged: dict[str, Any] = {"code": mine.get("code") or theirs.get("code")}
    clashes = []
    # The model's order; what a half-typed draft has beside it is kept too.
    names = dict.fromkeys((*Procedure.model_fields, *mine, *theirs))
    for name in names:
        if name in _OWN:
            continue
        before, own, other = (body.get(name) or None for body in (base, mine, theirs))
        if own in (before, other):
            value = other
        elif other == before:
            value = own
        elif name in UNORDERED and isinstance(own, list) and isinstance(other or [], list):
            value = _joined(before or [], own, other or [])
        else:
            value = own
            clashes.append(name)
        if value:
            merged[name] = value
    return merged, tuple(clashes)


def _joined(before: list[Any], own: list[Any], other: list[Any]) -> list[Any]:
    kept = [each for each in other if each in own or each not in before]
    return kept + [each for each in own if each not in before and each not in kept]
