"""Who may see a dossier, and that refusals cost the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.onestop import proof
from knowledge.onestop.model import Dossier, Stage
from knowledge.onestop.proof import SLOTS, proves

DOSSIER = Dossier(
    code="H32.215-261118-0042",
    source="x",
    as_of=datetime(2026, 11, 25, tzinfo=UTC),
    stage=Stage.PROCESSING,
    identity_tail="1234",
    phone_tail="5678",
    pin="Ab12Cd",
    other_tails=("9999",),
)


@pytest.mark.parametrize(
    "factor", ["1234", "5678", "9999", "ab12cd", " 12 34 ", "１２３４", "1 2 3 4\n"]
)
def test_every_piece_on_file_proves(factor: str) -> None:
    assert proves(DOSSIER, factor)


@pytest.mark.parametrize(
    "factor",
    ["", " ", "0000", "123", "12345", "1234;5678", "+", "-", "\x00", "1234" * 99, "\ud800"],
)
def test_anything_else_does_not(factor: str) -> None:
    assert not proves(DOSSIER, factor)
    assert not proves(None, factor)


def test_a_dossier_without_pieces_opens_to_nobody() -> None:
    bare = replace(DOSSIER, identity_tail=None, phone_tail=None, pin=None, other_tails=())
    assert not any(proves(bare, factor) for factor in ("", "1234", "None", "\0" * 64))


def test_pieces_too_long_or_too_many_open_nothing() -> None:
    assert not proves(replace(DOSSIER, pin="x" * 65), "x" * 65)
    assert proves(replace(DOSSIER, pin="x" * 64), "x" * 64)
    many = replace(DOSSIER, other_tails=tuple(f"{number:04d}" for number in range(20)))
    assert proves(many, "0000")


@settings(max_examples=30)
@given(st.text(max_size=80))
def test_nobody_proves_anything_without_a_dossier(factor: str) -> None:
    assert not proves(None, factor)


@pytest.mark.parametrize("dossier", [None, DOSSIER, replace(DOSSIER, pin=None, other_tails=())])
@pytest.mark.parametrize("factor", ["1234", "0000", "", "x" * 500])
def test_the_same_work_whatever_the_answer(
    monkeypatch: pytest.MonkeyPatch, dossier: Dossier | None, factor: str
) -> None:
    """Counted, not timed: digests and comparisons are what takes the time."""
    digested: list[int] = []
    compared: list[tuple[int, int]] = []
    digest, compare = proof.blake2b, proof.hmac.compare_digest

    def counting_digest(data: bytes, *, key: bytes) -> object:
        digested.append(len(data) // 128)
        return digest(data, key=key)

    def counting_compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(proof, "blake2b", counting_digest)
    monkeypatch.setattr(proof.hmac, "compare_digest", counting_compare)
    proves(dossier, factor)
    assert digested == [0] * (SLOTS + 1)
    assert compared == [(64, 64)] * SLOTS
