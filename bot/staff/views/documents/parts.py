"""All parts that can be edited, and where their pages are."""

from __future__ import annotations

from typing import Any

from bot.staff.exchange import ROOT
from bot.staff.views.documents.calendar import CalendarPart
from bot.staff.views.documents.canned import CannedPart
from bot.staff.views.documents.glossary import FillersPart, MarksPart, WordsPart
from bot.staff.views.documents.office import OfficePart
from bot.staff.views.documents.part import Part
from bot.staff.views.documents.phrases import AskBackPart, SayingsPart
from bot.staff.views.documents.wording import WordingPart

SETTINGS = f"{ROOT}/settings"

PARTS: tuple[Part[Any], ...] = (
    OfficePart(),
    CalendarPart(),
    WordsPart(),
    FillersPart(),
    MarksPart(),
    AskBackPart(),
    SayingsPart(),
    WordingPart(),
    CannedPart(),
)


def siblings(part: Part[Any]) -> list[Part[Any]]:
    """The parts of the same document."""
    return [each for each in PARTS if each.document == part.document]


def home(part: Part[Any]) -> str:
    """The address of a part's list."""
    return f"{SETTINGS}/{part.path}"
