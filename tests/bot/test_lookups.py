"""Look-ups: five tries an hour, failures alike, sources that fail, nothing but hashes kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import bot.lookups
from bot.lookups import DELAYS, EVEN_SECONDS, MOST_FAILURES, RIGHT_FOR, Lookups
from handlers.conversation import Contact
from handlers.lookup import ElsewhereHeld, LookUp, NoAnswer, NoSystem, NotMatching, Seen, TooMany
from knowledge.onestop import Rubbish, SourceDown, SourceError, SourceSlow
from knowledge.store import Store, migrate, open_engine
from tests.dossiers import AT, CODE, DIGITS, Clock, Held, dossier, lookups

AN = Contact(channel="web", id="an")
FURTHER = timedelta(minutes=11)


def other(number: int) -> Contact:
    return Contact(channel="web", id=f"other{number}")


def code(number: int) -> str:
    return f"H32.215-261118-{number:04d}"


def every_byte(home: Path) -> bytes:
    return b"".join(each.read_bytes() for each in home.glob("office.db*"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evened out to units so short that tests need not wait."""
    monkeypatch.setattr(bot.lookups, "EVEN_SECONDS", 0.001)


@pytest.fixture
def clock() -> Clock:
    return Clock()


Look = Callable[..., Lookups]


@pytest.fixture
def look(store: Store, clock: Clock) -> Look:
    def build(source: Held | None = None, **options: object) -> Lookups:
        held = source or Held([dossier()])
        return lookups(store, held, clock, **options)  # type: ignore[arg-type]

    return build


async def tries(desk: Lookups, clock: Clock, count: int, **who: Contact) -> list[LookUp]:
    """Wrong digits, slowly enough for the growing delay."""
    found = []
    for _ in range(count):
        found.append(await desk.look_up(who.get("contact", AN), (CODE,), "0000"))
        clock.at += FURTHER
    return found


@pytest.mark.parametrize("factor", [DIGITS, "9876", "K7P2Q9", "k7p2 q9"])
async def test_one_piece_on_file_opens_a_dossier(look: Look, factor: str) -> None:
    seen = await look().look_up(AN, (CODE,), factor)
    assert isinstance(seen, Seen)
    assert seen.dossier.code == CODE


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "factor", ["0000", "", "123", "12345", "' OR 1=1 --", "12 345", "9" * 5000]
)
async def test_anything_else_finds_nothing(look: Look, factor: str) -> None:
    desk = look()
    assert await desk.look_up(AN, (CODE,), factor) == NotMatching()
    assert await desk.look_up(other(1), (code(7),), factor) == NotMatching()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("strange", ["H32.215-261118-0042' OR '1'='1", "%", "H32%", "\0"])
async def test_sql_in_the_code_is_only_a_strange_code(look: Look, strange: str) -> None:
    assert await look().look_up(AN, (strange,), DIGITS) == NotMatching()


@pytest.mark.usefixtures("quick")
async def test_five_failures_an_hour_for_a_chat(look: Look, clock: Clock) -> None:
    desk = look()
    for number in range(MOST_FAILURES):
        assert await desk.look_up(AN, (code(number),), "0000") == NotMatching()
        clock.at += FURTHER
    # Even the right digits of another dossier must wait now.
    blocked = await desk.look_up(AN, (CODE,), DIGITS)
    assert isinstance(blocked, TooMany)
    assert blocked.wait == timedelta(hours=1) - 5 * FURTHER
    assert isinstance(await desk.look_up(other(1), (CODE,), DIGITS), Seen)
    clock.at += blocked.wait + timedelta(seconds=1)
    assert isinstance(await desk.look_up(AN, (CODE,), DIGITS), Seen)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("written", [CODE, "H32.215-20261118-0042", "H32.215-261118-00042"])
async def test_five_failures_an_hour_for_a_code_from_any_chats(
    look: Look, clock: Clock, written: str
) -> None:
    desk = look()
    for number in range(MOST_FAILURES):
        assert await desk.look_up(other(number), (written,), "0000") == NotMatching()
        clock.at += FURTHER
    assert isinstance(await desk.look_up(AN, (CODE,), DIGITS), TooMany)
    assert await desk.look_up(AN, (code(7),), DIGITS) == NotMatching()


@pytest.mark.usefixtures("quick")
async def test_old_and_new_form_of_an_agency_are_one_code(look: Look, clock: Clock) -> None:
    desk = look()
    for number in range(MOST_FAILURES):
        await desk.look_up(other(number), ("000.00.15.H32-261118-0042",), "0000")
        clock.at += FURTHER
    assert isinstance(await desk.look_up(AN, ("H32.15-261118-0042",), "0000"), TooMany)


@pytest.mark.usefixtures("quick")
async def test_the_wait_grows_with_every_failure(look: Look, clock: Clock) -> None:
    desk = look()
    waits = []
    for _ in range(MOST_FAILURES):
        outcome = await desk.look_up(AN, (CODE,), "0000")
        if isinstance(outcome, TooMany):
            waits.append(outcome.wait.total_seconds())
            clock.at += outcome.wait
            outcome = await desk.look_up(AN, (CODE,), "0000")
        assert outcome == NotMatching()
    assert waits == list(DELAYS[2:])


