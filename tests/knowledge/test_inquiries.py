"""The log gives what a filter wants, each row once in either direction, words by any hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge import inquiry_words
from knowledge.inquiries import Place, Wanted
from knowledge.inquiry_words import folded, words_of
from knowledge.store import InquiryRecord, Store
from knowledge.tables import InquiryRow
from tests.staffing import inquiry

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ALL = Wanted(since=NOW - timedelta(days=30), until=NOW + timedelta(days=1))
TEXTS = ("Làm giấy khai sinh", "lam giay khai sinh", "đăng ký KHAI TỬ", "hẹn [số] ở 中文 %_\"'")


def log(store: Store, *lines: InquiryRecord) -> None:
    with store.work() as work:
        work.log(lines)


def found(store: Store, wanted: Wanted) -> list[str]:
    with store.work() as work:
        return [row.text for row in work.inquiry_log.page(wanted, limit=50).rows]


@pytest.fixture
def filled(store: Store) -> Store:
    """Rows of one moment, told apart only by their numbers."""
    log(store, *(inquiry(text, at=NOW) for text in TEXTS))
    return store


@pytest.mark.parametrize("sparse", [0, 10_000])
@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("khai sinh", (0, 1)),
        ("GIẤY khai", (0, 1)),
        ("khai tu", (2,)),
        ("tử", (2,)),
        ("khai", (0, 1, 2)),
        ("kha", ()),
        ("số", (3,)),
        ("中文", (3,)),
        ('khai" OR "sinh', ()),
        ("sinh) NEAR", ()),
    ],
)
def test_words_are_found_with_and_without_diacritics(
    filled: Store,
    query: str,
    places: tuple[int, ...],
    sparse: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inquiry_words, "SPARSE", sparse)
    wanted = replace(ALL, words=tuple(words_of(query)))
    assert found(filled, wanted) == [TEXTS[place] for place in reversed(places)]


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"channel": "telegram"}, {"channel": "telegram"}),
        ({"status": "handed_over"}, {"statuses": ("handed_over", "error_internal")}),
        ({"aspect": "fee"}, {"aspect": "fee"}),
        ({"procedure": "1.004222"}, {"procedure": "1.004222"}),
        ({"score": 0.5}, {"most": 0.5}),
        ({"score": 1.5}, {"least": 1.5}),
        ({"at": NOW - timedelta(days=9)}, {"until": NOW - timedelta(days=8)}),
        ({"at": NOW + timedelta(hours=1)}, {"since": NOW + timedelta(hours=1)}),
    ],
)
def test_each_filter_finds_its_row(
    filled: Store, changed: dict[str, object], wanted: dict[str, object]
) -> None:
    log(filled, replace(inquiry("này", at=NOW), **changed))  # type: ignore[arg-type]
    assert found(filled, replace(ALL, **wanted)) == ["này"]  # type: ignore[arg-type]


def test_pages_in_both_directions_show_every_row_once(store: Store) -> None:
    log(store, *(inquiry(str(n), at=NOW + timedelta(seconds=n // 3)) for n in range(23)))
    expected = [str(n) for n in reversed(range(23))]
    with store.work() as work:
        read = work.inquiry_log
        page, seen, pages = read.page(ALL, limit=5), [], []
        assert page.newer is None
        while True:
            pages.append([row.text for row in page.rows])
            seen += pages[-1]
            if page.older is None:
                break
            page = read.page(ALL, limit=5, before=page.older)
        assert seen == expected
        back = []
        while page.newer is not None:
            page = read.page(ALL, limit=5, after=page.newer)
            back.append([row.text for row in page.rows])
    assert back == pages[-2::-1]


def test_a_few_newer_rows_lead_to_the_first_page(store: Store) -> None:
    log(store, *(inquiry(str(n), at=NOW + timedelta(seconds=n)) for n in range(8)))
    with store.work() as work:
        page = work.inquiry_log.page(ALL, limit=5, after=Place(NOW + timedelta(seconds=5), 6))
        assert [row.text for row in page.rows] == ["7", "6", "5", "4", "3"]
        assert page.newer is None
        assert page.older is not None


@pytest.mark.parametrize("text", ["", "1", "x-y", "9" * 30 + "-1", "1-" + "9" * 30, "1-²", "-1-1"])
def test_a_place_of_nonsense_is_none(text: str) -> None:
    assert Place.read(text) is None


def test_a_place_comes_back() -> None:
    place = Place(NOW + timedelta(microseconds=7), 12)
    assert Place.read(str(place)) == place


def test_a_conversation_is_one_contacts_in_order(store: Store) -> None:
    log(store, *(inquiry(str(n), at=NOW, contact="ab"[n % 2]) for n in range(12)))
    log(store, inquiry("kênh khác", at=NOW, contact="a", channel="telegram"))
    with store.work() as work:
        middle = next(row for row in work.inquiries() if row.text == "6")
        spell = work.inquiry_log.around(middle, limit=2)
        assert [row.text for row in spell.rows] == ["2", "4", "6", "8", "10"]
        assert (spell.earlier, spell.later) == (1, None)


def test_erased_words_are_found_no_more(filled: Store) -> None:
    with filled.work() as work:
        work.contacts.erase("zalo_oa", "abc")
    assert found(filled, replace(ALL, words=("khai",))) == []
    assert len(found(filled, replace(ALL, words=("xoa",)))) == len(TEXTS)
    with filled.work() as work:
        erased = work.inquiries()
        assert {row.folded for row in erased} == {folded(erased[0].text)}
        assert len(work.inquiry_log.around(erased[0]).rows) == 1


def test_rows_that_go_leave_no_words(filled: Store) -> None:
    from sqlalchemy import delete, text

    with filled.work() as work:
        work._session.execute(delete(InquiryRow))
    assert found(filled, replace(ALL, words=("khai",))) == []
    if filled.one_writer:
        with filled.work() as work:
            # FTS5 compares its index with the table and fails when they differ.
            check = "INSERT INTO inquiry_words (inquiry_words, rank) VALUES ('integrity-check', 1)"
            work._session.execute(text(check))


def test_kept_filters_are_their_accounts_own(store: Store) -> None:
    from tests.staffing import Staffed, services

    site = Staffed(store, services())
    lan, an = site.hire("lan").id, site.hire("an").id
    with store.work() as work:
        kept = work.saved_filters
        kept.save(lan, "inquiries", "Tuần này", "q=a", at=NOW)
        kept.save(lan, "inquiries", "Tuần này", "q=b", at=NOW)
        [mine] = kept.of(lan, "inquiries")
        assert (mine.name, mine.query) == ("Tuần này", "q=b")
        assert kept.of(an, "inquiries") == []
        kept.remove(an, mine.id)
        assert kept.of(lan, "inquiries") == [mine]
        kept.remove(lan, mine.id)
        assert kept.of(lan, "inquiries") == []
