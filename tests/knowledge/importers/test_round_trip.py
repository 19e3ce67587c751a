"""Exporting and importing again gives the same records, whatever is in them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.app import seed_procedures
from knowledge.importers import read
from knowledge.importers.exporters import TooLong, export_xlsx, export_yaml
from knowledge.model import Case, Option, Paper, Procedure, Question, Source

from .strategies import TODAY, several

quick = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def again(path: Path) -> list[Procedure]:
    batch = read(path, today=TODAY)
    assert batch == read(path, today=TODAY)
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


def record(**changes: Any) -> Procedure:
    source = Source(checked_on=TODAY)
    return Procedure(code="1.990001", name="a", field="b", source=source, **changes)


def test_words_that_look_like_formulas_are_written_as_words(tmp_path: Path) -> None:
    words = ("=1+1", '=HYPERLINK("http://x.vn")', "+84 90", "-5", "@sum", "http://x.vn", "007")
    export_xlsx([record(steps=words)], tmp_path / "ra.xlsx")
    with zipfile.ZipFile(tmp_path / "ra.xlsx") as packed:
        pages = {name: packed.read(name) for name in packed.namelist() if "sheet" in name}
        shared = packed.read("xl/sharedStrings.xml").decode()
    assert not any(b"<f>" in page or b"hyperlink" in page for page in pages.values())
    assert "=1+1" in shared
    assert again(tmp_path / "ra.xlsx")[0].steps == words


def test_the_revision_belongs_to_a_database(tmp_path: Path) -> None:
    export_yaml([record(revision=7)], tmp_path / "ra.yaml")
    assert again(tmp_path / "ra.yaml")[0].revision == 1


TWICE = tuple(Option(key=key, label=key) for key in ("a", "b"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"result": "x" * 40_000}, "Kết quả"),
        ({"result": "😀" * 20_000}, "Kết quả"),
        ({"steps": ("a\uffffb",)}, "Bước"),
        ({"questions": (Question(key="k", text="t", options=TWICE),) * 2}, "hai câu hỏi"),
        (
            {
                "questions": (Question(key="k", text="t", options=TWICE),),
                "cases": (Case(name="c", papers=(Paper(name="p", when={"k": ()}),)),),
            },
            "Chỉ khi",
        ),
    ],
)
def test_what_a_workbook_cannot_hold_is_refused_before_writing(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(TooLong, match=said):
        export_xlsx([record(**changes)], tmp_path / "ra.xlsx")
    assert not (tmp_path / "ra.xlsx").exists()
    export_yaml([record(**changes)], tmp_path / "ra.yaml")
    assert again(tmp_path / "ra.yaml") == [record(**changes)]
