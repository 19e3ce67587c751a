"""Heads of the audit outside the database: one line for each growth, damage told."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.anchors import Anchors, DamagedAnchors
from knowledge.store import Store

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def grow(store: Store) -> None:
    with store.work() as work:
        work.audit.record("lan", "a.b", "c", at=NOW)


def test_each_growth_is_noted_once(store: Store, tmp_path: Path) -> None:
    anchors = Anchors(tmp_path / "var" / "audit.heads")
    assert anchors.read() == []
    assert anchors.note(store) is False
    for count in (1, 2):
        grow(store)
        assert anchors.note(store) is True
        assert anchors.note(store) is False
        assert [head.count for head in anchors.read()] == list(range(1, count + 1))
    assert stat.S_IMODE(anchors.file.stat().st_mode) == 0o600
    with store.work() as work:
        assert work.audit.verify(anchors.read()).count == 2


def test_a_damaged_line_is_named(store: Store, tmp_path: Path) -> None:
    anchors = Anchors(tmp_path / "audit.heads")
    grow(store)
    anchors.note(store)
    with anchors.file.open("a", encoding="utf-8") as opened:
        opened.write("nonsense\n")
    with pytest.raises(DamagedAnchors, match="2"):
        anchors.read()
