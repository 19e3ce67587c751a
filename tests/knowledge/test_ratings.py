"""A rating goes to the newest question in words; the last word counts; erasing leaves none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge.missed import Kind
from knowledge.store import InquiryRecord, Store

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
CODE = "1.000894"


def log(store: Store, *texts: str, contact: str = "a", procedure: str = CODE) -> None:
    with store.work() as work:
        work.log(
            [
                InquiryRecord(
                    at=NOW,
                    channel="web",
                    contact=contact,
                    text=text,
                    intent="procedure",
                    status="answered",
                    milliseconds=1,
                    procedure=procedure,
                )
                for text in texts
            ]
        )


def rate(store: Store, *, good: bool, contact: str = "a", code: str = CODE) -> int | None:
    with store.work() as work:
        return work.ratings.rate("web", contact, code, good=good, at=NOW)


def badly_rated(store: Store) -> dict[str, int]:
    with store.work() as work:
        found = work.missed.asked(since=SINCE)
    return {each.text: each.kinds[Kind.BADLY_RATED] for each in found}


def test_the_newest_question_in_words_is_rated(store: Store) -> None:
    log(store, "giấy độc thân", "cưới vợ cần gì", "[show:1.000894:fee]")
    log(store, "của người khác", contact="b")
    log(store, "khai sinh", procedure="1.001193")
    assert rate(store, good=False)
    assert badly_rated(store) == {"cưới vợ cần gì": 1}


def test_the_last_word_counts(store: Store) -> None:
    log(store, "cưới vợ cần gì")
    assert rate(store, good=False) == rate(store, good=True)
    assert badly_rated(store) == {}
    assert rate(store, good=False)
    assert badly_rated(store) == {"cưới vợ cần gì": 1}


def test_nothing_to_rate(store: Store) -> None:
    log(store, "[show:1.000894]")
    assert rate(store, good=False) is None
    assert rate(store, good=False, contact="nobody") is None
    assert rate(store, good=False, code="1.001193") is None
    assert badly_rated(store) == {}


def test_what_is_erased_is_no_question_any_more(store: Store) -> None:
    log(store, "cưới vợ cần gì")
    rate(store, good=False)
    with store.work() as work:
        work.contacts.erase("web", "a")
    assert badly_rated(store) == {}
    assert rate(store, good=True) is None
