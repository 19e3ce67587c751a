"""Which system holds a dossier, by its code and by its procedure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from knowledge.model import Code, Record, Text
from knowledge.onestop.model import Elsewhere
from knowledge.onestop.stages import DATA
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

SEED = DATA / "systems.yaml"

_OLD_FORM = re.compile(r"(\d{3})\.(\d{2})\.(\d{2,3})\.([A-Z]\d{2})(?=-|$)")


def agency_of(code: str) -> str:
    """The agency's part of a dossier code, from the province or ministry down.

    ``000.00.18.H43-240115-0005`` is written the old way round and becomes ``H43.18``
    (QĐ 20/2020/QĐ-TTg reversed QCVN 102:2016).
    """
    head = code.strip().upper().split("-", 1)[0]
    old = _OLD_FORM.fullmatch(head)
    if old is None:
        return head
    lower = [part for part in reversed(old.groups()[:3]) if part.strip("0")]
    return ".".join([old.group(4), *lower])


def longest_prefix(code: str, prefixes: Iterable[str]) -> int:
    """Length of the longest prefix of the code's agency, 0 for none.

    A prefix ends where a part of the code ends («H32.2» is no prefix of «H32.215»); a single letter
    is the exception and means every ministry or every province.
    """
    agency = agency_of(code)
    return max(
        (
            len(prefix)
            for prefix in prefixes
            if agency == prefix
            or agency.startswith(prefix + ".")
            or (len(prefix) == 1 and agency.startswith(prefix))
        ),
        default=0,
    )


class System(Record):
    """One system and what it holds."""

    name: Text
    url: Text = Field(pattern=r"^https://\S+$")
    prefixes: tuple[Text, ...] = ()
    fields: tuple[Text, ...] = ()
    procedures: tuple[Code, ...] = ()
    confirmed: bool = True

    def elsewhere(self) -> Elsewhere:
        """As an answer."""
        return Elsewhere(name=self.name, url=self.url, confirmed=self.confirmed)


class Systems(Record):
    """Every system known by name."""

    systems: tuple[System, ...]

    def of_code(self, code: str) -> Elsewhere | None:
        """The system whose prefix fits the code best; ``None`` for codes of no known kind."""
        best = max(self.systems, key=lambda each: longest_prefix(code, each.prefixes))
        return best.elsewhere() if longest_prefix(code, best.prefixes) else None

    def of_procedure(self, code: str | None, field: str | None) -> Elsewhere | None:
        """Where dossiers of a procedure run; the procedure itself counts before its field."""
        for system in self.systems:
            if code is not None and code in system.procedures:
                return system.elsewhere()
        wanted = (field or "").casefold()
        for system in self.systems:
            if wanted in {each.casefold() for each in system.fields}:
                return system.elsewhere()
        return None


def seed_systems(path: Path = SEED) -> Systems:
    """The reviewed seed."""
    return Systems.model_validate(read_yaml(path))
