"""Looks a dossier up for a citizen: tries counted, failures alike in time, rights sealed."""

from __future__ import annotations

import asyncio
import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.sealing import Unsealable
from handlers.lookup import ElsewhereHeld, NoAnswer, NoSystem, NotMatching, Seen, TooMany
from knowledge.dossier_codes import same_dossier
from knowledge.dossiers import Tried
from knowledge.onestop import Dossier, Elsewhere, SourceError, proves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.sealing import Seal
    from handlers.conversation import Contact
    from handlers.lookup import LookUp
    from knowledge.onestop import Desk
    from knowledge.store import Store

log = structlog.get_logger()

HOUR = timedelta(hours=1)
MOST_FAILURES = 5
"""Failures an hour, for a chat and for a code."""
DELAYS = (0, 0, 15, 60, 180)
"""Seconds to wait after so many failures before the next try."""
EVEN_SECONDS = 0.5
"""«Not found» is told after a whole number of these, so that its time tells nothing."""
RIGHT_FOR = timedelta(minutes=30)
"""How long a proved dossier may be looked at again in the chat."""
MARK = 8
"""Characters of a code's hash in a button."""
MOST_CANDIDATES = 4


class Follows(Protocol):
    """Keeps what citizens follow."""

    async def mine(self, channel: str, contact: str) -> list[tuple[str, str | None]]:
        """Codes a contact follows, each with its procedure."""
        ...

    async def begin(self, channel: str, contact: str, dossier: Dossier) -> None:
        """Tell of changes from the state of ``dossier`` on."""
        ...

    async def end(self, channel: str, contact: str, code: str | None = None) -> int:
        """Tell nothing more of one dossier, or of all."""
        ...


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """The dossier desk of one process; ``sources`` are the systems behind it."""

    sources: Desk
    store: Store
    seal: Seal
    salt: bytes
    clock: Callable[[], datetime]
    follows: Follows | None = None

    def code_hash(self, code: str) -> str:
        """What stands for a dossier code in the database."""
        return hashlib.blake2b(
            f"dossier:{code}".encode(), key=self.salt, digest_size=16
        ).hexdigest()

    def _contact_hash(self, contact: Contact) -> str:
        text = f"{contact.channel}:{contact.id}".encode()
        return hashlib.blake2b(text, key=self.salt, digest_size=16).hexdigest()

    def elsewhere(self, candidates: Sequence[str]) -> ElsewhereHeld | NoSystem | None:
        """Where a dossier is when no source of ours holds codes like these."""
        if any(self.sources.sources_of(code) for code in candidates):
            return None
        for code in candidates:
            if system := self.sources.elsewhere(code=code):
                return ElsewhereHeld(system)
        return NoSystem()

    async def look_up(self, contact: Contact, candidates: Sequence[str], factor: str) -> LookUp:
        """See :class:`handlers.lookup.DossierDesk`."""
        begun = asyncio.get_running_loop().time()
        who, which = self._contact_hash(contact), self.code_hash(same_dossier(candidates[0]))
        attempt = await asyncio.to_thread(self._begin, who, which)
        if isinstance(attempt, timedelta):
            return TooMany(attempt)
        result, outcome = await self._try(candidates, factor)
        await asyncio.to_thread(self._end, attempt, result)
        if isinstance(outcome, NotMatching):
            await self._even_out(begun)
        return outcome

    def _begin(self, who: str, which: str) -> int | timedelta:
        """The try's id, or how long to wait. One after the other, so that tries at once count."""
        with self.store.work() as work:
            work.dossiers.alone()
            now = self.clock()
            failures = work.dossiers.failures(who, which, since=now - HOUR)
            if len(failures) >= MOST_FAILURES:
                return failures[-MOST_FAILURES] + HOUR - now
            wait = timedelta(seconds=DELAYS[len(failures)])
            if wait and failures[-1] + wait > now:
                return failures[-1] + wait - now
            return work.dossiers.try_one(who, which, at=now)

    def _end(self, attempt: int, result: Tried) -> None:
        with self.store.work() as work:
            work.dossiers.came_to(attempt, result)

    async def _try(self, candidates: Sequence[str], factor: str) -> tuple[Tried, LookUp]:
        try:
            found = await self._first(candidates)
        except SourceError as error:
            log.warning("lookup_unanswered", reason=type(error).__name__)
            return Tried.NO_ANSWER, NoAnswer()
        if isinstance(found, Elsewhere):
            return Tried.NO_ANSWER, ElsewhereHeld(found)
        # Compared also when nothing was found: the time must not tell.
        if not proves(found, factor) or found is None:
            return Tried.FAILED, NotMatching()
        return Tried.SHOWN, Seen(dossier=found, right=self._right(found))

    async def _first(self, candidates: Sequence[str]) -> Dossier | Elsewhere | None:
        """All candidates are asked at once, whichever is there: the time must not tell."""
        asked = list(candidates)[:MOST_CANDIDATES]
        answers = await asyncio.gather(
            *(self.sources.find(code) for code in asked), return_exceptions=True
        )
        failure = None
        for answer in answers:
            if isinstance(answer, BaseException):
                failure = failure or answer
            elif answer is not None:
                return answer
        if failure is not None:
            raise failure
        return None

    async def _even_out(self, begun: float) -> None:
        loop = asyncio.get_running_loop()
        spent = loop.time() - begun
        await asyncio.sleep(math.ceil(spent / EVEN_SECONDS) * EVEN_SECONDS - spent)

    def _right(self, dossier: Dossier) -> str:
        return self.seal.close(["right", dossier.code, self.clock().isoformat()]).decode()

    def _opened(self, right: str, *, lasting: bool) -> str | None:
        try:
            kind, code, at = self.seal.open(right.encode())
            given = datetime.fromisoformat(at)
        except (Unsealable, ValueError, TypeError):
            return None
        if kind != "right" or (not lasting and self.clock() - given > RIGHT_FOR):
            return None
        return str(code)

    async def see_again(self, contact: Contact, right: str, *, lasting: bool = False) -> LookUp:
        """See :class:`handlers.lookup.DossierDesk`."""
        code = self._opened(right, lasting=lasting)
        if code is None:
            return NotMatching()
        try:
            found = await self.sources.find(code)
        except SourceError as error:
            log.warning("lookup_unanswered", reason=type(error).__name__)
            return NoAnswer()
        if isinstance(found, Elsewhere):
            return ElsewhereHeld(found)
        return NotMatching() if found is None else Seen(dossier=found, right=right)

    def seal_codes(self, codes: Sequence[str]) -> str:
        """See :class:`handlers.lookup.DossierDesk`."""
        return self.seal.close(["codes", *codes]).decode()

    def unseal(self, sealed: str) -> tuple[str, ...]:
        """See :class:`handlers.lookup.DossierDesk`."""
        try:
            opened: Any = self.seal.open(sealed.encode())
        except Unsealable:
            return ()
        if not isinstance(opened, list) or not opened or opened[0] != "codes":
            return ()
        return tuple(str(code) for code in opened[1:])

    async def follow(self, contact: Contact, right: str) -> bool:
        """See :class:`handlers.lookup.DossierDesk`."""
        if self.follows is None:
            return False
        seen = await self.see_again(contact, right)
        if not isinstance(seen, Seen):
            return False
        await self.follows.begin(contact.channel, contact.id, seen.dossier)
        return True

    async def unfollow(self, contact: Contact, mark: str = "") -> int:
        """See :class:`handlers.lookup.DossierDesk`."""
        if self.follows is None:
            return 0
        if not mark:
            return await self.follows.end(contact.channel, contact.id)
        code = await self._followed(contact, mark)
        return await self.follows.end(contact.channel, contact.id, code) if code else 0

    def mark(self, code: str) -> str:
        """See :class:`handlers.lookup.DossierDesk`."""
        return self.code_hash(code)[:MARK]

    async def see_followed(self, contact: Contact, mark: str) -> LookUp:
        """See :class:`handlers.lookup.DossierDesk`."""
        code = await self._followed(contact, mark)
        if code is None:
            return NotMatching()
        right = self.seal.close(["right", code, self.clock().isoformat()]).decode()
        return await self.see_again(contact, right)

    async def _followed(self, contact: Contact, mark: str) -> str | None:
        mine = await self.follows.mine(contact.channel, contact.id) if self.follows else []
        return next((code for code, _ in mine if self.mark(code) == mark), None)

    def sweep(self) -> int:
        """Forget tries older than a day; called by the clock."""
        with self.store.work() as work:
            return work.dossiers.sweep(self.clock() - timedelta(days=1))
