"""Dossier sources: other offices' systems, asked read-only, in time, by the code's prefix."""

from knowledge.onestop.configuration import WrongConfiguration, open_desk
from knowledge.onestop.demo import Example, demo_examples
from knowledge.onestop.desk import Desk, Health, Route
from knowledge.onestop.model import (
    Change,
    Dossier,
    Elsewhere,
    Event,
    FeeDue,
    PapersAsked,
    Stage,
)
from knowledge.onestop.proof import proves
from knowledge.onestop.sources import (
    NoChangeList,
    Rubbish,
    Source,
    SourceDown,
    SourceError,
    SourceSlow,
)

__all__ = [
    "Change",
    "Desk",
    "Dossier",
    "Elsewhere",
    "Event",
    "Example",
    "FeeDue",
    "Health",
    "NoChangeList",
    "PapersAsked",
    "Route",
    "Rubbish",
    "Source",
    "SourceDown",
    "SourceError",
    "SourceSlow",
    "Stage",
    "WrongConfiguration",
    "demo_examples",
    "open_desk",
    "proves",
]
