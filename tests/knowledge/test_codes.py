"""Codes as people paste them, and numbers that are none."""

from __future__ import annotations

import sys
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.codes import MAX_CHARACTERS, CodeKind, find_codes
from knowledge.dossier_codes import MOST_CANDIDATES, DossierCode

TODAY = date(2026, 11, 25)
CODE = "H32.215-261118-0042"


def _one(text: str) -> tuple[CodeKind, str]:
    (found,) = find_codes(text, TODAY)
    return found.kind, found.code


@pytest.mark.parametrize(
    "code",
    [
        "H15.50.05.13-261008-0975",
        "H56.14-240823-0001",
        "000.17.22.H56-210531-0001",
        "000.00.06.H56-231027-0361",
        "G22.99-251225-020175",
        "G09.20-20260609-0092637",
        "000.00.18.H43-240115-0005",
        "H43.18.14-240115-0005",
        "H32-261118-0042",
        CODE,
    ],
)
def test_real_forms_are_canonical_already(code: str) -> None:
    (found,) = find_codes(code, TODAY)
    assert (found.kind, found.code) == (CodeKind.DOSSIER, code)
    assert found.candidates[0] == code
    assert str(DossierCode.parse(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "h32.215-261118-0042",
        "h32.215 261118 42",
        "H32 215 261118 42",
        "H32.215 - 261118 - 0042",
        "H32.215–261118—0042",
        "H32.215‑261118‐0042",
        "H32.215−261118−0042",
        "H32.215_261118_0042",
        "H32..215--261118--0042",
        "H32,215-261118-0042",
        "H32. 215-261118-0042",
        "H 32.215-261118-0042",
        "H32-215-261118-0042",
        "H32/215/261118/0042",
        "H32.215.261118.0042",
        "H32215-261118-0042",
        "H32215-2611180042",
        "H322152611180042",
        "H32.215-261118-OO42",
        "h32.215-261118-oo42",
        "H32.215-26 11 18-0042",
        "H32.215-261118-42",
        "H32.215-261118-042",
        "H32.215-2611\n18-0042",
        "H32.215-\n261118-\r\n0042",
        "H32.2\n15-261118-00\n42",
        "H3\n2.215-261118-0042",
        "Ｈ３２．２１５－２６１１１８－００４２",
        "H32·215-261118-0042",
        "H\u200b32.215\u2060-261118-00\u00ad42",
        "H32.215\u00a0261118\u30000042",
        "(H32.215-261118-0042).",
        "«H32.215-261118-0042»",
        "...H32.215-261118-0042,",
        "mã:H32.215-261118-0042?",
        "hồ sơ h32.215-261118-0042 o dau roi em",
        "Hồ sơ H32.215-261118-0042ạ",
        "1. H32.215-261118-0042 nộp ngày 18/11/2026",
        "ngày 18/11 nộp H32.215-261118-0042, phí 8.000đ",
    ],
)
def test_every_way_of_pasting_one_code(text: str) -> None:
    dossiers = [each for each in find_codes(text, TODAY) if each.kind is CodeKind.DOSSIER]
    assert [each.code for each in dossiers] == [CODE]
    assert dossiers[0].received_on == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000018H43-240115-0005", "000.00.18.H43-240115-0005"),
        ("000.00.18.h43 240115 5", "000.00.18.H43-240115-0005"),
        ("OOO.OO.18.H43-24O115-OOO5", "000.00.18.H43-240115-0005"),
        ("00.18.H43-240115-0005", "000.00.18.H43-240115-0005"),
        ("H32.8-261118-42", "H32.08-261118-0042"),
        ("G22.99 251225 20175", "G22.99-251225-020175"),
        ("g09.20 20260609 92637", "G09.20-20260609-0092637"),
        ("H15500513-261008-975", "H15.50.05.13-261008-0975"),
        ("H15.50.05.13 26 10 08 0975", "H15.50.05.13-261008-0975"),
    ],
)
def test_what_was_lost_is_put_back(text: str, code: str) -> None:
    assert _one(text) == (CodeKind.DOSSIER, code)


