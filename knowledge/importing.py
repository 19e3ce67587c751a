"""What an import would change, decided before anything is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from knowledge.difference import Change, difference
from knowledge.store import Stored, Write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from knowledge.importers.batch import Draft
    from knowledge.model import Procedure
    from knowledge.store import UnitOfWork

AUTHOR = "import"
"""Author of revisions that came from a file of the portal and that nobody edited since."""
BY_HAND = "file"
"""Author of revisions that came from a file in the project's own form: somebody wrote them."""


class Plan(StrEnum):
    """What will become of one record of a file."""

    CREATE = "create"
    UPDATE = "update"
    PUBLISH = "publish"
    UNCHANGED = "unchanged"
    KEEP_CONFIRMED = "keep_confirmed"
    KEEP_EDITED = "keep_edited"


WRITING = (Plan.CREATE, Plan.UPDATE, Plan.PUBLISH)
PLANS = {
    Plan.CREATE: "tạo mới",
    Plan.UPDATE: "sửa",
    Plan.PUBLISH: "đưa bản nháp vào dùng",
    Plan.UNCHANGED: "không đổi",
    Plan.KEEP_CONFIRMED: "giữ bản cán bộ đã xác nhận",
    Plan.KEEP_EDITED: "giữ bản đã biên tập",
}
"""The plans in words."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One record to be written or kept, and how it differs from the record in the database."""

    procedure: Procedure
    plan: Plan
    author: str = AUTHOR
    changes: tuple[Change, ...] = ()


def plan_import(
    drafts: Iterable[Draft],
    stored: Mapping[str, Stored],
    *,
    publish: bool,
    overwrite: bool = False,
) -> list[Planned]:
    """Decide on every draft. The same file planned after its import gives only ``UNCHANGED``.

    A file in the project's own form states whole records and replaces them. Other files state
    some fields (``Draft.known``): the portal's rows renew those fields of records that came from
    the portal; official lists only fill what is empty. Records that a person confirmed, or wrote
    by hand when the file is not in our own form, are kept unless ``overwrite``.
    """
    known = dict(stored)
    planned = []
    for draft in drafts:
        each = _decide(draft, known.get(draft.procedure.code), publish, overwrite)
        if each.plan in WRITING:
            # Two files may speak of one code: the second meets what the first made of it.
            known[each.procedure.code] = Stored(
                procedure=each.procedure, in_force=publish, author=each.author
            )
        planned.append(each)
    return planned


def _decide(draft: Draft, old: Stored | None, publish: bool, overwrite: bool) -> Planned:
    author = BY_HAND if draft.whole else AUTHOR
    if old is None:
        return Planned(procedure=draft.procedure, plan=Plan.CREATE, author=author)
    new = merged(draft, old.procedure)
    changes = difference(old.procedure, new)
    if not changes:
        waiting = publish and not old.in_force
        plan = Plan.PUBLISH if waiting else Plan.UNCHANGED
        return Planned(procedure=new, plan=plan, author=old.author)
    plan = Plan.UPDATE
    if not overwrite:
        if old.procedure.source.confirmed and not new.source.confirmed:
            plan = Plan.KEEP_CONFIRMED
        elif not draft.whole and not draft.partial and old.author != AUTHOR:
            plan = Plan.KEEP_EDITED
    if draft.partial:
        author = old.author
    return Planned(procedure=new, plan=plan, author=author, changes=changes)


def merged(draft: Draft, old: Procedure) -> Procedure:
    """The old record with what the draft states; whole drafts replace it."""
    if draft.whole:
        return draft.procedure
    stated = {
        name: getattr(draft.procedure, name)
        for name in draft.known
        if not draft.partial or not getattr(old, name)
    }
    return old.model_copy(update=stated)


def write_import(
    planned: Iterable[Planned],
    work: UnitOfWork,
    *,
    publish: bool,
    reason: str,
    at: datetime,
    done: Callable[[], None] = lambda: None,
) -> Counter[Write]:
    """Write what the plan says, inside one transaction; how many came to what."""
    counts: Counter[Write] = Counter()
    for each in planned:
        if each.plan in WRITING:
            counts[
                work.write(
                    each.procedure,
                    publish=publish,
                    author=each.author,
                    reason=reason,
                    at=at,
                    over_confirmed=True,
                )
            ] += 1
        done()
    return counts
