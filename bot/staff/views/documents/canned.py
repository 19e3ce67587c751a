"""Canned replies that officers choose from when they answer a citizen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.staff.views.documents.part import WRITING, Field, Part, Piece, Preview, Said, Typed, Wrong
from handlers.conversation import Reply
from knowledge.canned import DOCUMENT, CannedReplies, CannedReply, seed_canned_replies
from knowledge.text import fold

if TYPE_CHECKING:
    from bot.documents import Body
    from bot.staff.exchange import Exchange


class CannedPart(Part[CannedReplies]):
    """Replies by their titles."""

    document = DOCUMENT
    path = "canned"
    title = "Câu trả lời mẫu"
    one = "câu mẫu"
    intro = "Câu cán bộ hay dùng khi trả lời người dân; chọn rồi sửa lại trước khi gửi."
    roles = WRITING
    fields = (
        Field(name="title", label="Tên câu mẫu", needed=True, most=80),
        Field(name="text", label="Nội dung", kind="long", needed=True, most=1500),
    )

    def load(self, body: Body | None) -> CannedReplies:
        return seed_canned_replies() if body is None else CannedReplies.model_validate(body)

    def dump(self, model: CannedReplies) -> Body:
        return model.model_dump(mode="json", exclude_defaults=True)

    def pieces(self, model: CannedReplies) -> list[Piece]:
        return [Piece(key=e.title, title=e.title, lines=(e.text,)) for e in model.replies]

    def find(self, model: CannedReplies, key: str) -> Typed | None:
        found = next((each for each in model.replies if each.title == key), None)
        return {"title": found.title, "text": found.text} if found else None

    def put(self, model: CannedReplies, key: str, typed: Typed) -> tuple[CannedReplies, str]:
        title = typed["title"]
        if any(fold(e.title) == fold(title) for e in model.replies if e.title != key):
            raise Wrong({"title": "Đã có câu mẫu tên này."})
        reply = CannedReply(title=title, text=typed["text"])
        if any(each.title == key for each in model.replies):
            kept = tuple(reply if each.title == key else each for each in model.replies)
        else:
            kept = (*model.replies, reply)
        return CannedReplies(replies=kept), title

    def remove(self, model: CannedReplies, key: str) -> CannedReplies:
        return CannedReplies(replies=tuple(e for e in model.replies if e.title != key))

    async def preview(
        self, exchange: Exchange, before: CannedReplies, after: CannedReplies, key: str
    ) -> Preview:
        del exchange
        old, new = self.find(before, key), self.find(after, key)
        return Preview(
            replies=[
                Said(
                    asked="",
                    before=Reply(lead=old["text"]) if old else None,
                    after=Reply(lead=new["text"]) if new else None,
                )
            ]
        )
