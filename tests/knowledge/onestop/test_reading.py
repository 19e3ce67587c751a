"""Values of any type become facts or are missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.onestop.mapping import EventFields, FeeFields, Fields, PaperFields, Reading
from knowledge.onestop.model import Stage
from knowledge.onestop.reading import LONG, SHORT, Reader, asked, money, tail, text

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
NAIVE = NOON.replace(hour=12, tzinfo=None)
READER = Reader(Reading())
ALL = Fields.model_validate({name: name for name in Fields.model_fields})


@pytest.mark.parametrize(
    "written",
    [
        NAIVE,
        datetime(2026, 11, 25, 5, 0, tzinfo=UTC),
        datetime(2026, 11, 25, 6, 0, tzinfo=timezone(timedelta(hours=1))),
        "2026-11-25 12:00:00",
        "2026-11-25T12:00",
        "2026-11-25T05:00:00Z",
        "2026-11-25T05:00:00.000+0000",
        "20261125120000",
        "202611251200",
        20261125120000,
        "25/11/2026 12:00",
        " 25/11/2026 12:00:00 ",
    ],
)
def test_one_moment_in_every_form(written: Any) -> None:
    assert READER.moment(written) == NOON


@pytest.mark.parametrize("written", [date(2026, 11, 25), "25/11/2026", "20261125", "2026-11-25"])
def test_a_day_alone_is_midnight_in_vietnam(written: Any) -> None:
    assert READER.moment(written) == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [None, "", 0, 1, True, 12.5, "31/02/2026", "0000-00-00 00:00:00", NAIVE.replace(year=1),
     NAIVE.replace(year=9999), "1900-01-01", "hôm qua", "2026", "2026112", "9" * 14,
     "25/11/2026 12:00" * 50, b"20261125", [], {}, float("nan"), 10**40],
)  # fmt: skip
def test_what_is_no_moment_is_missing(written: Any) -> None:
    assert READER.moment(written) is None


def test_the_mapping_says_form_and_zone() -> None:
    reader = Reader(Reading(dates=("%m-%d-%Y %H.%M",), timezone="UTC"))
    assert reader.moment("11-25-2026 05.00") == NOON
    assert reader.moment("2026-11-25 05:00") == NOON


@pytest.mark.parametrize(
    ("written", "digits"),
    [("000000001234", "1234"), ("0912 345 678", "5678"), ("C 123.4567", "4567"), (91234, "1234"),
     (1234.0, "1234"), ("1234", "1234"), ("１２３４", "1234"), (" 12-34 ", "1234"),
     ("123", None), ("", None), (None, None), (True, None), ("12AB", None), (12.5, None),
     ("không có", None), (b"1234", None), ([1234], None)],
)  # fmt: skip
def test_last_digits(written: Any, digits: str | None) -> None:
    assert tail(written) == digits


@pytest.mark.parametrize(
    ("written", "amount"),
    [(120000, 120_000), ("120.000 đồng", 120_000), ("120,000đ", 120_000), (Decimal("5.00"), 5),
     ("120000.00", 120_000), ("8.000", 8000), (8000.0, 8000), ("0", 0), ("", None), (None, None),
     (-5, None), (1.5, None), ("-5", None), ("miễn phí", None), (True, None), (float("nan"), None),
     (float("inf"), None), ("9" * 50, None), (10**30, None), (Decimal("NaN"), None)],
)  # fmt: skip
def test_money(written: Any, amount: int | None) -> None:
    assert money(written) == amount


def test_text_is_one_short_line() -> None:
    assert text("  Tách\tthửa\r\n đất\x00 ") == "Tách thửa đất"
    assert text("Tách thửa".encode()) is None
    assert text("a\u202eb") == "a b"
    long = text("x" * 100_000)
    assert long is not None
    assert (len(long), long[-1]) == (SHORT, "…")
    assert text(Decimal("12")) == "12"
    assert text(5.0) == "5"


def test_codes_that_may_be_asked() -> None:
    assert asked(" H32.215-261118-0042 ") == "H32.215-261118-0042"
    assert asked("03706/2026/07906") is not None
    assert asked("000.00.18.H43-240115-0005") is not None
    for wrong in ("", "a b", "x'", "H" * 65, "mã", "--", "-abc", "%%%%"):
        assert asked(wrong) is None


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.decimals(),
    st.datetimes(), st.dates(), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@given(st.fixed_dictionaries(dict.fromkeys(Fields.model_fields, ANYTHING)))
def test_any_row_is_read_or_refused_never_a_crash(row: dict[str, Any]) -> None:
    found = READER.dossier(row.get, ALL, source="x", as_of=NOW)
    if found is None:
        return
    assert found.code == found.code.strip()
    assert all(len(each) == 4 for each in (found.identity_tail, found.phone_tail) if each)
    moments = (found.received_at, found.due_at, found.finished_at, found.updated_at)
    assert all(each.tzinfo is UTC for each in moments if each)
    assert len(found.raw_status) <= SHORT
    assert len(found.refusal or "") <= LONG


def test_a_row_without_a_code_is_no_dossier() -> None:
    assert READER.dossier({}.get, ALL, source="x", as_of=NOW) is None


def test_the_first_name_that_holds_something_counts() -> None:
    fields = Fields.model_validate(
        {"code": "a", "due_at": ["extended", "due"], "phone": ["p", "q"]}
    )
    row = {
        "a": "H32-1",
        "extended": None,
        "due": "20261125120000",
        "p": "00001111",
        "q": "00002222",
    }
    found = READER.dossier(row.get, fields, source="x", as_of=NOW)
    assert found is not None
    assert found.due_at == NOON
    assert (found.phone_tail, found.other_tails) == ("1111", ("2222",))


def test_papers_of_the_row_are_open_only_while_they_are_asked_for() -> None:
    fields = Fields.model_validate({"code": "a", "status": "s", "papers_what": "p"})
    for status, open_now in ((5, 1), (17, 1), (4, 0), (9, 0)):
        row = {"a": "H32-1", "s": status, "p": "Bản vẽ"}
        found = READER.dossier(row.get, fields, source="x", as_of=NOW)
        assert found is not None
        assert len(found.papers) == open_now


def test_a_request_told_by_row_and_list_is_told_once() -> None:
    fields = Fields.model_validate({"code": "a", "status": "s", "papers_what": "p"})
    row = {"a": "H32-1", "s": 5, "p": "Bản vẽ"}
    found = READER.dossier(row.get, fields, source="x", as_of=NOW)
    assert found is not None
    papers = READER.papers(
        [{"w": "bản vẽ", "t": "20261125120000"}.get], PaperFields(what=("w",), asked_at=("t",))
    )
    whole = READER.completed(found, papers=papers)
    assert [each.what for each in whole.papers] == ["bản vẽ"]
    assert whole.paused_since == NOON


def test_history_is_oldest_first_and_empty_rows_are_left_out() -> None:
    rows = [{"t": "20261125120000", "s": 4}, {"t": "20261124120000", "s": "lạ"}, {}, {"s": 2}]
    events = READER.events([row.get for row in rows], EventFields(at=("t",), status=("s",)))
    assert [each.stage for each in events] == [Stage.ACCEPTED, None, Stage.PROCESSING]
    assert events[1].raw == "lạ"


def test_fees_that_are_paid_are_not_due() -> None:
    fields = FeeFields(name=("n",), amount=("a",), paid=("p",))
    rows = [{"n": "Lệ phí", "a": 5, "p": paid} for paid in (None, 0, "0", False, 1, "x", True)]
    assert len(READER.fees([row.get for row in rows], fields)) == 4
