"""Blank forms: the right file or none, never a path out of the folder, safe to download."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.app import build_services
from bot.forms import MAX_BYTES, FormFolder, add_routes
from handlers.conversation import Contact, Incoming, Inquiry, Intent, Memory
from handlers.procedure import show
from handlers.services import Services
from knowledge.model import Aspect, Case, Paper, Procedure, Source


def record(code: str, field: str, *forms: str) -> Procedure:
    """A record whose papers name some forms."""
    papers = tuple(Paper(name=f"Giấy {number}", form=form) for number, form in enumerate(forms))
    source = Source(url="https://dichvucong.gov.vn", checked_on=AT.date())
    cases = (Case(name="Chung", papers=papers),)
    return Procedure(code=code, name="Thủ tục thử", field=field, cases=cases, source=source)


AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
LAND = record("1.012783", "Đất đai", "Mẫu số 18")
HOUSES = record("1.013225", "Xây dựng", "Mẫu số 01")
RESIDENCE = record("1.004222", "Cư trú", "Mẫu CT01")


def folder(path: Path, *names: str, public_url: str = "") -> FormFolder:
    for name in names:
        (path / name).write_bytes(f"bytes of {name}".encode())
    return FormFolder(path, public_url)


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("Mẫu CT01.docx", "Mẫu CT01"),
        ("Mẫu CT01.docx", "mau ct01"),
        ("Mẫu CT01.docx", "Mẫu CT01 ban hành kèm theo Thông tư số 53/2025/TT-BCA"),
        ("Mẫu CT01.docx", "Mẫu CT01 (Thông tư 53/2025)"),
        ("CT-01.DOCX", "Mẫu CT01"),
        ("Mẫu CT01 (TT 53-2025).docx", "Mẫu CT01"),
        ("Mẫu 01.pdf", "Mẫu số 01"),
        ("Mẫu 1.pdf", "Mẫu 01"),
        ("Mẫu 01-LPTB.doc", "Mẫu 01/LPTB"),
        ("Mẫu 02a.ĐKT.pdf", "Mẫu 02a.ĐKT"),
        ("Mẫu TK1-TS.xls", "Mẫu TK1-TS"),
        ("Tờ khai đăng ký khai sinh.pdf", "Tờ khai đăng ký khai sinh"),
        ("to khai nhan cha me con.odt", "Tờ khai nhận cha, mẹ, con"),
        ("Tờ khai (cho trẻ em).pdf", "Tờ khai (cho trẻ em)"),
        ("Mẫu số 01 (QĐ 24-2021-QĐ-TTg).pdf", "Mẫu số 01 (QĐ 24/2021/QĐ-TTg)"),
        ("Mẫu số 02 NĐ 154-2024.pdf", "Mẫu số 02 NĐ 154/2024"),
    ],
)
def test_a_label_finds_its_form(tmp_path: Path, file: str, label: str) -> None:
    found = folder(tmp_path, file).find(label)
    assert found is not None
    assert (found.name, found.title) == (file, Path(file).stem)


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("Mẫu 18.pdf", "Mẫu 1"),
        ("Mẫu 1.pdf", "Mẫu 18"),
        ("Mẫu 01.pdf", "Mẫu 01a"),
        ("Mẫu 01.pdf", "Mẫu 01/LPTB"),
        ("Mẫu 01-LPTB.pdf", "Mẫu 01/MGTH"),
        ("Mẫu CT01.pdf", "Mẫu CT07"),
        ("Mẫu CT01.pdf", "Mẫu CT01a"),
        ("Mẫu TK01.pdf", "Mẫu TK01; dưới 14 tuổi: TK01a"),
        ("Mẫu 02.pdf", "Mẫu số 02 hoặc 03"),
        ("Mẫu CT01 (TT 53-2025).docx", "Mẫu CT01 (TT 66/2023)"),
        ("Mẫu số 01.pdf", "Mẫu số 01 (QĐ 24/2021/QĐ-TTg)"),
        ("Mẫu số 01 (NĐ 23-2026).pdf", "Mẫu số 01 (QĐ 24/2021/QĐ-TTg)"),
        ("Mẫu số 01 (NĐ 23-2026).pdf", "Mẫu số 01"),
        ("Tờ khai đăng ký khai sinh.pdf", "Tờ khai đăng ký lại khai sinh"),
        ("Tờ khai đăng ký khai sinh.pdf", "Tờ khai đăng ký khai tử"),
        ("Tờ khai.pdf", "Tờ khai (cho trẻ em)"),
        ("Tờ khai.pdf", "Tờ khai của tổ chức"),
        ("Mẫu CT01.exe", "Mẫu CT01"),
        (".Mẫu CT01.pdf", "Mẫu CT01"),
        ("~$Mẫu CT01.docx", "Mẫu CT01"),
        ("Mẫu CT01.pdf", ""),
        ("Mẫu CT01.pdf", "()"),
    ],
)
def test_never_a_form_that_was_not_meant(tmp_path: Path, file: str, label: str) -> None:
    assert folder(tmp_path, file).find(label) is None


def test_a_form_that_is_only_counted_needs_its_field_or_procedure(tmp_path: Path) -> None:
    forms = folder(tmp_path, "Mẫu số 18.docx", "Mẫu số 01.docx", "Mẫu số 18 (1).docx")
    assert forms.find("Mẫu số 18", LAND) is None
    folder(tmp_path, "Mẫu số 18 (Đất đai).docx", "Mẫu số 01 (Đất đai).docx")
    found = forms.find("Mẫu số 18", LAND)
    assert found is not None
    assert found.name == "Mẫu số 18 (Đất đai).docx"
    assert forms.find("Mẫu số 01", HOUSES) is None
    folder(tmp_path, "Mẫu số 01 (1.013225).docx")
    found = forms.find("Mẫu số 01", HOUSES)
    assert found is not None
    assert found.name == "Mẫu số 01 (1.013225).docx"


def test_a_form_of_another_field_is_not_this_one(tmp_path: Path) -> None:
    forms = folder(tmp_path, "Mẫu CT01 (Xuất nhập cảnh).docx")
    assert forms.find("Mẫu CT01", RESIDENCE) is None
    folder(tmp_path, "Mẫu CT01.docx")
    found = forms.find("Mẫu CT01", RESIDENCE)
    assert found is not None
    assert found.name == "Mẫu CT01.docx"


def test_two_forms_that_fit_are_none(tmp_path: Path) -> None:
    forms = folder(tmp_path, "Mẫu CT01.docx", "Mẫu CT01 (TT 53-2025).docx")
    assert forms.find("Mẫu CT01") is None


def test_one_form_in_several_kinds_is_handed_out_as_pdf(tmp_path: Path) -> None:
    found = folder(tmp_path, "Mẫu CT01.docx", "Mẫu CT01.pdf", "Mẫu CT01.doc").find("Mẫu CT01")
    assert found is not None
    assert found.name == "Mẫu CT01.pdf"


def test_a_missing_folder_has_no_forms_and_a_new_file_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "forms"
    forms = FormFolder(path)
    assert forms.find("Mẫu CT01") is None
    with pytest.raises(KeyError):
        forms.read("Mẫu CT01.pdf")
    path.mkdir()
    folder(path, "Mẫu CT01.pdf")
    assert forms.find("Mẫu CT01") is not None
    assert forms.read("Mẫu CT01.pdf") == "bytes of Mẫu CT01.pdf".encode()


def test_a_decomposed_file_name_is_the_same_name(tmp_path: Path) -> None:
    stored = unicodedata.normalize("NFD", "Mẫu CT01.pdf")
    forms = folder(tmp_path, stored)
    found = forms.find("Mẫu CT01")
    assert found is not None
    assert found.title == "Mẫu CT01"
    assert forms.read("Mẫu CT01.pdf") == forms.read(stored) == f"bytes of {stored}".encode()


@pytest.mark.parametrize(
    "name",
    ["../secret.pdf", "/etc/passwd", "..", "", ".", "sub/a.pdf", "link.pdf", "pipe.pdf", "x\0.pdf"],
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "forms"
    (path / "sub").mkdir(parents=True)
    (path / "dir.pdf").mkdir()
    (path / "sub" / "a.pdf").write_bytes(b"secret")
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    (path / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    os.mkfifo(path / "pipe.pdf")
    forms = FormFolder(path)
    for wanted in (name, "dir.pdf"):
        with pytest.raises(KeyError):
            forms.read(wanted)
    assert forms.find("link") is None


def test_too_large_and_empty_files_are_left_out(tmp_path: Path) -> None:
    for name, size in (("most", MAX_BYTES), ("more", MAX_BYTES + 1), ("empty", 0)):
        (tmp_path / f"{name}.pdf").write_bytes(b"x" * size)
    forms = FormFolder(tmp_path)
    assert [bool(forms.find(name)) for name in ("most", "more", "empty")] == [True, False, False]


@pytest.mark.parametrize("swapped", ["link", "pipe", "growth"])
def test_a_file_swapped_behind_the_listing_is_not_read(tmp_path: Path, swapped: str) -> None:
    forms, file = folder(tmp_path, "a.pdf"), tmp_path / "a.pdf"
    listed = forms._names()
    file.unlink()
    match swapped:
        case "link":
            file.symlink_to("/etc/hostname")
        case "pipe":
            os.mkfifo(file)
        case _:
            file.write_bytes(b"x" * (MAX_BYTES + 1))
    forms._names = lambda: listed  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        forms.read("a.pdf")


def test_an_address_needs_a_public_one(tmp_path: Path) -> None:
    assert FormFolder(tmp_path).address("Mẫu CT01.pdf") is None
    public = FormFolder(tmp_path, "https://mot-cua.example.vn/")
    expected = "https://mot-cua.example.vn/mau/M%E1%BA%ABu%20CT01%20%2F%23.pdf"
    assert public.address("Mẫu CT01 /#.pdf") == expected


async def test_a_form_is_downloaded_under_its_name(tmp_path: Path) -> None:
    name = 'Mẫu CT01 "đơn"; x=1.pdf'
    app = web.Application()
    add_routes(app, folder(tmp_path, name))
    async with TestServer(app) as server, ClientSession() as client:
        base = str(server.make_url("/mau/"))
        url = URL(base + quote(name, safe=""), encoded=True)
        async with client.get(url) as response:
            assert response.status == 200
            assert await response.read() == f"bytes of {name}".encode()
            assert response.content_type == "application/pdf"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            assert response.content_disposition is not None
            assert response.content_disposition.type == "attachment"
            assert response.content_disposition.filename == name
            assert 'filename="mau ct01 _don__ x_1.pdf"' in response.headers["Content-Disposition"]
        for missing in ("khong-co.pdf", "..%2Fsecret.pdf", "%00.pdf", "a%0D%0AX-Evil%3A1.pdf"):
            async with client.get(URL(base + missing, encoded=True)) as response:
                assert response.status == 404
                assert "X-Evil" not in response.headers


# What a citizen reads


def said(services: Services, procedure: Procedure, *aspects: Aspect) -> tuple[str, list[str]]:
    incoming = Incoming(contact=Contact(channel="t", id="1"), received_at=AT, text="mẫu đơn")
    inquiry = Inquiry(incoming=incoming, memory=Memory(), intent=Intent.PROCEDURE)
    (reply,) = show(procedure, aspects, inquiry, services).replies
    lines = [line for section in reply.sections for line in section.lines]
    return "\n".join([reply.lead, *lines]), [file.name for file in reply.files]


def test_the_answer_about_forms_carries_the_files_the_office_has(tmp_path: Path) -> None:
    two = record("1.004222", "Cư trú", "Mẫu CT01", "Mẫu CT05", "Mẫu CT 01")
    services = replace(build_services([two]), forms=folder(tmp_path, "Mẫu CT01.docx").find)
    text, files = said(services, two, Aspect.FORM)
    assert files == ["Mẫu CT01.docx"]
    assert "Có sẵn mẫu trống để điền: «Mẫu CT01»." in text
    assert "Mẫu CT05" in text
    assert said(services, two, Aspect.FEE, Aspect.FORM)[1] == ["Mẫu CT01.docx"]
    assert said(services, two, Aspect.PAPERS)[1] == []


def test_without_a_file_nothing_is_promised() -> None:
    text, files = said(build_services([RESIDENCE]), RESIDENCE, Aspect.FORM)
    assert files == []
    assert "Mẫu CT01" in text
    assert "mẫu trống" not in text
