"""The form of a procedure: its sections and fields, with what officers need to know of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.staff.editing.fields import Items, Kind, Leaf, Node, Part, Section
from knowledge.difference import said
from knowledge.model import Aspect, Channel, Level, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum


def _words(kinds: Iterable[StrEnum]) -> dict[str, str]:
    return {kind.value: said(kind).capitalize() for kind in kinds}


def _texts(name: str, label: str, one: str, hint: str = "") -> Items:
    text = Leaf(name="text", label=one.capitalize(), kind=Kind.AREA)
    return Items(name=name, label=label, one=one, nodes=(text,), hint=hint, plain=True)


def _leaf(name: str, label: str, hint: str = "", kind: Kind = Kind.LINE, **more: Any) -> Leaf:
    return Leaf(name=name, label=label, hint=hint, kind=kind, **more)


_WHEN = _leaf("when", "Chỉ áp dụng khi", kind=Kind.WHEN)

CODE = _leaf("code", "Mã thủ tục", "Mã quốc gia, ví dụ 1.001193. Lưu rồi thì không đổi được.",
             needed=True)  # fmt: skip

_NAMES = Section(
    key="names",
    label="Tên",
    nodes=(
        _leaf("name", "Tên đầy đủ", "Đúng như trong quyết định công bố.", Kind.AREA, needed=True),
        _leaf("short_name", "Tên ngắn", "Tên trợ lý nói với người dân, ví dụ «Đăng ký khai sinh»."),
        _leaf(
            "aliases",
            "Tên thường gọi",
            "Mỗi dòng một tên, viết như người dân nói: «làm giấy khai sinh», «khai sinh trễ».",
            Kind.LINES,
        ),
        _leaf("field", "Lĩnh vực", "Ví dụ «Hộ tịch».", needed=True),
        _leaf("levels", "Cấp thực hiện", kind=Kind.TICKS, words=_words(Level)),
        _leaf("office", "Cơ quan thực hiện"),
        _leaf("place", "Nơi nộp", "Người dân đến đâu, ví dụ «Bộ phận một cửa phường».", Kind.AREA),
        _leaf("subjects", "Ai được làm", "Mỗi dòng một nhóm người.", Kind.LINES),
    ),
)
_QUESTIONS = Section(
    key="asked",
    label="Câu hỏi lại người dân",
    hint="Chỉ cần khi giấy tờ khác nhau tùy trường hợp. Nhiều nhất 4 câu, mỗi câu 2 đến 5 lựa chọn."
    " Thêm câu hỏi ở đây rồi đánh dấu «Chỉ áp dụng khi» ở từng giấy tờ bên dưới.",
    nodes=(
        Items(
            name="questions",
            label="Các câu hỏi",
            one="câu hỏi",
            nodes=(
                _leaf("key", "Khóa", kind=Kind.KEY),
                _leaf("text", "Câu hỏi", "Ví dụ «Cha mẹ đã đăng ký kết hôn chưa?»", needed=True),
                Items(
                    name="options",
                    label="Các lựa chọn",
                    one="lựa chọn",
                    needed=True,
                    nodes=(
                        _leaf("key", "Khóa", kind=Kind.KEY),
                        _leaf("label", "Lời của lựa chọn", needed=True),
                    ),
                ),
                _WHEN,
            ),
        ),
    ),
)
_PAPER = (
    _leaf("name", "Tên giấy tờ", kind=Kind.AREA, needed=True),
    _leaf("originals", "Bản chính", "Số bản. Để trống nếu không quy định.", Kind.COUNT),
    _leaf("copies", "Bản sao", "Số bản. Để trống nếu không quy định.", Kind.COUNT),
    _leaf("shown", "Chỉ đưa xem, không nộp", kind=Kind.TICK),
    _leaf("form", "Mẫu đơn", "Tên mẫu, ví dụ «Mẫu CT01»."),
    _leaf("condition", "Khi nào cần", "Nói bằng lời, ví dụ «nếu ủy quyền cho người khác»."),
    _WHEN,
)
_CASES = Section(
    key="papers",
    label="Trường hợp và giấy tờ",
    hint="Thủ tục chỉ có một trường hợp thì để một nhóm, đặt tên «Giấy tờ phải nộp».",
    nodes=(
        Items(
            name="cases",
            label="Các trường hợp",
            one="trường hợp",
            nodes=(
                _leaf("name", "Tên trường hợp", kind=Kind.AREA, needed=True),
                _WHEN,
                Items(name="papers", label="Giấy tờ", one="giấy tờ", nodes=_PAPER),
            ),
        ),
    ),
)
_STEPS = Section(
    key="way",
    label="Trình tự, điều kiện, kết quả",
    nodes=(
        _texts("steps", "Các bước", "bước", "Mỗi ô một bước, theo thứ tự người dân làm."),
        _texts("conditions", "Điều kiện", "điều kiện"),
        _leaf("result", "Kết quả", "Người dân nhận được gì.", Kind.AREA),
    ),
)
_LIMIT = (
    _leaf("amount", "Bao lâu", "Chỉ ghi số. Không có số thì ghi ở ô «Nói bằng lời».", Kind.COUNT),
    _leaf("unit", "Đơn vị", kind=Kind.CHOICE, words=_words(Unit), default=Unit.WORKING_DAY.value),
    _leaf("text", "Nói bằng lời", "Ví dụ «trong ngày; sau 15 giờ thì ngày làm việc hôm sau»."),
    _leaf("condition", "Khi nào", "Ví dụ «nếu phải xác minh»."),
)
_FEE = (
    _leaf("amount", "Số tiền (đồng)", "Gõ 8.000 hay 8000đ đều được. Miễn phí thì gõ 0.",
          Kind.MONEY),
    _leaf("per", "Tính cho một", "Ví dụ «bản», «trang», «lần»."),
    _leaf("text", "Nói bằng lời", "Khi một con số chưa đủ, ví dụ «theo nghị quyết của HĐND tỉnh»."),
    _leaf("condition", "Khi nào", "Ví dụ «đăng ký quá hạn»."),
    _leaf("basis", "Căn cứ thu phí", "Số văn bản quy định mức này."),
    _leaf("valid_until", "Áp dụng đến hết ngày", "Dạng 31/12/2026.", Kind.DAY),
)  # fmt: skip
_FILINGS = Section(
    key="filing",
    label="Cách nộp, thời hạn, phí",
    nodes=(
        Items(
            name="filings",
            label="Các cách nộp",
            one="cách nộp",
            nodes=(
                _leaf("channel", "Cách nộp", kind=Kind.CHOICE, words=_words(Channel), needed=True),
                _leaf("note", "Ghi chú", kind=Kind.AREA),
                Items(name="limits", label="Thời hạn", one="thời hạn", nodes=_LIMIT),
                Items(name="fees", label="Phí, lệ phí", one="mức phí", nodes=_FEE),
            ),
        ),
        _leaf("online_url", "Địa chỉ nộp trực tuyến", "Bắt đầu bằng https://"),
    ),
)
_LAW = Section(
    key="law",
    label="Căn cứ, chỗ mâu thuẫn, lưu ý",
    nodes=(
        Items(
            name="legal_basis",
            label="Căn cứ pháp lý",
            one="văn bản",
            nodes=(
                _leaf("number", "Số văn bản", "Ví dụ «60/2014/QH13».", needed=True),
                _leaf("title", "Tên văn bản"),
            ),
        ),
        Items(
            name="conflicts",
            label="Chỗ cổng dịch vụ công và luật nói khác nhau",
            one="chỗ mâu thuẫn",
            nodes=(
                _leaf("aspect", "Mục", kind=Kind.CHOICE, words=_words(Aspect), needed=True),
                _leaf("say", "Nói với người dân", kind=Kind.AREA, needed=True),
                _leaf("basis", "Căn cứ"),
            ),
        ),
        _texts("notes", "Lưu ý", "lưu ý"),
    ),
)
_SOURCE = Section(
    key="origin",
    label="Nguồn, hiệu lực",
    nodes=(
        Part(
            name="source",
            nodes=(
                _leaf("decision", "Số quyết định công bố", "Ví dụ «163/QĐ-BTP»."),
                _leaf("url", "Địa chỉ nguồn", "Trang anh/chị đã xem."),
                _leaf("checked_on", "Ngày kiểm tra", "Ngày đối chiếu với văn bản, dạng 25/11/2026.",
                      Kind.DAY, needed=True),
                _leaf("check_by", "Kiểm tra lại trước ngày",
                      "Trống là theo lịch kiểm tra chung của văn phòng.", Kind.DAY),
                _leaf("confirmed", "Đã đối chiếu với văn bản và xác nhận đúng", kind=Kind.TICK),
                _leaf("confirmed_by", "Người xác nhận"),
                _leaf("origin", "Lấy từ đâu"),
            ),
        ),
        _leaf("unsourced", "Mục chưa thấy nguồn chính thức", "Trợ lý nói rõ điều này khi trả lời.",
              Kind.TICKS, words=_words(Aspect)),
        _leaf("valid_from", "Hiệu lực từ ngày", "Dạng 01/07/2026. Trống là đang có hiệu lực.",
              Kind.DAY),
        _leaf("valid_until", "Hiệu lực đến hết ngày", "Trống là chưa có ngày hết hiệu lực.",
              Kind.DAY),
        _leaf("replaces", "Thay cho các mã", "Mỗi dòng một mã cũ.", Kind.LINES),
        _leaf("related", "Thủ tục liên quan", "Mỗi dòng một mã.", Kind.LINES),
    ),
)  # fmt: skip

SECTIONS = (_NAMES, _QUESTIONS, _CASES, _STEPS, _FILINGS, _LAW, _SOURCE)
NODES: tuple[Node, ...] = tuple(node for section in SECTIONS for node in section.nodes)
"""Every field of a record but its code and revision."""


def spoken(path: str) -> str:
    """«Trường hợp 1 › Giấy tờ 2 › Tên giấy tờ» for ``cases.0.papers.1.name``; else as it is."""
    nodes: tuple[Node, ...] = (CODE, *NODES)
    said_so_far: list[str] = []
    for step in path.split("."):
        if step.isascii() and step.isdecimal() and said_so_far:
            said_so_far[-1] = f"{said_so_far[-1]} {int(step) + 1}"
            continue
        node = next((each for each in nodes if each.name == step), None)
        if node is None:
            return path
        if isinstance(node, Leaf):
            said_so_far.append(node.label)
            nodes = ()
            continue
        if isinstance(node, Items):
            said_so_far.append(node.one.capitalize())
        nodes = node.nodes
    return " › ".join(said_so_far)
