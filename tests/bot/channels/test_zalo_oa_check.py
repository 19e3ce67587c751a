"""What an operator is told, with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels import Finding
from tests.fakes.zalo_oa import FakeZaloOa


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        yield fake


async def found(zalo: FakeZaloOa, **options: Any) -> tuple[Finding, ...]:
    channel = zalo.channel(**options)
    await channel.open()
    findings = await channel.check()
    await channel.close()
    assert all(each.text.startswith("Zalo OA: ") for each in findings)
    return findings


def wrong(findings: tuple[Finding, ...]) -> str:
    return "\n".join(each.text for each in findings if not each.ok)


async def test_all_is_well(zalo: FakeZaloOa) -> None:
    findings = await found(zalo)
    said = "\n".join(each.text for each in findings)
    assert wrong(findings) == ""
    assert "«UBND phường Thử Nghiệm», gói Nâng cao" in said
    assert "500/500" in said
    assert "token dùng được tới" in said


async def test_missing_secrets(zalo: FakeZaloOa) -> None:
    said = wrong(await found(zalo, app_secret="", oa_secret=""))
    assert "HMC_ZALO_APP_SECRET" in said
    assert "HMC_ZALO_OA_SECRET" in said


async def test_no_pair(zalo: FakeZaloOa) -> None:
    zalo.tokens.kept = None
    assert "chưa có cặp token" in wrong(await found(zalo))
    assert zalo.calls == 0


async def test_a_refused_renewal_and_one_without_outcome(zalo: FakeZaloOa) -> None:
    await zalo.advance(timedelta(hours=21))
    zalo.oauth.down = 1
    channel = zalo.channel()
    await channel.open()
    await channel.oauth.renew()
    assert "chưa rõ kết quả" in wrong(await channel.check())
    zalo.oauth.refuse = True
    await channel.oauth.renew()
    assert "không nhận refresh token: lỗi -14014" in wrong(await channel.check())
    await channel.close()


async def test_an_account_that_refuses(zalo: FakeZaloOa) -> None:
    zalo.oauth.access = "another"
    zalo.oauth.refuse = True
    said = wrong(await found(zalo))
    assert "Zalo từ chối" in said
    # Templates are no must.
    findings = await found(zalo)
    assert [each.ok for each in findings if "tin mẫu" in each.text] == [True]


async def test_looking_spends_no_token(zalo: FakeZaloOa) -> None:
    await zalo.advance(timedelta(hours=26))
    said = wrong(await found(zalo))
    assert "token hết hạn từ" in said
    assert "Zalo từ chối: -220" in said
    assert zalo.oauth.renewals == 0


async def test_tokens_out_of_reach(zalo: FakeZaloOa) -> None:
    async def failing() -> dict[str, str] | None:
        raise OSError

    zalo.tokens.load = failing  # type: ignore[method-assign]
    assert "không đọc được token" in wrong(await found(zalo))


async def test_what_to_enter_in_the_console(zalo: FakeZaloOa) -> None:
    findings = await zalo.channel().register("https://chat.example.gov.vn/hooks/zalo-oa")
    said = "\n".join(each.text for each in findings)
    assert wrong(findings) == ""
    assert "«https://chat.example.gov.vn/hooks/zalo-oa»" in said
    assert zalo.app_id in said
    assert "tên miền chat.example.gov.vn" in said


@pytest.mark.parametrize(
    "url", ["http://a.vn/x", "https://a.vn:8443/x", "https://", "", "https://[a", "https://a.vn:x"]
)
async def test_addresses_zalo_does_not_take(zalo: FakeZaloOa, url: str) -> None:
    assert "https không kèm cổng" in wrong(await zalo.channel().register(url))
