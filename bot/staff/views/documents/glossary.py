"""The glossary: words and what they mean, fillers, and words that tell siblings apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from bot import documents
from bot.replay import Candidate
from bot.staff.views.documents.part import (
    WRITING,
    Field,
    Part,
    Piece,
    Preview,
    Typed,
    Wrong,
    listed,
    spread,
)
from bot.staff.views.documents.replaying import replayed
from knowledge.text import canonical, fold, words
from knowledge.vocabulary import Mark, Vocabulary, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.documents import Body
    from bot.staff.exchange import Exchange

LONGEST = 60
"""Characters of a word or a set phrase; a whole sentence is an everyday name of a procedure."""
MOST_MARKS = 31
FILLERS = "fillers"
REGIONS = ("miền Bắc", "miền Trung", "miền Nam")
_KEY = re.compile(r"[^a-z0-9]+")


class _GlossaryPart(Part[Vocabulary]):
    document = documents.VOCABULARY
    roles = WRITING

    def load(self, body: Body | None) -> Vocabulary:
        return documents.read_vocabulary(body)

    def dump(self, model: Vocabulary) -> Body:
        return model.model_dump(mode="json", exclude_defaults=True)

    async def preview(
        self, exchange: Exchange, before: Vocabulary, after: Vocabulary, key: str
    ) -> Preview:
        del before, key
        return await replayed(exchange, Candidate(vocabulary=after))


class WordsPart(_GlossaryPart):
    """Abbreviations, regional and everyday words."""

    path = "glossary"
    title = "Từ điển"
    one = "từ"
    intro = (
        "Chữ viết tắt, tiếng địa phương, cách gọi hằng ngày và nghĩa của chúng. "
        "Sửa ở đây tác động tới mọi câu có từ đó."
    )
    fields = (
        Field(
            name="form",
            label="Từ hoặc cụm từ",
            hint="Như người dân gõ: «gcnqsdđ», «khai sanh».",
            needed=True,
            most=LONGEST,
        ),
        Field(
            name="means",
            label="Nghĩa là",
            hint="Mỗi dòng một nghĩa.",
            kind="lines",
            needed=True,
            most=LONGEST,
        ),
        Field(
            name="same",
            label="Luôn đúng nghĩa này, trong mọi câu",
            hint="Bot đọc hai từ như một. Chỉ chọn khi có đúng một nghĩa.",
            kind="tick",
        ),
        Field(
            name="region",
            label="Dùng ở đâu",
            hint="Để trống: nơi nào cũng dùng.",
            most=LONGEST,
            suggestions=REGIONS,
        ),
        Field(name="note", label="Ghi chú", hint="Chỉ cán bộ thấy."),
    )

    def pieces(self, model: Vocabulary) -> list[Piece]:
        return [_listed(word) for word in sorted(model.words, key=lambda each: fold(each.form))]

    def find(self, model: Vocabulary, key: str) -> Typed | None:
        word = next((each for each in model.words if each.form == key), None)
        if word is None:
            return None
        return {
            "form": word.form,
            "means": spread(word.means),
            "same": "yes" if word.same else "",
            "region": word.region or "",
            "note": word.note or "",
        }

    def put(self, model: Vocabulary, key: str, typed: Typed) -> tuple[Vocabulary, str]:
        form, means = typed["form"], listed(typed["means"])
        faults: dict[str, str] = {}
        if not words(form):
            faults["form"] = "Cần ít nhất một chữ."
        if known := next((e for e in model.words if e.form != key and _alike(e.form, form)), None):
            faults["form"] = f"Đã có từ «{known.form}». Anh/chị sửa từ đó."
        if any(not words(each) for each in means):
            faults["means"] = "Mỗi dòng cần ít nhất một chữ."
        elif any(_alike(each, form) for each in means):
            faults["means"] = "Nghĩa trùng với chính từ đó."
        if typed["same"] and len(means) != 1:
            faults["same"] = "Chỉ chọn khi có đúng một nghĩa."
        if faults:
            raise Wrong(faults)
        word = Word(
            form=form,
            means=means,
            same=bool(typed["same"]),
            region=typed["region"] or None,
            note=typed["note"] or None,
        )
        if any(each.form == key for each in model.words):
            kept = tuple(word if each.form == key else each for each in model.words)
        else:
            kept = (*model.words, word)
        return model.model_copy(update={"words": kept}), form

    def remove(self, model: Vocabulary, key: str) -> Vocabulary:
        kept = tuple(each for each in model.words if each.form != key)
        return model.model_copy(update={"words": kept})


class FillersPart(_GlossaryPart):
    """Words that say nothing of a procedure."""

    path = "glossary/fillers"
    title = "Từ đệm"
    one = "danh sách từ đệm"
    intro = "Những chữ không giúp nhận ra thủ tục: «dạ», «cho em hỏi», «nhé»."
    only = FILLERS
    grows = False
    fields = (
        Field(
            name="fillers",
            label="Các từ đệm",
            hint="Cách nhau bằng dấu cách; mỗi từ một tiếng.",
            kind="long",
            needed=True,
            most=4000,
        ),
    )

    def pieces(self, model: Vocabulary) -> list[Piece]:
        return [Piece(key=FILLERS, title=self.title, lines=(" ".join(model.fillers.split()),))]

    def find(self, model: Vocabulary, key: str) -> Typed | None:
        return {"fillers": " ".join(model.fillers.split())} if key == FILLERS else None

    def put(self, model: Vocabulary, key: str, typed: Typed) -> tuple[Vocabulary, str]:
        del key
        said = list(dict.fromkeys(typed["fillers"].split()))
        if bad := [each for each in said if words(each) != [each.lower()]]:
            raise Wrong({"fillers": f"Không phải một tiếng: {', '.join(bad[:10])}."})
        return model.model_copy(update={"fillers": " ".join(said)}), FILLERS

    def changed(self, old: Typed | None, new: Typed | None) -> list[str]:
        was, now = ((each or self.blank())["fillers"].split() for each in (old, new))
        come, gone = [w for w in now if w not in was], [w for w in was if w not in now]
        lines = [f"Các từ đệm: thêm «{' '.join(come)}»"] if come else []
        lines += [f"Các từ đệm: bỏ «{' '.join(gone)}»"] if gone else []
        return lines or ([] if was == now else ["Các từ đệm: đổi thứ tự"])


class MarksPart(_GlossaryPart):
    """Words by which a procedure differs from its siblings."""

    path = "glossary/marks"
    title = "Từ phân biệt"
    one = "nhóm từ"
    intro = (
        "Những từ tách một thủ tục khỏi thủ tục gần giống: «cấp lại» khác «cấp mới», «có yếu tố "
        "nước ngoài» khác «trong nước». Câu có từ của một nhóm hầu như không hỏi thủ tục thiếu nó."
    )
    fields = (
        Field(
            name="forms",
            label="Các từ của nhóm",
            hint="Mỗi dòng một từ hoặc cụm từ.",
            kind="lines",
            needed=True,
            most=LONGEST,
        ),
    )
    names: ClassVar[dict[str, str]] = {
        "again": "Làm lại, mất, hỏng",
        "foreign": "Có yếu tố nước ngoài",
        "correct": "Sửa, thay đổi",
        "end": "Chấm dứt, thu hồi",
        "extend": "Gia hạn",
        "swap": "Cấp đổi",
        "copy": "Bản sao, trích lục",
        "guardian": "Giám hộ",
        "adopt": "Con nuôi",
    }

    def pieces(self, model: Vocabulary) -> list[Piece]:
        return [
            Piece(
                key=each.key,
                title=self.names.get(each.key, each.forms[0]),
                lines=(", ".join(each.forms),),
            )
            for each in model.marks
        ]

    def find(self, model: Vocabulary, key: str) -> Typed | None:
        mark = next((each for each in model.marks if each.key == key), None)
        return {"forms": spread(mark.forms)} if mark else None

    def put(self, model: Vocabulary, key: str, typed: Typed) -> tuple[Vocabulary, str]:
        forms = listed(typed["forms"])
        others = [each for each in model.marks if each.key != key]
        if any(not words(each) for each in forms):
            raise Wrong({"forms": "Mỗi dòng cần ít nhất một chữ."})
        taken = {fold(form): self.names.get(e.key, e.forms[0]) for e in others for form in e.forms}
        if twice := [form for form in forms if fold(form) in taken]:
            told = ", ".join(f"«{form}» (nhóm {taken[fold(form)]})" for form in twice[:5])
            raise Wrong({"forms": f"Đã nằm ở nhóm khác: {told}."})
        if len(others) >= MOST_MARKS:
            raise Wrong({"forms": f"Đã đủ {MOST_MARKS} nhóm."})
        mark = Mark(key=key or _new_key(forms[0], others), forms=forms)
        if any(each.key == key for each in model.marks):
            kept = tuple(mark if each.key == key else each for each in model.marks)
        else:
            kept = (*model.marks, mark)
        return model.model_copy(update={"marks": kept}), mark.key

    def remove(self, model: Vocabulary, key: str) -> Vocabulary:
        kept = tuple(each for each in model.marks if each.key != key)
        return model.model_copy(update={"marks": kept})


def _listed(word: Word) -> Piece:
    tags = ("luôn đúng nghĩa",) * word.same + ((word.region,) if word.region else ())
    note = (word.note,) if word.note else ()
    return Piece(
        key=word.form, title=word.form, lines=(f"= {'; '.join(word.means)}", *note), tags=tags
    )


def _alike(one: str, other: str) -> bool:
    """The same words, however tones are placed."""
    return list(map(canonical, words(one))) == list(map(canonical, words(other)))


def _new_key(form: str, others: Sequence[Mark]) -> str:
    """A key made of a form's letters that no other group has."""
    stem = f"m_{_KEY.sub('_', fold(form)).strip('_')}"[:20]
    taken = {each.key for each in others}
    numbered = (f"{stem}_{number}" for number in range(2, MOST_MARKS + 2))
    return next(each for each in (stem, *numbered) if each not in taken)
