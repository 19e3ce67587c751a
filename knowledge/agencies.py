"""Which agency a code belongs to, as far as published catalogues tell."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from knowledge.dossier_codes import AGENCY, DossierCode, reversed_form
from knowledge.model import Record, Text
from knowledge.yaml_reading import read_yaml

SEED = Path(__file__).parent / "data" / "agencies.yaml"


class Confidence(StrEnum):
    """How well a code is known."""

    HIGH = "high"
    MEDIUM = "medium"


class Agency(Record):
    """An agency and its identifying code in the reversed form ``Hxx.NN``."""

    code: Annotated[str, StringConstraints(pattern=rf"^{AGENCY}$")]
    name: Text
    confidence: Confidence
    now: Text | None = None
    """Who holds its dossiers today, when it was merged into another."""
    note: Text | None = None


class Agencies(Record):
    """The known agencies."""

    provinces: tuple[Agency, ...] = ()
    ministries: tuple[Agency, ...] = ()
    departments: tuple[Agency, ...] = ()
    communes: tuple[Agency, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [each.code for each in self.all]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise ValueError(f"agency codes stand twice: {sorted(twice)}")
        return self

    @property
    def all(self) -> tuple[Agency, ...]:
        """Every agency."""
        return self.provinces + self.ministries + self.departments + self.communes

    def agency_of(self, code: str) -> str | None:
        """The name of the agency of a dossier or agency code, in either form.

        Of a unit that is not known, the nearest agency above it: «tỉnh Đắk Lắk» for
        ``H15.50.05.13``. ``None`` when not even the first level is known.
        """
        found = self.find(code)
        return found.name if found else None

    def find(self, code: str) -> Agency | None:
        """The record behind :meth:`agency_of`."""
        dossier = DossierCode.parse(code)
        agency = dossier.agency if dossier else code
        known = {each.code: each for each in self.all}
        levels = (reversed_form(agency) or agency).split(".")
        while levels:
            if found := known.get(".".join(levels)):
                return found
            levels.pop()
        return None


def seed_agencies() -> Agencies:
    """The reviewed seed."""
    return Agencies.model_validate(read_yaml(SEED))
