"""A file is planned, written in portions as drafts, and refused in a sentence when it is none."""

from __future__ import annotations

import gzip
import io
import time
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from bot import file_imports
from bot.file_imports import Moved, Order, Source, preview, write
from knowledge.audit import Filter
from knowledge.importers.batch import Unreadable
from knowledge.importers.exporters import export_xlsx
from knowledge.importing import Plan
from knowledge.store import Store
from knowledge.tables import RevisionState
from tests.bot.test_replay import BIRDS, FIREWORKS, KITES

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
RECORDS = (KITES, FIREWORKS, BIRDS)


def source(store: Store, folder: Path, name: str, data: bytes | None = None) -> Source:
    file = folder / name
    if data is not None:
        file.write_bytes(data)
    progress = folder / "progress"
    return Source(url=store.url, file=file, progress=progress, today=date(2026, 11, 25))


def ordered(digest: str) -> Order:
    return Order(digest=digest, author="lan", at=NOW)


def test_written_in_portions_as_drafts(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_imports, "PORTION", 2)
    export_xlsx(RECORDS, tmp_path / "a.xlsx")
    asked = source(store, tmp_path, "a.xlsx")
    shown = preview(asked)
    assert shown.counts == {Plan.CREATE: 3}
    version = version_of(store)
    assert write(asked, ordered(shown.digest)) == 3
    with store.work() as work:
        assert work.procedures() == []
        assert len(work.procedures(drafts=True)) == 3
        (entry,) = work.audit.entries(Filter(), limit=9)
    assert (entry.action, entry.after) == ("import.write", {"file": "a.xlsx", "count": 3})
    assert version_of(store) == version
    assert preview(asked).counts == {Plan.UNCHANGED: 3}


def version_of(store: Store) -> int:
    with store.work() as work:
        return work.version()


def test_what_was_saved_since_the_preview_stops_it(store: Store, tmp_path: Path) -> None:
    export_xlsx(RECORDS, tmp_path / "a.xlsx")
    asked = source(store, tmp_path, "a.xlsx")
    shown = preview(asked)
    with store.work() as work:
        work.write(KITES, publish=True, author="mai", reason="x", at=NOW)
    with pytest.raises(Moved):
        write(asked, ordered(shown.digest))
    with store.work() as work:
        assert len(work.procedures(drafts=True)) == 1


def test_what_is_saved_between_portions_is_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_imports, "PORTION", 1)
    export_xlsx(RECORDS, tmp_path / "a.xlsx")
    asked = source(store, tmp_path, "a.xlsx")
    last = max(RECORDS, key=lambda each: each.code)
    confirmed = last.model_copy(
        update={"place": "x", "source": last.source.model_copy(update={"confirmed": True})}
    )

    def meanwhile(_seconds: float) -> None:
        with store.work() as work:
            work.write(confirmed, publish=True, author="mai", reason="x", at=NOW)

    # Its own clock only: other threads of this process sleep too.
    clock = SimpleNamespace(sleep=meanwhile, monotonic=time.monotonic)
    monkeypatch.setattr(file_imports, "time", clock)
    assert write(asked, ordered(preview(asked).digest)) == 2
    with store.work() as work:
        assert work.get(last.code, RevisionState.DRAFT) is None


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return file.getvalue()


def sheet(*rows: tuple[object, ...], name: str = "x") -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet(name)
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def with_macro() -> bytes:
    data = io.BytesIO(sheet(("Mã số", "Tên"), ("1.001193", "Khai sinh")))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return data.getvalue()


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.xlsx", lambda: b"", "Tệp trống"),
    "picture": ("a.png", lambda: b"\x89PNG....", "Chưa biết đọc loại tệp này"),
    "text as excel": ("a.xlsx", lambda: b"xin chao", "Tệp Excel hỏng"),
    "zip": ("a.zip", lambda: packed(a=b"x"), "Chưa biết đọc loại tệp này"),
    "bomb": (
        "a.xlsx",
        lambda: packed(xl__worksheets__sheet1_xml=b"0" * (300 << 20)),
        "giải nén quá lớn",
    ),
    "word bomb": (
        "a.docx",
        lambda: packed(word__document_xml=b"0" * (80 << 20)),
        "giải nén quá lớn",
    ),
    "macro": ("a.xlsm", with_macro, "có chứa macro"),
    "old word": ("a.doc", lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "Word"),
    "another table": ("a.xlsx", lambda: sheet(("Họ tên", "Lớp")), "cũng không phải danh mục"),
    "broken json": ("a.jsonl", lambda: b"{", "a.jsonl"),
    "broken gzip": ("a.jsonl.gz", lambda: gzip.compress(b"{}" * 99)[:20], "a.jsonl.gz"),
    "broken pdf": ("a.pdf", lambda: b"%PDF-1.7 nothing", "PDF hỏng"),
    "windows-1258": ("a.yaml", lambda: "tên: Đăng ký".encode("cp1258", "replace"), "a.yaml"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_told_in_a_sentence(store: Store, tmp_path: Path, name: str) -> None:
    file, make, told = BAD[name]
    with pytest.raises(Unreadable, match=told):
        preview(source(store, tmp_path, file, make()))


def listed(*rows: tuple[object, ...]) -> bytes:
    return sheet(("STT", "Mã số TTHC", "Tên thủ tục hành chính", "Lĩnh vực"), *rows)


@pytest.mark.parametrize(
    "name",
    [
        unicodedata.normalize("NFD", "Đăng ký khai sinh lưu động"),
        "Ñaêng kyù khai sinh löu ñoäng",
    ],
    ids=["decomposed", "vni"],
)
def test_other_encodings_of_vietnamese_are_read(store: Store, tmp_path: Path, name: str) -> None:
    data = listed((1, "1.009999", name, "Hộ tịch"))
    (row,) = preview(source(store, tmp_path, "a.xlsx", data)).rows
    assert row.title == "Đăng ký khai sinh lưu động"


def official(file: Path, *, hidden: bool) -> None:
    """A list with merged cells and a formula, and maybe last year's behind a hidden tab."""
    with xlsxwriter.Workbook(str(file)) as book:
        page = book.add_worksheet("Danh mục")
        page.merge_range(0, 0, 0, 3, "DANH MỤC THỦ TỤC HÀNH CHÍNH")
        page.write_row(1, 0, ("STT", "Mã số TTHC", "Tên thủ tục hành chính", "Lĩnh vực"))
        page.merge_range(2, 0, 2, 3, "Lĩnh vực Hộ tịch")
        page.write_row(3, 0, (1, "1.009999", "Đăng ký khai sinh lưu động", "Hộ tịch"))
        page.write_formula(4, 1, '="1.009998"', value="1.009998")
        page.write_row(4, 2, ("Đăng ký kết hôn lưu động", "Hộ tịch"))
        if hidden:
            book.add_worksheet("cũ").hide()


def test_merged_cells_and_formulas_are_read(store: Store, tmp_path: Path) -> None:
    official(tmp_path / "a.xlsx", hidden=False)
    shown = preview(source(store, tmp_path, "a.xlsx"))
    assert [row.code for row in shown.rows] == ["1.009999", "1.009998"]


def test_a_hidden_sheet_is_refused(store: Store, tmp_path: Path) -> None:
    official(tmp_path / "a.xlsx", hidden=True)
    with pytest.raises(Unreadable, match="trang tính bị ẩn"):
        preview(source(store, tmp_path, "a.xlsx"))
