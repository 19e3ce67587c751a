"""Forms kept while they are typed: one for each person and subject, forgotten in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge.accounts import Role
from knowledge.store import Store
from knowledge.unfinished import KEPT_FOR

AT = datetime(2026, 11, 25, tzinfo=UTC)


def test_kept_replaced_dropped_swept(store: Store) -> None:
    with store.work() as work:
        me, other = (
            work.accounts.add(
                login, name=login, roles=[Role.OFFICER], password="x", must_change=False, at=AT
            ).id
            for login in ("lan", "hoa")
        )
        for value in ("đầu", "sau"):
            work.unfinished.keep(me, "procedure:new", [("a", value), ("a", "")], at=AT)
        work.unfinished.keep(other, "procedure:new", [("a", "khác")], at=AT + KEPT_FOR)
    with store.work() as work:
        kept = work.unfinished.get(me, "procedure:new")
        assert kept
        assert (kept.fields, kept.at) == ((("a", "sau"), ("a", "")), AT)
        assert work.unfinished.get(me, "procedure:1.000894") is None
        work.unfinished.sweep(AT + KEPT_FOR + timedelta(seconds=1))
        assert work.unfinished.get(me, "procedure:new") is None
        assert work.unfinished.get(other, "procedure:new")
        work.unfinished.drop(other, "procedure:new")
        assert work.unfinished.get(other, "procedure:new") is None
