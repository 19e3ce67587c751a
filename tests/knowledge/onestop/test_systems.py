"""Codes and procedures lead to the system that holds the dossier."""

from __future__ import annotations

import pytest

from knowledge.onestop.systems import agency_of, longest_prefix, seed_systems


@pytest.mark.parametrize(
    ("code", "agency"),
    [
        ("H32.215-261118-0042", "H32.215"),
        ("000.00.18.H43-240115-0005", "H43.18"),
        ("000.17.22.H56-210531-0001", "H56.22.17"),
        ("000.00.00.G15-261118-000001", "G15"),
        (" h32.215-261118-0042", "H32.215"),
        ("03706/2026/07906", "03706/2026/07906"),
    ],
)
def test_the_agency_of_a_code(code: str, agency: str) -> None:
    assert agency_of(code) == agency


def test_prefixes_end_with_parts() -> None:
    assert longest_prefix("H32.215-261118-0042", ["H32", "H32.2", "H32.215", "H3"]) == 7
    assert longest_prefix("H32.215-261118-0042", ["H3", "H32.21", "G"]) == 0
    assert longest_prefix("H15-261118-0042", ["H"]) == 1


def test_every_known_ministry_has_its_system_and_others_the_national_portal() -> None:
    systems = seed_systems()
    hosts = {
        "G01": "bocongan", "G09": "moha", "G10": "mae", "G11": "mod", "G15": "moj",
        "G16": "bvhttdl", "G17": "moc", "G18": "moh", "H32": "khanhhoa", "H43": "khanhhoa",
        "G03": "dichvucong.gov.vn", "H56": "dichvucong.gov.vn",
    }  # fmt: skip
    for prefix, host in hosts.items():
        found = systems.of_code(f"{prefix}.1-261118-0042")
        assert found is not None
        assert host in found.url
    assert systems.of_code("03706/2026/07906") is None
    assert systems.of_code("X99-261118-0042") is None


def test_derived_addresses_say_so() -> None:
    systems = seed_systems()
    for code, confirmed in (("G15-1-1", True), ("H43.18-1-1", False), ("H56-1-1", False)):
        found = systems.of_code(code)
        assert found is not None
        assert found.confirmed is confirmed


def test_procedures_count_before_fields() -> None:
    systems = seed_systems()
    joined = systems.of_procedure("3.000722", "Hộ tịch")
    land = systems.of_procedure("1.012784", "đất đai")
    assert joined is not None
    assert land is not None
    assert ("lienthong" in joined.url, "khanhhoa" in land.url) == (True, True)
    assert systems.of_procedure(None, None) is None
    assert systems.of_procedure("1.999999", "Lạ") is None
