"""What is off at a moment and what is announced, as each process reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge.store import Store
from knowledge.switches import NOTHING, AnnouncementKind, Scope, Switch

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def switch(scope: Scope, key: str = "", until: datetime | None = None) -> Switch:
    return Switch(
        scope=scope,
        key=key,
        sentence=f"tắt {scope} {key}",
        reason="thử",
        author="boss",
        since=NOW,
        until=until,
    )


def test_nothing_is_off_at_first(store: Store) -> None:
    with store.work() as work:
        assert work.switches.board(NOW) == NOTHING


def test_scopes_do_not_touch_one_another(store: Store) -> None:
    with store.work() as work:
        work.switches.turn_off(switch(Scope.CHANNEL, "telegram"))
        work.switches.turn_off(switch(Scope.PROCEDURE, "1.001193"))
    with store.work() as work:
        board = work.switches.board(NOW)
    assert board.silenced("web", NOW) is None
    found = board.silenced("telegram", NOW)
    assert found is not None
    assert found.sentence == "tắt channel telegram"
    assert board.withdrawn("1.001193", NOW) is not None
    assert board.withdrawn("1.000894", NOW) is None


def test_the_bot_goes_before_its_channels(store: Store) -> None:
    with store.work() as work:
        work.switches.turn_off(switch(Scope.CHANNEL, "telegram"))
        work.switches.turn_off(switch(Scope.BOT))
        board = work.switches.board(NOW)
    found = board.silenced("telegram", NOW)
    assert found is not None
    assert found.scope is Scope.BOT


def test_a_switch_with_an_end_is_on_again(store: Store) -> None:
    with store.work() as work:
        work.switches.turn_off(switch(Scope.BOT, until=NOW + HOUR))
        board = work.switches.board(NOW)
        assert work.switches.board(NOW + HOUR) == NOTHING
    assert board.silenced("web", NOW + HOUR - timedelta(seconds=1)) is not None
    # Also for a process that did not look again.
    assert board.silenced("web", NOW + HOUR) is None


def test_changing_and_turning_on_tell_what_was(store: Store) -> None:
    first, second = switch(Scope.BOT), switch(Scope.BOT, until=NOW + HOUR)
    with store.work() as work:
        assert work.switches.turn_off(first) is None
        assert work.switches.turn_off(second) == first
        assert work.switches.turn_on(Scope.BOT, "") == second
        assert work.switches.turn_on(Scope.BOT, "") is None


def test_announcements_begin_and_end(store: Store) -> None:
    with store.work() as work:
        for begins, ends in ((0, 2), (1, 3), (-3, -1)):
            work.switches.announce(
                AnnouncementKind.STORM,
                f"{begins}",
                begins_at=NOW + begins * HOUR,
                ends_at=NOW + ends * HOUR,
                author="boss",
                at=NOW,
            )
        board = work.switches.board(NOW)
    assert [each.text for each in board.announcements] == ["0", "1"]
    assert [each.text for each in board.told(NOW)] == ["0"]
    assert [each.text for each in board.told(NOW + HOUR)] == ["0", "1"]
    assert [each.text for each in board.told(NOW + 2 * HOUR)] == ["1"]


def test_one_that_has_not_begun_is_taken_down_too(store: Store) -> None:
    with store.work() as work:
        number = work.switches.announce(
            AnnouncementKind.HOLIDAY,
            "nghỉ",
            begins_at=NOW + HOUR,
            ends_at=NOW + 2 * HOUR,
            author="boss",
            at=NOW,
        )
        before = work.switches.take_down(number, at=NOW)
        assert before is not None
        assert before.begins_at == NOW + HOUR
        assert work.switches.take_down(number, at=NOW) is None
        assert work.switches.take_down(999, at=NOW) is None
        assert work.switches.board(NOW) == NOTHING
