"""From a record to what stands in its form and back, with what is wrong field by field."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.staff.editing.fields import Items, Kind, Leaf, Node, Tree, pruned
from bot.staff.editing.layout import CODE, NODES
from bot.staff.editing.problems import in_words, place
from bot.staff.editing.typed import one_line, plain, read_count, read_day, read_money, show_number
from knowledge.model import Procedure

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = {Kind.LINE: 2_000, Kind.AREA: 9_000, Kind.LINES: 9_000}
"""Characters of a field; whoever needs more has more than one thing to say."""
LONGEST_NUMBER = 40


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a form came to: the record, or what is wrong by the path of the field.

    ``body`` is what is kept of it in either case.
    """

    tree: Tree
    body: dict[str, Any]
    record: Procedure | None = None
    problems: dict[str, str] = field(default_factory=dict)


def to_tree(body: Any, nodes: tuple[Node, ...] = NODES) -> Tree:
    """What stands in the form of a record as JSON, whole or half typed."""
    body = body if isinstance(body, dict) else {}
    tree: Tree = {}
    for node in nodes:
        value = body.get(node.name)
        items = value if isinstance(value, list) else []
        if isinstance(node, Leaf):
            tree[node.name] = _shown(value, node)
        elif not isinstance(node, Items):
            tree[node.name] = to_tree(value, node.nodes)
        elif node.plain:
            tree[node.name] = [{"text": str(each)} for each in items]
        else:
            tree[node.name] = [to_tree(each, node.nodes) for each in items]
    return tree


def _shown(value: Any, leaf: Leaf) -> str | list[str]:
    if leaf.kind is Kind.WHEN:
        pairs = value.items() if isinstance(value, dict) else ()
        return [f"{question}={option}" for question, keys in pairs for option in keys]
    if leaf.kind is Kind.TICKS:
        return list(value or ())
    if leaf.kind is Kind.LINES and isinstance(value, list):
        return "\n".join(value)
    if leaf.kind is Kind.TICK:
        return "yes" if value else ""
    if isinstance(value, int):
        return show_number(value)
    if leaf.kind is Kind.DAY and value:
        # Half typed it stays as it was typed.
        with suppress(ValueError):
            return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    return leaf.default if value is None else str(value)


def body_of(record: Procedure) -> dict[str, Any]:
    """A record as it is stored."""
    return record.model_dump(mode="json", exclude_defaults=True)


def cleaned(tree: Tree, nodes: tuple[Node, ...] = NODES) -> Tree:
    """The tree as plain text in NFC, with a key for each new question and option."""
    return keyed(_plain(tree, nodes))


def _plain(tree: Tree, nodes: tuple[Node, ...]) -> Tree:
    clean: Tree = {}
    for node in nodes:
        value = tree[node.name]
        if isinstance(node, Leaf):
            clean[node.name] = value if node.many else plain(value)
        elif isinstance(node, Items):
            clean[node.name] = [_plain(each, node.nodes) for each in value]
        else:
            clean[node.name] = _plain(value, node.nodes)
    return clean


def keyed(tree: Tree) -> Tree:
    """Questions and options that have no key yet get one that nothing else ever named."""
    questions = tree.get("questions", ())
    taken = {part for tick in _ticks(tree) for part in tick.split("=")}
    taken |= {each["key"] for each in questions}
    for question in questions:
        question["key"] = question["key"] or _free("q", taken)
        own = taken | {each["key"] for each in question["options"]}
        for option in question["options"]:
            option["key"] = option["key"] or _free("o", own)
    return tree


def _free(letter: str, taken: set[str]) -> str:
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    taken.add(f"{letter}{number}")
    return f"{letter}{number}"


def _ticks(tree: Tree) -> list[str]:
    return [
        tick
        for each in (*tree.get("questions", ()), *tree.get("cases", ()))
        for one in (each, *each.get("papers", ()))
        for tick in one["when"]
    ]


