"""Files brought in through the browser: shown before anything is written, refused in words."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from aiohttp import FormData

from bot.staff.imports import LOST, SILENT, safe_name
from bot.staff.views import imports
from knowledge.accounts import Role
from knowledge.importers.exporters import as_data, export_xlsx
from knowledge.importers.template import export_template
from knowledge.model import Procedure
from knowledge.tables import RevisionState
from tests.staffing import Answer, Staffed, Visitor

MARRIAGE = "1.000894"


@pytest.fixture
async def officer(site: Staffed, visitor: Visitor) -> Visitor:
    site.hire("lan", Role.OFFICER)
    site.fill()
    await visitor.sign_in("lan")
    await visitor.get("/staff/import")
    return visitor


async def upload(visitor: Visitor, name: str, data: bytes) -> Answer:
    """Send a file and wait for what becomes of it."""
    form = FormData(quote_fields=False)
    form.add_field("csrf", visitor.csrf)
    form.add_field("file", io.BytesIO(data), filename=name, content_type="application/octet-stream")
    server = visitor.site.server
    headers = {"Origin": str(server.make_url("/")).rstrip("/")}
    url = server.make_url("/staff/import")
    async with visitor.session.post(
        url, data=form, headers=headers, allow_redirects=False
    ) as response:
        if response.status != 303:
            return await visitor._taken(response)
        return await done(visitor, response.headers["Location"])


async def done(visitor: Visitor, path: str) -> Answer:
    for _ in range(600):
        page = await visitor.get(path)
        if 'http-equiv="refresh"' not in page.text:
            page.headers["Path"] = path
            return page
        await asyncio.sleep(0.1)
    raise AssertionError(page.said)


def changed(site: Staffed, folder: Path) -> bytes:
    """The marriage record with another place, in the project's own form."""
    record = site.services.index.procedures[MARRIAGE]
    file = folder / "sua.xlsx"
    export_xlsx([record.model_copy(update={"place": "Quầy số 9"})], file)
    return file.read_bytes()


