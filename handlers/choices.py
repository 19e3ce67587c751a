"""«2», «cái đầu tiên», «không phải» or a button's own label: which button is meant."""

from __future__ import annotations

import re

from handlers.conversation import Memory
from knowledge.text import fold

GOOD, BAD = "rate:good:", "rate:bad:"
"""Begin the actions that say of an answer about a procedure whether it was right."""
_ORDINALS = {
    "dau": 1, "dau tien": 1, "thu nhat": 1, "nhat": 1, "hai": 2, "thu hai": 2, "nhi": 2,
    "ba": 3, "thu ba": 3, "tu": 4, "bon": 4, "thu tu": 4, "cuoi": -1, "cuoi cung": -1,
}  # fmt: skip
_CHOICE = re.compile(
    r"^(?:(?:chon|so|cai|y|muc|loai|truong hop|phuong an|cau|nut)\s+)*(?:so\s+)?"
    r"(?P<which>\d{1,2}|" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r")"
    r"(?:\s+(?:di|nha|a|nhe|ban|em|ne))*$"
)
_BARE_ORDINAL = re.compile(r"^(?:hai|ba|tu|bon|dau|nhat|nhi|cuoi)$")
_NO = frozenset(
    [
        "khong phai",
        "khong",
        "ko phai",
        "khong phai cai nay",
        "khong dung",
        "sai roi",
        "khong phai vay",
        "khac",
        "cai khac",
        "khong phai y toi",
        "khong cai nao",
        "khong co cai nao",
    ]
)
_RIGHT = frozenset(["dung", "dung roi", "dung y", "dung y roi", "chinh xac", "phai roi"])
"""What is said of an answer; «ok» and «dạ» only mean that it was read."""
_WRONG = _NO | {"chua dung", "chua dung y", "khong dung y", "sai", "tra loi sai", "chua phai"}
_YES = frozenset(
    ["dung", "dung roi", "phai", "phai roi", "u", "uh", "um", "co", "ok", "dong y", "chinh xac"]
)


def chosen_action(text: str, memory: Memory) -> str | None:
    """The action meant by «2», «cái đầu tiên», «không phải» or a button's own label."""
    said = fold(text).strip(" .!,?")
    for button in memory.offered:
        if button.action and fold(button.label) == said:
            return button.action
    if meant := _rated(said, memory):
        return meant
    actions = [button for button in memory.offered if button.action and not button.aside]
    if not actions:
        return None
    if said in _NO:
        return "no"
    if said in _YES and len(actions) == 1:
        return actions[0].action
    found = _CHOICE.match(said)
    if not found or (_BARE_ORDINAL.match(said) and len(actions) < 2):
        return None
    which = found["which"]
    number = int(which) if which.isdigit() else _ORDINALS[which]
    number = len(actions) if number == -1 else number
    return actions[number - 1].action if 1 <= number <= len(actions) else "out_of_range"


def _rated(said: str, memory: Memory) -> str | None:
    """The action of the button aside that «đúng rồi» or «không phải» means."""
    for words, kind in ((_RIGHT, GOOD), (_WRONG, BAD)):
        if said in words:
            found = (each.action for each in memory.offered if each.action.startswith(kind))
            return next(found, None)
    return None
