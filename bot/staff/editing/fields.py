"""What a form is made of: single fields, lists that grow and shrink, sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Tree = dict[str, Any]
"""What stands in the form, as typed: texts, lists of ticked keys, lists of trees, trees."""


class Kind(StrEnum):
    """How a field is typed."""

    LINE = "line"
    AREA = "area"
    LINES = "lines"
    COUNT = "count"
    MONEY = "money"
    DAY = "day"
    CHOICE = "choice"
    TICKS = "ticks"
    TICK = "tick"
    WHEN = "when"
    KEY = "key"


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One field. ``words`` are the choices; ``default`` stands in a new item."""

    name: str
    label: str
    kind: Kind = Kind.LINE
    hint: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    needed: bool = False

    @property
    def many(self) -> bool:
        """True when its value is a list of ticked keys."""
        return self.kind in (Kind.TICKS, Kind.WHEN)

    @property
    def typed(self) -> bool:
        """True when a person types into it; choices and keys alone do not make an item."""
        return self.kind not in (Kind.CHOICE, Kind.TICK, Kind.WHEN, Kind.KEY) or (
            self.kind is Kind.CHOICE and not self.default
        )


@dataclass(frozen=True, kw_only=True)
class Items:
    """A list. ``one`` names an item («giấy tờ»). ``plain`` items are texts, not records.

    A ``needed`` list is told apart from one that may be missing.
    """

    name: str
    label: str
    one: str
    nodes: tuple[Node, ...]
    hint: str = ""
    plain: bool = False
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """A record inside the record."""

    name: str
    nodes: tuple[Node, ...]


Node = Leaf | Items | Part


@dataclass(frozen=True, kw_only=True)
class Section:
    """A stretch of the form under one heading."""

    key: str
    label: str
    nodes: tuple[Node, ...]
    hint: str = ""


def blank(nodes: tuple[Node, ...]) -> Tree:
    """A new item with nothing typed."""
    tree: Tree = {}
    for node in nodes:
        if isinstance(node, Leaf):
            tree[node.name] = [] if node.many else node.default
        else:
            tree[node.name] = [] if isinstance(node, Items) else blank(node.nodes)
    return tree


def is_blank(tree: Tree, nodes: tuple[Node, ...]) -> bool:
    """True when nobody typed anything into an item."""
    for node in nodes:
        value = tree[node.name]
        if isinstance(node, Leaf):
            if node.typed and (value if node.many else value.strip()):
                return False
        elif isinstance(node, Items):
            if any(not is_blank(each, node.nodes) for each in value):
                return False
        elif not is_blank(value, node.nodes):
            return False
    return True


def pruned(tree: Tree, nodes: tuple[Node, ...]) -> Tree:
    """The tree without items that nobody filled in."""
    kept = dict(tree)
    for node in nodes:
        if isinstance(node, Items):
            items = [pruned(each, node.nodes) for each in tree[node.name]]
            kept[node.name] = [each for each in items if not is_blank(each, node.nodes)]
        elif isinstance(node, Part):
            kept[node.name] = pruned(tree[node.name], node.nodes)
    return kept


def from_fields(fields: tuple[tuple[str, str], ...], nodes: tuple[Node, ...]) -> Tree:
    """The tree of a sent form. Items come in the order in which they were sent."""
    raw: dict[str, Any] = {}
    for name, value in fields:
        *way, last = name.split(".")
        place: Any = raw
        for step in way:
            place = place.setdefault(step, {}) if isinstance(place, dict) else None
        if isinstance(place, dict) and isinstance(place.setdefault(last, []), list):
            place[last].append(value)
    return _shaped(raw, nodes)


def _shaped(raw: Any, nodes: tuple[Node, ...]) -> Tree:
    raw = raw if isinstance(raw, dict) else {}
    tree: Tree = {}
    for node in nodes:
        sent = raw.get(node.name)
        if isinstance(node, Leaf):
            values = sent if isinstance(sent, list) else []
            if node.kind is Kind.TICKS:
                order = raw.get(f"{node.name}_order")
                values = _in_order(values, order[0] if isinstance(order, list) else "", node)
            tree[node.name] = values if node.many else next(iter(values), "")
        elif isinstance(node, Items):
            items = list(sent.values()) if isinstance(sent, dict) else []
            tree[node.name] = [_shaped(each, node.nodes) for each in items]
        else:
            tree[node.name] = _shaped(sent, node.nodes)
    return tree


