"""Why a question is answered as it is, as pages tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.decision import decide

if TYPE_CHECKING:
    from handlers.services import Services

SHOWN = 5
DECISIONS = {
    "answer": "trả lời bằng một thủ tục",
    "clarify": "hỏi lại",
    "dossier": "chuyện hồ sơ",
    "office": "chuyện của cơ quan (giờ, địa chỉ…)",
    "human": "gặp cán bộ",
    "smalltalk": "chào hỏi",
    "out_of_scope": "ngoài phạm vi",
    "none": "chưa hiểu",
}
SIGNS = {
    "score": "điểm của thủ tục gần nhất",
    "sure": "phần điểm rất cao",
    "covered": "phần câu hỏi được giải thích",
    "whole": "câu hỏi không thừa chữ nào",
    "complete": "phần tên gọi có trong câu hỏi",
    "length": "độ dài câu",
    "words": "từ quen của việc cơ quan",
    "pairs": "cặp từ quen",
    "farthest": "từ lạ nhất",
    "nearest": "từ quen nhất",
    "unknown": "từ chưa gặp bao giờ",
    "letters": "chuỗi chữ cái quen",
    "letter": "trung bình chuỗi chữ cái",
}
"""What the confidence rule looks at, in words."""


def explained(question: str, services: Services) -> dict[str, Any]:
    """Words, signs and matches, as «python -m bot explain» tells them."""
    decision = decide(question, services)
    seen = services.understanding.search(question, services.index)
    aspect = decision.aspect
    return {
        "tokens": services.index.read(question).tokens,
        "decision": DECISIONS.get(decision.decision, decision.decision),
        "aspect": services.wording(f"aspect.{aspect}") if aspect else "",
        "ours": round(seen.ours * 100),
        "signs": [(SIGNS.get(name, name), part) for name, part in seen.because],
        "matches": decision.matches[:SHOWN],
    }
