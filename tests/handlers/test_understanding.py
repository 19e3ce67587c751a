"""Ask-back rules lead to the right procedures, and nothing a person can type is too much."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.conversation import Intent
from knowledge.text import fold
from tests.knowing import services, understood

LONGEST = 10_000


@pytest.mark.parametrize("written", [str, str.upper, fold], ids=["typed", "shouted", "folded"])
@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("tách sổ", {"1.012784", "1.010038"}),
        ("sang tên", {"1.013831", "1.012785", "1.013076"}),
        ("làm lại giấy khai sinh", {"2.000635", "1.004884", "1.004859"}),
    ],
)
def test_what_means_several_things_is_asked_back(
    question: str, codes: set[str], written: Callable[[str], str]
) -> None:
    (inquiry,) = understood(written(question))
    assert (inquiry.intent, inquiry.topic) == (Intent.PROCEDURE, "ask_back")
    rule = services().understanding.ask_back(inquiry.text)
    assert rule
    assert {option.code for option in rule.options} == codes
    assert codes <= set(services().index.procedures)


def test_every_rule_leads_to_procedures_that_are_there() -> None:
    for rule in services().phrases.ask_back:
        assert len(rule.options) > 1
        for option in rule.options:
            assert option.code in services().index.procedures, rule.phrases


ANY = st.text(st.characters(codec="utf-8"), max_size=60)
KNOWN = st.sampled_from(
    ["giấy", "khai sinh", "đất", "sổ đỏ", "hồ sơ", "2.000815", "H32.215-1", "?"]
)
LONG = st.lists(ANY | KNOWN, min_size=1, max_size=6).flatmap(
    lambda parts: st.integers(1, 400).map(lambda times: (" ".join(parts) * times)[:LONGEST])
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(ANY | LONG)
def test_any_text_is_understood_as_something(text: str) -> None:
    assert understood(text)
