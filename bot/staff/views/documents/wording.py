"""Every sentence the bot says, with its places filled in by examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bot import documents
from bot.staff.views.documents.part import Field, Part, Piece, Preview, Said, Typed, Wrong
from handlers.conversation import Button, Reply
from handlers.wording import Misplaced, Wording, places

if TYPE_CHECKING:
    from bot.documents import Body
    from bot.staff.exchange import Exchange

SCREEN = 900
"""Characters that fit on one screen of a phone."""
BUTTON = 32
"""Characters of a button that a narrow phone shows."""
EXAMPLES = {
    "address": "12 đường 16 Tháng 4",
    "at": "nguoidan.chinhphu.vn",
    "checked": "15/07/2026",
    "code": "1.000894",
    "complaints": "nguoidan.chinhphu.vn",
    "confirmed": "cán bộ đã xác nhận",
    "count": "3",
    "day": "thứ Năm 26/11",
    "deadline": "thứ Sáu 27/11",
    "decision": "QĐ 163/QĐ-BTP",
    "done": "1",
    "due": "thứ Tư 02/12",
    "fee": "8.000 đồng một bản",
    "field": "Hộ tịch",
    "files": "Tờ khai đăng ký kết hôn",
    "holder": "Bộ phận một cửa",
    "holiday": "Quốc khánh",
    "hours": "7 giờ – 11 giờ 30 và 13 giờ 30 – 17 giờ",
    "lead": "Có em bé mới sinh",
    "limit": "3 ngày làm việc",
    "name": "N. T. H.",
    "next": "7 giờ thứ Hai 30/11",
    "number": "1",
    "office": "Bộ phận một cửa phường",
    "old": "1.000893",
    "paper": "Tờ khai",
    "phone": "0259 000 0000",
    "place": "UBND phường",
    "portal": "dichvucong.gov.vn",
    "question": "Cha mẹ bé có đăng ký kết hôn chưa?",
    "result": "giấy chứng nhận kết hôn",
    "since": ", từ 19/11",
    "source": "Hệ thống một cửa",
    "start": "hôm nay",
    "status": "Chờ phân công",
    "system": "hệ thống của tỉnh",
    "tail": "0042",
    "time": "9 giờ 15",
    "title": "Đăng ký kết hôn",
    "url": "https://dichvucong.gov.vn",
    "wait": "10 phút",
    "ward": "phường Phan Rang",
    "was": "phường Kinh Dinh, phường Phủ Hà",
    "when": "thứ Ba 01/12 (3 ngày làm việc)",
    "where": "Bộ phận một cửa phường",
    "who": "hai bên nam, nữ",
    "why": "thiếu chữ ký",
}
"""Values to show a sentence with; a place without one is shown by its name."""


class WordingPart(Part[Wording]):
    """Sentences by key; only what was written anew is stored."""

    document = documents.WORDING
    path = "wording"
    title = "Lời bot nói"
    one = "câu"
    intro = (
        "Mọi câu bot nói với người dân. Chữ trong dấu ngoặc nhọn như {title} là chỗ chương trình "
        "điền vào; giữ nguyên các chỗ ấy."
    )
    grows = False
    fields = (Field(name="sentence", label="Câu", kind="long", needed=True, most=1500),)
    groups: ClassVar[dict[str, str]] = {
        "aspect": "Tên các mục",
        "attachment": "Nhận ảnh, tệp",
        "button": "Nút bấm",
        "checklist": "Bảng giấy tờ từng trường hợp",
        "estimate": "Nộp hôm nay thì khi nào có",
        "fee": "Phí, lệ phí",
        "hs": "Tra cứu hồ sơ",
        "human": "Gặp cán bộ",
        "news": "Tin báo về hồ sơ",
        "office": "Văn phòng",
        "out_of_scope": "Việc của nơi khác",
        "papers": "Giấy tờ",
        "place": "Nơi nộp",
        "privacy": "Dữ liệu cá nhân",
        "scan": "Ảnh có mã",
        "source": "Dòng nguồn",
        "time": "Thời hạn",
    }

    def load(self, body: Body | None) -> Wording:
        return documents.read_wording(body)

    def dump(self, model: Wording) -> Body:
        seed = documents.program_wording()
        written = {key: model.written(key) for key in sorted(model.keys())}
        return {"sentences": {k: text for k, text in written.items() if text != seed.written(k)}}

    def pieces(self, model: Wording) -> list[Piece]:
        seed, keys = documents.program_wording(), model.keys()
        found = [
            Piece(
                key=key,
                title=model.written(key),
                lines=(key,),
                tags=("đã sửa",) if model.written(key) != seed.written(key) else (),
                group=self.groups.get(key.partition(".")[0], "Khác"),
            )
            for key in keys
        ]
        return sorted(found, key=lambda each: (each.group == "Khác", each.group, each.key))

    def find(self, model: Wording, key: str) -> Typed | None:
        return {"sentence": model.written(key)} if key in model else None

    def put(self, model: Wording, key: str, typed: Typed) -> tuple[Wording, str]:
        sentence, known = typed["sentence"], model.places(key)
        try:
            named = places(sentence)
        except Misplaced:
            raise Wrong(
                {
                    "sentence": "Dấu ngoặc nhọn không đúng. Mỗi chỗ điền viết liền như "
                    + (_braced(known) if known else "{…}; câu này không có chỗ điền nào.")
                }
            ) from None
        faults = []
        if unknown := named - known:
            faults.append(f"Câu này không có chỗ điền {_braced(unknown)}.")
        if missing := known - named:
            faults.append(f"Thiếu chỗ điền {_braced(missing)}.")
        if faults:
            raise Wrong({"sentence": " ".join(faults)})
        return model.rewritten({key: sentence}), key

    def remove(self, model: Wording, key: str) -> Wording:
        return model.rewritten({key: documents.program_wording().written(key)})

    def removable(self, model: Wording, key: str) -> str:
        return (
            "Trở lại câu gốc"
            if model.written(key) != documents.program_wording().written(key)
            else ""
        )

    def reading(self, model: Wording, key: str) -> str:
        if key not in model or not model.places(key):
            return "Câu này không có chỗ điền."
        told = (
            f"{{{name}}} – ví dụ «{EXAMPLES.get(name, name)}»" for name in sorted(model.places(key))
        )
        return f"Chỗ điền: {'; '.join(told)}."

    async def preview(
        self, exchange: Exchange, before: Wording, after: Wording, key: str
    ) -> Preview:
        del exchange
        preview = Preview(
            replies=[Said(asked="", before=_shown(before, key), after=_shown(after, key))]
        )
        text = _filled(after, key)
        is_button = key.startswith(("button.", "aspect."))
        if is_button and len(text) > BUTTON:
            preview.warnings.append(f"Nút dài quá {BUTTON} ký tự, điện thoại nhỏ cắt bớt.")
        if len(text) > SCREEN:
            preview.warnings.append("Dài hơn một màn hình điện thoại.")
        if "!" in text:
            preview.warnings.append("Bot không dùng dấu chấm than.")
        return preview


def _braced(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _filled(wording: Wording, key: str) -> str:
    return wording(key, **{name: EXAMPLES.get(name, f"«{name}»") for name in wording.places(key)})


def _shown(wording: Wording, key: str) -> Reply:
    text = _filled(wording, key)
    if key.startswith(("button.", "aspect.")):
        return Reply(lead="", buttons=(Button(label=text, action="preview"),))
    return Reply(lead=text)
