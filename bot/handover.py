"""What officers do with conversations handed over to them; whoever acts second is told so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from bot.handover_calls import HandoverCalls
from bot.handover_views import Conversation, Entry, Inbox, Line, entry_of, line_of, reach_of
from bot.jobs import Job
from bot.sealing import Unsealable
from bot.sending import OUTSIDE_WINDOW
from knowledge.accounts import OFFICIALS, Role
from knowledge.canned import DOCUMENT, CannedReplies, CannedReply
from knowledge.handover_messages import Sender, Words
from knowledge.tables import HandoverState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.delivery import Delivery
    from knowledge.store import UnitOfWork
    from knowledge.tables import HandoverRow

T = TypeVar("T")

ANSWERING = OFFICIALS | {Role.ADMIN}
"""Roles that may answer citizens."""
LONGEST = 4_000
"""Characters of one message of an officer."""
KEPT_FOR = timedelta(days=90)
"""How long a closed hand-over can be read."""
LOOK_SECONDS = 15.0

TAKEN = "nhận"
TAKEN_OVER = "nhận thay {name}"
HANDED_ON = "chuyển cho {name}"
CLOSED = "kết thúc"
CLOSED_SILENTLY = "kết thúc, không nhắn người dân"
REOPENED = "mở lại"
REVEALED = "xem phần bị che"


class Unwritable(ValueError):
    """An officer's message is empty or too long."""


