"""A gate: no procedure takes the sentences of another, with diacritics or without."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import build_services, seed_procedures
from handlers.decision import decide
from handlers.services import Services
from knowledge.text import clean, fold

FILES = sorted((Path(__file__).parent / "inquiries").glob("*.yaml"))


@cache
def services() -> Services:
    return build_services(seed_procedures())


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
def test_what_is_no_procedure_gets_no_card(written: Callable[[str], str]) -> None:
    lines: list[str] = yaml.safe_load((FILES[0].parent.parent / "no_procedure.yaml").read_bytes())
    decisions = {line: decide(written(line), services()).decision for line in lines}
    assert [line for line, decision in decisions.items() if decision == "answer"] == []
    offered = [line for line, decision in decisions.items() if decision == "clarify"]
    assert len(offered) <= 0.03 * len(lines), offered