def _in_order(values: list[str], order: str, leaf: Leaf) -> list[str]:
    """Ticked keys as they stood before; new ones behind them. Order is part of the record."""
    known = [*order.split(","), *leaf.words]
    return sorted({each for each in values if each in leaf.words}, key=known.index)


def to_fields(tree: Tree, nodes: tuple[Node, ...], under: str = "") -> list[tuple[str, str]]:
    """A tree as the fields of a form, for a page that carries it on without showing it."""
    fields: list[tuple[str, str]] = []
    for node in nodes:
        path, value = f"{under}{node.name}", tree[node.name]
        if isinstance(node, Leaf):
            fields += [(path, each) for each in (value if node.many else [value])]
            if node.kind is Kind.TICKS:
                fields.append((f"{path}_order", ",".join(value)))
        elif isinstance(node, Items):
            for number, each in enumerate(value):
                fields += to_fields(each, node.nodes, f"{path}.{number}.")
        else:
            fields += to_fields(value, node.nodes, f"{path}.")
    return fields


@dataclass(frozen=True, kw_only=True)
class Acted:
    """A form after a button was pressed, and the id of the element to go on from."""

    tree: Tree
    focus: str


ACTS = ("add", "remove", "up", "down")


def act(tree: Tree, nodes: tuple[Node, ...], do: str) -> Acted:
    """Add, remove or move an item: ``add:cases.0.papers``, ``up:steps.2``.

    What no button of the form says changes nothing.
    """
    verb, _, path = do.partition(":")
    way = path.split(".")
    if verb == "add":
        found = _list_at(tree, nodes, way)
        if found:
            items, node = found
            items.append(blank(node.nodes))
            return Acted(tree=tree, focus=_first(node, f"{path}.{len(items) - 1}"))
    elif verb in ACTS and way[-1].isascii() and way[-1].isdecimal() and len(way[-1]) < 6:
        found, place = _list_at(tree, nodes, way[:-1]), int(way[-1])
        if found and place < len(found[0]):
            return _rearranged(tree, found[0], verb, ".".join(way[:-1]), place)
    return Acted(tree=tree, focus="")


def _rearranged(tree: Tree, items: list[Tree], verb: str, path: str, place: int) -> Acted:
    if verb == "remove":
        del items[place]
        left = f"item:{path}.{min(place, len(items) - 1)}" if items else f"add:{path}"
        return Acted(tree=tree, focus=left)
    other = place + (-1 if verb == "up" else 1)
    if not 0 <= other < len(items):
        return Acted(tree=tree, focus="")
    items[place], items[other] = items[other], items[place]
    # At the end of the list its button is gone; the one that leads back stays.
    if other == 0:
        verb = "down"
    elif other == len(items) - 1:
        verb = "up"
    return Acted(tree=tree, focus=f"{verb}:{path}.{other}")


def _list_at(
    tree: Tree, nodes: tuple[Node, ...], way: list[str]
) -> tuple[list[Tree], Items] | None:
    node = next((each for each in nodes if each.name == way[0]), None) if way else None
    if isinstance(node, Part):
        return _list_at(tree[node.name], node.nodes, way[1:])
    if not isinstance(node, Items):
        return None
    items: list[Tree] = tree[node.name]
    if len(way) == 1:
        return items, node
    inside = way[1].isascii() and way[1].isdecimal() and len(way[1]) < 6
    if not inside or int(way[1]) >= len(items):
        return None
    return _list_at(items[int(way[1])], node.nodes, way[2:])


def _first(node: Items, path: str) -> str:
    """The first field of an item that a person sees."""
    leaf = next(
        (each for each in node.nodes if isinstance(each, Leaf) and each.kind is not Kind.KEY), None
    )
    return f"{path}.{leaf.name}" if leaf else f"item:{path}"
