"""A gate: questions about one's own dossier are understood as such, and no others are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from handlers.conversation import Intent
from knowledge.text import clean, fold
from tests.knowing import understood

FILE = Path(__file__).parent / "dossier_phrasings.yaml"
QUESTIONS = FILE.parents[1] / "benchmarks" / "questions"
UNDERSTOOD = 0.97
SEEN_BEFORE = 9
"""Lines that two hands wrote alike, as «có kết quả chưa»."""


@cache
def phrasings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(FILE.read_bytes())
    return found


def topics(text: str) -> set[str]:
    return {each.topic for each in understood(text) if each.intent is Intent.DOSSIER}


def about_a_dossier(text: str) -> bool:
    """Taken for a question of status; asking back, or an answer for any dossier, is none."""
    return bool(topics(text) - {"doubtful", "where_code", "late_rights", "unfollow"})


def plainly(text: str) -> str:
    """Without diacritics; codes stay as they are."""
    return fold(text)


@pytest.mark.parametrize("written", [clean, plainly], ids=["accented", "folded"])
def test_questions_about_a_dossier_are_understood(written: Callable[[str], str]) -> None:
    asked = phrasings()["status"] + phrasings()["codes"]
    assert len(set(asked)) >= 300
    missed = [text for text in asked if not about_a_dossier(written(text))]
    assert len(missed) <= (1 - UNDERSTOOD) * len(asked), missed


@pytest.mark.parametrize("written", [clean, plainly], ids=["accented", "folded"])
def test_other_questions_are_not_swallowed(written: Callable[[str], str]) -> None:
    others = phrasings()["others"]
    assert len(set(others)) >= 150
    swallowed = [text for text in others if about_a_dossier(written(text))]
    assert len(swallowed) <= (1 - UNDERSTOOD) * len(others), swallowed


def test_what_measures_is_never_taught() -> None:
    """Short questions that anybody asks stood in the tests before; nothing else may."""
    held_out = yaml.safe_load((QUESTIONS / "status_held_out.yaml").read_bytes())
    taught = yaml.safe_load((QUESTIONS / "status.yaml").read_bytes())
    seen = {*phrasings()["status"], *phrasings()["codes"], *phrasings()["others"]}
    seen |= {*taught["status"], *taught["others"]}
    both = seen & {*held_out["status"], *held_out["others"]}
    assert len(both) <= SEEN_BEFORE
