"""The pages of a part: its pieces, the form of one with preview and save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.app import SEED_AUTHOR
from bot.sealing import Unsealable
from bot.staff.rendering import Paging
from bot.staff.views.documents.part import DECIDING, Part, Piece, Preview, Typed, Wrong
from bot.staff.views.documents.parts import SETTINGS, home, siblings
from bot.staff.views.documents.replaying import ended
from knowledge.documents import Moved
from knowledge.text import clean, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.staff.exchange import Exchange
    from knowledge.documents import Version
    from knowledge.store import UnitOfWork

REASON = 200
SHIFTS = 30
"""Changed answers that are listed; the rest is counted."""


class Stale(Exception):
    """Knowledge changed since the preview was made."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A document at the moment, and a piece of it when its form was opened and now."""

    number: int
    model: Any
    then: Typed | None = None
    now: Typed | None = None
    last: Version | None = None


class Editor:
    """The pages of one part."""

    def __init__(self, part: Part[Any]) -> None:
        self.part = part
        self.home = home(part)

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """All pieces, or those with some words."""
        part, query, group = self.part, exchange.asked("q"), exchange.asked("group")
        state = await exchange.work(self._state)
        pieces = part.pieces(state.model)
        groups = list(dict.fromkeys(each.group for each in pieces if each.group))
        found = [each for each in pieces if _holds(each, query) and group in ("", each.group)]
        paging = Paging(page=exchange.number("page"), total=len(found))
        typed = part.find(state.model, pieces[0].key) if part.only else None
        return await exchange.page(
            "document.html",
            **self._frame(exchange),
            pieces_shown=found[paging.offset : paging.offset + paging.per_page],
            paging=paging,
            query=query,
            group=group,
            groups=groups,
            facts=[(each.label, each.told(typed[each.name]), each.half) for each in part.fields]
            if typed
            else [],
            last=state.last,
        )

    async def form(self, exchange: Exchange) -> web.StreamResponse:
        """The form of one piece, or an empty one."""
        key = self._key(exchange.asked("key"))
        state = await exchange.work(lambda work: self._state(work, key))
        if (state.now is None) if key else not self.part.grows:
            raise web.HTTPNotFound
        return await self._draw(exchange, state, key, state.now or self.part.blank())

    async def submit(self, exchange: Exchange) -> web.StreamResponse:
        """Check, show what would change, and save what was shown."""
        part, key = self.part, self._key(exchange.sent("key"))
        base = exchange.sent("base")
        opened = int(base) if base.isascii() and base.isdecimal() and len(base) < 9 else 0
        state = await exchange.work(lambda work: self._state(work, key, opened))
        if key and state.now is None and state.then is None:
            raise web.HTTPNotFound
        if not key and not part.grows:
            raise web.HTTPNotFound
        raw = part.raw(exchange)
        if state.now != state.then:
            return await self._moved(exchange, state, key, raw)
        if exchange.sent("remove") and key and part.removable(state.model, key):
            return await self._go_on(exchange, state, key, None)
        try:
            typed = part.typed(exchange)
            after, _ = part.put(state.model, key, typed)
        except Wrong as wrong:
            return await self._draw(exchange, state, key, raw, faults=wrong.faults, status=422)
        if part.dump(after) == part.dump(state.model):
            same = "Chưa có gì khác với bản đang dùng."
            return await self._draw(exchange, state, key, raw, problem=same, status=422)
        return await self._go_on(exchange, state, key, typed)

    async def _go_on(
        self, exchange: Exchange, state: State, key: str, typed: Typed | None
    ) -> web.StreamResponse:
        """Save what was previewed; else preview. ``typed`` is ``None`` to remove the piece."""
        seen = self._seen(exchange, state, key, typed)
        problem = ""
        if exchange.sent("do") == "save":
            if seen is None:
                problem = "Nội dung đã khác lúc xem trước. Anh/chị xem lại rồi lưu."
            elif not (problem := _unallowed(exchange, seen)):
                try:
                    return await self._save(exchange, state, key, typed, seen)
                except Moved:
                    return await self.submit(exchange)
                except Stale:
                    problem = "Kho thủ tục vừa thay đổi. Anh/chị xem lại rồi lưu."
        preview, lines = await self._preview(exchange, state, key, typed)
        if exchange.sent("do") != "save":
            problem = ""
        return await self._draw(
            exchange,
            state,
            key,
            typed if typed is not None else state.now or {},
            removing=typed is None,
            preview=preview,
            lines=lines,
            problem=problem,
            status=422 if problem else 200,
            seen=self._sealed(exchange, state, key, typed, preview),
        )

    async def _preview(
        self, exchange: Exchange, state: State, key: str, typed: Typed | None
    ) -> tuple[Preview, list[str]]:
        part = self.part
        if typed is None:
            after, new = part.remove(state.model, key), key
        else:
            after, new = part.put(state.model, key, typed)
        preview = await part.preview(exchange, state.model, after, new)
        return preview, part.changed(state.now, part.find(after, new))

    async def _save(
        self,
        exchange: Exchange,
        state: State,
        key: str,
        typed: Typed | None,
        seen: dict[str, Any],
    ) -> web.StreamResponse:
        part, who, now = self.part, exchange.me.login, exchange.now
        if typed is None:
            after, new, verb = part.remove(state.model, key), key, "Bỏ"
        else:
            after, new = part.put(state.model, key, typed)
            verb = "Sửa" if key else "Thêm"
        titles = {each.key: each.title for each in part.pieces(after if typed else state.model)}
        title = part.title if part.only else titles[new][:80]
        reason = clean(exchange.sent("reason"))[:REASON] or f"{verb} {part.one} «{title}»"
        lines = part.changed(state.now, part.find(after, new))

        body = part.dump(after)
        part.load(body)  # What cannot be read again must never be in force.

        def write(work: UnitOfWork) -> None:
            work.alone()
            if seen["version"] is not None and seen["version"] != work.version():
                raise Stale
            number = work.documents.put(
                part.document, body, author=who, at=now, reason=reason, expects=state.number
            )
            told = {"Bản": number, "Mục": title, "Thay đổi": lines, "Lý do": reason}
            if seen["steals"]:
                told["Lấy mất câu của thủ tục khác"] = True
            work.audit.record(
                who, "document.change", f"document:{part.document}", None, told, at=now
            )

        await exchange.work(write)
        return await exchange.go(self.home, "Đã lưu. Bot dùng bản mới trong vài giây.")

    async def _moved(
        self, exchange: Exchange, state: State, key: str, raw: Typed
    ) -> web.StreamResponse:
        """Somebody changed the same piece: what they did, and what was typed over it."""
        part, now = self.part, state.now
        others = part.changed(state.then, now)
        if now is None:
            problem, key = f"Mục này vừa bị bỏ bởi {_by(state)}. Lưu nữa thì thành mục mới.", ""
        else:
            problem = f"{_by(state)} vừa sửa mục này trong lúc anh/chị đang nhập."
            then = state.then or part.blank()
            # What the colleague changed and I did not touch is taken over.
            raw = {n: now[n] if raw[n] == then[n] else raw[n] for n in raw}
        return await self._draw(
            exchange, state, key, raw, problem=problem, others=others, status=409
        )

    def _state(self, work: UnitOfWork, key: str = "", opened: int | None = None) -> State:
        part = self.part
        last = work.documents.current(part.document)
        model = part.load(last.body if last else None)
        number = last.number if last else 0
        now = part.find(model, key) if key else None
        then = now
        if key and opened is not None and opened != number:
            old = work.documents.version(part.document, opened)
            then = part.find(part.load(old.body if old else None), key)
        return State(number=number, model=model, then=then, now=now, last=last)

    def _key(self, sent: str) -> str:
        return self.part.only or sent

    def _frame(self, exchange: Exchange) -> dict[str, Any]:
        part = self.part
        return {
            "part": part,
            "home": self.home,
            "settings": SETTINGS,
            "tabs": siblings(part) if len(siblings(part)) > 1 else [],
            "history": f"{home(siblings(part)[0])}/history",
            "may": bool(part.roles & exchange.me.roles),
            "seed": SEED_AUTHOR,
        }

    async def _draw(
        self,
        exchange: Exchange,
        state: State,
        key: str,
        typed: Typed,
        *,
        faults: dict[str, str] | None = None,
        problem: str = "",
        others: Sequence[str] = (),
        preview: Preview | None = None,
        lines: Sequence[str] = (),
        seen: str = "",
        removing: bool = False,
        status: int = 200,
    ) -> web.StreamResponse:
        part = self.part
        return await exchange.page(
            "document_edit.html",
            status=status,
            **self._frame(exchange),
            key=key,
            base=state.number,
            typed=typed,
            faults=faults or {},
            problem=problem,
            others=others,
            preview=preview,
            lines=lines,
            seen=seen,
            removing=removing,
            remove=part.removable(state.model, key) if key else "",
            reading=part.reading(state.model, key),
            reason=exchange.sent("reason"),
            ended=ended,
            most_shifts=SHIFTS,
            decides=bool(DECIDING & exchange.me.roles),
        )

    def _sealed(
        self,
        exchange: Exchange,
        state: State,
        key: str,
        typed: Typed | None,
        preview: Preview,
    ) -> str:
        """What was previewed, so that nothing else is saved."""
        shown = self._shown(exchange, state, key, typed)
        seen = {"shown": shown, "version": preview.version, "steals": preview.steals}
        return exchange.site.seal.close(seen).decode()

    def _seen(
        self, exchange: Exchange, state: State, key: str, typed: Typed | None
    ) -> dict[str, Any] | None:
        """The preview that this form was sent from; ``None`` when something else was typed."""
        try:
            seen: dict[str, Any] = exchange.site.seal.open(exchange.sent("seen").encode())
        except Unsealable:
            return None
        same = isinstance(seen, dict) and seen.get("shown") == self._shown(
            exchange, state, key, typed
        )
        return seen if same else None

    def _shown(self, exchange: Exchange, state: State, key: str, typed: Typed | None) -> list[Any]:
        return [exchange.me.login, self.part.path, key, typed, state.now]


def _holds(piece: Piece, query: str) -> bool:
    text = fold(" ".join((piece.title, *piece.lines, *piece.tags)))
    return all(word in text for word in fold(clean(query)).split())


def _unallowed(exchange: Exchange, seen: dict[str, Any]) -> str:
    """Why a change that takes sentences from procedures cannot be saved yet."""
    if not seen["steals"]:
        return ""
    if not DECIDING & exchange.me.roles:
        return "Thay đổi này lấy mất câu của thủ tục khác. Nhờ người duyệt xem và lưu."
    if not exchange.sent("accept"):
        return "Thay đổi này lấy mất câu của thủ tục khác. Đánh dấu «vẫn lưu» nếu đúng ý."
    return ""


def _by(state: State) -> str:
    last = state.last
    return "Bản kèm chương trình" if last is None or last.author == SEED_AUTHOR else last.author
