"""The OA's tokens against Zalo's rule that every renewal kills the pair before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot.channels import Misconfigured, TryLater
from bot.channels import zalo_oauth as oauth
from bot.channels.zalo_oauth import ZaloOauth, challenge, new_verifier
from bot.sealing import Seal
from bot.tokens import StoredTokens
from knowledge.store import Store
from tests.fakes.zalo_oa import FakeZaloOa

HOURS_20 = timedelta(hours=20, minutes=1)


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        yield fake


@asynccontextmanager
async def writer(zalo: FakeZaloOa, tokens: StoredTokens | None = None) -> AsyncIterator[ZaloOauth]:
    """One process that may renew."""
    async with ClientSession() as session:
        found = ZaloOauth(
            app_id=zalo.app_id,
            app_secret=zalo.app_secret,
            url=f"{zalo.url}/oauth",
            tokens=tokens or zalo.tokens,
            clock=zalo.clock,
        )
        found.use(session)
        yield found
        await found.close()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "SAVE_WAITS", (0.0, 0.0, 0.0))


def test_the_documented_vector_of_pkce() -> None:
    verifier = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
    assert challenge(verifier) == "g0tuZ6q412zO9IRkeAUs8HN6MQeXPsGce37J3Rsc8wQ"
    assert len(new_verifier()) == 43
    assert new_verifier() != new_verifier()


async def test_the_first_pair_by_consent(zalo: FakeZaloOa) -> None:
    zalo.tokens.kept = None
    verifier = new_verifier()
    async with writer(zalo) as found:
        with pytest.raises(Misconfigured):
            await found.access()
        link = urlsplit(found.consent_link("https://xa.example.vn/back", verifier, "s1"))
        query = parse_qs(link.query)
        assert link.path == "/oauth/v4/oa/permission"
        assert (query["app_id"], query["state"]) == ([zalo.app_id], ["s1"])
        code = zalo.oauth.consent(query["code_challenge"][0])
        await found.authorise(code, verifier)
        assert await found.access() == zalo.oauth.access
        with pytest.raises(Misconfigured, match="-14014"):
            await found.authorise(code, verifier)
        late = zalo.oauth.consent(challenge(verifier))
        await zalo.advance(timedelta(minutes=11))
        with pytest.raises(Misconfigured):
            await found.authorise(late, verifier)
        assert await found.access() == zalo.oauth.access


async def test_a_pair_made_by_hand(zalo: FakeZaloOa) -> None:
    zalo.tokens.kept = None
    async with writer(zalo) as found:
        await found.put(zalo.oauth.access, zalo.oauth.refresh)
        assert await found.access() == zalo.oauth.access
        await zalo.advance(HOURS_20)
        await found.renew()
        assert zalo.oauth.renewals == 1


async def test_renewed_ahead_of_time_and_not_before(zalo: FakeZaloOa) -> None:
    async with writer(zalo) as found:
        await zalo.advance(timedelta(hours=19, minutes=58))
        await found.renew()
        assert zalo.oauth.renewals == 0
        await zalo.advance(timedelta(minutes=5))
        await found.renew()
        await found.renew()
        assert zalo.oauth.renewals == 1
        assert zalo.tokens.kept is not None
        assert zalo.tokens.kept["access_token"] == zalo.oauth.access
        assert "begun" not in zalo.tokens.kept
        assert await found.access() == zalo.oauth.access


async def test_a_year_of_renewals(zalo: FakeZaloOa) -> None:
    async with writer(zalo) as found:
        for _ in range(40):
            await zalo.advance(HOURS_20)
            await found.renew()
            assert zalo.oauth.judge(await found.access()) == 0
    assert zalo.oauth.renewals == 40


async def test_two_processes_renew_once(zalo: FakeZaloOa, store: Store) -> None:
    seal = Seal([Seal.new_key()])
    shared = StoredTokens(store, seal, "zalo_oa", clock=zalo.clock)
    assert zalo.tokens.kept is not None
    await shared.save(zalo.tokens.kept)
    # On SQLite there is one process, so its users share the lock; on PostgreSQL they need not.
    other = shared if store.one_writer else StoredTokens(store, seal, "zalo_oa", clock=zalo.clock)
    zalo.oauth.slow = 0.05
    await zalo.advance(HOURS_20)
    async with writer(zalo, shared) as one, writer(zalo, other) as two:
        old = await one.access()
        assert await two.access() == old
        await asyncio.gather(*(each.renew() for each in (one, two, one, two)))
        assert zalo.oauth.renewals == 1
        assert await one.access() == await two.access() == zalo.oauth.access
        # And when both are refused the same old token at the same time.
        found = await asyncio.gather(*(each.instead_of(old) for each in (one, two, one)))
        assert set(found) == {zalo.oauth.access}
        assert zalo.oauth.renewals == 1


async def test_the_new_pair_is_stored_before_it_is_used(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    async with writer(zalo) as found:
        old = await found.access()
        # The first write is the mark that a renewal begins; then the disk fails for a while.
        saved = zalo.tokens.save

        async def failing(tokens: dict[str, str]) -> None:
            if tokens["access_token"] != old:
                assert await found.access() == old
            await saved(tokens)
            if tokens.get("begun"):
                zalo.tokens.failing = 2

        zalo.tokens.save = failing  # type: ignore[method-assign]
        await found.renew()
        assert zalo.tokens.kept is not None
        assert zalo.tokens.kept["refresh_token"] == zalo.oauth.refresh
        assert await found.access() == zalo.oauth.access


async def test_a_pair_that_cannot_be_stored_is_not_lost_while_the_process_lives(
    zalo: FakeZaloOa,
) -> None:
    await zalo.advance(HOURS_20)
    async with writer(zalo) as found:
        saved = zalo.tokens.save

        async def failing(tokens: dict[str, str]) -> None:
            await saved(tokens)
            if tokens.get("begun"):
                zalo.tokens.failing = 4

        zalo.tokens.save = failing  # type: ignore[method-assign]
        with capture_logs() as logs:
            await found.renew()
        assert "zalo_token_not_stored" in {each["event"] for each in logs}
        zalo.tokens.save = saved  # type: ignore[method-assign]
        assert zalo.tokens.kept is not None
        assert zalo.tokens.kept["access_token"] != zalo.oauth.access
        assert await found.instead_of(zalo.tokens.kept["access_token"]) == zalo.oauth.access
        assert zalo.tokens.kept["refresh_token"] == zalo.oauth.refresh


async def test_a_database_that_takes_no_write_spends_no_token(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.tokens.failing = 1
    async with writer(zalo) as found:
        with capture_logs() as logs:
            await found.renew()
        assert logs[-1]["event"] == "zalo_token_renewal_failed"
        assert zalo.oauth.renewals == 0
        await found.renew()
        assert zalo.oauth.renewals == 1


async def test_refused_renewal_is_an_alarm_and_the_old_token_serves_on(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.oauth.refuse = True
    async with writer(zalo) as found:
        with capture_logs() as logs:
            await found.renew()
            await found.renew()
        alarms = [each for each in logs if each["log_level"] == "error"]
        assert {"zalo_token_refused", "zalo_token_renewal_failed"} == {
            each["event"] for each in alarms
        }
        assert not any(zalo.oauth.refresh in str(each) for each in logs)
        assert await found.access() == zalo.oauth.access
        state = await found.state()
        assert state is not None
        assert "-14014" in state.refused
        # Not asked again at once, but later, and a success clears the alarm.
        zalo.oauth.refuse = False
        await found.renew()
        assert zalo.oauth.renewals == 0
        await zalo.advance(timedelta(minutes=11))
        await found.renew()
        assert zalo.oauth.renewals == 1
        state = await found.state()
        assert state is not None
        assert not state.refused


async def test_what_zalo_says_never_tells_the_token(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.oauth.refuse = zalo.oauth.gossip = True
    async with writer(zalo) as found:
        with capture_logs() as logs:
            await found.renew()
        assert zalo.tokens.kept is not None
        assert "-14014" in zalo.tokens.kept["refused"]
        assert zalo.oauth.refresh not in zalo.tokens.kept["refused"] + str(logs)


async def test_a_server_that_is_down_is_asked_again(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.oauth.down = 1
    async with writer(zalo) as found:
        await found.renew()
        assert zalo.oauth.renewals == 0
        state = await found.state()
        assert state is not None
        assert state.begun is not None
        await found.renew()
        assert zalo.oauth.renewals == 1


async def test_an_answer_that_is_lost_needs_a_person(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.oauth.lose_answers = 1
    async with writer(zalo) as found:
        old = await found.access()
        await found.renew()
        assert zalo.oauth.renewals == 1
        with pytest.raises(Misconfigured, match="-14014"):
            await found.instead_of(old)
        # Only a new pair by hand helps.
        await found.put(zalo.oauth.access, zalo.oauth.refresh)
        assert await found.access() == zalo.oauth.access


async def test_a_caller_that_is_cancelled_does_not_lose_the_pair(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    zalo.oauth.slow = 0.1
    async with writer(zalo) as found:
        renewing = asyncio.create_task(found.renew())
        await asyncio.sleep(0.05)
        renewing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await renewing
    assert zalo.oauth.renewals == 1
    assert zalo.tokens.kept is not None
    assert zalo.tokens.kept["refresh_token"] == zalo.oauth.refresh


async def test_an_expired_token_is_renewed_before_it_is_refused(zalo: FakeZaloOa) -> None:
    await zalo.advance(timedelta(hours=26))
    async with writer(zalo) as found:
        assert await found.access() == zalo.oauth.access
    assert zalo.oauth.renewals == 1


async def test_nobody_answers(zalo: FakeZaloOa) -> None:
    await zalo.advance(timedelta(hours=26))
    async with ClientSession() as session:
        found = ZaloOauth(
            app_id="1",
            app_secret="s",
            url="http://127.0.0.1:1",
            tokens=zalo.tokens,
            clock=zalo.clock,
        )
        found.use(session)
        with pytest.raises(TryLater) as caught:
            await found.access()
        assert caught.value.everyone


@pytest.mark.parametrize("kept", [{}, {"access_token": "a"}, {"expires_at": "gestern"}])
async def test_what_is_no_pair_counts_as_none(zalo: FakeZaloOa, kept: dict[str, str]) -> None:
    zalo.tokens.kept = kept
    async with writer(zalo) as found:
        assert await found.state() is None
        with pytest.raises(Misconfigured):
            await found.access()
        await found.renew()


async def test_the_clock_stands_in_the_pair(zalo: FakeZaloOa) -> None:
    await zalo.advance(HOURS_20)
    async with writer(zalo) as found:
        await found.renew()
        state = await found.state()
    assert state is not None
    left = state.expires_at - datetime.now(UTC) - HOURS_20
    assert timedelta(hours=24, minutes=59) < left < timedelta(hours=25, minutes=1)
