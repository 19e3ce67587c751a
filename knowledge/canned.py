"""Canned replies: sentences that officers write again and again, to be changed before sending."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import model_validator

from knowledge.model import Record, Text
from knowledge.yaml_reading import read_yaml

SEED = Path(__file__).parent / "data" / "canned_replies.yaml"
DOCUMENT = "canned_replies"
"""The name of the document in the database."""


class CannedReply(Record):
    """One reply, and the title it is found by."""

    title: Text
    text: Text


class CannedReplies(Record):
    """All of them, in the order they are shown."""

    replies: tuple[CannedReply, ...] = ()

    @model_validator(mode="after")
    def _each_title_once(self) -> Self:
        titles = [each.title for each in self.replies]
        if twice := {title for title in titles if titles.count(title) > 1}:
            raise ValueError(f"titles stand twice: {sorted(twice)}")
        return self


def seed_canned_replies() -> CannedReplies:
    """The reviewed seed."""
    return CannedReplies.model_validate(read_yaml(SEED))
