"""Local statuses mean a national stage or nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from knowledge.onestop.model import Stage
from knowledge.onestop.stages import seed_statuses


def test_the_seed_names_all_ten() -> None:
    assert set(seed_statuses().national) == set(Stage)
    assert len(Stage) == 10


@pytest.mark.parametrize("written", [4, "4", 4.0, Decimal(4), " 4 ", "Đang xử lý", "ĐANG  XỬ LÝ"])
def test_codes_and_names_in_every_form(written: Any) -> None:
    assert seed_statuses().table("national").stage(written) is Stage.PROCESSING


@pytest.mark.parametrize(
    "written",
    [0, 11, -4, 4.5, "44", "Đang", "Đang xử lý?", "", None, True, b"4", [4], float("nan"),
     float("inf"), "x" * 100_000, "Nhận trực tiếp"],
)  # fmt: skip
def test_what_is_in_no_table_is_never_guessed(written: Any) -> None:
    for name in seed_statuses().tables:
        assert seed_statuses().table(name).stage(written) is None


def test_opencps_words() -> None:
    table = seed_statuses().table("opencps")
    assert table.stage("waiting", "waiting_3") is Stage.SUPPLEMENT
    assert table.stage("done", None) is Stage.RETURNED
    for word in ("correcting", "pausing", "collecting", "handover", "error"):
        assert table.stage(word) is None


def test_own_statuses_count_before_the_table_and_sub_statuses_before_statuses() -> None:
    own = {"processing": Stage.STOPPED, "processing/tax": Stage.PAYMENT, "19": Stage.FINISHED}
    table = seed_statuses().table("opencps", own)
    assert table.stage("processing", "other") is Stage.STOPPED
    assert table.stage("Processing", "TAX") is Stage.PAYMENT
    assert table.stage(19) is Stage.FINISHED


def test_stages_that_stop_the_clock_or_end() -> None:
    assert {each for each in Stage if each.waits_for_citizen} == {Stage.SUPPLEMENT, Stage.PAYMENT}
    running = {Stage.REGISTERED, Stage.ACCEPTED, Stage.PROCESSING, Stage.SUPPLEMENT, Stage.PAYMENT}
    assert {each for each in Stage if not each.ended} == running
