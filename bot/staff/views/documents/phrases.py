"""Phrases: questions the bot asks back, and what people say that is no procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bot import documents
from bot.replay import Candidate
from bot.staff.views.documents.part import Field, Part, Piece, Preview, Typed, Wrong, listed, spread
from bot.staff.views.documents.replaying import replayed
from knowledge.model import PROCEDURE_CODE
from knowledge.phrases import AskBack, Choice, Phrases, Said
from knowledge.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.documents import Body
    from bot.staff.exchange import Exchange

LONGEST = 120
LABEL = 60
"""Characters of a choice; a phone cuts off longer buttons."""
CHOICES = 4


class _PhrasesPart(Part[Phrases]):
    document = documents.PHRASES

    def load(self, body: Body | None) -> Phrases:
        return documents.read_phrases(body)

    def dump(self, model: Phrases) -> Body:
        return model.model_dump(mode="json", exclude_defaults=True)

    async def preview(
        self, exchange: Exchange, before: Phrases, after: Phrases, key: str
    ) -> Preview:
        del before
        preview = await replayed(exchange, Candidate(phrases=after))
        known = exchange.site.desk.services
        rule = next((each for each in after.ask_back if each.phrases[0] == key), None)
        if rule:
            unknown = [o.code for o in rule.options if known.procedure(o.code) is None]
            preview.warnings += [f"Kho chưa có thủ tục {code}." for code in unknown]
        return preview


def _choice_fields() -> tuple[Field, ...]:
    return tuple(
        field
        for number in range(1, CHOICES + 1)
        for field in (
            Field(name=f"label{number}", label=f"Lựa chọn {number}", most=LABEL, half=True),
            Field(name=f"code{number}", label=f"Mã thủ tục {number}", most=20, half=True),
        )
    )


class AskBackPart(_PhrasesPart):
    """Phrases that honestly mean several things."""

    path = "phrases"
    title = "Câu hỏi lại"
    one = "câu hỏi lại"
    intro = (
        "Có câu hiểu được nhiều cách, như «tách sổ». Bot không đoán mà hỏi lại, kèm các lựa chọn."
    )
    fields = (
        Field(
            name="phrases",
            label="Khi người dân nói",
            hint="Mỗi dòng một cách nói.",
            kind="lines",
            needed=True,
            most=LONGEST,
        ),
        Field(name="ask", label="Bot hỏi lại", needed=True, most=200),
        *_choice_fields(),
    )

    def pieces(self, model: Phrases) -> list[Piece]:
        return [
            Piece(
                key=each.phrases[0],
                title=each.ask,
                lines=(
                    f"Khi nghe: {', '.join(each.phrases)}",
                    *(f"{option.label} → {option.code}" for option in each.options),
                ),
            )
            for each in model.ask_back
        ]

    def find(self, model: Phrases, key: str) -> Typed | None:
        rule = next((each for each in model.ask_back if each.phrases[0] == key), None)
        if rule is None:
            return None
        typed = self.blank() | {"phrases": spread(rule.phrases), "ask": rule.ask}
        for number, option in enumerate(rule.options, 1):
            typed |= {f"label{number}": option.label, f"code{number}": option.code}
        return typed

    def put(self, model: Phrases, key: str, typed: Typed) -> tuple[Phrases, str]:
        phrases = listed(typed["phrases"])
        faults: dict[str, str] = {}
        others = [each for each in model.ask_back if each.phrases[0] != key]
        taken = {fold(phrase) for each in others for phrase in each.phrases}
        if twice := [each for each in phrases if fold(each) in taken]:
            faults["phrases"] = f"Đã có ở câu hỏi lại khác: {', '.join(twice[:5])}."
        if any(not words(each) for each in phrases):
            faults["phrases"] = "Mỗi dòng cần ít nhất một chữ."
        options = _options(typed, faults)
        if faults:
            raise Wrong(faults)
        rule = AskBack(phrases=phrases, ask=typed["ask"], options=options)
        if any(each.phrases[0] == key for each in model.ask_back):
            kept = tuple(rule if each.phrases[0] == key else each for each in model.ask_back)
        else:
            kept = (*model.ask_back, rule)
        return model.model_copy(update={"ask_back": kept}), phrases[0]

    def remove(self, model: Phrases, key: str) -> Phrases:
        kept = tuple(each for each in model.ask_back if each.phrases[0] != key)
        return model.model_copy(update={"ask_back": kept})


def _options(typed: Typed, faults: dict[str, str]) -> tuple[Choice, ...]:
    options = []
    for number in range(1, CHOICES + 1):
        label, code = typed[f"label{number}"], typed[f"code{number}"]
        if not label and not code:
            continue
        if not label:
            faults[f"label{number}"] = "Ghi lời của lựa chọn này."
        elif not PROCEDURE_CODE.fullmatch(code):
            faults[f"code{number}"] = "Cần mã thủ tục, dạng 1.000894."
        else:
            options.append(Choice(label=label, code=code))
    if len(options) < 2 and not faults:
        faults["label2"] = "Cần ít nhất hai lựa chọn; chỉ có một thì không phải hỏi lại."
    return tuple(options)


class SayingsPart(_PhrasesPart):
    """What people say beside procedures; lists can grow, kinds cannot."""

    path = "phrases/sayings"
    title = "Câu nói khác"
    one = "nhóm câu"
    intro = (
        "Những câu không hỏi thủ tục: chào, cảm ơn, xin gặp người, hỏi giờ, việc của nơi khác. "
        "Thêm hoặc bớt cách nói; câu bot đáp nằm ở trang Lời bot nói."
    )
    grows = False
    fields = (
        Field(
            name="phrases",
            label="Các cách nói",
            hint="Mỗi dòng một câu.",
            kind="lines",
            needed=True,
            most=LONGEST,
        ),
    )
    names: ClassVar[dict[str, str]] = {
        "emergency": "Khẩn cấp",
        "human": "Xin gặp người",
        "dossier": "Hỏi hồ sơ",
        "unfollow": "Thôi theo dõi hồ sơ",
        "complaint": "Phản ánh, khiếu nại",
        "litter": "Rác, trật tự đô thị",
        "divorce": "Ly hôn",
        "house_number": "Số nhà",
        "traffic_fine": "Phạt giao thông",
        "not_ours": "Không thuộc một cửa",
        "hours": "Giờ làm việc",
        "address": "Địa chỉ",
        "ward": "Phường cũ",
        "who": "Bạn là ai",
        "help": "Giúp đỡ",
        "abuse": "Nặng lời",
        "thanks": "Cảm ơn",
        "bye": "Tạm biệt",
        "greeting": "Chào hỏi",
    }

    def pieces(self, model: Phrases) -> list[Piece]:
        keyed = _numbered(model.intents.said)
        return [
            Piece(
                key=key,
                title=self.names.get(each.key, each.key)
                + ("" if key == each.key else f" ({key.rpartition('.')[2]})"),
                lines=(_short(each.phrases),),
                tags=("cả câu",) if each.whole else (),
            )
            for key, each in keyed.items()
        ]

    def find(self, model: Phrases, key: str) -> Typed | None:
        found = _numbered(model.intents.said).get(key)
        return {"phrases": spread(found.phrases)} if found else None

    def put(self, model: Phrases, key: str, typed: Typed) -> tuple[Phrases, str]:
        keyed = _numbered(model.intents.said)
        old = keyed[key]
        phrases = listed(typed["phrases"])
        for each in phrases:
            bare = each.replace("{x}", "") if old.each else each
            if "{" in bare or "}" in bare:
                allowed = "chỉ dùng {x}" if old.each else "nhóm này không dùng dấu ngoặc nhọn"
                raise Wrong({"phrases": f"«{each[:60]}»: {allowed}."})
            if not words(bare):
                raise Wrong({"phrases": "Mỗi dòng cần ít nhất một chữ."})
        keyed[key] = old.model_copy(update={"phrases": phrases})
        intents = model.intents.model_copy(update={"said": tuple(keyed.values())})
        return model.model_copy(update={"intents": intents}), key

    def removable(self, model: Phrases, key: str) -> str:
        del model, key
        return ""

    def reading(self, model: Phrases, key: str) -> str:
        found = _numbered(model.intents.said).get(key)
        if found is None or not found.each:
            return "Nhóm này chỉ nhận khi cả câu đúng như vậy." if found and found.whole else ""
        return f"{{x}} thay cho mỗi từ sau: {', '.join(found.each)}."


def _numbered(said: Sequence[Said]) -> dict[str, Said]:
    """Groups by key; the second of a key has «.2» behind it."""
    keyed: dict[str, Said] = {}
    for each in said:
        numbers = (f"{each.key}.{number}" for number in range(2, len(said) + 2))
        keyed[next(key for key in (each.key, *numbers) if key not in keyed)] = each
    return keyed


def _short(phrases: Sequence[str]) -> str:
    more = f" … (và {len(phrases) - 8} câu nữa)" if len(phrases) > 8 else ""
    return ", ".join(phrases[:8]) + more
