"""A record into its form and back: nothing changes that nobody changed; what is wrong is said."""

from __future__ import annotations

import pytest

from bot.app import seed_procedures
from bot.staff.editing import layout
from bot.staff.editing.fields import from_fields, to_fields
from bot.staff.editing.layout import NODES
from bot.staff.editing.records import cleaned, read, to_tree
from knowledge.model import Procedure

RECORDS = {each.code: each for each in seed_procedures()}


@pytest.mark.parametrize("code", RECORDS)
def test_an_untouched_form_is_the_same_record(code: str) -> None:
    record = RECORDS[code]
    fields = to_fields(to_tree(record), NODES)
    found = read(cleaned(from_fields(tuple(fields), NODES)), code=code)
    assert found.problems == {}
    assert found.record == record.model_copy(update={"revision": 1})


def test_every_field_of_the_model_is_in_the_form() -> None:
    names = {node.name for node in NODES} | {"code", "revision"}
    assert names == set(Procedure.model_fields)
    assert layout.CODE.name == "code"
