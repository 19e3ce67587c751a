"""One everyday name more: in force at once, never at the cost of a colleague's draft."""

from __future__ import annotations

import pytest

from knowledge.accounts import Role
from knowledge.tables import RevisionState
from tests.staffing import Staffed, Visitor

CODE = "1.001193"
PAGE = f"/staff/procedures/{CODE}/aliases"


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    return visitor


def names(site: Staffed, state: RevisionState = RevisionState.IN_FORCE) -> tuple[str, ...]:
    with site.store.work() as work:
        record = work.get(CODE, state)
    return record.aliases if record else ()


async def test_a_name_is_in_force_at_once(site: Staffed, officer: Visitor) -> None:
    assert 'id="alias"' in (await officer.get(f"/staff/procedures/{CODE}")).text
    answer = await officer.post(PAGE, {"alias": "  giấy <b>chào đời</b> của\u200b bé "})
    assert answer.headers["Location"] == f"/staff/procedures/{CODE}"
    assert names(site)[-1] == "giấy chào đời của bé"
    assert site.actions()[-1] == "procedure.alias"
    told = await officer.get(f"/staff/procedures/{CODE}")
    assert "Đã thêm tên «giấy chào đời của bé»" in told.said
    again = await officer.post(PAGE, {"alias": "GIẤY chào đời của bé"})
    assert again.status == 303
    assert names(site).count("giấy chào đời của bé") == 1


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ("", "Tên gọi trống"),
        (" !? ", "Tên gọi trống"),
        ("x" * 10_000, "Tên gọi dài quá"),
        ("khai sinh cho số 0912345678", "dữ liệu cá nhân"),
    ],
)
async def test_what_is_no_name(site: Staffed, officer: Visitor, alias: str, said: str) -> None:
    before = names(site)
    answer = await officer.post(PAGE, {"alias": alias})
    assert answer.status == 422
    assert said in answer.said
    assert names(site) == before


async def test_another_procedures_name_is_asked_about(site: Staffed, officer: Visitor) -> None:
    answer = await officer.post(PAGE, {"alias": "dang ky ket hon"})
    assert answer.status == 422
    assert "1.000894" in answer.said
    assert "bấm «Vẫn thêm»" in answer.said
    assert 'value="dang ky ket hon"' in answer.text
    assert "dang ky ket hon" not in names(site)
    answer = await officer.post(PAGE, {"alias": "dang ky ket hon", "sure": "yes"})
    assert answer.status == 303
    assert "dang ky ket hon" in names(site)


async def test_a_draft_outlives_a_name(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        changed = record.model_copy(update={"result": "bản nháp của Hoa"})
        work.write(changed, publish=False, author="hoa", reason="việc", at=site.now())
    await officer.post(PAGE, {"alias": "giấy chào đời"})
    with site.store.work() as work:
        [draft, current, *_] = work.revisions.history(CODE)
    assert (draft.state, draft.author, draft.reason) == ("draft", "hoa", "việc")
    assert draft.procedure.result == "bản nháp của Hoa"
    assert draft.procedure.aliases[-1] == current.procedure.aliases[-1] == "giấy chào đời"
    assert current.state == "in_force"


async def test_a_record_that_is_not_in_force(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(CODE)
        assert record
        new = record.model_copy(update={"code": "1.999999", "aliases": ()})
        work.write(new, publish=False, author="hoa", reason="mới", at=site.now())
    for wrong in ("1.999999", "1.999998", "x"):
        path = f"/staff/procedures/{wrong}/aliases"
        assert (await officer.get(path)).status == 404
        assert (await officer.post(path, {"alias": "tên thử"})).status == 404
