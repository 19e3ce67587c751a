"""Two people, one record: what a draft began from, and what differs when someone was faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.staff.editing.fields import to_fields
from bot.staff.editing.layout import spoken
from knowledge.difference import Change, difference
from knowledge.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.staff.editing.fields import Node, Tree
    from knowledge.lifecycle import Revision
    from knowledge.model import Procedure

CHOICE = "choice_"
"""Before the name of a field: whose version is taken, «mine» or «theirs»."""
MOVED = (
    "Bản nháp này vừa được sửa ở một cửa sổ khác của anh/chị. Những gì đang gõ ở đây chưa giữ; "
    "bấm «Lưu nháp» để so sánh, không mất gì."
)
DROPPED = (
    "Bản nháp này vừa được gửi duyệt hoặc bỏ ở một cửa sổ khác. Những gì đang gõ ở đây chưa giữ; "
    "bấm «Lưu nháp» để xem lại, không mất gì."
)
MOST = 60
"""Differences of two windows that are told; more is another text altogether."""


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """One field that both changed, as the changes of each."""

    field: str
    label: str
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Overtaken:
    """What has to be joined because a colleague's change took force first."""

    theirs: Revision
    disputed: tuple[Disputed, ...]
    only_mine: tuple[Change, ...]
    only_theirs: tuple[Change, ...]


def overtaken(before: Procedure, mine: Procedure | None, theirs: Revision) -> Overtaken:
    """Compare two changes of one record; of half a record (``None``) only theirs are told."""
    own = difference(before, mine) if mine else ()
    other = difference(before, theirs.procedure)
    both = [
        name
        for name in dict.fromkeys(each.field for each in own)
        if any(each.field == name for each in other)
        and getattr(mine, name) != getattr(theirs.procedure, name)
    ]
    return Overtaken(
        theirs=theirs,
        disputed=tuple(
            Disputed(
                field=name,
                label=LABELS.get(name, name),
                mine=tuple(each for each in own if each.field == name),
                theirs=tuple(each for each in other if each.field == name),
            )
            for name in both
        ),
        only_mine=tuple(each for each in own if each.field not in both),
        only_theirs=tuple(each for each in other if each.field not in both),
    )


def against(stored: Tree, typed: Tree, nodes: Sequence[Node]) -> list[tuple[str, str, str]]:
    """Fields of two forms that differ: name in words, as kept, as typed here."""
    kept, here = (_together(tree, tuple(nodes)) for tree in (stored, typed))
    names = [name for name in dict.fromkeys([*kept, *here]) if kept.get(name) != here.get(name)]
    return [(spoken(name), kept.get(name, ""), here.get(name, "")) for name in names][:MOST]


def _together(tree: Tree, nodes: tuple[Node, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in to_fields(tree, nodes):
        if not name.endswith(("_order", "key")):
            found[name] = f"{found[name]}, {value}" if found.get(name) else value
    return found
