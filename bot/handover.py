"""What officers do with conversations handed over to them; whoever acts second is told so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot.handover_steps import kept
from bot.handover_views import Conversation, Entry, Line, entry_of, line_of, reach_of
from bot.jobs import Job
from bot.sealing import Unsealable
from bot.sending import OUTSIDE_WINDOW
from handlers.conversation import Reply, Section
from knowledge.canned import DOCUMENT, CannedReplies, CannedReply
from knowledge.handover_messages import Sender, Words, outbox_key
from knowledge.queues import Departure
from knowledge.tables import HandoverState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.delivery import Delivery
    from knowledge.handovers import Load
    from knowledge.store import UnitOfWork
    from knowledge.tables import HandoverMessage, HandoverRow

T = TypeVar("T")

log = structlog.get_logger()

LONGEST = 4_000
"""Characters of one message of an officer."""
KEPT_FOR = timedelta(days=90)
"""How long a closed hand-over can be read."""
LOOK_SECONDS = 15.0

TAKEN = "{who} nhận"
HANDED_ON = "{who} chuyển cho {to}"
CLOSED = "{who} kết thúc"
CLOSED_SILENTLY = "{who} kết thúc, không nhắn người dân"
REOPENED = "{who} mở lại"
REVEALED = "{who} xem phần bị che"
NO_CHANNEL = "kênh này không còn dùng"
UNSEALABLE = "không mở được địa chỉ người dân (khóa đã đổi?)"


class Unwritable(ValueError):
    """An officer's message is empty or too long."""


