"""A database follows the seed of a new program version, and keeps what people wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot import app
from knowledge.model import Procedure


def _changed(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    seed = [
        each.model_copy(update=changes) if each.code == "1.000894" else each
        for each in app.seed_procedures()
    ]
    monkeypatch.setattr(app, "seed_procedures", lambda: seed)
    monkeypatch.setattr(app, "_seed_digest", lambda: repr(changes))


def _marriage(url: str) -> Procedure:
    store = app.open_store(url)
    with store.work() as work:
        found = work.get("1.000894")
    store.close()
    assert found is not None
    return found


def test_an_untouched_record_follows_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    assert _marriage(url).revision == 1
    assert _marriage(url).revision == 1
    _changed(monkeypatch, result="Giấy mới")
    assert (_marriage(url).result, _marriage(url).revision) == ("Giấy mới", 2)


def test_an_edited_record_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store = app.open_store(url)
    with store.work() as work:
        work.teach("1.000894", "làm giấy bốp chát", author="cán bộ", at=app.now())
    store.close()
    _changed(monkeypatch, result="Giấy mới")
    assert "làm giấy bốp chát" in _marriage(url).aliases
    assert _marriage(url).result != "Giấy mới"


def test_the_glossary_is_in_the_database_and_an_edit_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store = app.open_store(url)
    with store.work() as work:
        found = work.document("vocabulary")
        assert found is not None
        body, author = found
        assert author == app.SEED_AUTHOR
        body = {**body, "words": [{"form": "bốp chát", "means": ["kết hôn"], "same": True}]}
        work.put_document("vocabulary", body, author="cán bộ", at=app.now())
    store.close()
    _changed(monkeypatch)
    store = app.open_store(url)
    with store.work() as work:
        services = app.stored_services(work)
    store.close()
    assert services.index.match("đăng ký bốp chát")[0].code == "1.000894"


def test_the_office_works_by_the_table_in_the_database(tmp_path: Path) -> None:
    store = app.open_store(f"sqlite:///{tmp_path / 'office.db'}")
    row = {"day": "2026-11-27", "kind": "off", "notice": "12/TB-UBND"}
    with store.work() as work:
        assert app.stored_services(work).office.working_day(date(2026, 1, 10))
        work.put_document("workdays", {"overrides": [row]}, author="cán bộ", at=app.now())
        office = app.stored_services(work).office
    store.close()
    assert not office.working_day(date(2026, 11, 27))
    assert not office.working_day(date(2026, 1, 10))


def test_the_office_is_in_the_database_and_an_edit_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    store = app.open_store(url)
    with store.work() as work:
        found = work.documents.current("office")
        assert found is not None
        assert (found.author, found.number) == (app.SEED_AUTHOR, 1)
        body = {**found.body, "phone": "0259 111 1111"}
        work.documents.put("office", body, author="cán bộ", at=app.now(), expects=1)
    store.close()
    _changed(monkeypatch)
    store = app.open_store(url)
    with store.work() as work:
        assert app.stored_services(work).office.phone == "0259 111 1111"
        assert work.documents.count("office") == 2
    store.close()
