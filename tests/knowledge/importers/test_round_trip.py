"""Exporting and importing again gives the same records, whatever is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from bot.app import seed_procedures
from knowledge.importers import read
from knowledge.importers.exporters import TooLong, export_xlsx, export_yaml
from knowledge.model import Procedure

from .strategies import several

TODAY = date(2026, 11, 24)
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def again(path: Path) -> list[Procedure]:
    batch = read(path, today=TODAY)
    assert batch.findings == ()
    assert all(draft.whole for draft in batch.drafts)
    return [draft.procedure for draft in batch.drafts]


@quick
@given(several())
def test_yaml_file(tmp_path: Path, mine: list[Procedure]) -> None:
    export_yaml(mine, tmp_path / "ra.yaml")
    assert again(tmp_path / "ra.yaml") == mine


@quick
@given(several())
def test_workbook(tmp_path: Path, mine: list[Procedure]) -> None:
    export_xlsx(mine, tmp_path / "ra.xlsx")
    assert again(tmp_path / "ra.xlsx") == mine


def test_the_whole_seed_in_every_form(tmp_path: Path) -> None:
    seed = seed_procedures()
    for target in ("ra", "ra.yaml", "ra.xlsx"):
        path = tmp_path / target
        (export_xlsx if target.endswith("xlsx") else export_yaml)(seed, path)
        assert sorted(again(path), key=lambda each: each.code) == seed


def test_a_text_too_long_for_a_cell_is_refused_before_writing(tmp_path: Path) -> None:
    long = seed_procedures()[0].model_copy(update={"result": "x" * 40_000})
    with pytest.raises(TooLong, match="Kết quả"):
        export_xlsx([long], tmp_path / "ra.xlsx")
    assert not (tmp_path / "ra.xlsx").exists()
