"""Two people, one record: what a form began from, and what differs when someone was faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot.sealing import Unsealable
from knowledge.difference import Change, difference
from knowledge.labels import LABELS
from knowledge.model import Procedure
from knowledge.tables import RevisionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sealing import Seal
    from knowledge.revisions import Revision

BEGAN = "_began"
"""Field that carries the record a form began from. Drafts are replaced, so the form brings it."""
CHOICE = "choice_"
"""Before the name of a field: whose version is taken, «mine» or «theirs»."""


def carried(record: Procedure | None, seal: Seal) -> str:
    """The record as a form carries it; empty for a form that began from nothing."""
    if record is None:
        return ""
    body = record.model_dump(mode="json", exclude_defaults=True)
    return seal.close(["began", body]).decode()


def brought(sealed: str, seal: Seal) -> Procedure | None:
    """The record a form began from; ``None`` when it is damaged or from an older model."""
    try:
        kind, body = seal.open(sealed.encode("utf-8", "replace"))
        return Procedure.model_validate(body) if kind == "began" else None
    except (Unsealable, ValidationError, ValueError, TypeError):
        return None


def same(one: Procedure, other: Procedure) -> bool:
    """True when two records state the same, whatever their numbers."""
    return one.model_copy(update={"revision": 1}) == other.model_copy(update={"revision": 1})


def newest(history: Sequence[Revision]) -> Revision | None:
    """The living revision to go on from: what waits, else what is in force."""
    return next((each for each in history if each.state is not RevisionState.SUPERSEDED), None)


@dataclass(frozen=True, kw_only=True)
class Disputed:
    """One field that both changed, as the changes of each."""

    field: str
    label: str
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Clash:
    """What has to be decided because a colleague saved first.

    ``merged`` holds my fields, and theirs where only they changed something.
    """

    theirs: Revision
    merged: Procedure
    disputed: tuple[Disputed, ...]
    only_mine: tuple[Change, ...]
    only_theirs: tuple[Change, ...]


def clash(base: Procedure | None, mine: Procedure, theirs: Revision) -> Clash:
    """Compare two edits of one record. Without what they began from all differences are open."""
    other = theirs.procedure
    before_mine = _by_field(difference(base or other, mine))
    before_theirs = _by_field(difference(base or mine, other))
    both = [
        name
        for name in before_mine
        if name in before_theirs and getattr(mine, name) != getattr(other, name)
    ]
    taken = {name: getattr(other, name) for name in before_theirs if name not in before_mine}
    return Clash(
        theirs=theirs,
        merged=mine.model_copy(update=taken),
        disputed=tuple(
            Disputed(
                field=name,
                label=LABELS.get(name, name),
                mine=before_mine[name],
                theirs=before_theirs[name],
            )
            for name in both
        ),
        only_mine=_rest(before_mine, before_theirs),
        only_theirs=_rest(before_theirs, before_mine),
    )


def _by_field(changes: Sequence[Change]) -> dict[str, tuple[Change, ...]]:
    found: dict[str, tuple[Change, ...]] = {}
    for change in changes:
        found[change.field] = (*found.get(change.field, ()), change)
    return found


def _rest(
    one: Mapping[str, tuple[Change, ...]], other: Mapping[str, tuple[Change, ...]]
) -> tuple[Change, ...]:
    return tuple(each for name, changes in one.items() if name not in other for each in changes)
