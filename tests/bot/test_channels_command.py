"""What an operator sees of the channels, against real servers on loopback."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from yarl import URL

from bot.__main__ import main
from bot.sealing import Seal
from bot.tokens import StoredTokens
from knowledge.queues import Departure
from knowledge.store import Store, open_engine
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.zalo_bot import TOKEN as ZALO_BOT_TOKEN
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa

KEY = Seal.new_key()


class Operator:
    """Runs commands with a ``.env`` of their own."""

    def __init__(self, home: Path) -> None:
        self.database = f"sqlite:///{home / 'office.db'}"
        self.env: dict[str, str] = {"DATABASE_URL": self.database, "HMC_SEAL_KEYS": KEY}

    async def run(self, *arguments: str, typed: str = "") -> Result:
        # The fakes live on this loop, the command has one of its own.
        return await asyncio.to_thread(
            CliRunner().invoke, main, ["channels", *arguments], typed, self.env
        )


def database_files(home: Path) -> list[bytes]:
    """The database with everything beside it, byte by byte."""
    return [file.read_bytes() for file in home.glob("office.db*")]


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.chdir(tmp_path)
    return Operator(tmp_path)


async def test_nothing_configured_is_said_with_the_way_on(operator: Operator) -> None:
    said = await operator.run("check")
    assert said.exit_code == 0
    for setting in ("HMC_TELEGRAM_TOKEN", "HMC_ZALO_APP_ID", "HMC_ZALO_BOT_TOKEN"):
        assert setting in said.output
    assert "docs/vi/dang-ky-telegram.md" in said.output


async def test_a_token_that_works_and_one_that_does_not(operator: Operator) -> None:
    async with FakeTelegram() as telegram:
        operator.env |= {"HMC_TELEGRAM_TOKEN": TOKEN, "HMC_TELEGRAM_API_URL": telegram.url}
        well = await operator.run("check")
        assert (well.exit_code, "✔" in well.output) == (0, True), well.output
        operator.env["HMC_TELEGRAM_TOKEN"] = TOKEN[:-1] + "x"
        wrong = await operator.run("check")
        assert wrong.exit_code == 1
        assert "✘" in wrong.output
        assert TOKEN[:-1] not in wrong.output


async def test_a_platform_that_cannot_be_reached_is_said(operator: Operator) -> None:
    operator.env |= {"HMC_TELEGRAM_TOKEN": TOKEN, "HMC_TELEGRAM_API_URL": "http://127.0.0.1:9"}
    said = await operator.run("check")
    assert said.exit_code == 1
    assert "✘" in said.output
    assert "Traceback" not in said.output


async def test_half_an_official_account_names_what_is_missing(operator: Operator) -> None:
    operator.env["HMC_ZALO_APP_ID"] = "123"
    said = await operator.run("check")
    assert said.exit_code == 1
    assert "HMC_ZALO_APP_SECRET, HMC_ZALO_OA_SECRET" in said.output


async def test_registering_needs_an_address_and_tells_the_platforms(operator: Operator) -> None:
    assert "HMC_PUBLIC_URL" in (await operator.run("register")).output
    async with FakeTelegram() as telegram, FakeZaloBot() as zalo:
        operator.env |= {
            "HMC_PUBLIC_URL": "https://chat.example.gov.vn/",
            "HMC_TELEGRAM_TOKEN": TOKEN,
            "HMC_TELEGRAM_API_URL": telegram.url,
            "HMC_ZALO_BOT_TOKEN": ZALO_BOT_TOKEN,
            "HMC_ZALO_BOT_API_URL": zalo.url,
        }
        said = await operator.run("register")
        assert said.exit_code == 0, said.output
        assert telegram.webhook == "https://chat.example.gov.vn/hooks/telegram"
        assert zalo.webhook
        assert zalo.webhook.url == "https://chat.example.gov.vn/hooks/zalo-bot"


async def test_the_first_pair_of_tokens_is_stored_sealed(
    operator: Operator, tmp_path: Path
) -> None:
    async with FakeZaloOa() as zalo:
        operator.env |= {
            "HMC_ZALO_APP_ID": "360846524940903967",
            "HMC_ZALO_APP_SECRET": "app",
            "HMC_ZALO_OA_SECRET": "oa",
            "HMC_ZALO_API_URL": zalo.url,
            "HMC_ZALO_OAUTH_URL": zalo.url,
        }
        said = await operator.run("zalo-token", typed="first-access\nfirst-refresh\n")
    assert said.exit_code == 0, said.output
    assert "first-refresh" not in said.output
    store = Store(open_engine(operator.database))
    tokens = StoredTokens(store, Seal([KEY]), "zalo_oa", clock=lambda: datetime.now(UTC))
    assert "first-refresh" in str(await tokens.load())
    store.close()
    assert not any(b"first-refresh" in each for each in database_files(tmp_path))


async def test_consent_by_a_link_stores_the_first_pair(operator: Operator, tmp_path: Path) -> None:
    async with FakeZaloOa() as zalo:
        operator.env |= {
            "HMC_ZALO_APP_ID": zalo.oauth.app_id,
            "HMC_ZALO_APP_SECRET": zalo.oauth.app_secret,
            "HMC_ZALO_OA_SECRET": "oa",
            "HMC_ZALO_API_URL": zalo.url,
            "HMC_ZALO_OAUTH_URL": f"{zalo.url}/oauth",
        }
        missing = await operator.run("zalo-link")
        assert missing.exit_code
        assert "HMC_PUBLIC_URL" in missing.output
        said = await operator.run("zalo-link", "--redirect", "https://chat.example.gov.vn")
        assert said.exit_code == 0, said.output
        link = URL(next(part for part in said.output.split() if "permission" in part))
        assert link.query["redirect_uri"] == "https://chat.example.gov.vn"
        code = zalo.oauth.consent(link.query["code_challenge"])
        verifier = said.output.split()[-1]
        wrong = await operator.run("zalo-token", "--code", code, "--verifier", "x" * 43)
        assert wrong.exit_code
        code = zalo.oauth.consent(link.query["code_challenge"])
        stored = await operator.run("zalo-token", "--code", code, "--verifier", verifier)
    assert stored.exit_code == 0, stored.output


async def test_what_could_not_be_sent_is_listed(operator: Operator) -> None:
    await operator.run("check")
    store = Store(open_engine(operator.database))
    now = datetime.now(UTC)
    with store.work() as work:
        work.queues.post(
            [Departure(channel="telegram", contact="an", key="k", sealed=b"s")], at=now
        )
        [row] = work.queues.claim_outbox(["telegram"], now=now, until=now, limit=1)
        work.queues.bury(row.id, at=now, error="Rejected: chat not found")
    store.close()
    said = await operator.run("queue")
    assert "Không gửi được: 1." in said.output
    assert "Telegram, 1 lần: Rejected: chat not found" in said.output
