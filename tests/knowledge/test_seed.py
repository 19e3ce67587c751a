"""The seed: complete, consistent, sourced, in words people use."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import SEED, seed_procedures
from knowledge.lint import Severity, lint_phrases, lint_procedures
from knowledge.model import Aspect, Level, Procedure
from knowledge.phrases import seed_phrases
from knowledge.text import fold, words

TODAY = date(2026, 11, 24)
PROCEDURES = seed_procedures()
INQUIRIES = Path(__file__).parents[1] / "inquiries"
each_procedure = pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.code)


def test_at_least_130_procedures() -> None:
    assert len(PROCEDURES) >= 130


def test_the_priority_fields_have_their_procedures() -> None:
    fields = defaultdict(int)
    for each in PROCEDURES:
        fields[each.field] += 1
    assert fields["Đất đai"] >= 25
    assert fields["Xây dựng"] >= 7
    assert sum(count for name, count in fields.items() if "ôi trường" in name) >= 5


def test_lint_finds_no_error() -> None:
    problems = lint_procedures(PROCEDURES, today=TODAY) + lint_phrases(seed_phrases(), PROCEDURES)
    assert [str(each) for each in problems if each.severity is Severity.ERROR] == []


def test_files_are_named_by_code() -> None:
    for file in SEED.glob("*.yaml"):
        assert yaml.safe_load(file.read_bytes())["code"] == file.stem


def test_no_everyday_name_belongs_to_two() -> None:
    owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for each in PROCEDURES:
        for alias in each.aliases:
            owners[tuple(fold(word) for word in words(alias))].add(each.code)
    assert {" ".join(key): codes for key, codes in owners.items() if len(codes) > 1} == {}


@each_procedure
def test_sourced_and_not_confirmed_by_us(procedure: Procedure) -> None:
    assert procedure.source.origin or procedure.source.decision
    assert procedure.source.checked_on <= TODAY
    assert not procedure.source.confirmed


@each_procedure
def test_plain_words(procedure: Procedure) -> None:
    said = " ".join(
        [procedure.title, *procedure.steps, *procedure.notes, *(p.name for p in procedure.papers)]
    )
    assert "quý công dân" not in said.lower()
    assert len(procedure.title) <= 80
    assert 2 <= len(procedure.steps) <= 6 or Aspect.STEPS in procedure.unsourced
    for step in procedure.steps:
        assert len(step) <= 260, step


@each_procedure
def test_what_is_missing_is_said(procedure: Procedure) -> None:
    assert procedure.papers or Aspect.PAPERS in procedure.unsourced
    limits = [limit for filing in procedure.filings for limit in filing.limits]
    fees = [fee for filing in procedure.filings for fee in filing.fees]
    assert limits or Aspect.TIME in procedure.unsourced
    assert fees or Aspect.FEE in procedure.unsourced


@each_procedure
def test_papers_of_some_cases_say_when(procedure: Procedure) -> None:
    for case in procedure.cases:
        for paper in case.papers:
            assert paper.condition or not (paper.when or case.when), paper.name


@each_procedure
def test_citizens_have_words_for_it(procedure: Procedure) -> None:
    least = 5 if Level.COMMUNE in procedure.levels else 4
    assert len(procedure.aliases) >= least


@each_procedure
def test_has_sentences_that_are_not_its_everyday_names(procedure: Procedure) -> None:
    found: dict[str, Any] = yaml.safe_load((INQUIRIES / f"{procedure.code}.yaml").read_bytes())
    assert found["code"] == procedure.code
    assert len(found["sentences"]) >= 3
    names = {fold(alias) for alias in procedure.aliases}
    assert not names & {fold(sentence) for sentence in found["sentences"]}


def test_the_merged_identity_card_replaces_its_four_codes() -> None:
    card = next(each for each in PROCEDURES if each.code == "1.116410")
    assert set(card.replaces) == {"1.014061", "1.014062", "1.014063", "1.014064"}
    assert any(fee.valid_until == date(2026, 12, 31) for f in card.filings for fee in f.fees)


def test_the_building_permit_states_the_law_and_names_the_contradiction() -> None:
    permit = next(each for each in PROCEDURES if each.code == "1.013225")
    assert permit.filings[0].limits[0].amount == 7
    assert "15–20 ngày" in permit.conflicts[0].say
