"""Dossier sources: other offices' systems, asked read-only, in time, by the code's prefix."""

from knowledge.onestop.configuration import WrongConfiguration, open_router
from knowledge.onestop.demo import Example, demo_examples
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
from knowledge.onestop.router import Health, Route, Router
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
    "Dossier",
    "Elsewhere",
    "Event",
    "Example",
    "FeeDue",
    "Health",
    "NoChangeList",
    "PapersAsked",
    "Route",
    "Router",
    "Rubbish",
    "Source",
    "SourceDown",
    "SourceError",
    "SourceSlow",
    "Stage",
    "WrongConfiguration",
    "demo_examples",
    "open_router",
    "proves",
]
