"""Names behind agency codes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from knowledge.agencies import Agencies, seed_agencies

AGENCIES = seed_agencies()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("H32.215", "phường Phan Rang"),
        ("H32.215-261118-0042", "phường Phan Rang"),
        ("H32.264", "xã Xuân Hải"),
        ("H32.18-261118-0042", "Sở Xây dựng"),
        ("H15.50.05.13-261008-0975", "tỉnh Đắk Lắk"),
        ("000.00.18.H43-240115-0005", "tỉnh Ninh Thuận"),
        ("000.00.18.H32", "Sở Xây dựng"),
        ("G09.20-20260609-0092637", "Bộ Nội vụ"),
        ("H99.01-261118-0042", None),
        ("not a code", None),
        ("", None),
    ],
)
def test_agency_of(code: str, name: str | None) -> None:
    assert AGENCIES.agency_of(code) == name


def test_all_communes_are_there_and_merged_provinces_say_where_to() -> None:
    assert [each.code for each in AGENCIES.communes] == [f"H32.{n}" for n in range(201, 265)]
    merged = AGENCIES.find("H43")
    assert merged is not None
    assert merged.now == "tỉnh Khánh Hòa"


def test_one_code_is_one_agency() -> None:
    one = {"code": "H32", "name": "tỉnh Khánh Hòa", "confidence": "high"}
    with pytest.raises(ValidationError, match="twice"):
        Agencies.model_validate({"provinces": [one, one]})