class HandoverDesk:
    """The officers' side of hand-overs. Officers are named by what stands beside their words.

    Everything may be done twice and by two at a time: repeats change nothing, and
    ``HeldByAnother`` (with the name), ``Moved`` (closed meanwhile) and ``KeyError`` (no such
    hand-over, maybe erased by the citizen) say why something was not done.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

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
    ) -> tuple[Entry, ...]:
        """The inbox: who waits longest first; ``state`` ``None`` means all not closed."""

        def do(work: UnitOfWork) -> tuple[Entry, ...]:
            rows = work.handovers.listed(
                state=state, holder=holder, unanswered=unanswered, limit=limit
            )
            return self._entries(work, rows)

        return await self._do(do)

    async def loads(self) -> list[Load]:
        """What each officer holds and how long citizens wait for them."""
        return await self._do(lambda work: work.handovers.loads())

    async def newest(self) -> int:
        """Changes when anything is said in any hand-over; for pages that look again."""
        return await self._do(lambda work: work.handovers.messages.newest())

    async def read(self, handover: int) -> Conversation:
        """One hand-over with all its messages. Raises ``KeyError``."""

        def do(work: UnitOfWork) -> Conversation:
            work.handovers.messages.note_deliveries()
            row = _there(work, handover)
            [entry] = self._entries(work, [row])
            lines = tuple(map(line_of, work.handovers.messages.of(handover)))
            state = work.contacts.get(row.channel, row.contact)
            reach = reach_of(state, self._delivery.channel(row.channel), self._delivery.now())
            return Conversation(entry=entry, lines=lines, reach=reach)

        return await self._do(do)

    async def news(self, handover: int, *, after: int) -> tuple[Line, ...]:
        """Messages behind an id. Raises ``KeyError``."""

        def do(work: UnitOfWork) -> tuple[Line, ...]:
            work.handovers.messages.note_deliveries()
            _there(work, handover)
            return tuple(map(line_of, work.handovers.messages.of(handover, after=after)))

        return await self._do(do)

    async def take(self, handover: int, officer: str) -> None:
        """Take what nobody has."""
        await self._do(lambda work: self._take(work, handover, officer))

    def _take(self, work: UnitOfWork, handover: int, officer: str) -> None:
        if work.handovers.take(handover, officer, at=self._delivery.now()):
            self._note(work, handover, TAKEN.format(who=officer))

    async def hand_on(self, handover: int, officer: str, *, to: str) -> None:
        """Give what one holds to another officer."""

        def do(work: UnitOfWork) -> None:
            if work.handovers.hand_on(handover, officer, to):
                self._note(work, handover, HANDED_ON.format(who=officer, to=to))

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
                self._take(work, handover, officer)
                work.handovers.answered(handover, officer)
                words = replace(
                    self._words(Sender.OFFICER, text, officer), token=_token(handover, token)
                )
                self._say(work, row, words, self._as_reply(text))
                known = work.handovers.messages.of_token(_token(handover, token))
            assert known
            return line_of(known), row

        line, row = await self._do(do)
        self._delivery.posted(row.channel, row.contact)
        return line

    async def note(self, handover: int, officer: str, text: str, *, token: str) -> None:
        """Write something for officers only, whoever holds it. Raises :class:`Unwritable`."""
        words = replace(
            self._words(Sender.NOTE, _written(text), officer), token=_token(handover, token)
        )

        def do(work: UnitOfWork) -> None:
            _there(work, handover)
            work.handovers.messages.add(handover, words)

        await self._do(do)

    async def close(self, handover: int, officer: str, *, silently: bool = False) -> None:
        """End it: the bot answers again, and says so now, or when the citizen writes next."""

        def do(work: UnitOfWork) -> HandoverRow:
            row = _there(work, handover)
            if row.state == HandoverState.CLOSED:
                return row
            self._take(work, handover, officer)
            if work.handovers.close(handover, officer, at=self._delivery.now(), told=not silently):
                said = CLOSED_SILENTLY if silently else CLOSED
                self._note(work, handover, said.format(who=officer))
                if not silently:
                    self._tell(work, row, "handover.done")
            return row

        row = await self._do(do)
        self._delivery.posted(row.channel, row.contact)

    async def reopen(self, handover: int, officer: str) -> None:
        """Go on with a closed one. Raises ``OpenAlready`` with the id of another that is open."""

        def do(work: UnitOfWork) -> None:
            if work.handovers.reopen(handover, officer, at=self._delivery.now()):
                self._note(work, handover, REOPENED.format(who=officer))

        await self._do(do)

    async def reveal(self, message: int, officer: str) -> str:
        """The words behind what is masked, for who holds it; that it was looked at is noted.

        Raises ``KeyError`` when they are gone.
        """

        def do(work: UnitOfWork) -> str:
            found = work.handovers.messages.get(message)
            if found is None or found.sealed is None:
                raise KeyError(message)
            work.handovers.require(found.handover, officer)
            try:
                opened = str(self._delivery.open(found.sealed))
            except Unsealable as error:
                raise KeyError(message) from error
            self._note(work, found.handover, REVEALED.format(who=officer))
            return opened

        return await self._do(do)

    async def send_again(self, message: int, officer: str) -> None:
        """Try to deliver a message that failed, for who holds it."""

        def do(work: UnitOfWork) -> HandoverRow | None:
            found = work.handovers.messages.get(message)
            if found is None:
                raise KeyError(message)
            work.handovers.require(found.handover, officer)
            return self._again(work, found)

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
                self._again(work, each) for each in handovers.messages.knocking(OUTSIDE_WINDOW)
            ]
            for row in handovers.late(now):
                if handovers.note_late(row.id):
                    self._tell_late(work, row)
                    posted.append(row)
            handovers.sweep(now - KEPT_FOR)
            return [(row.channel, row.contact) for row in posted if row]

        for channel, contact in await self._do(do):
            self._delivery.posted(channel, contact)

    def _entries(self, work: UnitOfWork, rows: Sequence[HandoverRow]) -> tuple[Entry, ...]:
        previews = work.handovers.previews([row.id for row in rows])
        now, days = self._delivery.now(), self._delivery.services.office.workdays
        return tuple(entry_of(row, previews.get(row.id, ""), now, days) for row in rows)

    def _words(self, sender: Sender, text: str, author: str | None = None) -> Words:
        words = kept(sender, text, self._delivery.now(), self._delivery.close, author)
        return replace(words, delivered=sender is Sender.OFFICER)

    def _note(self, work: UnitOfWork, handover: int, text: str) -> None:
        at = self._delivery.now()
        work.handovers.messages.add(handover, Words(sender=Sender.SYSTEM, text=text, at=at))

    def _as_reply(self, text: str) -> Reply:
        lines = tuple(line for line in text.splitlines() if line.strip())
        lead = self._delivery.services.wording("handover.from")
        return Reply(lead=lead, sections=(Section(lines=lines),))

    def _tell(self, work: UnitOfWork, row: HandoverRow, key: str, *more: str) -> None:
        say = self._delivery.services.wording
        words = replace(self._words(Sender.SYSTEM, say(key)), delivered=True)
        sections = (Section(lines=more),) if more else ()
        self._say(work, row, words, Reply(lead=say(key), sections=sections))

    def _tell_late(self, work: UnitOfWork, row: HandoverRow) -> None:
        say, office = self._delivery.services.wording, self._delivery.services.office
        urgent = (
            say("handover.late.call", phone=office.phone)
            if office.phone
            else say("handover.late.come")
        )
        self._tell(work, row, "handover.late", urgent)

    def _say(self, work: UnitOfWork, row: HandoverRow, words: Words, reply: Reply) -> None:
        """Keep a message and post the calls that deliver it."""
        message = work.handovers.messages.add(row.id, words)
        if message is not None:
            self._post(work, row, message, 0, reply)

    def _post(
        self, work: UnitOfWork, row: HandoverRow, message: int, attempt: int, reply: Reply
    ) -> None:
        delivery, messages = self._delivery, work.handovers.messages
        channel = delivery.channel(row.channel)
        if channel is None:
            messages.failed(message, NO_CHANNEL)
            return
        try:
            contact = str(delivery.open(row.sealed_contact))
        except Unsealable:
            log.error("unreadable", queue="handovers", channel=row.channel)
            messages.failed(message, UNSEALABLE)
            return
        calls = [
            Departure(
                channel=row.channel,
                contact=row.contact,
                key=outbox_key(row.channel, message, attempt, number),
                sealed=sealed,
            )
            for number, sealed in enumerate(delivery.calls(channel, contact, (reply,)))
        ]
        work.queues.post(calls, at=delivery.now())
        messages.posted(message, len(calls))

    def _again(self, work: UnitOfWork, message: HandoverMessage) -> HandoverRow | None:
        attempt = work.handovers.messages.send_again(message.id)
        row = work.handovers.get(message.handover)
        if attempt is None or row is None:
            return None
        text = message.text
        if message.sealed:
            try:
                text = str(self._delivery.open(message.sealed))
            except Unsealable:
                work.handovers.messages.failed(message.id, UNSEALABLE)
                return None
        reply = self._as_reply(text) if message.sender == Sender.OFFICER else Reply(lead=text)
        self._post(work, row, message.id, attempt, reply)
        return row


def _there(work: UnitOfWork, handover: int) -> HandoverRow:
    row = work.handovers.get(handover)
    if row is None:
        raise KeyError(handover)
    return row


def _token(handover: int, token: str) -> str:
    return f"{handover}:{token}"[:80]


def _written(text: str) -> str:
    """An officer's words with their lines. Raises :class:`Unwritable`."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        raise Unwritable(f"{len(text)} characters")
    return text
