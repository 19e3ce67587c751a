"""Pages of the national portal as Word and PDF give the drafts that their text states."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from knowledge.importers import read
from knowledge.importers.batch import Batch
from knowledge.importers.portal_page_tables import unrepeated
from knowledge.model import Channel, Level, Procedure

from .making import refused
from .making_documents import FACTS, METHODS, PAPERS, SheetMaker, exported, pdf, word
from .strategies import TODAY

SAMPLES = Path(
    os.environ.get("OFFICIAL_SAMPLES") or Path(__file__).parents[4] / "shared/data/official-samples"
)


def told(batch: Batch) -> list[tuple[str, str]]:
    return [(str(finding.place), finding.reason) for finding in batch.findings]


def one(path: Path) -> Procedure:
    batch = read(path, today=TODAY)
    assert len(batch.drafts) == 1
    return batch.drafts[0].procedure


def test_a_word_export(tmp_path: Path) -> None:
    path = exported(tmp_path / "ChiTietTTHC_1.990001.docx")
    batch = read(path, today=TODAY)
    assert told(batch) == []
    found = batch.drafts[0].procedure
    assert (found.code, found.name, found.field) == ("1.990001", "Thả diều", "Vui chơi")
    assert found.levels == (Level.COMMUNE,)
    assert found.steps == ("Nộp đơn.", "Nhận diều.")
    assert found.office == "Ủy ban nhân dân cấp xã"
    assert found.result == "Giấy phép thả diều"
    assert found.conditions == ()
    (case,) = found.cases
    assert case.name == "Giấy tờ phải nộp"
    assert [(p.name, p.originals, p.copies, p.form) for p in case.papers] == [
        ("Đơn xin thả diều", 1, None, "don.docx; phu luc.docx"),
        ("Căn cước", None, 1, None),
    ]
    assert found.notes == ("Lưu ý: trời mưa thì không thả được diều.",)
    counter, online = found.filings
    assert counter.channel is Channel.COUNTER
    assert (counter.limits[0].amount, counter.fees[0].amount) == (3, 10_000)
    assert [(fee.amount, fee.condition) for fee in online.fees] == [(7_000, None), (9_000, "đêm")]
    assert [(law.number, law.title) for law in found.legal_basis] == [
        ("12/2025/NĐ-CP", "Nghị định về gió")
    ]
    assert found.source.checked_on == TODAY
    assert found.source.decision == "9/QĐ-THU"
    assert found.source.origin == f"Cổng Dịch vụ công quốc gia, {path.name}"
    assert not batch.drafts[0].whole


def test_word_bytes_under_an_old_name(tmp_path: Path) -> None:
    assert one(exported(tmp_path / "ChiTietTTHC_1.990001.doc")).name == "Thả diều"


def test_without_bold_labels_the_first_of_each_label_counts(tmp_path: Path) -> None:
    assert one(exported(tmp_path / "a.docx", bold=False)) == one(
        exported(tmp_path / "a.docx", bold=True)
    )


def test_a_step_that_begins_like_a_label_stays_a_step(tmp_path: Path) -> None:
    path = word(
        tmp_path / "a.docx",
        *FACTS,
        ("Trình tự thực hiện", ""),
        "- Nộp đơn.",
        "Cơ quan thực hiện: trả lời trong ngày.",
        ("Cơ quan thực hiện", "Đội diều"),
    )
    found = one(path)
    assert found.steps == ("Nộp đơn.", "Cơ quan thực hiện: trả lời trong ngày.")
    assert found.office == "Đội diều"


def test_a_list_that_runs_on_in_one_paragraph_is_parted(tmp_path: Path) -> None:
    steps = " ".join(f"- Việc thứ {number} {'rất dài ' * 20}." for number in range(3))
    found = one(word(tmp_path / "a.docx", *FACTS, ("Trình tự thực hiện", ""), steps))
    assert len(found.steps) == 3


def test_several_pages_in_one_file(tmp_path: Path) -> None:
    title = "Chi tiết thủ tục hành chính"
    other = [("Mã thủ tục", "1.990002"), ("Tên thủ tục", "Thả đèn"), ("Lĩnh vực", "Vui chơi")]
    batch = read(word(tmp_path / "a.docx", title, *FACTS, title, *other), today=TODAY)
    assert [draft.procedure.code for draft in batch.drafts] == ["1.990001", "1.990002"]


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        ({"mã": "1.99"}, "Mã", "không có dạng"),
        ({"tên": ""}, "Tên", "Để trống"),
        ({"cấp": "Cấp Thôn"}, "Cấp thực hiện", "cấp thôn"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, str], place: str, reason: str
) -> None:
    batch = read(exported(tmp_path / "a.docx", **changes), today=TODAY)
    (found,) = [where for where, why in told(batch) if reason in why]
    assert found.startswith("a.docx, ")
    assert place in found


def test_findings_of_a_table_name_the_table(tmp_path: Path) -> None:
    methods = [METHODS[0], ["Trực tiếp", "3", "", ""]]
    batch = read(exported(tmp_path / "a.docx", methods=methods), today=TODAY)
    assert [place for place, _ in told(batch)] == [
        "a.docx, bảng 1, mã 1.990001, Cách thức thực hiện"
    ]


def test_another_procedures_page_under_the_name(tmp_path: Path) -> None:
    batch = read(exported(tmp_path / "ChiTietTTHC_1.990009.docx"), today=TODAY)
    assert [reason for _, reason in told(batch)] == [
        "Tên tệp ghi mã 1.990009 nhưng trong tệp là mã 1.990001."
    ]


def test_missing_tables_and_odd_laws_are_told(tmp_path: Path) -> None:
    laws = [["Số ký hiệu", "Trích yếu"], ["2021/TT-BCAN", ""], ["Luật Gió", "31/2024/QH15"]]
    path = word(tmp_path / "a.docx", *FACTS, ("Căn cứ pháp lý", ""), laws)
    batch = read(path, today=TODAY)
    assert [reason for _, reason in told(batch)] == [
        "Không thấy bảng này trong tệp.",
        "Không thấy bảng này trong tệp.",
        "Số văn bản lạ, xem lại: 2021/TT-BCAN.",
    ]
    swapped = batch.drafts[0].procedure.legal_basis[1]
    assert (swapped.number, swapped.title) == ("31/2024/QH15", "Luật Gió")


def test_a_document_without_a_procedure(tmp_path: Path) -> None:
    assert "Mã thủ tục" in refused(word(tmp_path / "a.docx", "Giấy mời họp"))


def test_marks_on_the_wrong_letter_are_mended(tmp_path: Path) -> None:
    found = one(exported(tmp_path / "a.docx", tên="Thực hiêṇ viêc̣ thả diều"))
    assert found.name == "Thực hiện việc thả diều"


def facts_sheet() -> SheetMaker:
    sheet = SheetMaker()
    sheet.text("CHI TIẾT THỦ TỤC HÀNH CHÍNH", 200, heading=True)
    for label, value in FACTS:
        sheet.row(label, value)
    sheet.text("TRÌNH TỰ THỰC HIỆN", heading=True)
    return sheet


def test_a_pdf_of_the_new_portal(tmp_path: Path) -> None:
    first, second = facts_sheet(), SheetMaker()
    first.text("Bước 1: " + "Nộp đơn " * 11)
    first.text("tại bãi cỏ.")
    first.text("Bước 2: Nhận diều.")
    first.text("THÀNH PHẦN HỒ SƠ", heading=True)
    first.row("Trường hợp 1: Diều to")
    first.row("Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng")
    first.row("- Giấy tờ về cánh diều ", "", "1 bản chính, 1 bản sao")
    first.row("- Đơn xin thả diề", "Mau so 0", "1 bản chính")
    second.row("u giấy;", "1.docx", "")
    second.row("- Căn cước", "", "1 bản sao")
    second.row("Trường hợp 2: Diều nhỏ")
    second.row("Tên giấy tờ", "Mẫu đơn, tờ khai", "Số lượng")
    second.row("Đơn", "", "1 bản chính")
    second.text("CÁCH THỨC THỰC HIỆN", heading=True)
    second.row("Hình thức nộp", "Thời hạn giải\nquyết", "Phí, lệ phí", "Mô tả")
    both = "+ Diều to: 15 ngày.\n, Diều nhỏ: 10 ngày.\n, + Diều to: 15 ngày.\n, Diều nhỏ: 10 ngày."
    second.row("Trực tiếp", "15 ngày", "100.000 VNĐ", both)
    second.row("Trực tiếp", "10 ngày", "50.000 VNĐ", both)
    second.text("CĂN CỨ PHÁP LÝ", heading=True)
    second.row("Tên văn bản pháp lý", "Mã văn bản")
    second.row("Luật Gió", "31/2024/QH15")
    second.text("KẾT QUẢ XỬ LÝ", heading=True)
    second.text("Giấy phép")
    second.text("Mã: GCN_73_DD")
    path = pdf(tmp_path / "a.pdf", first, second, made="D:20260717090442Z")
    batch = read(path, today=TODAY)
    assert told(batch) == []
    found = batch.drafts[0].procedure
    assert found.steps == (("Nộp đơn " * 11) + "tại bãi cỏ.", "Nhận diều.")
    big, small = found.cases
    assert [(p.name, p.form, p.originals, p.copies) for p in big.papers] == [
        ("Giấy tờ về cánh diều", None, 1, 1),
        ("Đơn xin thả diều giấy", "Mau so 01.docx", 1, None),
        ("Căn cước", None, None, 1),
    ]
    assert (small.name, small.papers[0].name) == ("Trường hợp 2: Diều nhỏ", "Đơn")
    (filing,) = found.filings
    assert [(limit.amount, limit.condition) for limit in filing.limits] == [
        (15, "+ Diều to: 15 ngày."),
        (10, "Diều nhỏ: 10 ngày."),
    ]
    assert [(fee.amount, fee.condition) for fee in filing.fees] == [
        (100_000, "Diều to"),
        (50_000, "Diều nhỏ"),
    ]
    assert (found.legal_basis[0].number, found.legal_basis[0].title) == (
        "31/2024/QH15",
        "Luật Gió",
    )
    assert found.result == "Giấy phép"
    assert found.source.checked_on == date(2026, 7, 17)


def test_a_value_and_an_empty_row_cut_by_the_foot_of_a_sheet(tmp_path: Path) -> None:
    first, second = SheetMaker(), SheetMaker()
    for label, value in FACTS:
        first.row(label, value)
    first.row("Cơ quan có thẩm quyền", "Đội diều xã ")
    second.row("", "Gió")
    second.text("THÀNH PHẦN HỒ SƠ", heading=True)
    second.row(*PAPERS[0])
    second.row("", "", "")
    third = SheetMaker()
    third.row("Đơn", "", "1 bản chính")
    found = one(pdf(tmp_path / "a.pdf", first, second, third))
    assert found.office == "Đội diều xã Gió"
    assert [paper.name for paper in found.papers] == ["Đơn"]


def test_a_browser_repeats_headings_and_prints_its_own_margins(tmp_path: Path) -> None:
    first, second = facts_sheet(), SheetMaker(y=842 - 10)
    first.text("THÀNH PHẦN HỒ SƠ", heading=True)
    first.row(*PAPERS[0])
    first.row("Đơn xin thả diều giấy\ntheo mẫu", "", "1 bản chính")
    second.text("https://dichvucong.gov.vn 2/2")
    second.y = 842 - 60
    second.row(*PAPERS[0])
    second.row("Căn cước", "", "1 bản sao")
    found = one(pdf(tmp_path / "a.pdf", first, second))
    assert [(case.name, len(case.papers)) for case in found.cases] == [("Giấy tờ cần nộp", 2)]
    assert "dichvucong" not in repr(found.cases)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("Nộp tại xã, phường, đặc khu", ["Nộp tại xã, phường, đặc khu"]),
        ("A, A, A, B, B, B", ["A", "B"]),
        ("A, b, A, b, A, b", ["A, b"]),
        ("Trong hạn, đủ hồ sơ., Trong hạn, đủ hồ sơ", ["Trong hạn, đủ hồ sơ."]),
        ("Một. , Hai. , Một. , Hai.", ["Một.", "Hai."]),
    ],
)
def test_texts_that_the_portal_prints_several_times(text: str, parts: list[str]) -> None:
    assert unrepeated(text) == parts


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no official samples at {SAMPLES}")
@pytest.mark.parametrize(
    ("name", "papers", "limits", "fees", "laws"),
    [
        ("REBUILT_ChiTietTTHC_1.001193.docx", [4, 2, 2], [1, 1, 1], {None}, 17),
        ("REBUILT_ChiTietTTHC_1.004194.doc", [2, 2, 3], [1, 1], {7_000, 10_000}, 14),
        ("REBUILT_ChiTietTTHC_2.000815.docx", [1], [0], {2_000}, 10),
        ("portal2026_001_1.115729.pdf", [7, 6, 7, 9, 6], [1, 1, 1], {None}, 10),
        ("portal2026_006_1.115788.pdf", [4], [2, 2, 2], {None}, 6),
        ("portal2026_088_1.009122.pdf", [10, 7, 5], [2, 2, 2], {100_000, 50_000}, 13),
        ("portal2026_144_1.013227.pdf", [2], [1, 1, 1], {None}, 7),
        ("portal2026_193_2.001621.pdf", [3], [1, 1, 1], {None}, 1),
    ],
)
def test_official_samples(
    name: str, papers: list[int], limits: list[int], fees: set[int | None], laws: int
) -> None:
    """Counted by eye on the printed pages."""
    found = one(SAMPLES / name)
    assert found.code in name
    assert [len(case.papers) for case in found.cases] == papers
    assert [len(filing.limits) for filing in found.filings] == limits
    assert {fee.amount for filing in found.filings for fee in filing.fees} == fees
    assert len(found.legal_basis) == laws