def test_candidates_try_lost_zeros_and_both_agency_forms() -> None:
    (found,) = find_codes("H43.18 240115 5", TODAY)
    assert {"H43.18-240115-0005", "H43.18-240115-00005", "000.00.18.H43-240115-0005"} <= set(
        found.candidates
    )
    (old,) = find_codes("000.17.22.H56-210531-0001", TODAY)
    assert old.candidates == ("000.17.22.H56-210531-0001", "H56.22.17-210531-0001")
    (short,) = find_codes("H26.1-261124-0001", TODAY)
    assert short.code == "H26.01-261124-0001"
    assert "H26.1-261124-0001" in short.candidates
    (glued,) = find_codes("H155005-261008-0975", TODAY)
    assert {"H15.50.05-261008-0975"} <= set(glued.candidates)


def test_a_full_code_is_looked_up_as_it_stands() -> None:
    (found,) = find_codes(CODE, TODAY)
    assert found.candidates == (CODE,)


def test_several_codes_in_order_with_their_places() -> None:
    text = "Em có 2 hồ sơ: 000.00.18.H43-240115-0005 và h32.215 261118 42, thủ tục 2.000815"
    found = find_codes(text, TODAY)
    assert [(each.kind, each.code) for each in found] == [
        (CodeKind.DOSSIER, "000.00.18.H43-240115-0005"),
        (CodeKind.DOSSIER, CODE),
        (CodeKind.PROCEDURE, "2.000815"),
    ]
    assert text[found[1].start : found[1].end] == "h32.215 261118 42"
    assert [_one(line) for line in (f"{CODE}\n", f"\n\n{CODE}")] == [(CodeKind.DOSSIER, CODE)] * 2
    assert len(find_codes(f"{CODE}{CODE}", TODAY)) >= 1
    assert len(find_codes(f"{CODE}\n{CODE} {CODE}", TODAY)) == 3


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("H32.215-261126-0001", CodeKind.DOSSIER_FUTURE),
        ("H32.215-961118-0042", CodeKind.DOSSIER_FUTURE),
        ("H32.215-261125-0001", CodeKind.DOSSIER),
        ("H32.215-261318-0042", CodeKind.DOSSIER_WRONG_DATE),
        ("H32.215-260230-0042", CodeKind.DOSSIER_WRONG_DATE),
        ("H32.215-050101-0042", CodeKind.DOSSIER_WRONG_DATE),
        ("G09.20-20261309-0092637", CodeKind.DOSSIER_WRONG_DATE),
        ("H32.215-261118", CodeKind.DOSSIER_INCOMPLETE),
        ("H32.215-261118-", CodeKind.DOSSIER_INCOMPLETE),
    ],
)
def test_the_date_in_a_code_is_checked(text: str, kind: CodeKind) -> None:
    (found,) = find_codes(text, TODAY)
    assert found.kind is kind
    assert (found.candidates == ()) is (kind is not CodeKind.DOSSIER)


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("2.000815", CodeKind.PROCEDURE, "2.000815"),
        ("mã thủ tục 1.001193.", CodeKind.PROCEDURE, "1.001193"),
        ("1.001193.02", CodeKind.SERVICE, "1.001193.02"),
        ("1.012753.000.00.00.H41", CodeKind.PROCEDURE, "1.012753.H41"),
        ("1.013978.h41", CodeKind.PROCEDURE, "1.013978.H41"),
        ("1.012385.H13-1", CodeKind.PROCEDURE, "1.012385.H13"),
        ("000.00.00.G15-KQ004469", CodeKind.RESULT, "000.00.00.G15-KQ004469"),
        ("000.00.00.G02-KQ0436", CodeKind.RESULT, "000.00.00.G02-KQ0436"),
        ("H52-KQ000072", CodeKind.RESULT, "H52-KQ000072"),
        ("KQ.G10.000921", CodeKind.RESULT, "KQ.G10.000921"),
        ("03706/2026/07906", CodeKind.SOCIAL_INSURANCE, "03706/2026/07906"),
        ("056090001234", CodeKind.IDENTITY, ""),
        ("cccd 056 090 001 234 nhé", CodeKind.IDENTITY, ""),
        ("０５６０９０００１２３４", CodeKind.IDENTITY, ""),
        ("cccd056090001234", CodeKind.IDENTITY, ""),
        ("cmnd 264123456", CodeKind.IDENTITY, ""),
        ("0905123456", CodeKind.PHONE, ""),
        ("+84 905 123 456", CodeKind.PHONE, ""),
        ("02593.822.456", CodeKind.PHONE, ""),
    ],
)
def test_other_numbers_are_told_apart(text: str, kind: CodeKind, code: str) -> None:
    assert _one(text) == (kind, code)