@pytest.mark.usefixtures("quick")
async def test_tries_at_the_same_time_are_counted(look: Look) -> None:
    """A script that asks for all digits at once gets no further than one that asks slowly."""
    desk = look(Held([dossier()], slow=lambda _: 0.02))
    outcomes = await asyncio.gather(
        *(desk.look_up(other(n), (CODE,), f"{n:04d}") for n in range(20)),
        *(desk.look_up(AN, (code(n),), "0000") for n in range(20)),
    )
    assert sum(each == NotMatching() for each in outcomes[:20]) <= 2
    assert sum(each == NotMatching() for each in outcomes[20:]) <= 2


@pytest.mark.usefixtures("quick")
async def test_success_and_a_silent_source_are_not_counted(look: Look, clock: Clock) -> None:
    source = Held([dossier()])
    desk = look(source)
    for _ in range(8):
        assert isinstance(await desk.look_up(AN, (CODE,), DIGITS), Seen)
    source.failure = SourceDown("refused")
    for _ in range(8):
        assert await desk.look_up(AN, (CODE,), DIGITS) == NoAnswer()
    assert await tries(look(), clock, 1) == [NotMatching()]


class Beats:
    """Sleeps are written down instead of slept, by a loop whose time a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        monkeypatch.setattr(bot.lookups.asyncio, "sleep", self.sleep)
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: self.time)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.mark.parametrize("spent", [0.0, 0.003, 0.2, 0.499, 0.51, 1.7, 2.4])
@pytest.mark.parametrize("asked", [(CODE,), (code(7),)], ids=["wrong digits", "unknown code"])
async def test_unknown_code_and_wrong_digits_take_whole_units_of_time(
    look: Look, monkeypatch: pytest.MonkeyPatch, spent: float, asked: tuple[str]
) -> None:
    """However long the source took, the answer comes after a whole number of half seconds."""
    desk = look()
    beats = Beats(monkeypatch)
    await desk._even_out(-spent)
    total = beats.time + spent
    assert total / EVEN_SECONDS == pytest.approx(round(total / EVEN_SECONDS))
    assert spent <= total < spent + EVEN_SECONDS or spent == total
    called: list[float] = []

    async def noted(begun: float) -> None:
        called.append(begun)

    monkeypatch.setattr(Lookups, "_even_out", lambda _, begun: noted(begun))
    assert await desk.look_up(AN, asked, "0000") == NotMatching()
    assert len(called) == 1


@pytest.mark.usefixtures("quick")
async def test_every_way_to_fail_asks_the_source_the_same(look: Look) -> None:
    source = Held([dossier(code=code(2))])
    desk = look(source)
    spellings = (code(1), code(2), code(3))
    await desk.look_up(AN, spellings, "0000")
    await desk.look_up(other(1), tuple(reversed(spellings)), "0000")
    assert sorted(source.asked[:3]) == sorted(source.asked[3:]) == list(spellings)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "failure",
    [SourceDown("refused"), SourceSlow("late"), Rubbish("<html>"), Rubbish("x", record=True)],
)
async def test_a_failing_source_is_told_as_such(look: Look, failure: SourceError) -> None:
    desk = look(Held([dossier()], failure=failure))
    assert await desk.look_up(AN, (CODE,), DIGITS) == NoAnswer()


async def test_a_slow_source_is_not_waited_for(look: Look) -> None:
    """The desk's patience ends the wait; an hour would end this test."""
    desk = look(Held([dossier()], slow=lambda _: 3600.0), seconds=0.05)
    assert await desk.look_up(AN, (CODE,), DIGITS) == NoAnswer()


async def test_a_right_is_good_for_a_while_and_a_kept_one_longer(look: Look, clock: Clock) -> None:
    desk = look()
    seen = await desk.look_up(AN, (CODE,), DIGITS)
    assert isinstance(seen, Seen)
    assert isinstance(await desk.see_again(AN, seen.right), Seen)
    clock.at += RIGHT_FOR + timedelta(seconds=1)
    assert await desk.see_again(AN, seen.right) == NotMatching()
    assert isinstance(await desk.see_again(AN, seen.right, lasting=True), Seen)
    for forged in ("", "x", seen.right[:-4], desk.seal_codes((CODE,))):
        assert await desk.see_again(AN, forged, lasting=True) == NotMatching()
    assert desk.unseal(seen.right) == desk.unseal("x") == ()
    assert CODE not in seen.right


async def test_what_other_systems_hold_is_named(look: Look) -> None:
    desk = look()
    assert desk.elsewhere((CODE,)) is None
    held = desk.elsewhere(("G01.899.101-261118-00042",))
    assert isinstance(held, ElsewhereHeld)
    assert "Công an" in held.system.name
    assert held.system.url.startswith("https://")
    assert desk.elsewhere(("Q99-261118-0042",)) == NoSystem()


@pytest.mark.usefixtures("quick")
async def test_the_database_holds_hashes_only(tmp_path: Path) -> None:
    file = tmp_path / "office.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    store = Store(engine)
    desk = lookups(store, Held([dossier()]))
    await desk.look_up(AN, (CODE,), DIGITS)
    await desk.look_up(other(1), (CODE,), "5791")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT contact, code, result FROM lookup_attempts")).all()
    assert [row.result for row in rows] == ["shown", "failed"]
    assert len({row.code for row in rows}) == 1
    store.close()
    kept = every_byte(tmp_path)
    for secret in (CODE, CODE[-11:], "5791", "Nguyễn", "other1"):
        assert secret.encode() not in kept


@pytest.mark.usefixtures("quick")
async def test_tries_are_forgotten_after_a_day(look: Look, clock: Clock) -> None:
    desk = look()
    await tries(desk, clock, 3)
    assert desk.sweep() == 0
    clock.at = AT + timedelta(days=2)
    assert desk.sweep() == 3
