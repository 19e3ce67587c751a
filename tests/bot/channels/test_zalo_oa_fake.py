"""The fake platform itself, driven by a client that somebody else wrote (PyPI zalo-sdk)."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.fakes import Sticker
from tests.fakes.zalo_oa import TEMPLATE, FakeZaloOa

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from zalo_sdk import ZaloException, ZaloOAAuthTokenExpiredException, ZaloOAException
    from zalo_sdk.oa.Client import Client
    from zalo_sdk.oa.ZaloMessage import ZaloAction, ZaloAttachment, ZaloMessageBody, ZaloRecipient
    from zalo_sdk.zns.Client import Client as ZnsClient

DATA = {
    "ho_ten": "Nguyễn Thị A",
    "ma_ho_so": "H32.215-261118-0042",
    "trang_thai": "Đã có kết quả",
    "ngay": "24/11/2026",
}


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloOa]:
    async with FakeZaloOa() as fake:
        yield fake


@pytest.fixture
def client(zalo: FakeZaloOa) -> Any:
    return Client(
        zalo.app_id, zalo.app_secret, access_token=zalo.oauth.access, endpoint_prefix=zalo.url
    )


async def ask(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """The client blocks, so it works in a thread."""
    return await asyncio.to_thread(call, *arguments, **named)


async def code_of(call: Callable[..., Any], *arguments: Any, **named: Any) -> int:
    with pytest.raises(ZaloException) as caught:
        await ask(call, *arguments, **named)
    return int(caught.value._code)


def text(words: str, buttons: list[dict[str, Any]] | None = None) -> Any:
    attachment = ZaloAttachment("template", {"buttons": buttons}) if buttons else None
    return ZaloMessageBody(text=words, attachment=attachment)


def button(title: str, payload: Any = "#a:x", kind: str = "oa.query.hide") -> dict[str, Any]:
    return {"title": title, "type": kind, "payload": payload}


async def test_a_message_with_buttons(zalo: FakeZaloOa, client: Any) -> None:
    await zalo.say("1001", "chào")
    answer = await ask(
        client.send_message,
        ZaloRecipient(user_id="1001"),
        text(
            "Anh/chị cần gì?",
            [
                button("Khai sinh"),
                button("Cổng", {"url": "https://dichvucong.gov.vn"}, "oa.open.url"),
                button("Gọi", {"phone_code": "842361022"}, "oa.open.phone"),
            ],
        ),
    )
    [bubble] = zalo.bubbles
    assert answer["data"]["message_id"] == bubble.id
    assert answer["data"]["quota"]["remain"] == "7"
    assert bubble.buttons == ("Khai sinh", "Cổng", "Gọi")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text("x" * 2001), -210),
        (text(""), -201),
        (text("?", [button("a")] * 6), -210),
        (text("?", [button("a" * 101)]), -201),
        (text("?", [button("a", "x" * 1001)]), -201),
        (text("?", [button("a", {"url": "javascript:x"}, "oa.open.url")]), -201),
        (text("?", [button("a", {"phone_code": "0912345678"}, "oa.open.phone")]), -201),
        (text("?", [button("a", "x", "oa.dance")]), -201),
        (
            ZaloMessageBody(attachment=ZaloAttachment("template", {"template_type": "list"})),
            -233,
        ),
        (ZaloMessageBody(attachment=ZaloAttachment("file", {"token": "unknown"})), -201),
    ],
)
async def test_what_the_interface_refuses(
    zalo: FakeZaloOa, client: Any, body: Any, code: int
) -> None:
    await zalo.say("1001", "chào")
    assert await code_of(client.send_message, ZaloRecipient(user_id="1001"), body) == code
    assert zalo.bubbles == []
    assert zalo.people["1001"].left == 8


async def test_two_thousand_characters_pass(zalo: FakeZaloOa, client: Any) -> None:
    await zalo.say("1001", "chào")
    await ask(client.send_message, ZaloRecipient(user_id="1001"), text("e\u0302\u0323" * 2000))
    assert len(zalo.bubbles) == 1


async def test_windows_followers_and_old_versions(zalo: FakeZaloOa, client: Any) -> None:
    to = ZaloRecipient(user_id="1001")
    assert await code_of(client.send_message, to, text("x")) == -201
    await zalo.follow("1001")
    for _ in range(8):
        await ask(client.send_message, to, text("x"))
    assert await code_of(client.send_message, to, text("x")) == -211
    assert (await ask(client.get_zalo_user_quotas, "1001"))["data"]["cs_reply"]["remain"] == 0
    await zalo.unfollow("1001")
    assert await code_of(client.send_message, to, text("x")) == -213
    await zalo.follow("1001")
    assert await code_of(client.send_message, to, text("x"), category="action") == -240
    await ask(client.send_message, to, action=ZaloAction("/-strong", "m1"), category="action")
    await zalo.advance(timedelta(hours=24))
    await ask(client.send_message, to, text("x"))
    await zalo.advance(timedelta(days=6, hours=1))
    client.access_token = zalo.oauth.access
    zalo.oauth.issued_at = zalo.clock()
    assert await code_of(client.send_message, to, text("x")) == -230


async def test_profiles_and_lists(zalo: FakeZaloOa, client: Any) -> None:
    await zalo.follow("1001")
    assert (await ask(client.get_user_detail, "1001"))["data"]["user_is_follower"] is True
    assert await code_of(client.get_user_detail, "9") == -201
    users = (await ask(client.get_list, {"offset": 0, "count": 50}))["data"]["users"]
    assert users == [{"user_id": "1001"}]
    assert await code_of(client.get_list, {"offset": 9952, "count": 50}) == -210


async def test_uploads(zalo: FakeZaloOa, client: Any) -> None:
    await zalo.say("1001", "chào")
    answer = await ask(client.upload_file, b"%PDF", "file", "Mẫu CT01.pdf", "application/pdf")
    file = ZaloMessageBody(attachment=ZaloAttachment("file", {"token": answer["data"]["token"]}))
    await ask(client.send_message, ZaloRecipient(user_id="1001"), file)
    assert zalo.bubbles[0].file == "Mẫu CT01.pdf"
    assert await code_of(client.upload_file, b"x", "file", "a.exe", "x/y") == -201
    large = b"x" * (5 * 1024 * 1024 + 1)
    assert await code_of(client.upload_file, large, "file", "a.pdf", "application/pdf") == -210
    await zalo.advance(timedelta(days=7, minutes=1))
    zalo.oauth.issued_at = zalo.clock()
    await zalo.say("1001", "chào")
    assert await code_of(client.send_message, ZaloRecipient(user_id="1001"), file) == -100


async def test_tokens(zalo: FakeZaloOa, client: Any) -> None:
    await zalo.say("1001", "chào")
    await zalo.advance(timedelta(hours=25))
    to = ZaloRecipient(user_id="1001")
    assert await code_of(client.send_message, to, text("x")) == -220
    client.access_token = "wrong"
    assert await code_of(client.send_message, to, text("x")) == -216
    with pytest.raises(ZaloOAException):
        await ask(client.get_user_detail, "1001")
    async with (
        ClientSession() as session,
        session.get(
            f"{zalo.url}/v2.0/oa/getoa", headers={"Authorization": f"Bearer {zalo.oauth.access}"}
        ) as response,
    ):
        assert (response.status, (await response.json())["error"]) == (200, -216)


async def test_templates_by_phone(zalo: FakeZaloOa) -> None:
    zns = ZnsClient(
        zalo.app_id,
        zalo.app_secret,
        access_token=zalo.oauth.access,
        endpoint_prefix=f"{zalo.url}/business",
    )
    await zalo.advance_to(12)
    zns.access_token = zalo.oauth.access
    zalo.oauth.issued_at = zalo.clock()
    zalo.phones["84912345678"] = 0
    send = zns.send_zns_message
    first = await ask(send, "84912345678", TEMPLATE, DATA, "hs-1")
    assert await ask(send, "84912345678", TEMPLATE, DATA, "hs-1") == first
    assert len(zalo.bubbles) == 1
    assert await code_of(send, "0912345678", TEMPLATE, DATA, "hs-2") == -108
    assert await code_of(send, "84999999999", TEMPLATE, DATA, "hs-2") == -118
    assert await code_of(send, "84912345678", "none", DATA, "hs-2") == -109
    assert await code_of(send, "84912345678", TEMPLATE, {"ho_ten": "A"}, "hs-2") == -1121
    too_long = {**DATA, "ho_ten": "A" * 31}
    assert await code_of(send, "84912345678", TEMPLATE, too_long, "hs-2") == -1124
    await zalo.advance_to(22)
    assert await code_of(send, "84912345678", TEMPLATE, DATA, "hs-3") == -133
    zns.access_token = "wrong"
    with pytest.raises(ZaloOAAuthTokenExpiredException):
        await ask(send, "84912345678", TEMPLATE, DATA, "hs-4")


class Listener:
    """A webhook that answers as a test wants and remembers what came."""

    def __init__(self) -> None:
        self.status = 200
        self.wait = 0.0
        self.heard: list[tuple[dict[str, Any], dict[str, str]]] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.heard.append((await request.json(), dict(request.headers)))
        await asyncio.sleep(self.wait)
        return web.Response(status=self.status)

    @property
    def names(self) -> list[str]:
        return [said.get("event_name", "") for said, _ in self.heard]


@pytest.fixture
async def listener(zalo: FakeZaloOa) -> AsyncIterator[Listener]:
    found = Listener()
    app = web.Application()
    app.router.add_post("/hook", found.receive)
    server = TestServer(app)
    await server.start_server()
    zalo.hook(str(server.make_url("/hook")))
    yield found
    await zalo.settle()
    await server.close()


async def test_the_ladder_of_retries_ends_in_silence(zalo: FakeZaloOa, listener: Listener) -> None:
    listener.status = 503
    assert await zalo.say("1001", "chào") == 503
    for seconds in (30, 300, 900, 1800, 3600):
        assert await zalo.advance(timedelta(seconds=seconds - 5)) == []
        assert await zalo.advance(timedelta(seconds=6)) == [503]
    tries = [headers.get("num_retry") for _, headers in listener.heard]
    assert tries == [None, "1", "2", "3", "4", "5"]
    assert len({str(said) for said, _ in listener.heard}) == 1
    assert zalo.hooks.unsubscribed
    assert await zalo.say("1001", "còn đó không") == 0
    zalo.hook(zalo.hooks.url)
    listener.status = 200
    assert await zalo.say("1001", "còn đó không") == 200


async def test_two_seconds_are_enough(zalo: FakeZaloOa, listener: Listener) -> None:
    listener.wait = 2.2
    assert await zalo.say("1001", "chào") == 599
    listener.wait = 0.0
    assert await zalo.advance(timedelta(seconds=31)) == [200]


async def test_echo_receipts_and_template_reports(
    zalo: FakeZaloOa, listener: Listener, client: Any
) -> None:
    await zalo.say("1001", "chào")
    await ask(client.send_message, ZaloRecipient(user_id="1001"), text("Dạ"))
    await zalo.settle()
    assert sorted(listener.names) == [
        "oa_send_text",
        "user_received_message",
        "user_seen_message",
        "user_send_text",
    ]
    await zalo.officer_answers("1001", "Chào anh")
    said, _ = listener.heard[-1]
    assert said["sender"]["admin_id"]
    assert await zalo.probe() == 200
    assert listener.heard[-1][0] == {}
    assert not any("Signature" in name for name in listener.heard[-1][1])
    assert await zalo.redeliver() == [200]


async def test_everything_a_citizen_can_send(zalo: FakeZaloOa, listener: Listener) -> None:
    for kind in Sticker:
        assert await zalo.send("1001", kind, b"x") == 200
    assert await zalo.follow("1001") == 200
    assert await zalo.withdraw("1001") == 200
    assert await zalo.submit_info("1001", {"phone": "84912345678"}) == 200
    assert listener.names == [
        "user_send_image",
        "user_send_audio",
        "user_send_sticker",
        "user_send_location",
        "user_send_file",
        "follow",
        "user_withdraw",
        "user_submit_info",
    ]
    assert all(headers["X-ZEvent-Signature"].startswith("mac=") for _, headers in listener.heard)