def test_a_service_and_a_province_copy_lead_to_the_procedure() -> None:
    assert find_codes("1.001193.02", TODAY)[0].candidates == ("1.001193",)
    assert find_codes("1.013978.H41", TODAY)[0].candidates == ("1.013978.H41", "1.013978")


@pytest.mark.parametrize("text", ["056090001234", "0905123456", f"{CODE} của 056090001234"])
def test_personal_numbers_are_not_carried_on(text: str) -> None:
    told = repr(find_codes(text, TODAY))
    assert "056090001234" not in told
    assert "0905123456" not in told


@pytest.mark.parametrize(
    "text",
    [
        "18/11/2026",
        "18.11.2026",
        "18-11-2026 lúc 14:30",
        "2026-11-18",
        "1.500.000 đồng",
        "1.500000đ",
        "100.000.000.000 đồng",
        "250000000 đồng",
        "79A-123.45",
        "79N1-234.56",
        "85B1 23456",
        "NĐ 61/2018/NĐ-CP",
        "Nghị định 118/2025/NĐ-CP",
        "Thông tư 01/2018/TT-VPCP",
        "TT01/2018",
        "QĐ 163/QĐ-BTP",
        "Mẫu 01",
        "mẫu CT01, CT02",
        "thửa 123 tờ 45",
        "thửa đất số 215, tờ bản đồ 26, diện tích 261.118 m2",
        "lô B12, số 26, đường 16/4",
        "tôi ở khu A 12 tổ 5",
        "Đ16.18 k2a",
        "H32",
        "H32.215",
        "KCN H32 có 261118 người",
        "phòng A101 tầng 10",
        "bằng B2 số 790123",
        "số nhà 12/34/56",
        "1900 1096",
        "96d3cdf3af150460909",
        "gọi 113 hay 114",
        "",
        "   ",
    ],
)
def test_other_writing_is_no_code(text: str) -> None:
    assert find_codes(text, TODAY) == ()


def test_code_of_nobody_in_sql_is_only_a_code() -> None:
    (found,) = find_codes(f"{CODE}' OR '1'='1'; DROP TABLE HoSos; --", TODAY)
    assert found.code == CODE


def test_a_long_text_is_read_up_to_a_limit() -> None:
    assert find_codes("a " * MAX_CHARACTERS + CODE, TODAY) == ()


NASTY = st.text(
    st.one_of(
        st.sampled_from("HhGO0123456789.,-–— \n_/|oạđ\u0301\u200b２Ｈ"),
        st.characters(),
    ),
    max_size=400,
)


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_ordered_places_and_few_candidates(text: str) -> None:
    found = find_codes(text, TODAY)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for each in found:
        assert len(each.candidates) <= MOST_CANDIDATES
        if each.kind is CodeKind.DOSSIER:
            assert all(DossierCode.parse(code) for code in each.candidates)
            assert each.code == each.candidates[0]


@given(
    st.sampled_from(["H32.215", "H15.50.05.13", "000.00.18.H43", "H32", "G09.20"]),
    st.dates(date(2010, 1, 1), TODAY),
    st.integers(1, 9999),
)
@settings(max_examples=200, deadline=None)
def test_a_code_is_found_in_any_case_and_with_any_dash(agency: str, day: date, number: int) -> None:
    code = f"{agency}-{day:%y%m%d}-{number:06d}"
    for text in (code, code.lower(), code.replace("-", " – "), f"\n{code}\n"):
        (found,) = find_codes(text, TODAY)
        assert found.code == code


_PIECES = ("H32.", "O", "1 ", "11.", "H11 1 ", "A11 111111 ", "H32 11 11 ", "0-", "1.0", "٠ ", "é")


@pytest.mark.parametrize("piece", _PIECES)
def test_the_work_grows_with_the_length_only(piece: str) -> None:
    """Counted in steps of the interpreter; every repetition in a pattern has a bound."""
    short, long = (_steps(piece * (size // len(piece))) for size in (2_500, 10_000))
    assert long < short * 6 + 1_000


def _steps(text: str) -> int:
    count = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        find_codes(text, TODAY)
    finally:
        sys.settrace(before)
    return count
