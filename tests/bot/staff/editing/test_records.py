"""A record into its form and back: nothing changes that nobody changed; what is wrong is said."""

from __future__ import annotations

import json

import pytest

from bot.app import seed_procedures
from bot.staff.editing import layout
from bot.staff.editing.fields import act, from_fields, to_fields
from bot.staff.editing.layout import NODES
from bot.staff.editing.records import body_of, cleaned, read, to_tree, unfinished
from knowledge.model import Procedure

RECORDS = {each.code: each for each in seed_procedures()}


@pytest.mark.parametrize("code", RECORDS)
def test_an_untouched_form_is_the_same_record(code: str) -> None:
    record = RECORDS[code]
    body = body_of(record)
    fields = to_fields(to_tree(body), NODES)
    tree = cleaned(from_fields(tuple(fields), NODES))
    found = read(tree, code=code)
    assert found.problems == {}
    assert found.record == record.model_copy(update={"revision": 1})
    # What is kept of it merges with what is stored: nothing looks changed that is not.
    own = {"code", "revision"}
    stored = {name: value for name, value in body.items() if name not in own}
    assert unfinished(tree) == stored
    assert {name: value for name, value in found.body.items() if name not in own} == stored


def test_half_a_record_is_kept_as_typed() -> None:
    tree = to_tree({})
    tree["name"] = "Nửa chừng"
    tree["source"]["checked_on"] = "hôm qua"
    tree = act(tree, NODES, "add:filings").tree
    tree = act(tree, NODES, "add:filings.0.fees").tree
    tree = act(tree, NODES, "add:steps").tree
    tree["filings"][0]["fees"][0]["amount"] = "tám nghìn"
    tree["related"] = "abc\ndef"
    body = unfinished(tree)
    assert json.loads(json.dumps(body)) == body
    assert to_tree(body) == tree


def test_every_field_of_the_model_is_in_the_form() -> None:
    names = {node.name for node in NODES} | {"code", "revision"}
    assert names == set(Procedure.model_fields)
    assert layout.CODE.name == "code"