class NoSuchColleague(LookupError):
    """Nobody of this name may answer citizens, or not any more."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something done with a hand-over, for the audit."""

    action: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class HandoverDesk:
    """The officers' side of hand-overs. Officers are named by their log-in.

    Everything may be done twice and by two at a time: repeats change nothing, and
    ``HeldByAnother`` (with the log-in), ``Moved`` (closed meanwhile) and ``KeyError`` (no such
    hand-over, maybe erased by the citizen) say why something was not done. What was done is in
    the audit, in the same transaction.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._calls = HandoverCalls(delivery)

    def job(self) -> Job:
        """What is done by the clock for hand-overs."""
        return Job(name="handovers", every=LOOK_SECONDS, do=self.look)

    async def _do(self, do: Callable[[UnitOfWork], T]) -> T:
        def threaded() -> T:
            with self._delivery.store.work() as work:
                return do(work)

        return await self._delivery.threaded(threaded)

    async def listed(
        self,
        *,
        state: HandoverState | None = None,
        holder: str | None = None,
        unanswered: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Entry, ...]:
        """Who waits longest first; ``state`` ``None`` means all not closed."""

        def do(work: UnitOfWork) -> tuple[Entry, ...]:
            rows = work.handovers.lists.listed(
                state=state, holder=holder, unanswered=unanswered, limit=limit, offset=offset
            )
            return self._entries(work, rows)

        return await self._do(do)

    async def inbox(
        self,
        officer: str,
        *,
        state: HandoverState | None = None,
        mine: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> Inbox:
        """A page of the inbox of one officer, with what waits and what colleagues hold."""

        def do(work: UnitOfWork) -> Inbox:
            lists = work.handovers.lists
            rows = lists.listed(
                state=state, holder=officer if mine else None, limit=limit + 1, offset=offset
            )
            return Inbox(
                entries=self._entries(work, rows[:limit]),
                more=len(rows) > limit,
                counts=lists.counts(officer),
                loads=tuple(lists.loads()),
                names=_names(work),
            )

        return await self._do(do)

    async def read(self, handover: int) -> Conversation:
        """One hand-over with its newest messages. Raises ``KeyError``."""

        def do(work: UnitOfWork) -> Conversation:
            work.handovers.messages.note_deliveries(handover)
            row = _there(work, handover)
            [entry] = self._entries(work, [row])
            lines = tuple(map(line_of, work.handovers.messages.of(handover)))
            state = work.contacts.get(row.channel, row.contact)
            reach = reach_of(state, self._delivery.channel(row.channel), self._delivery.now())
            return Conversation(
                entry=entry,
                lines=lines,
                reach=reach,
                names=_names(work),
                titles=self._titles(lines),
                colleagues=tuple(
                    each
                    for each in work.accounts.all()
                    if each.active and each.roles & ANSWERING and each.login != row.holder
                ),
            )

        return await self._do(do)

    async def take(self, handover: int, officer: str) -> None:
        """Take what nobody has."""

        def do(work: UnitOfWork) -> None:
            self._record(work, handover, officer, *self._take(work, handover, officer))

        await self._do(do)

    def _take(self, work: UnitOfWork, handover: int, officer: str) -> tuple[Deed, ...]:
        if not work.handovers.take(handover, officer, at=self._delivery.now()):
            return ()
        self._note(work, handover, officer, TAKEN)
        return (Deed(action="handover.take", after={"holder": officer}),)

    async def take_over(self, handover: int, officer: str, *, holder: str) -> None:
        """Take what a colleague holds, who is away or has gone."""

        def do(work: UnitOfWork) -> None:
            if work.handovers.take_over(handover, officer, holder=holder):
                name = _names(work).get(holder, holder)
                self._note(work, handover, officer, TAKEN_OVER.format(name=name))
                before, after = {"holder": holder}, {"holder": officer}
                deed = Deed(action="handover.take_over", before=before, after=after)
                self._record(work, handover, officer, deed)

        await self._do(do)

    async def hand_on(self, handover: int, officer: str, *, to: str) -> None:
        """Give what one holds to a colleague. Raises :class:`NoSuchColleague`."""

        def do(work: UnitOfWork) -> None:
            colleague = work.accounts.find(to)
            if colleague is None or not colleague.active or not colleague.roles & ANSWERING:
                raise NoSuchColleague(to)
            taken = self._take(work, handover, officer)
            if work.handovers.hand_on(handover, officer, colleague.login):
                self._note(work, handover, officer, HANDED_ON.format(name=colleague.name))
                before, after = {"holder": officer}, {"holder": colleague.login}
                deed = Deed(action="handover.hand_on", before=before, after=after)
                self._record(work, handover, officer, *taken, deed)

        await self._do(do)

    async def answer(self, handover: int, officer: str, text: str, *, token: str) -> Line:
        """Write to the citizen; takes what nobody has.

        ``token`` is the form's own id: the same answer sent twice goes out once. Raises
        :class:`Unwritable`.
        """
        text = _written(text)

        def do(work: UnitOfWork) -> tuple[Line, HandoverRow]:
            row = _there(work, handover)
            known = work.handovers.messages.of_token(_token(handover, token))
            if known is None:
                taken = self._take(work, handover, officer)
                work.handovers.answered(handover, officer)
                words = replace(
                    self._calls.words(Sender.OFFICER, text, officer),
                    token=_token(handover, token),
                )
                self._calls.answer(work, row, words, text)
                known = work.handovers.messages.of_token(_token(handover, token))
                assert known
                deed = Deed(action="handover.answer", after={"message": known.id})
                self._record(work, handover, officer, *taken, deed)
            return line_of(known), row

        line, row = await self._do(do)
        self._delivery.posted(row.channel, row.contact)
        return line

    async def note(self, handover: int, officer: str, text: str, *, token: str) -> None:
        """Write something for officers only, whoever holds it. Raises :class:`Unwritable`."""
        words = replace(
            self._calls.words(Sender.NOTE, _written(text), officer), token=_token(handover, token)
        )

        def do(work: UnitOfWork) -> None:
            _there(work, handover)
            added = work.handovers.messages.add(handover, words)
            if added is not None:
                deed = Deed(action="handover.note", after={"message": added})
                self._record(work, handover, officer, deed)

        await self._do(do)

    async def close(self, handover: int, officer: str, *, silently: bool = False) -> None:
        """End it: the bot answers again, and says so now, or when the citizen writes next."""

        def do(work: UnitOfWork) -> HandoverRow:
            row = _there(work, handover)
            if row.state == HandoverState.CLOSED:
                return row
            taken = self._take(work, handover, officer)
            if work.handovers.close(handover, officer, at=self._delivery.now(), told=not silently):
                self._note(work, handover, officer, CLOSED_SILENTLY if silently else CLOSED)
                if not silently:
                    self._calls.tell(work, row, "handover.done")
                deed = Deed(action="handover.close", after={"silently": silently})
                self._record(work, handover, officer, *taken, deed)
            return row

        row = await self._do(do)
        self._delivery.posted(row.channel, row.contact)

    async def reopen(self, handover: int, officer: str) -> None:
        """Go on with a closed one. Raises ``OpenAlready`` with the id of another that is open."""

        def do(work: UnitOfWork) -> None:
            if work.handovers.reopen(handover, officer, at=self._delivery.now()):
                self._note(work, handover, officer, REOPENED)
                deed = Deed(action="handover.reopen", after={"holder": officer})
                self._record(work, handover, officer, deed)

        await self._do(do)

    async def reveal(self, handover: int, message: int, officer: str) -> str:
        """The words behind what is masked, for who holds it; that it was looked at is noted.

        Raises ``KeyError`` when they are gone.
        """

        def do(work: UnitOfWork) -> str:
            found = work.handovers.messages.get(message)
            if found is None or found.handover != handover or found.sealed is None:
                raise KeyError(message)
            work.handovers.require(handover, officer)
            try:
                opened = str(self._delivery.open(found.sealed))
            except Unsealable as error:
                raise KeyError(message) from error
            self._note(work, handover, officer, REVEALED)
            deed = Deed(action="handover.reveal", after={"message": message})
            self._record(work, handover, officer, deed)
            return opened

        return await self._do(do)

    async def send_again(self, handover: int, message: int, officer: str) -> None:
        """Try to deliver a message that failed, for who holds it."""

        def do(work: UnitOfWork) -> HandoverRow | None:
            work.handovers.messages.note_deliveries(handover)
            found = work.handovers.messages.get(message)
            if found is None or found.handover != handover:
                raise KeyError(message)
            work.handovers.require(handover, officer)
            row = self._calls.again(work, found)
            if row:
                deed = Deed(action="handover.send_again", after={"message": message})
                self._record(work, handover, officer, deed)
            return row

        row = await self._do(do)
        if row:
            self._delivery.posted(row.channel, row.contact)

    async def canned(self) -> tuple[CannedReply, ...]:
        """Replies to choose from."""

        def do(work: UnitOfWork) -> tuple[CannedReply, ...]:
            stored = work.document(DOCUMENT)
            return CannedReplies.model_validate(stored[0]).replies if stored else ()

        return await self._do(do)

    async def look(self) -> None:
        """Note deliveries, try again what waited for the citizen, tell who waits too long."""

        def do(work: UnitOfWork) -> list[tuple[str, str]]:
            handovers, now = work.handovers, self._delivery.now()
            handovers.messages.note_deliveries()
            posted = [
                self._calls.again(work, each)
                for each in handovers.messages.knocking(OUTSIDE_WINDOW)
            ]
            for row in handovers.late(now):
                if handovers.note_late(row.id):
                    self._calls.tell_late(work, row)
                    posted.append(row)
            handovers.sweep(now - KEPT_FOR)
            return [(row.channel, row.contact) for row in posted if row]

        for channel, contact in await self._do(do):
            self._delivery.posted(channel, contact)

    def _entries(self, work: UnitOfWork, rows: Sequence[HandoverRow]) -> tuple[Entry, ...]:
        previews = work.handovers.lists.previews([row.id for row in rows])
        now, days = self._delivery.now(), self._delivery.services.office.workdays
        return tuple(entry_of(row, previews.get(row.id, ""), now, days) for row in rows)

    def _titles(self, lines: Iterable[Line]) -> dict[str, str]:
        named = {line.procedure for line in lines if line.procedure}
        found = {code: self._delivery.services.procedure(code) for code in named}
        return {code: record.title for code, record in found.items() if record}

    def _note(self, work: UnitOfWork, handover: int, officer: str, text: str) -> None:
        words = Words(sender=Sender.SYSTEM, text=text, at=self._delivery.now(), author=officer)
        work.handovers.messages.add(handover, words)

    def _record(self, work: UnitOfWork, handover: int, officer: str, *deeds: Deed) -> None:
        """The last thing in a transaction: from here on other writers of the audit wait."""
        target, at = f"handover:{handover}", self._delivery.now()
        for each in deeds:
            work.audit.record(officer, each.action, target, each.before, each.after, at=at)


def _there(work: UnitOfWork, handover: int) -> HandoverRow:
    row = work.handovers.get(handover)
    if row is None:
        raise KeyError(handover)
    return row


def _names(work: UnitOfWork) -> dict[str, str]:
    return {each.login: each.name for each in work.accounts.all()}


def _token(handover: int, token: str) -> str:
    return f"{handover}:{token}"[:80]


def _written(text: str) -> str:
    """An officer's words with their lines. Raises :class:`Unwritable`."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        raise Unwritable(f"{len(text)} characters")
    return text
