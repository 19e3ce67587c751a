"""What an import would change is decided before anything is written, and only once."""

from __future__ import annotations

from datetime import UTC, date, datetime

from knowledge.difference import difference
from knowledge.importers.batch import Draft, Place
from knowledge.importing import Plan, plan_import, write_import
from knowledge.model import Procedure, Source
from knowledge.store import Store

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLACE = Place("tep", "dòng 1")
SOURCE = Source(checked_on=date(2026, 7, 15), origin="thử")


def record(**changes: object) -> Procedure:
    return Procedure.model_validate(
        {"code": "1.000001", "name": "Thả diều", "field": "Gió", "source": SOURCE, **changes}
    )


def portal(**changes: object) -> Draft:
    found = record(**changes)
    return Draft(found, PLACE, known=frozenset({"name", "field", "source", *changes}))


def listed(**changes: object) -> Draft:
    return Draft(record(**changes), PLACE, partial=True, known=frozenset(changes))


def whole(**changes: object) -> Draft:
    return Draft(record(**changes), PLACE)


def plans(store: Store, draft: Draft, *, publish: bool = False, overwrite: bool = False) -> Plan:
    with store.work() as work:
        return plan_import([draft], work.newest(), publish=publish, overwrite=overwrite)[0].plan


def bring(store: Store, draft: Draft, *, publish: bool = False, overwrite: bool = False) -> Plan:
    with store.work() as work:
        planned = plan_import([draft], work.newest(), publish=publish, overwrite=overwrite)
        write_import(planned, work, publish=publish, reason="thử", at=NOW)
    return planned[0].plan


def current(store: Store) -> Procedure:
    with store.work() as work:
        return work.newest()["1.000001"].procedure


def test_the_same_file_twice_changes_nothing(store: Store) -> None:
    for draft in (portal(result="a"), whole(result="a"), listed(office="b")):
        bring(store, draft)
        assert bring(store, draft) is Plan.UNCHANGED


def test_the_portal_renews_what_it_states_and_leaves_the_rest(store: Store) -> None:
    bring(store, portal(result="cũ", office="Ủy ban"))
    assert bring(store, portal(result="mới")) is Plan.UPDATE
    assert (current(store).result, current(store).office) == ("mới", "Ủy ban")


def test_the_portal_does_not_overwrite_what_a_person_wrote(store: Store) -> None:
    bring(store, whole(result="của cán bộ"), publish=True)
    assert bring(store, portal(result="của Cổng"), publish=True) is Plan.KEEP_EDITED
    assert current(store).result == "của cán bộ"
    assert bring(store, portal(result="của Cổng"), overwrite=True) is Plan.UPDATE


def test_nothing_overwrites_a_confirmed_record_silently(store: Store) -> None:
    confirmed = SOURCE.model_copy(update={"confirmed": True})
    bring(store, whole(source=confirmed), publish=True)
    for draft in (portal(result="khác"), whole(result="khác")):
        assert bring(store, draft, publish=True) is Plan.KEEP_CONFIRMED
    assert current(store).result is None
    assert plans(store, whole(result="khác"), overwrite=True) is Plan.UPDATE


def test_official_lists_only_fill_what_is_empty(store: Store) -> None:
    bring(store, portal(office="Ủy ban"))
    assert bring(store, listed(office="Sở", result="Giấy")) is Plan.UPDATE
    assert (current(store).office, current(store).result) == ("Ủy ban", "Giấy")
    assert bring(store, portal(office="Ủy ban")) is Plan.UNCHANGED


def test_a_list_does_not_make_a_persons_record_the_portals(store: Store) -> None:
    bring(store, whole())
    bring(store, listed(office="Sở"))
    assert plans(store, portal(result="x")) is Plan.KEEP_EDITED


def test_publishing_puts_a_waiting_draft_in_force(store: Store) -> None:
    draft = portal(result="a")
    bring(store, draft)
    with store.work() as work:
        assert work.procedures() == []
    assert bring(store, draft, publish=True) is Plan.PUBLISH
    with store.work() as work:
        assert [each.code for each in work.procedures()] == ["1.000001"]
    assert bring(store, draft, publish=True) is Plan.UNCHANGED


def test_two_files_with_one_code_meet(store: Store) -> None:
    with store.work() as work:
        planned = plan_import(
            [portal(result="a"), listed(office="b")], work.newest(), publish=False
        )
        write_import(planned, work, publish=False, reason="thử", at=NOW)
    assert [each.plan for each in planned] == [Plan.CREATE, Plan.UPDATE]
    assert (current(store).result, current(store).office) == ("a", "b")


def test_the_difference_names_the_field_and_both_values() -> None:
    old = record(result="Giấy", aliases=("diều", "gió"), notes=("một",))
    new = record(result="Thẻ", aliases=("diều", "sáo"), notes=("một", "hai"), revision=7)
    told = [str(change) for change in difference(old, new)]
    assert told == [
        "Tên gọi khác: «gió» → «sáo»",
        "Kết quả: «Giấy» → «Thẻ»",
        "Lưu ý: thêm «hai»",
    ]


def test_a_changed_order_and_a_long_text_are_told() -> None:
    told = difference(record(steps=("a", "b")), record(steps=("b", "a"), result="x" * 900))
    assert "thứ tự" in str(told[0])
    assert len(str(told[1])) < 250


def test_no_difference_between_revisions_only() -> None:
    assert difference(record(), record(revision=9)) == ()
