"""What is wrong with a record, in Vietnamese and at the field where it is put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.staff.editing.fields import Items, Kind, Leaf, Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BY_KIND: Mapping[str, str] = {
    "missing": "Anh/chị điền mục này.",
    "string_too_short": "Anh/chị điền mục này.",
    "enum": "Anh/chị chọn một mục trong danh sách.",
    "date_type": "Anh/chị điền ngày, dạng 25/11/2026.",
    "greater_than": "Số này phải lớn hơn 0.",
    "greater_than_equal": "Số này không được âm.",
}
_BY_TEXT: Mapping[str, tuple[str, str]] = {
    "cannot replace or relate to itself": (
        "related",
        "Thủ tục không thể thay cho chính nó, hay liên quan tới chính nó.",
    ),
    "valid_until is before": ("valid_until", "Ngày hết hiệu lực đứng trước ngày có hiệu lực."),
    "needs an amount or a text": ("", "Anh/chị điền con số, hoặc nói bằng lời ở ô bên dưới."),
    "'when' names no such option": ("questions", "Có giấy tờ nhắc tới lựa chọn không còn nữa."),
}
UNKNOWN = "Mục này chưa đúng. Anh/chị xem lại giúp em."
_BAD_CODE = "Mã thủ tục có dạng 1.001193 (một chữ số, dấu chấm, sáu chữ số)."
_FEW = "Cần ít nhất {count} {one}."
_MANY = "Nhiều nhất {count} {one}."
_THINGS: Mapping[str, str] = {"options": "lựa chọn", "questions": "câu hỏi"}


def place(nodes: Sequence[Node], where: Sequence[int | str]) -> str:
    """The path of the form's field for a place in the record; empty for the record as a whole.

    An item as a whole is put right at its first field, a line at the box of lines.
    """
    path: list[str] = []
    plain = False
    for step in where:
        if isinstance(step, int):
            path.append(str(step))
            if plain:
                path.append("text")
            continue
        node = next((each for each in nodes if each.name == step), None)
        if node is None:
            break
        path.append(node.name)
        if isinstance(node, Leaf):
            return ".".join(path)
        plain = isinstance(node, Items) and node.plain
        nodes = node.nodes
    if path and path[-1].isdecimal():
        seen = (each for each in nodes if isinstance(each, Leaf) and each.kind is not Kind.KEY)
        path += [leaf.name for leaf in [next(seen, None)] if leaf]
    return ".".join(path)


def in_words(path: str, error: Any) -> tuple[str, str]:
    """The field and the words for one of pydantic's errors."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        for sign, (field, said) in _BY_TEXT.items():
            if sign in error["msg"]:
                return path or field, said
    if kind == "string_pattern_mismatch":
        line = next((each + 1 for each in error["loc"] if isinstance(each, int)), None)
        return path, f"Dòng {line}: {_BAD_CODE}" if line else _BAD_CODE
    if kind in ("too_short", "too_long"):
        one = _THINGS.get(path.rpartition(".")[2], "mục")
        count = context.get("min_length" if kind == "too_short" else "max_length")
        return path, (_FEW if kind == "too_short" else _MANY).format(count=count, one=one)
    return path, _BY_KIND.get(kind, UNKNOWN)
