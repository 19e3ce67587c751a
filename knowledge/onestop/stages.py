"""Which national stage a local status means; the tables are data."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from knowledge.model import Record, Text
from knowledge.onestop.model import Stage
from knowledge.yaml_reading import read_yaml

DATA = Path(__file__).parents[1] / "data" / "onestop"
SEED = DATA / "statuses.yaml"


def _stage(written: Any) -> Any:
    if isinstance(written, str) and written.upper() in Stage.__members__:
        return Stage[written.upper()]
    return written


StageWritten = Annotated[Stage, BeforeValidator(_stage)]
"""In YAML: the national code or the name of the stage, «5» or «supplement»."""
Local = Annotated[str, BeforeValidator(lambda key: str(key) if type(key) is int else key)]
OwnTable = dict[Local, StageWritten]


class StatusTable(Record):
    """Local statuses, compared without regard to capitals and spaces, and their stages."""

    stages: OwnTable

    @cached_property
    def _known(self) -> dict[str, Stage]:
        return {_spelled(local): stage for local, stage in self.stages.items()}

    def stage(self, *statuses: Any) -> Stage | None:
        """The stage of the first status that the table knows; ``status/sub-status`` counts first.

        Values come as a database gives them: numbers, numbers as text, names, ``None``.
        """
        spelled = [_spelled(each) for each in statuses]
        for status in ("/".join(spelled), *spelled):
            if status in self._known:
                return self._known[status]
        return None


class Statuses(Record):
    """The national names, and tables of local systems by name."""

    national: dict[StageWritten, Text] = Field(min_length=len(Stage))
    tables: dict[str, OwnTable]

    def table(self, name: str, own: OwnTable | None = None) -> StatusTable:
        """A table, the national codes and names where it says nothing else, ``own`` above both.

        Raises ``KeyError`` for a name that is not in the file. A table of letters (OpenCPS) keeps
        national codes and names too: they cannot be mistaken for its words.
        """
        stages = {str(int(stage)): stage for stage in self.national}
        stages |= {said: stage for stage, said in self.national.items()}
        stages |= self.tables[name] | (own or {})
        return StatusTable(stages=stages)


def _spelled(status: Any) -> str:
    if isinstance(status, bool) or status is None:
        return ""
    if not isinstance(status, str):
        try:
            status = str(int(status)) if int(status) == status else str(status)
        except (TypeError, ValueError, OverflowError):
            return ""
    return " ".join(unicodedata.normalize("NFC", status[:200]).casefold().split())


def seed_statuses() -> Statuses:
    """The reviewed seed."""
    raw = read_yaml(SEED)
    return Statuses.model_validate(raw)
