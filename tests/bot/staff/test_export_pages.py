"""Records taken along as a workbook, sheets for the counter, the empty template."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from docx import Document

from bot.staff.exchange import Outside
from knowledge import importers
from knowledge.accounts import Role
from knowledge.importers.spreadsheet import read_tables
from tests.staffing import EXAMPLES, Staffed, Visitor

MARRIAGE = "1.000894"


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    await site.server.close()
    site.outside = Outside(links=lambda payload: [("telegram", f"https://t.me/x?start={payload}")])
    await site.start()
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    return visitor


async def fetched(visitor: Visitor, path: str) -> bytes:
    async with visitor.session.get(visitor.site.server.make_url(path)) as response:
        assert response.status == 200
        assert "attachment" in response.headers["Content-Disposition"]
        return await response.read()


async def test_the_workbook_comes_back_unchanged(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(await fetched(officer, "/staff/export/procedures.xlsx"))
    batch = importers.read(file, today=site.now().date())
    assert [each.procedure.code for each in batch.drafts] == sorted(EXAMPLES)
    assert batch.drafts[0].procedure == site.services.index.procedures[MARRIAGE]
    some = await fetched(officer, f"/staff/export/procedures.xlsx?code={MARRIAGE}&code=1.999999")
    file.write_bytes(some)
    assert len(importers.read(file, today=site.now().date()).drafts) == 1
    assert site.actions().count("procedure.export") == 2


async def test_sheets_for_the_counter_carry_a_code(site: Staffed, officer: Visitor) -> None:
    data = await fetched(officer, f"/staff/export/sheets.docx?code={MARRIAGE}&code=1.001193")
    text = "\n".join(each.text for each in Document(io.BytesIO(data)).paragraphs)
    assert "Giấy tờ phải nộp" in text
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert len([each for each in packed.namelist() if each.startswith("word/media")]) == 2
        assert b"https://t.me/x?start=" in packed.read("word/document.xml")


async def test_the_template(officer: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(await fetched(officer, "/staff/export/template.xlsx"))
    assert {"huong_dan", "thu_tuc"} <= set(read_tables(file))


async def test_nothing_chosen_is_said(site: Staffed, officer: Visitor) -> None:
    for path, told in (
        ("sheets.docx", "đánh dấu những thủ tục"),
        ("sheets.docx?code=1.999999", "Không có thủ tục nào để in"),
        ("procedures.xlsx?field=không có", "Không có thủ tục nào để xuất"),
        ("sheets.docx?" + "&".join(f"code=1.{n:06}" for n in range(70)), "nhiều nhất 60"),
    ):
        answer = await officer.get(f"/staff/export/{path}")
        assert answer.status == 422
        assert told in answer.said
    assert (await officer.get("/staff/export/x.exe")).status == 404
    assert "procedure.export" not in site.actions()


async def test_records_to_choose_from(officer: Visitor) -> None:
    page = await officer.get(f"/staff/export?q=ket hon&code={MARRIAGE}")
    assert f'value="{MARRIAGE}" checked' in page.text
    assert "có mã QR mở đúng thủ tục đó" in page.said
