"""A gate: no procedure takes the sentences of another, with diacritics or without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import seed_procedures
from bot.evaluation import read_rows
from handlers.decision import decide
from knowledge.text import clean, fold
from tests.knowing import services

HELD_OUT = sorted((Path(__file__).parents[1] / "benchmarks" / "questions").glob("*held_out.tsv"))
FILES = sorted((Path(__file__).parent / "inquiries").glob("*.yaml"))


@pytest.mark.parametrize("written", [clean, fold], ids=["accented", "folded"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_sentences_reach_their_procedure(file: Path, written: Callable[[str], str]) -> None:
    found: dict[str, Any] = yaml.safe_load(file.read_bytes())
    stolen = []
    for sentence in found["sentences"]:
        decision = decide(written(sentence), services())
        codes = [match.code for match in decision.matches]
        answered = decision.decision == "answer" and codes[:1] == [found["code"]]
        offered = decision.decision == "clarify" and found["code"] in codes[:4]
        if not answered and not offered:
            stolen.append(f"«{sentence}» → {decision.decision} {codes[:2]}")
    assert stolen == []


@pytest.mark.parametrize("written", [clean, fold], ids=["accented", "folded"])
def test_what_is_no_procedure_is_refused(written: Callable[[str], str]) -> None:
    """The aim is 97 %; what is reached stands in docs/matching.md and may not fall."""
    lines: list[str] = yaml.safe_load((FILES[0].parent.parent / "no_procedure.yaml").read_bytes())
    assert not {fold(line) for line in lines} & {
        fold(line) for line in services().phrases.elsewhere
    }, "a sentence that measures was taught"
    decisions = {line: decide(written(line), services()).decision for line in lines}
    cards = [line for line, decision in decisions.items() if decision == "answer"]
    offered = [line for line, decision in decisions.items() if decision == "clarify"]
    assert len(cards) <= 0.02 * len(lines), cards
    assert len(cards) + len(offered) <= 0.07 * len(lines), (cards, offered)


@pytest.mark.parametrize("file", HELD_OUT, ids=lambda file: file.stem)
def test_what_measures_was_never_taught(file: Path) -> None:
    taught = {fold(line) for line in services().phrases.elsewhere}
    taught |= {fold(name) for each in seed_procedures() for name in each.aliases}
    rows = read_rows(file)
    assert rows
    assert not {row.question for row in rows if fold(row.question) in taught}


@pytest.mark.parametrize(
    "question",
    [
        "xây nhà ở Mỹ Hải cần giấy phép gì",
        "xay nha o my binh can giay phep gi",
    ],
)
def test_a_ward_is_no_other_country(question: str) -> None:
    assert decide(question, services()).decision in ("answer", "clarify")


@pytest.mark.parametrize("question", ["xây nhà ở Mỹ cần giấy phép gì", "mo quan o my"])
def test_another_country_is_refused(question: str) -> None:
    assert decide(question, services()).decision == "out_of_scope"
