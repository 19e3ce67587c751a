"""The desk that asks the right source for a code and answers in time whatever it does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from knowledge.onestop.breaker import Breaker, State
from knowledge.onestop.reading import asked
from knowledge.onestop.sources import NoChangeList, Rubbish, SourceDown, SourceError, SourceSlow
from knowledge.onestop.systems import Systems, longest_prefix, seed_systems

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import TypeVar

    from knowledge.onestop.model import Change, Dossier, Elsewhere
    from knowledge.onestop.sources import Source

    T = TypeVar("T")

log = structlog.get_logger()

SECONDS = 2.5
"""A citizen's question is answered within three, the answer itself included."""
POLL_SECONDS = 20.0
"""Nobody waits for a list of changes."""
MOST_WAITING = 100
"""Questions to one source at once, several for one citizen whose code may be read in several ways;
more are told that it is busy."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which codes and procedures a source is asked for.

    ``prefixes`` are agencies («H32», «H32.215»), written the new way round. With ``procedures``
    the source holds only those, as far as the procedure is known.
    """

    source: Source
    prefixes: tuple[str, ...]
    procedures: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a source is, for operators."""

    name: str
    state: State
    as_of: datetime | None
    problem: str | None


@dataclass
class _Post:
    """A route with what the desk remembers of it."""

    route: Route
    looking: Breaker
    polling: Breaker
    """Of its own: a list of changes that takes too long must not stop look-ups."""
    waiting: int = 0
    trouble: str | None = None


class Desk:
    """All sources of this installation."""

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        systems: Systems | None = None,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._posts = [_Post(route, Breaker(clock), Breaker(clock)) for route in routes]
        self._systems = systems or seed_systems()
        self._seconds = seconds

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources, for :meth:`changed_since`."""
        return tuple(post.route.source.name for post in self._posts)

    def elsewhere(
        self, *, code: str | None = None, procedure: str | None = None, field: str | None = None
    ) -> Elsewhere | None:
        """The system to name when the office cannot look itself; a code counts before all else."""
        found = self._systems.of_code(code) if code else None
        return found or self._systems.of_procedure(procedure, field)

    def sources_of(self, code: str, procedure: str | None = None) -> tuple[str, ...]:
        """Names of the sources that would be asked."""
        return tuple(post.route.source.name for post in self._chosen(code, procedure))

    async def find(self, code: str, procedure: str | None = None) -> Dossier | Elsewhere | None:
        """The dossier, the system that holds it, or ``None`` when no source knows the code.

        Raises :class:`SourceError` when no source has the dossier and one of them could not say:
        then nobody may claim that there is none. Answers within ``seconds`` in every case.
        """
        given = asked(code)
        if given is None:
            return None
        posts = self._chosen(given, procedure)
        if not posts:
            return self._systems.of_code(given)
        answers = await asyncio.gather(
            *(self._find(post, given) for post in posts),
            return_exceptions=True,
        )
        failure: BaseException | None = None
        for answer in answers:
            if isinstance(answer, BaseException):
                failure = failure or answer
            elif answer is not None:
                return answer
        if failure is not None:
            raise failure
        return None

    async def changed_since(
        self, source: str, cursor: str | None, limit: int
    ) -> tuple[list[Change], str]:
        """What changed at one source; see :meth:`Source.changed_since`."""
        post = self._post(source)
        listed = post.route.source.changed_since
        return await self._ask(post, post.polling, lambda: listed(cursor, limit), POLL_SECONDS)

    async def health(self) -> tuple[Health, ...]:
        """How every source is; never raises for what a source does."""
        return tuple(await asyncio.gather(*(self._health(post) for post in self._posts)))

    async def close(self) -> None:
        """Close every source."""
        for post in self._posts:
            await post.route.source.close()

    def _post(self, source: str) -> _Post:
        for post in self._posts:
            if post.route.source.name == source:
                return post
        raise KeyError(source)

    def _chosen(self, code: str, procedure: str | None) -> list[_Post]:
        """The longest prefix wins; among equals those that state the procedure, if any does."""
        lengths = [longest_prefix(code, post.route.prefixes) for post in self._posts]
        best = max(lengths, default=0)
        if not best:
            return []
        equal = [post for post, length in zip(self._posts, lengths, strict=True) if length == best]
        if procedure is None:
            return equal
        stating = [post for post in equal if procedure in post.route.procedures]
        return stating or [post for post in equal if not post.route.procedures] or equal

    async def _find(self, post: _Post, code: str) -> Dossier | None:
        source, breaker = post.route.source, post.looking
        return await self._ask(post, breaker, lambda: source.find(code), self._seconds)

    async def _ask(
        self, post: _Post, breaker: Breaker, question: Callable[[], Awaitable[T]], seconds: float
    ) -> T:
        if post.waiting >= MOST_WAITING:
            raise SourceSlow("too many questions are waiting")
        if not breaker.admits():
            raise SourceDown("left alone for a while after failures")
        post.waiting += 1
        try:
            async with asyncio.timeout(seconds):
                answer = await question()
        except NoChangeList:
            breaker.worked()
            raise
        except SourceError as error:
            self._note(post, breaker, error)
            raise
        except TimeoutError as error:
            slow = SourceSlow("no answer in time")
            self._note(post, breaker, slow)
            raise slow from error
        except asyncio.CancelledError:
            breaker.left()
            raise
        except Exception as error:
            # A mistake of ours in a source must not reach the conversation as a crash.
            log.exception("onestop_source_broken", source=post.route.source.name)
            broken = Rubbish(type(error).__name__)
            self._note(post, breaker, broken)
            raise broken from error
        finally:
            post.waiting -= 1
        breaker.worked()
        post.trouble = None
        return answer

    def _note(self, post: _Post, breaker: Breaker, error: SourceError) -> None:
        before = breaker.state
        if isinstance(error, Rubbish) and error.record:
            breaker.worked()
        else:
            breaker.failed()
            post.trouble = f"{type(error).__name__}: {error}"
        log.warning(
            "onestop_failed",
            source=post.route.source.name,
            kind=type(error).__name__,
            reason=str(error),
            state=breaker.state.value,
            before=before.value,
        )

    async def _health(self, post: _Post) -> Health:
        source, as_of, trouble = post.route.source, None, post.trouble
        try:
            if post.looking.state is State.CLOSED:
                async with asyncio.timeout(self._seconds):
                    as_of = await source.freshness()
        except (SourceError, TimeoutError) as error:
            trouble = trouble or f"{type(error).__name__}: {error}"
        return Health(
            name=source.name,
            state=post.looking.state,
            as_of=as_of,
            problem=source.problem or trouble,
        )
