"""Word files and PDFs that nobody should trust are refused in plain words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.importers import child, documents, read, unpack_pdf, unpack_word
from knowledge.importers.batch import Unreadable

from .making import refused
from .making_documents import FACTS, SheetMaker, exported, pdf, repacked, word
from .strategies import TODAY

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.doc", OLE2 + "WordDocument".encode("utf-16-le"), "«Lưu thành» loại .docx"),
        ("a.docx", OLE2 + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        ("a.doc", OLE2, "Tệp Word hỏng"),
        ("a.doc", b"{\\rtf1 abc}", "RTF"),
        ("a.doc", b"\xef\xbb\xbf <html><body>", "trang web"),
        ("a.doc", b"MIME-Version: 1.0", "trang web"),
        ("a.doc", b"abc", "Tệp Word hỏng"),
        ("a.pdf", b"abc", "PDF hỏng"),
        ("a.pdf", b"%PDF-1.4\n" + b"\x07" * 900, "PDF hỏng"),
    ],
)
def test_what_is_no_document_of_today(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert said in refused(tmp_path / name)
    assert name in refused(tmp_path / name)


def test_a_word_file_with_macros(tmp_path: Path) -> None:
    macro = {"word__vbaProject.bin": b"x"}
    path = repacked(exported(tmp_path / "a.docx"), tmp_path / "b.docx", **macro)
    assert "macro" in refused(path)


def test_a_packing_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT", 3_000_000)
    bomb = {"word__media__a.png": b"\0" * 4_000_000}
    path = repacked(exported(tmp_path / "a.docx"), tmp_path / "b.docx", **bomb)
    assert path.stat().st_size < 1_000_000
    assert "quá lớn" in refused(path)


def test_a_file_above_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT", 1_000)
    assert "quá lớn" in refused(exported(tmp_path / "a.docx"))
    assert "quá lớn" in refused(pdf(tmp_path / "a.pdf", SheetMaker()))


ENTITY = b"""<?xml version="1.0"?><!DOCTYPE w [%s]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>
<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>M\xc3\xa3 th\xe1\xbb\xa7 t\xe1\xbb\xa5c: &x;</w:t></w:r></w:p>
</w:body></w:document>"""


def test_entities_of_a_document_are_never_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("1.990001 bí mật", "utf-8")
    for kind in (b'<!ENTITY x SYSTEM "%s">' % secret.as_uri().encode(), b'<!ENTITY x "1.990001">'):
        hostile = {"word__document.xml": ENTITY % kind}
        path = repacked(exported(tmp_path / "a.docx"), tmp_path / "b.docx", **hostile)
        assert "1.990001" not in refused(path)
        printed = subprocess.run(
            [sys.executable, "-I", unpack_word.__file__, str(path)],
            capture_output=True,
            check=False,
        )
        assert b"1.990001" not in printed.stdout


def test_entities_that_multiply(tmp_path: Path) -> None:
    layers = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10 if n else "diều"}">' for n in range(12))
    hostile = {"word__document.xml": ENTITY % (layers + '<!ENTITY x "&x11;">').encode()}
    path = repacked(exported(tmp_path / "a.docx"), tmp_path / "b.docx", **hostile)
    assert "b.docx" in refused(path)


def test_a_document_of_endless_text(tmp_path: Path) -> None:
    path = word(tmp_path / "a.docx", *FACTS, *["diều " * 100_000] * 11)
    assert "quá dài" in refused(path)


def test_a_locked_pdf(tmp_path: Path) -> None:
    sheet = SheetMaker()
    sheet.text("Mã thủ tục: 1.990001")
    assert "mật khẩu" in refused(pdf(tmp_path / "a.pdf", sheet, locked=True))


def test_a_scanned_pdf(tmp_path: Path) -> None:
    stamp = SheetMaker()
    stamp.text("Scanned 2026")
    assert "ảnh quét" in refused(pdf(tmp_path / "a.pdf", stamp, SheetMaker()))


def test_a_pdf_of_too_many_sheets(tmp_path: Path) -> None:
    sheets = [SheetMaker()] * (unpack_pdf.MAX_PAGES + 1)
    assert "quá dài" in refused(pdf(tmp_path / "a.pdf", *sheets))


def test_a_pdf_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "SECONDS", 0.01)
    assert "quá lâu" in refused(pdf(tmp_path / "a.pdf", SheetMaker()))


def test_a_process_that_dies_is_told_as_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(child.Failed) as caught:
        child.run(unpack_word, tmp_path / "missing.docx", seconds=60)
    assert caught.value.code == unpack_word.NO_DOCUMENT


def test_a_truncated_word_file(tmp_path: Path) -> None:
    data = exported(tmp_path / "a.docx").read_bytes()
    (tmp_path / "b.docx").write_bytes(data[: len(data) // 2])
    assert "Tệp Word hỏng" in refused(tmp_path / "b.docx")


def test_a_word_file_among_the_workbooks_is_still_a_word_file(tmp_path: Path) -> None:
    path = exported(tmp_path / "a.xlsx")
    assert read(path, today=TODAY).drafts[0].procedure.code == "1.990001"


def test_pending_insertions_links_and_controls_are_read(tmp_path: Path) -> None:
    inside = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:ins><w:r><w:t>Tên thủ tục: Thả </w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>đèn</w:delText></w:r></w:del>"
        "<w:sdt><w:sdtContent><w:r><w:t>diều</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
    from docx.oxml import parse_xml

    assert unpack_word._text(parse_xml(inside)) == "Tên thủ tục: Thả diều"


def test_unreadable_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        documents.read_word(pdf(tmp_path / "a.pdf", SheetMaker()))
    assert caught.value.place.file == "a.pdf"
