"""A part of a document that is edited piece by piece: its form, its checks, its preview."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from bot.staff.words import day
from knowledge.accounts import Role
from knowledge.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.documents import Body
    from bot.replay import Report
    from bot.staff.exchange import Exchange
    from handlers.conversation import Reply

DECIDING = frozenset([Role.APPROVER, Role.ADMIN])
"""Who may change what the bot says, and when the office works."""
WRITING = DECIDING | {Role.OFFICER}

M = TypeVar("M")
"""The document as a model."""

Typed = dict[str, str]
"""A form's fields as text; a box that is ticked says «yes»."""


class Wrong(Exception):
    """What was typed cannot be taken; ``faults`` says why, by field, in Vietnamese."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form. ``lines``: one value on each line; ``most`` counts characters."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    """``text``, ``lines``, ``long``, ``date``, ``tick`` or ``choice``."""

    needed: bool = False
    most: int = 300
    choices: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    half: bool = False
    """Stands beside the next one."""

    def told(self, value: str) -> str:
        """A value as it is said in a difference."""
        if self.kind == "tick":
            return "có" if value else "không"
        if self.kind == "choice":
            return dict(self.choices).get(value, value)
        if self.kind == "date":
            return day(value)
        return "; ".join(value.split("\n"))


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece as a list shows it. ``key`` finds it again."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Something before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """A reply before and after; ``None`` when there was or will be none."""

    asked: str
    before: Reply | None
    after: Reply | None


@dataclass(kw_only=True)
class Preview:
    """What saving would do. ``version`` is the knowledge a replay was made over."""

    warnings: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    replies: list[Said] = field(default_factory=list)
    report: Report | None = None
    version: int | None = None

    @property
    def steals(self) -> bool:
        """Sentences of others would be lost."""
        return bool(self.report and (self.report.broken or self.report.collisions))


class Part(ABC, Generic[M]):
    """Pieces of one kind in one document. ``path`` is the end of its pages' address."""

    document: ClassVar[str]
    path: ClassVar[str]
    title: ClassVar[str]
    one: ClassVar[str]
    """What one piece is called, «từ», «ngày»."""

    intro: ClassVar[str]
    roles: ClassVar[frozenset[Role]] = DECIDING
    fields: ClassVar[tuple[Field, ...]]
    only: ClassVar[str] = ""
    """The key where there is exactly one piece."""

    grows: ClassVar[bool] = True
    """Pieces can be added."""

    @abstractmethod
    def load(self, body: Body | None) -> M:
        """The document; the seed for ``None``. Raises ``ValueError``."""

    @abstractmethod
    def dump(self, model: M) -> Body:
        """The document as it is stored."""

    @abstractmethod
    def pieces(self, model: M) -> Sequence[Piece]:
        """All pieces in the order they are listed."""

    @abstractmethod
    def find(self, model: M, key: str) -> Typed | None:
        """One piece as its form shows it."""

    @abstractmethod
    def put(self, model: M, key: str, typed: Typed) -> tuple[M, str]:
        """The document with a piece added (``key`` empty) or replaced, and the piece's key.

        Raises :class:`Wrong`.
        """

    def remove(self, model: M, key: str) -> M:
        """The document without a piece."""
        raise NotImplementedError

    def removable(self, model: M, key: str) -> str:
        """What the button that removes the piece says; empty when it cannot be removed."""
        del model, key
        return "" if self.only else f"Bỏ {self.one} này"

    def reading(self, model: M, key: str) -> str:
        """Words above the form about this piece."""
        del model, key
        return ""

    @abstractmethod
    async def preview(self, exchange: Exchange, before: M, after: M, key: str) -> Preview:
        """What saving would change; ``key`` is the piece's after the change."""

    def blank(self) -> Typed:
        """An empty form."""
        return {each.name: "" for each in self.fields}

    def typed(self, exchange: Exchange) -> Typed:
        """What was typed, cleaned. Raises :class:`Wrong` for what is missing or too long."""
        typed, faults = {}, {}
        for each in self.fields:
            raw = exchange.sent(each.name)
            parts = raw.split("\n") if each.kind == "lines" else [raw]
            said = [clean(part) if len(part) <= each.most else part for part in parts]
            typed[each.name] = "\n".join(part for part in said if part)
            if any(len(part) > each.most for part in said):
                faults[each.name] = f"Dài quá {each.most} ký tự."
            elif each.needed and not typed[each.name]:
                faults[each.name] = "Chưa nhập mục này."
        if faults:
            raise Wrong(faults)
        return typed

    def raw(self, exchange: Exchange) -> Typed:
        """What was typed as it is, to show it again."""
        return {each.name: exchange.sent(each.name) for each in self.fields}

    def changed(self, old: Typed | None, new: Typed | None) -> list[str]:
        """What differs between two states of a piece, field by field."""
        before, after = old or self.blank(), new or self.blank()
        lines = []
        for each in self.fields:
            was, now = before.get(each.name, ""), after.get(each.name, "")
            if was == now:
                continue
            if each.kind == "lines":
                lines += _of_lines(each.label, was, now)
            elif not was and each.kind != "tick":
                lines.append(f"{each.label}: thêm «{each.told(now)}»")
            elif not now and each.kind != "tick":
                lines.append(f"{each.label}: bỏ «{each.told(was)}»")
            else:
                lines.append(f"{each.label}: «{each.told(was)}» → «{each.told(now)}»")
        return lines

    def difference(self, before: M, after: M) -> list[str]:
        """What differs between two versions of the document in this part."""
        old, new = self._titled(before), self._titled(after)
        lines = []
        for key in dict.fromkeys([*old, *new]):
            was, now = self.find(before, key), self.find(after, key)
            if was == now:
                continue
            title = "" if self.only else f"{(new.get(key) or old.get(key) or key)[:80]} – "
            if was is None:
                lines.append(f"{title}thêm mới")
            elif now is None:
                lines.append(f"{title}bỏ")
            else:
                lines += [f"{title}{each}" for each in self.changed(was, now)]
        return lines

    def _titled(self, model: M) -> dict[str, str]:
        return {each.key: each.title for each in self.pieces(model)}


def _of_lines(label: str, was: str, now: str) -> list[str]:
    old, new = was.split("\n") if was else [], now.split("\n") if now else []
    gone, come = (
        [each for each in old if each not in new],
        [each for each in new if each not in old],
    )
    lines = [f"{label}: thêm «{'; '.join(come)}»"] if come else []
    lines += [f"{label}: bỏ «{'; '.join(gone)}»"] if gone else []
    return lines or [f"{label}: đổi thứ tự"]


def listed(text: str) -> tuple[str, ...]:
    """The lines of a field, each once."""
    return tuple(dict.fromkeys(text.split("\n"))) if text else ()


def spread(values: Iterable[str]) -> str:
    """Values as the lines of a field."""
    return "\n".join(values)
