"""Links made here are read again; everything else is refused or none of ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.links import (
    LONGEST,
    DossierLink,
    ForgedLink,
    ProcedureLink,
    decode,
    decode_url,
    dossier_payload,
    procedure_payload,
    telegram_url,
    zalo_url,
)

KEYS = [b"k" * 32]
CODE = "H32.215-261118-0042"


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        "H15.50.05.13-261008-0975",
        "000.00.18.H43-240115-0005",
        "G09.20-20260609-0092637",
        "H15.150.105.113-20261008-0092637",
    ],
)
def test_a_dossier_link_is_read_again(code: str) -> None:
    payload = dossier_payload(code, KEYS)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}", payload)
    assert decode(payload, KEYS) == DossierLink(code)
    assert decode_url(telegram_url("phanrang_bot", payload), KEYS) == DossierLink(code)
    assert decode_url(zalo_url("2368732341234567890", payload), KEYS) == DossierLink(code)


@pytest.mark.parametrize("code", ["1.001193", "2.000815", "1.013978.H41"])
def test_a_procedure_link_is_read_again(code: str) -> None:
    assert decode(procedure_payload(code), []) == ProcedureLink(code)


def test_a_new_key_signs_and_the_old_receipts_stay_good() -> None:
    old = dossier_payload(CODE, KEYS)
    both = [b"n" * 32, *KEYS]
    assert decode(old, both) == DossierLink(CODE)
    new = dossier_payload(CODE, both)
    assert new != old
    assert decode(new, KEYS) == ForgedLink()


@pytest.mark.parametrize("at", range(3, len(dossier_payload(CODE, KEYS))))
def test_any_changed_sign_is_a_forgery(at: int) -> None:
    good = dossier_payload(CODE, KEYS)
    other = "1" if good[at] == "0" else "0"
    assert decode(f"{good[:at]}{other}{good[at + 1 :]}", KEYS) == ForgedLink()


@pytest.mark.parametrize(
    "payload",
    [
        "hs_",
        "hs_H32_215-261118-0042",
        "hs_" + "A" * 200,
        "hs_H32.215-261118-0042_AAAAAAAAAAAAAAAA",
        "hs_' OR 1=1 --",
        "hs_H32_215-261118-0042_ééééééééééééééé",
        "tt_",
        "tt_9_999999",
        "tt_1_001193_02",
        "tt_1.001193",
    ],
)
def test_what_only_looks_like_a_link_is_refused(payload: str) -> None:
    assert decode(payload, KEYS) == ForgedLink()


@pytest.mark.parametrize("payload", ["", "abc", "HS_x", "/start", CODE])
def test_other_payloads_are_none_of_ours(payload: str) -> None:
    assert decode(payload, KEYS) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://[",
        "https://t.me/x",
        "https://dichvucong.gov.vn/?text=xin chào",
        "https://x/?" + "a=1&" * 500,
        "https://x/?start=" + "a" * 5_000,
    ],
)
def test_other_addresses_are_none_of_ours(url: str) -> None:
    assert decode_url(url, KEYS) is None


@pytest.mark.parametrize("code", ["", "h32.215-261118-0042", "H32.215-261118", "1.001193"])
def test_only_canonical_codes_are_signed(code: str) -> None:
    with pytest.raises(ValueError, match="dossier code"):
        dossier_payload(code, KEYS)


def test_only_procedure_codes_get_a_link() -> None:
    with pytest.raises(ValueError, match="procedure code"):
        procedure_payload("1.001193.02")


@given(st.text(max_size=80))
def test_no_text_becomes_a_dossier(text: str) -> None:
    for payload in (text, f"hs_{text}", f"tt_{text}"):
        assert not isinstance(decode(payload, KEYS), DossierLink)
