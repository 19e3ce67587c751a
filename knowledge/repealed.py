"""Instruments that are no longer in force, and where a text still leans on them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from knowledge.model import Record, Text
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEED = Path(__file__).parent / "data" / "repealed.yaml"

_NUMBER = re.compile(r"\d{1,4}/\d{4}/[A-ZĐ]+[A-ZĐ0-9-]*")
_SPOKEN = {"NĐ-CP": ("nghị định", "nđ"), "TT-VPCP": ("thông tư", "tt")}


class Repealed(Record):
    """An instrument, what took its place, since when, and what says so."""

    number: Text
    by: Text | None = None
    since: date | None = None
    source: Text

    def named_in(self, text: str) -> bool:
        """True when a text names it, by its number or as «Nghị định 61/2018»."""
        lowered = text.lower()
        if self.number in _NUMBER.findall(text.upper()):
            return True
        short, _, kind = self.number.rpartition("/")
        return any(
            re.search(rf"\b{word}\s+(?:số\s+)?{re.escape(short)}(?![\d/])", lowered)
            for word in _SPOKEN.get(kind, ())
        )


def seed_repealed() -> tuple[Repealed, ...]:
    """The reviewed list."""
    found = read_yaml(SEED)
    return TypeAdapter(tuple[Repealed, ...]).validate_python(found)


def leaning_on(
    texts: Iterable[str], repealed: Iterable[Repealed], *, today: date
) -> Iterator[Repealed]:
    """Instruments without force today that some texts name."""
    known = list(texts)
    for each in repealed:
        if (each.since is None or each.since <= today) and any(map(each.named_in, known)):
            yield each
