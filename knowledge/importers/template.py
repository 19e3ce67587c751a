"""The empty workbook for officers: explanations, an example that is never imported, drop-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knowledge.importers import layout
from knowledge.importers.exporters import rows_of, workbook, write_sheet
from knowledge.importers.sheets import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from knowledge.importers.layout import Sheet
    from knowledge.model import Procedure

GUIDE = "huong_dan"
"""The sheet of explanations; an import does not read it."""

_STEPS = (
    (
        "1. Mỗi thủ tục là một dòng ở trang «thu_tuc». Các trang khác bổ sung cho thủ tục đó: giấy "
        "tờ, phí, thời hạn… Dòng nào của thủ tục nào thì ghi mã thủ tục đó ở cột «Mã»."
    ),
    (
        f"2. Dòng có chữ «{EXAMPLE}» ở cột «Mã» chỉ để xem cách ghi, khi nhập sẽ bỏ qua. "
        "Xóa hay để lại đều được."
    ),
    "3. Giữ nguyên tên các trang và dòng tiêu đề. Trang nào không cần thì để trống.",
    "4. Ô có mũi tên thì bấm để chọn. Ô «Cấp» ghi được nhiều cấp, cách nhau dấu chấm phẩy.",
    (
        "5. Một thủ tục trong tệp này thay toàn bộ bản đang có cùng mã. Muốn sửa bản đang có, xuất "
        "ra Excel, sửa rồi nhập lại."
    ),
    "6. Xem trước khi ghi: python -m bot import --dry-run ten-tep.xlsx",
)
_SHEETS: Mapping[str, str] = {
    "thu_tuc": "Mỗi thủ tục một dòng. Bắt buộc: mã, tên, lĩnh vực, ngày kiểm tra.",
    "ten_goi": "Tên người dân hay gọi, mỗi tên một dòng: «làm giấy khai sinh», «khai sinh cho bé».",
    "doi_tuong": "Ai được làm thủ tục, mỗi đối tượng một dòng.",
    "cac_buoc": "Các bước theo thứ tự, mỗi bước một dòng.",
    "dieu_kien": "Điều kiện phải có, mỗi điều kiện một dòng.",
    "luu_y": "Điều cần dặn thêm, mỗi điều một dòng.",
    "cau_hoi": "Câu hỏi ngắn để biết trường hợp của người dân; mỗi lựa chọn một dòng.",
    "giay_to": "Mỗi giấy tờ một dòng, theo từng trường hợp.",
    "cach_nop": "Mỗi cách nộp một dòng, có đánh số để trang thời hạn và lệ phí nhắc tới.",
    "thoi_han": "Thời hạn của từng cách nộp.",
    "le_phi": "Mức phí của từng cách nộp. Miễn phí thì ghi 0 và ghi căn cứ.",
    "can_cu": "Văn bản làm căn cứ, mỗi văn bản một dòng.",
    "mau_thuan": "Chỗ Cổng và luật ghi khác nhau, và câu nói với người dân.",
}
_TEXT = "Một dòng một ý, viết ngắn, dễ hiểu."
_COLUMNS: Mapping[str, str] = {
    "code": "Mã quốc gia, ví dụ 1.001193. Bản riêng của tỉnh có thêm .Hxx.",
    "name": "Tên đầy đủ như quyết định công bố (ở trang giay_to: tên giấy tờ).",
    "short_name": "Tên nói với người dân, ví dụ «Đăng ký khai sinh».",
    "field": "Lĩnh vực, ví dụ «Hộ tịch».",
    "levels": "commune = xã, phường; province = tỉnh; ministry = bộ; other = khác.",
    "office": "Cơ quan giải quyết.",
    "place": "Nơi nộp hồ sơ.",
    "result": "Người dân nhận được gì.",
    "online_url": "Địa chỉ trang nộp trực tuyến.",
    "valid_from": "Ngày bắt đầu áp dụng, ví dụ 01/07/2026. Trống = đang áp dụng.",
    "valid_until": "Ngày cuối còn áp dụng. Trống = chưa có ngày hết.",
    "replaces": "Mã các thủ tục mà thủ tục này thay thế, cách nhau dấu chấm phẩy.",
    "related": "Mã các thủ tục hay làm cùng, cách nhau dấu chấm phẩy.",
    "unsourced": "Mục chưa thấy nguồn chính thức: papers, fee, time, place, steps…",
    "source.decision": "Số quyết định công bố, ví dụ 163/QĐ-BTP.",
    "source.url": "Địa chỉ trang đã xem.",
    "source.checked_on": "Ngày đối chiếu với nguồn.",
    "source.check_by": "Phải xem lại trước ngày này; để trống thì theo hạn chung.",
    "source.confirmed": "có = cán bộ đã đối chiếu và chịu trách nhiệm.",
    "source.confirmed_by": "Ai đã xác nhận.",
    "source.origin": "Lấy từ đâu.",
    "text": _TEXT,
    "key": "Tên ngắn của câu hỏi: chữ thường không dấu, số, gạch dưới.",
    "when": "Chỉ áp dụng khi trả lời như vậy: khóa_câu_hỏi=khóa_lựa_chọn. Nhiều lựa chọn: a|b.",
    "option.key": "Tên ngắn của lựa chọn: chữ thường không dấu, số, gạch dưới.",
    "option.label": "Chữ trên nút người dân bấm.",
    "place_number": "Số thứ tự của trường hợp: 1, 2, 3…",
    "case.name": "Tên trường hợp; các dòng cùng số ghi giống nhau.",
    "case.when": "Cả trường hợp chỉ áp dụng khi trả lời như vậy.",
    "originals": "Số bản chính. Trống = nguồn không ghi.",
    "copies": "Số bản sao. Trống = nguồn không ghi.",
    "form": "Tên mẫu đơn, tờ khai.",
    "condition": "Ghi khi nào thì cần, hoặc áp dụng cho ai.",
    "shown": "có = chỉ đưa xem, không phải nộp.",
    "way": "Số của cách nộp ở trang cach_nop.",
    "channel": "counter = tại quầy; online = trực tuyến; post = bưu điện.",
    "note": "Dặn thêm về cách nộp này.",
    "amount": "Chỉ ghi số. Phí tính bằng đồng.",
    "unit": "working_day = ngày làm việc; day = ngày; hour = giờ; month = tháng.",
    "per": "Tính cho một gì: bản, trang, người…",
    "basis": "Văn bản quy định.",
    "number": "Số văn bản, ví dụ 123/2015/NĐ-CP.",
    "title": "Tên văn bản.",
    "aspect": "Mục có mâu thuẫn: fee = phí, time = thời hạn, papers = giấy tờ…",
    "say": "Câu nói với người dân.",
}


def best_example(procedures: Iterable[Procedure]) -> Procedure | None:
    """The record that shows the most kinds of cells: the best one to learn from."""
    return max(procedures, key=lambda each: len(each.questions) + len(each.papers), default=None)


def export_template(target: Path, example: Procedure | None = None) -> None:
    """The workbook with the record ``example`` to look at; reading it back gives no record."""
    with workbook(target) as book:
        _guide(book)
        for sheet in layout.ALL:
            rows = rows_of([example] if example else [], sheet)
            write_sheet(book, sheet, ({**row, "code": EXAMPLE} for row in rows), example=True)


def explained(sheet: Sheet, key: str) -> str:
    """What goes into a column of a sheet."""
    return _COLUMNS["place_number" if sheet is layout.PAPERS and key == "place" else key]


def _guide(book: Any) -> None:
    page = book.add_worksheet(GUIDE)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    title = book.add_format({"bold": True, "font_size": 14})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 36)
    page.set_column(2, 2, 80)
    page.write_string(0, 0, "Cách điền tệp thủ tục", title)
    row = 1
    for text in _STEPS:
        page.merge_range(row, 0, row, 2, text, body)
        page.set_row(row, 32)
        row += 1
    row += 1
    for at, text in enumerate(("Trang", "Cột", "Ghi gì")):
        page.write_string(row, at, text, bold)
    for sheet in layout.ALL:
        row += 1
        page.write_string(row, 0, sheet.name, bold)
        page.write_string(row, 2, _SHEETS[sheet.name], bold)
        for column in sheet.columns:
            row += 1
            page.write_string(row, 1, column.heading, body)
            page.write_string(row, 2, explained(sheet, column.key), body)