def choices(tree: Tree) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What «Chỉ áp dụng khi» offers: key and words of each question, key and words of options."""
    return [
        (
            question["key"],
            question["text"].strip() or f"Câu hỏi {number}",
            [
                (f"{question['key']}={option['key']}", option["label"].strip() or f"Lựa chọn {at}")
                for at, option in enumerate(question["options"], 1)
            ],
        )
        for number, question in enumerate(tree["questions"], 1)
    ]


def unfinished(tree: Tree, nodes: tuple[Node, ...] = NODES) -> dict[str, Any]:
    """A cleaned form as JSON, as far as it was typed: what cannot be read stays as text."""
    return _Reader(_offered(tree)).of(tree, nodes, "")


def read(tree: Tree, *, code: str | None = None) -> Read:
    """The record of a cleaned form. Without ``code`` the form itself states it."""
    tree = pruned(tree, NODES) | {name: tree[name] for name in ("code",) if name in tree}
    reader = _Reader(_offered(tree))
    body = reader.of(tree, NODES, "")
    body["code"] = code if code is not None else one_line(tree["code"])
    try:
        record = Procedure.model_validate(body)
    except ValidationError as failure:
        for error in failure.errors():
            path = place((CODE, *NODES), error["loc"])
            path, said = in_words(path, error)
            reader.problems.setdefault(path, said)
        return Read(tree=tree, body=body, problems=reader.problems)
    if reader.problems:
        return Read(tree=tree, body=body, problems=reader.problems)
    return Read(tree=tree, body=body, record=record)


def _offered(tree: Tree) -> set[str]:
    return {key for _, _, options in choices(tree) for key, _ in options}


_NUMBERS: dict[Kind, tuple[Callable[[str], object], str]] = {
    Kind.MONEY: (
        read_money,
        "Em chưa hiểu số tiền này. Anh/chị gõ như «8.000» hoặc «8000đ»; miễn phí thì gõ 0.",
    ),
    Kind.COUNT: (read_count, "Ô này chỉ ghi một số, ví dụ 2."),
    Kind.DAY: (read_day, "Em chưa hiểu ngày này. Anh/chị gõ như 25/11/2026 (ngày/tháng/năm)."),
}


class _Reader:
    """Reads the fields of a tree and notes what it cannot read."""

    def __init__(self, offered: set[str]) -> None:
        self.problems: dict[str, str] = {}
        self._offered = offered

    def of(self, tree: Tree, nodes: tuple[Node, ...], under: str) -> dict[str, Any]:
        """The data of a tree as JSON; what is empty and may be so is left out."""
        data: dict[str, Any] = {}
        for node in nodes:
            path, value = f"{under}{node.name}", tree[node.name]
            if isinstance(node, Leaf):
                found = self._leaf(node, value, path)
                # Equal to 0 is False too, and a fee of 0 says something.
                said = found not in ("", [], {}) and found is not None and found is not False
                if (said and found != node.default) or node.needed:
                    data[node.name] = found
            elif isinstance(node, Items):
                read = [
                    self.of(each, node.nodes, f"{path}.{number}.")
                    for number, each in enumerate(value)
                ]
                if read or node.needed:
                    data[node.name] = (
                        [each.get("text", "") for each in read] if node.plain else read
                    )
            else:
                data[node.name] = self.of(value, node.nodes, f"{path}.")
        return data

    def _leaf(self, leaf: Leaf, value: Any, path: str) -> Any:
        if leaf.kind is Kind.WHEN:
            return self._when(value, path)
        if leaf.kind is Kind.TICKS:
            return value
        if leaf.kind is Kind.TICK:
            return bool(value)
        text = value.strip()
        most = LONGEST.get(leaf.kind, LONGEST_NUMBER)
        if len(text) > most:
            self.problems[path] = (
                f"Ô này đang có {show_number(len(text))} ký tự, nhiều nhất {show_number(most)}. "
                "Anh/chị rút gọn, hoặc tách thành nhiều mục."
            )
        if leaf.kind is Kind.LINES:
            lines = [one_line(line) for line in text.split("\n")]
            return list(dict.fromkeys(line for line in lines if line))
        if leaf.kind in _NUMBERS:
            understand, complaint = _NUMBERS[leaf.kind]
            try:
                found = understand(text) if text else None
            except ValueError:
                self.problems.setdefault(path, complaint)
                return text
            return found.isoformat() if isinstance(found, date) else found
        return text

    def _when(self, ticks: list[str], path: str) -> dict[str, list[str]]:
        when: dict[str, list[str]] = {}
        for tick in ticks:
            if tick not in self._offered:
                self.problems[path] = (
                    "Câu hỏi hoặc lựa chọn này vừa bị bỏ. Anh/chị bỏ dấu, hoặc chọn lại."
                )
                continue
            question, _, option = tick.partition("=")
            when.setdefault(question, []).append(option)
        return when
