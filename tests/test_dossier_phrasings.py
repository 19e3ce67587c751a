"""A gate: questions about one's own dossier are understood as such, and no others are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.app import build_services, seed_procedures
from handlers.conversation import Contact, Incoming, Intent, Memory
from handlers.services import Services
from knowledge.text import clean, fold
from tests.dossiers import AT

FILE = Path(__file__).parent / "dossier_phrasings.yaml"
UNDERSTOOD = 0.97


@cache
def services() -> Services:
    return build_services(seed_procedures())


@cache
def phrasings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(FILE.read_bytes())
    return found


def about_a_dossier(text: str) -> bool:
    incoming = Incoming(contact=Contact(channel="web", id="an"), received_at=AT, text=text)
    found = services().understanding.understand(incoming, Memory(), services().index)
    return any(each.intent is Intent.DOSSIER for each in found)


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
