"""Says in Vietnamese what is wrong with a value that the model refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knowledge.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MORE_ERRORS = 4

_REASONS: Mapping[str, str] = {
    "missing": "Thiếu, bắt buộc phải có.",
    "extra_forbidden": "Không có mục tên này; có thể gõ sai tên mục.",
    "string_too_short": "Để trống, phải có chữ.",
    "string_type": "Phải là chữ; số và mã cần đặt trong dấu nháy.",
    "string_unicode": "Có ký tự hỏng, không phải Unicode.",
    "int_parsing": "Phải là số nguyên.",
    "int_type": "Phải là số nguyên.",
    "int_from_float": "Phải là số nguyên.",
    "greater_than": "Phải lớn hơn 0.",
    "greater_than_equal": "Số quá nhỏ.",
    "too_short": "Thiếu mục con.",
    "too_long": "Quá nhiều mục con.",
    "bool_parsing": "Phải là có hoặc không.",
    "bool_type": "Phải là có hoặc không.",
    "tuple_type": "Phải là một danh sách.",
    "dict_type": "Phải gồm các mục có tên.",
    "model_type": "Phải gồm các mục có tên.",
}

_OWN: Mapping[str, str] = {
    "time limit needs": "Thời hạn phải có số hoặc lời.",
    "fee needs": "Phí phải có số tiền hoặc lời.",
    "cannot replace or relate": "Thủ tục không thể thay thế hay liên quan đến chính nó.",
    "valid_until is before": "Hiệu lực đến trước hiệu lực từ.",
    "'when' names no such option": "«Áp dụng khi» nhắc một câu hỏi hoặc lựa chọn không có.",
}


def label(loc: tuple[int | str, ...]) -> str:
    """A readable path, with the field's own key behind: «Giấy tờ 2 › Số bản chính (originals)»."""
    parts: list[str] = []
    for step in loc:
        if isinstance(step, int):
            parts[-1:] = [f"{parts[-1]} {step + 1}" if parts else str(step + 1)]
        elif step in LABELS:
            parts.append(LABELS[step])
        else:
            parts.append(str(step))
    keys = [step for step in loc if isinstance(step, str)]
    named = keys and keys[-1] in LABELS
    return " › ".join(parts) + (f" ({keys[-1]})" if named else "")


def reason(error: Mapping[str, Any]) -> str:
    """The reason of one pydantic error, with the value found, shortened."""
    kind, message = str(error["type"]), str(error["msg"])
    text = _REASONS.get(kind, "")
    if kind == "string_pattern_mismatch":
        loc = error["loc"]
        last = next((step for step in reversed(loc) if isinstance(step, str)), "")
        is_code = last in {"code", "replaces", "related"}
        text = "Mã phải có dạng 1.001193." if is_code else "Chỉ dùng chữ thường không dấu, số, _."
    elif kind == "enum":
        text = f"Chỉ được là: {error['ctx']['expected']}."
    elif kind.startswith("date"):
        # Only text files come here; the workbook's reader takes 15/07/2026 and refuses the rest.
        text = "Phải là ngày viết dạng 2026-07-15."
    elif kind == "value_error":
        text = next((own for start, own in _OWN.items() if start in message), "")
    text = text or f"Giá trị không dùng được ({message})."
    if kind in {"missing", "value_error"} or isinstance(error.get("input"), (dict, list, tuple)):
        return text
    found = str(error.get("input"))[:60].encode("utf-8", "replace").decode()
    return f"{text} Đang ghi: «{found}»"


def told(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The field of the first error, and all reasons: somebody mends a file once, not five times."""
    first, *rest = errors
    more = [f"{label(each['loc'])}: {reason(each)}" for each in rest[:MORE_ERRORS]]
    hidden = len(rest) - len(more)
    if hidden:
        more.append(f"và {hidden} lỗi nữa")
    return label(first["loc"]), " ".join([reason(first), *more])
