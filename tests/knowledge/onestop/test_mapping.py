"""Mapping files that come with the program, and mistakes in others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.onestop.mapping import MAPPINGS, SqlMapping, read_mapping, shipped


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_sound_and_never_names_what_must_stay(path: Path) -> None:
    read_mapping(path)
    said = yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")), allow_unicode=True)
    for private in ("DiaChi", "address", "NoiDung\n", "actionNote", "Email", "email"):
        assert private not in said


def write(tmp_path: Path, raw: Any) -> Path:
    file = tmp_path / "x.yaml"
    file.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return file


def test_a_file_extends_a_shipped_mapping(tmp_path: Path) -> None:
    own = {
        "extends": "provincial",
        "table": "v_ho_so",
        "fields": {"pin": "MaTraCuu", "handler": None},
        "papers": None,
        "reading": {"own_statuses": {11: "accepted", 12: 4}},
    }
    found = read_mapping(write(tmp_path, own))
    assert isinstance(found, SqlMapping)
    assert (found.table, found.fields.pin, found.fields.handler) == ("v_ho_so", ("MaTraCuu",), ())
    assert found.fields.code == "MaHoSo"
    assert (found.papers, found.timeline is not None) == (None, True)
    assert found.reading.table().stage(11) == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fields": {"codee": "x"}}, "codee"),
        ({"fields": {"code": "Ma; DROP TABLE x"}}, "pattern"),
        ({"fields": {"phone": "a)--"}}, "pattern"),
        ({"table": 'HoSos"; --'}, "table"),
        ({"kind": "soap"}, "soap"),
        ({"reading": {"statuses": "none"}}, "no such status table"),
        ({"reading": {"timezone": "Asia/Nowhere"}}, "no such time zone"),
        ({"reading": {"own_statuses": {"x": 11}}}, "own_statuses"),
        ({"changes": {"overlap": -1}}, "overlap"),
        ({"changes": {"kei": "x"}}, "kei"),
        ({"extends": "nothing"}, "provincial"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_mapping(write(tmp_path, {"extends": "provincial"} | change))


def test_rubbish_is_no_mapping(tmp_path: Path) -> None:
    for raw in (None, [], "x", {}):
        with pytest.raises(ValueError, match="validation error"):
            read_mapping(write(tmp_path, raw))
    with pytest.raises(ValueError, match="there are"):
        shipped("../../offices")
