"""The counter's sheet says what the record says, and its codes lead to the procedure."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from bot import documents, scan
from bot.__main__ import main
from bot.app import now, open_store
from bot.counter_sheet import BOX, QrCode, counter_sheets
from handlers.wording import seed_wording
from knowledge.model import (
    Aspect,
    Case,
    Channel,
    Fee,
    Filing,
    Option,
    Paper,
    Procedure,
    Question,
    Source,
)
from knowledge.offices import seed_office

KITE = Procedure(
    code="1.990001",
    name="Thả diều",
    field="Vui chơi",
    place="Bãi cỏ\x0bphường",
    questions=(
        Question(
            key="size",
            text="Diều to không?",
            options=(Option(key="big", label="Diều to"), Option(key="small", label="Diều nhỏ")),
        ),
    ),
    cases=(
        Case(name="Giấy tờ phải nộp", papers=(Paper(name="Đơn xin thả diều", originals=1),)),
        Case(name="Diều to:", papers=(Paper(name="Bản vẽ"),), when={"size": ("big",)}),
    ),
    filings=(Filing(channel=Channel.COUNTER, fees=(Fee(amount=8000, per="chiếc"),)),),
    steps=("Nộp đơn.", "Nhận diều."),
    source=Source(checked_on=date(2026, 7, 15), decision="9/QĐ-THU"),
)


def _lines(data: bytes) -> list[str]:
    document = Document(io.BytesIO(data))
    head = [
        p.text for table in document.tables for cell in table.rows[0].cells for p in cell.paragraphs
    ]
    return [text for text in [*head, *(p.text for p in document.paragraphs)] if text]


def _sheet(*procedures: Procedure, codes: tuple[QrCode, ...] = ()) -> bytes:
    each = procedures or (KITE,)
    return counter_sheets(each, [codes] * len(each), seed_office(), seed_wording())


def test_it_says_what_the_record_says() -> None:
    lines = _lines(_sheet())
    assert lines[1:4] == ["PHIẾU HƯỚNG DẪN", "Thả diều", lines[3]]
    assert "1.990001" in lines[3]
    assert f"{BOX}\tĐơn xin thả diều (1 bản chính)" in lines
    assert "Giấy tờ – Diều to (khi: diều to)" in lines
    assert "–\t8.000 đồng một chiếc" in lines
    assert "1.\tNộp đơn." in lines
    assert "–\tBãi cỏphường" in lines
    assert lines[-1] == "Nguồn: QĐ 9/QĐ-THU · kiểm tra 15/07/2026 · cán bộ chưa xác nhận"


def test_aspects_without_a_source_are_named() -> None:
    said = _lines(_sheet(KITE.model_copy(update={"unsourced": tuple(Aspect)})))
    (line,) = [each for each in said if "chưa có nguồn chính thức" in each]
    assert seed_wording()("aspect.fee").lower() in line.lower()


def test_what_is_not_known_is_said() -> None:
    bare = KITE.model_copy(update={"cases": (), "filings": (), "place": None, "questions": ()})
    said = "\n".join(_lines(_sheet(bare)))
    say = seed_wording()
    for key in ("papers.unknown", "fee.unknown", "time.unknown", "place.unknown"):
        assert say(key, title="Thả diều") in said


def test_the_code_leads_to_the_procedure() -> None:
    code = QrCode("https://t.me/phuong_bot?start=tt_1_990001", "Quét để hỏi trên Telegram")
    data = _sheet(codes=(code,))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        (picture,) = [name for name in packed.namelist() if name.startswith("word/media/")]
        image = packed.read(picture)
    assert scan.texts(scan.opened(image), scan.SECONDS) == [code.content]
    assert code.caption in _lines(data)


def test_long_records_get_smaller_type_and_lose_nothing() -> None:
    long = KITE.model_copy(update={"steps": tuple(f"Việc thứ {n}." for n in range(90))})
    data = _sheet(KITE, long)
    sizes = {
        run.font.size.pt
        for paragraph in Document(io.BytesIO(data)).paragraphs
        for run in paragraph.runs
        if run.text and run.font.size
    }
    assert sizes == {11.5, 9.5}
    assert "90.\tViệc thứ 89." in _lines(data)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'office.db'}")
    return tmp_path


def test_the_command_writes_sheets_in_the_order_asked(folder: Path) -> None:
    names = {"HMC_TELEGRAM_NAME": "phuong_bot", "HMC_ZALO_OA_ID": "2368732341234567890"}
    done = CliRunner().invoke(main, ["export", "ra/p.docx", "2.000815", "1.001193"], env=names)
    assert done.exit_code == 0, done.output
    lines = _lines((folder / "ra/p.docx").read_bytes())
    places = [at for at, line in enumerate(lines) if line.startswith("Mã thủ tục:")]
    assert [lines[at].split()[3] for at in places] == ["2.000815", "1.001193"]
    assert lines.count("Quét để hỏi trên Zalo") == 2


def test_the_command_prints_what_the_office_wrote(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder / 'office.db'}")
    office = documents.program_office().model_copy(update={"name": "UBND phường Thả Diều"})
    with store.work() as work:
        kept = {"author": "lan", "at": now()}
        work.put_document(documents.OFFICE, documents.dump_office(office), **kept)
        body = {"sentences": {"channel.counter": "Nộp tại quầy số 9"}}
        work.put_document(documents.WORDING, body, **kept)
    store.close()
    done = CliRunner().invoke(main, ["export", "p.docx", "2.000815"])
    assert done.exit_code == 0, done.output
    document = Document(str(folder / "p.docx"))
    assert document.core_properties.author == "UBND phường Thả Diều"
    assert "UBND PHƯỜNG THẢ DIỀU" in _lines((folder / "p.docx").read_bytes())


def test_the_command_says_what_is_missing(folder: Path) -> None:
    run = CliRunner().invoke
    assert "cần mã thủ tục" in run(main, ["export", "p.docx"]).stderr
    assert "1.999999" in run(main, ["export", "p.docx", "1.999999"]).stderr
    done = run(main, ["export", "p.docx", "1.001193"], env={"HMC_TELEGRAM_NAME": ""})
    assert done.exit_code == 0, done.output
    assert "không có mã QR" in done.stderr


def test_the_template_command(folder: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["export", "--template", "mau.xlsx"]).exit_code == 0
    done = run(main, ["import", "--dry-run", "mau.xlsx"])
    assert done.exit_code == 0, done.output
    assert "Chưa ghi gì." in done.stdout
    assert ".xlsx" in run(main, ["export", "--template", "mau.yaml"]).stderr