async def test_shown_then_written_as_a_draft(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    page = await upload(officer, "C:\\tệp\\sửa.xlsx", changed(site, tmp_path))
    assert "sửa.xlsx" in page.said
    assert "Tất cả (1) Sửa (1)" in page.said
    assert "Nơi nộp: " in page.said
    assert "Quầy số 9" in page.said
    assert "import.write" not in site.actions()
    path = page.headers["Path"]
    assert (await officer.post(path, {"step": "write"})).status == 303
    assert "Đã ghi 1 bản nháp" in (await done(officer, path)).said
    with site.store.work() as work:
        draft, current = work.get(MARRIAGE, RevisionState.DRAFT), work.get(MARRIAGE)
    assert draft is not None
    assert draft.place == "Quầy số 9"
    assert current is not None
    assert current.place != "Quầy số 9"
    assert site.actions()[-1] == "import.write"
    again = await upload(officer, "sua.xlsx", changed(site, tmp_path))
    assert "Không đổi (1)" in again.said
    assert "Không có gì phải ghi" in again.said
    dropped = await officer.post(again.headers["Path"], {"step": "drop"})
    assert dropped.status == 303
    assert (await officer.get(again.headers["Path"])).status == 404


async def test_what_people_edited_stays_unless_asked(site: Staffed, officer: Visitor) -> None:
    with site.store.work() as work:
        record = work.get(MARRIAGE)
        assert record
        source = record.source.model_copy(update={"confirmed": True})
        confirmed = record.model_copy(update={"source": source})
        work.write(confirmed, publish=True, author="lan", reason="x", at=site.now())
    changed_again = record.model_copy(update={"place": "Quầy số 9"})
    page = await upload(officer, "a.yaml", yaml_of(changed_again))
    assert "Giữ bản cán bộ đã xác nhận (1)" in page.said
    path = page.headers["Path"]
    await officer.post(path, {"step": "overwrite"})
    assert "Ghi 1 bản nháp" in (await done(officer, path)).said
    await officer.post(path, {"step": "keep"})
    assert "Không có gì phải ghi" in (await done(officer, path)).said


def yaml_of(record: Procedure) -> bytes:
    return yaml.safe_dump(as_data(record), allow_unicode=True).encode()


async def test_a_record_saved_meanwhile_is_seen_again(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    page = await upload(officer, "sua.xlsx", changed(site, tmp_path))
    with site.store.work() as work:
        work.teach(MARRIAGE, "rước nàng về dinh", author="mai", at=site.now())
    path = page.headers["Path"]
    await officer.post(path, {"step": "write"})
    shown = await done(officer, path)
    assert "Có người vừa sửa thủ tục trong lúc anh/chị xem" in shown.said
    assert "bỏ «rước nàng về dinh»" in shown.said
    assert "import.write" not in site.actions()


async def test_what_cannot_be_read_is_told_in_a_sentence(site: Staffed, officer: Visitor) -> None:
    page = await upload(officer, "a.xlsx", b"xin chao")
    assert "Tệp Excel hỏng" in page.said
    assert "Không nhập gì từ tệp này" in page.said
    assert "import.write" not in site.actions()


async def test_no_file_and_a_file_too_large(officer: Visitor) -> None:
    assert "chọn một tệp" in (await upload(officer, "", b"")).said
    page = await upload(officer, "to.xlsx", b"0" * (imports.MOST_FILE + 1))
    assert page.status == 413
    assert "lớn quá" in page.said


def portal(*rows: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(each) for each in rows).encode()


async def test_rows_that_are_wrong_are_named(officer: Visitor) -> None:
    page = await upload(officer, "cong.jsonl", portal({"x": 1}, {"code": "abc"}))
    assert "dòng 1" in page.said
    assert "bỏ" in page.said


async def test_the_template_brings_nothing_in(officer: Visitor, tmp_path: Path) -> None:
    export_template(tmp_path / "mau.xlsx")
    page = await upload(officer, "mau.xlsx", (tmp_path / "mau.xlsx").read_bytes())
    assert "Tất cả (0)" in page.said


async def test_a_viewer_sees_but_cannot_write(site: Staffed, officer: Visitor) -> None:
    page = await upload(officer, "a.xlsx", b"x")
    site.hire("xem", Role.VIEWER)
    async with site.browser() as viewer:
        await viewer.sign_in("xem")
        assert (await viewer.get(page.headers["Path"])).status == 200
        assert 'type="file"' not in (await viewer.get("/staff/import")).text
        assert (await viewer.post(page.headers["Path"], {"step": "write"})).status == 403


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\x.xlsx", "x.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("<b>.xlsx", "_b_.xlsx"),
        ("sửa.xlsx", "sửa.xlsx"),
        ("", "tep"),
        ("a" * 300 + ".xlsx", "a" * 76 + ".xlsx"),
    ],
)
def test_names_of_files(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@asynccontextmanager
async def second_process(site: Staffed) -> AsyncIterator[Visitor]:
    """Another process of the office over the same database, and lan's browser at it."""
    other = Staffed(site.store, site.services, seal=site.seal)
    await other.start()
    async with other.browser() as visitor:
        await visitor.sign_in("lan")
        yield visitor
    await other.server.close()


async def test_another_process_shows_and_writes_the_file(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    page = await upload(officer, "sua.xlsx", changed(site, tmp_path))
    path = page.headers["Path"]
    async with second_process(site) as other:
        assert "sua.xlsx" in (await other.get("/staff/import")).said
        shown = await done(other, path)
        assert "Ghi 1 bản nháp" in shown.said
        assert (await other.post(path, {"step": "write"})).status == 303
        assert "Đã ghi 1 bản nháp" in (await done(other, path)).said
    assert "Đã ghi 1 bản nháp" in (await done(officer, path)).said


async def test_a_file_dropped_elsewhere_is_gone(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    page = await upload(officer, "sua.xlsx", changed(site, tmp_path))
    async with second_process(site) as other:
        await done(other, page.headers["Path"])
        assert (await other.post(page.headers["Path"], {"step": "drop"})).status == 303
    assert (await officer.get(page.headers["Path"])).status == 404


async def test_writing_that_broke_off_with_its_process_is_told(
    site: Staffed, officer: Visitor, tmp_path: Path
) -> None:
    page = await upload(officer, "sua.xlsx", changed(site, tmp_path))
    number = page.headers["Path"].rpartition("/")[2]
    with site.store.work() as work:
        assert work.uploads.claim(number, at=site.now())
        assert not work.uploads.claim(number, at=site.now())
    assert "đang ghi" in (await officer.get(page.headers["Path"])).said.casefold()
    site.ahead = SILENT * 2
    assert LOST in (await officer.get(page.headers["Path"])).said
