"""The sheets of the workbook: which part of a record stands where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.importers import sheets
from knowledge.importers.sheets import NO, YES, Column
from knowledge.model import Aspect, Channel, Level, Unit


@dataclass(frozen=True)
class Sheet:
    """A sheet of rows that belong to a record by its code, in the order of the rows."""

    name: str
    columns: tuple[Column, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The first row."""
        return tuple(column.heading for column in self.columns)


def _text(key: str, heading: str, width: int = 30) -> Column:
    return Column(key, heading, sheets.text, width)


def _choice(key: str, heading: str, choices: type[StrEnum], width: int = 30) -> Column:
    return Column(key, heading, sheets.text, width, tuple(choices))


def _flag(key: str, heading: str) -> Column:
    return Column(key, heading, sheets.flag, 12, (YES, NO))


def _number(key: str, heading: str) -> Column:
    return Column(key, heading, sheets.number, 12)


CODE = Column("code", "Mã", sheets.code_of, 12)
PLACE = _number("place", "Trường hợp số")
WAY = _number("way", "Cách nộp số")
WHEN = Column("when", "Chỉ khi (câu_hỏi=lựa_chọn)", sheets.when, 26)

RECORD = Sheet(
    "thu_tuc",
    (
        CODE,
        _text("name", "Tên", 60),
        _text("short_name", "Tên ngắn"),
        _text("field", "Lĩnh vực"),
        Column("levels", "Cấp (commune; province; ministry)", sheets.listed, 20, tuple(Level)),
        _text("office", "Cơ quan thực hiện"),
        _text("place", "Nơi nộp"),
        _text("result", "Kết quả"),
        _text("online_url", "Địa chỉ nộp trực tuyến"),
        Column("valid_from", "Hiệu lực từ", sheets.day, 14),
        Column("valid_until", "Hiệu lực đến", sheets.day, 14),
        Column("replaces", "Thay thế các mã", sheets.listed),
        Column("related", "Thủ tục liên quan", sheets.listed),
        Column("unsourced", "Chưa thấy nguồn cho", sheets.listed),
        _text("source.decision", "Số quyết định"),
        _text("source.url", "Địa chỉ nguồn"),
        Column("source.checked_on", "Ngày kiểm tra", sheets.day, 14),
        Column("source.check_by", "Xem lại trước ngày", sheets.day, 14),
        _flag("source.confirmed", "Cán bộ đã xác nhận"),
        _text("source.confirmed_by", "Người xác nhận"),
        _text("source.origin", "Lấy từ đâu"),
    ),
)
TEXTS: dict[str, Sheet] = {
    key: Sheet(name, (CODE, _text("text", heading, 80)))
    for key, name, heading in (
        ("aliases", "ten_goi", "Tên gọi thường ngày"),
        ("subjects", "doi_tuong", "Đối tượng"),
        ("steps", "cac_buoc", "Bước"),
        ("conditions", "dieu_kien", "Điều kiện"),
        ("notes", "luu_y", "Lưu ý"),
    )
}
QUESTIONS = Sheet(
    "cau_hoi",
    (
        CODE,
        _text("key", "Khóa câu hỏi", 16),
        _text("text", "Câu hỏi", 50),
        WHEN,
        _text("option.key", "Khóa lựa chọn", 16),
        _text("option.label", "Lựa chọn", 40),
    ),
)
PAPERS = Sheet(
    "giay_to",
    (
        CODE,
        PLACE,
        _text("case.name", "Trường hợp"),
        Column("case.when", "Trường hợp chỉ khi", sheets.when, 26),
        _text("name", "Giấy tờ", 60),
        _number("originals", "Bản chính"),
        _number("copies", "Bản sao"),
        _text("form", "Mẫu"),
        _text("condition", "Khi nào cần"),
        _flag("shown", "Chỉ đưa xem"),
        WHEN,
    ),
)
FILINGS = Sheet(
    "cach_nop",
    (
        CODE,
        WAY,
        _choice("channel", "Cách nộp (counter, online, post)", Channel),
        _text("note", "Ghi chú", 60),
    ),
)
LIMITS = Sheet(
    "thoi_han",
    (
        CODE,
        WAY,
        _number("amount", "Số"),
        _choice("unit", "Đơn vị (working_day, day, hour, month)", Unit),
        _text("text", "Lời"),
        _text("condition", "Khi nào", 50),
    ),
)
FEES = Sheet(
    "le_phi",
    (
        CODE,
        WAY,
        _number("amount", "Số tiền (đồng)"),
        _text("per", "Tính cho một"),
        _text("text", "Lời"),
        _text("condition", "Khi nào", 50),
        _text("basis", "Căn cứ"),
        Column("valid_until", "Áp dụng đến", sheets.day, 14),
    ),
)
LAWS = Sheet("can_cu", (CODE, _text("number", "Số văn bản"), _text("title", "Tên văn bản", 60)))
CONFLICTS = Sheet(
    "mau_thuan",
    (
        CODE,
        _choice("aspect", "Mục", Aspect),
        _text("say", "Nói với người dân", 60),
        _text("basis", "Căn cứ"),
    ),
)
ALL = (RECORD, *TEXTS.values(), QUESTIONS, PAPERS, FILINGS, LIMITS, FEES, LAWS, CONFLICTS)
