"""The switch in any order of events."""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from knowledge.onestop.breaker import Breaker, State

FAILURES, PAUSE, LONGEST = 3, 10.0, 40.0


class BreakerMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order, one question at most probes, and never too early."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = Breaker(lambda: self.now, failures=FAILURES, pause=PAUSE, longest=LONGEST)
        self.opened_at: float | None = None
        self.in_a_row = 0
        self.probing = False

    def _fails(self) -> None:
        self.breaker.failed()
        self.in_a_row += 1
        if self.probing or self.in_a_row >= FAILURES:
            self.opened_at = self.now
        self.probing = False

    @rule()
    def passes(self) -> None:
        self.now += PAUSE / 2

    @rule()
    def passes_long(self) -> None:
        self.now += LONGEST

    @precondition(lambda self: not self.probing)
    @rule()
    def asks(self) -> None:
        if not self.breaker.admits():
            assert self.opened_at is not None
            assert self.now - self.opened_at < LONGEST
            return
        if self.opened_at is not None:
            assert self.now - self.opened_at >= PAUSE
            self.probing = True

    @precondition(lambda self: self.probing or self.opened_at is None)
    @rule()
    def fails(self) -> None:
        self._fails()

    @precondition(lambda self: self.probing or self.opened_at is None)
    @rule()
    def works(self) -> None:
        self.breaker.worked()
        self.opened_at, self.in_a_row, self.probing = None, 0, False

    @precondition(lambda self: self.probing)
    @rule()
    def is_left(self) -> None:
        self.breaker.left()
        self.probing = False

    @invariant()
    def state_agrees(self) -> None:
        if self.opened_at is None:
            assert self.breaker.state is State.CLOSED
        else:
            assert self.breaker.state is (State.PROBING if self.probing else State.OPEN)

    @invariant()
    def nobody_else_while_one_probes(self) -> None:
        if self.probing:
            assert not self.breaker.admits()


TestBreaker = BreakerMachine.TestCase
