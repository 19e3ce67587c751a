"""Accounts and sessions on both databases: who gets in, who is put out, and at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.accounts import IDLE, LONGEST, Account, LastAdmin, LoginTaken, Role
from knowledge.store import Store

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def add(store: Store, login: str, *roles: Role) -> Account:
    with store.work() as work:
        return work.accounts.add(
            login, name=login.title(), roles=roles, password="hash", must_change=False, at=NOW
        )


def sign_in(store: Store, account: Account, token: str, at: datetime = NOW) -> None:
    with store.work() as work:
        work.accounts.sign_in(account.id, token, at=at, address="::1", browser="Firefox")


def lives(store: Store, token: str, at: datetime = NOW) -> bool:
    with store.work() as work:
        return work.accounts.session(token, at=at) is not None


def test_a_login_name_is_taken_whatever_its_case(store: Store) -> None:
    lan = add(store, "Lan", Role.OFFICER, Role.APPROVER)
    assert lan.roles == {Role.OFFICER, Role.APPROVER}
    with pytest.raises(LoginTaken):
        add(store, "LAN ")
    with store.work() as work:
        assert work.accounts.find(" lAn") == lan
        assert work.accounts.find("lan'--") is None


def test_a_session_ends_idle_and_after_a_day(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    sign_in(store, lan, "t")
    assert not lives(store, "other")
    assert not lives(store, "")
    assert lives(store, "t", NOW + IDLE - MINUTE)
    assert lives(store, "t", NOW + 2 * IDLE - 2 * MINUTE)
    assert not lives(store, "t", NOW + 4 * IDLE)
    at = NOW
    while at < NOW + LONGEST:
        sign_in(store, lan, f"t{at}", at)
        at += LONGEST / 2
    sign_in(store, lan, "busy")
    at = NOW
    while at + IDLE / 2 < NOW + LONGEST:
        at += IDLE / 2
        assert lives(store, "busy", at)
    assert not lives(store, "busy", NOW + LONGEST)


def test_a_token_is_not_in_the_database(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    sign_in(store, lan, "a-very-secret-token")
    with store.work() as work:
        rows = work._session.connection().exec_driver_sql("SELECT * FROM staff_sessions").all()
    assert "a-very-secret-token" not in repr(rows)


@pytest.mark.parametrize("how", ["deactivate", "password", "everywhere"])
def test_every_session_ends_at_once(store: Store, how: str) -> None:
    lan, admin = add(store, "lan", Role.OFFICER), add(store, "admin", Role.ADMIN)
    sign_in(store, lan, "one")
    sign_in(store, lan, "two")
    sign_in(store, admin, "mine")
    with store.work() as work:
        if how == "deactivate":
            work.accounts.change(lan, at=NOW, active=False)
        elif how == "password":
            work.accounts.set_password(lan.id, "new", at=NOW)
        else:
            assert work.accounts.end_all(lan.id) == 2
    assert not lives(store, "one")
    assert not lives(store, "two")
    assert lives(store, "mine")


def test_a_session_of_another_is_not_ended(store: Store) -> None:
    lan, binh = add(store, "lan", Role.OFFICER), add(store, "binh", Role.OFFICER)
    sign_in(store, lan, "lan")
    with store.work() as work:
        [signed] = work.accounts.sessions(lan.id, at=NOW)
        assert work.accounts.end(binh.id, signed.id) is False
        assert work.accounts.end(lan.id, signed.id) is True
    assert not lives(store, "lan")


def test_the_last_admin_stays(store: Store) -> None:
    one, two = add(store, "one", Role.ADMIN), add(store, "two", Role.ADMIN, Role.OFFICER)
    with store.work() as work:
        work.accounts.change(one, at=NOW, roles=[Role.VIEWER])
    for change in ({"active": False}, {"roles": [Role.OFFICER]}):
        with pytest.raises(LastAdmin), store.work() as work:
            work.accounts.change(two, at=NOW, **change)  # type: ignore[arg-type]
    with store.work() as work:
        # What changes nothing of it is allowed.
        changed = work.accounts.change(two, at=NOW, name="Hai", roles=[Role.ADMIN])
    assert (changed.name, changed.roles, changed.active) == ("Hai", {Role.ADMIN}, True)


def test_two_admins_at_once_do_not_both_go(store: Store) -> None:
    pair = [add(store, "one", Role.ADMIN), add(store, "two", Role.ADMIN)]
    start, refused = threading.Barrier(2), []

    def leave(account: Account) -> None:
        start.wait()
        try:
            with store.work() as work:
                work.accounts.change(account, at=NOW, active=False)
        except LastAdmin:
            refused.append(account)

    threads = [threading.Thread(target=leave, args=(each,)) for each in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_a_code_works_once_and_no_older_one_after_it(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    with store.work() as work:
        work.accounts.set_totp(lan.id, b"sealed", ["r1", "r2"], at=NOW)
        assert work.accounts.use_totp_step(lan.id, 100)
        assert not work.accounts.use_totp_step(lan.id, 100)
        assert not work.accounts.use_totp_step(lan.id, 99)
        assert work.accounts.use_totp_step(lan.id, 101)
        assert work.accounts.use_recovery(lan.id, "r1")
        assert not work.accounts.use_recovery(lan.id, "r1")
    with store.work() as work:
        found = work.accounts.get(lan.id)
    assert found
    assert (found.has_totp, found.recovery_left) == (True, 1)


def test_a_rehash_does_not_undo_a_new_password(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    with store.work() as work:
        work.accounts.set_password(lan.id, "newer", at=NOW)
        work.accounts.rehash(lan.id, "hash", "old password, new parameters")
        found = work.accounts.credentials("lan")
    assert found
    assert found.password == "newer"


def test_notices_are_shown_once(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    sign_in(store, lan, "t")
    with store.work() as work:
        [signed] = work.accounts.sessions(lan.id, at=NOW)
        work.accounts.notify(signed.id, "Đã lưu.")
    with store.work() as work:
        assert work.accounts.take_notices(signed.id) == ["Đã lưu."]
    with store.work() as work:
        assert work.accounts.take_notices(signed.id) == []


def test_an_ended_session_is_known_until_it_is_swept(store: Store) -> None:
    lan = add(store, "lan", Role.OFFICER)
    sign_in(store, lan, "t")
    with store.work() as work:
        assert work.accounts.sweep(NOW + LONGEST) == 0
        assert work.accounts.expired("t") == lan.id
        assert work.accounts.sweep(NOW + 3 * LONGEST) == 1
        assert work.accounts.expired("t") is None
