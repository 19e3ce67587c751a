"""The web chat over a real loopback server."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer

from bot.channels import webchat, webchat_messages
from bot.channels.visits import Visits
from handlers.conversation import Attachment, Button, Incoming, Reply, Section, Shape
from tests.talking import Scripted

SECRET = b"a secret of this test only"
OFFICE = "UBND phường <Thử> & 'Nghiệm'"


class Talk:
    """A running chat, what it heard, and a browser's client."""

    def __init__(
        self,
        server: TestServer,
        client: ClientSession,
        heard: list[Incoming],
        scripted: Scripted,
    ) -> None:
        self.scripted = scripted
        self.server = server
        self.client = client
        self.heard = heard

    def url(self, path: str) -> str:
        return str(self.server.make_url(path))

    async def send(self, headers: dict[str, str] | None = None, **message: Any) -> dict[str, Any]:
        async with self.client.post(
            self.url("/api/chat/messages"), json=message, headers=headers
        ) as response:
            assert response.status == 200
            answer: dict[str, Any] = await response.json()
            return answer


Start = Callable[..., Awaitable[Talk]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    closing: list[Callable[[], Awaitable[None]]] = []

    async def begin(**options: Any) -> Talk:
        heard: list[Incoming] = []

        async def converse(incoming: Incoming) -> tuple[Reply, ...]:
            heard.append(incoming)
            if incoming.text == "hỏng":
                raise RuntimeError("secret detail")
            if incoming.text == "im":
                return ()
            return (answer(incoming),)

        app = web.Application()
        talk = Scripted(options.pop("converse", converse))
        webchat.add_routes(app, talk, secret=SECRET, office_name=lambda: OFFICE, **options)
        server = TestServer(app)
        await server.start_server()
        client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        closing.extend((client.close, server.close))
        return Talk(server, client, heard, talk)

    yield begin
    for close in closing:
        await close()


def answer(incoming: Incoming) -> Reply:
    """A reply with every shape in it."""
    return Reply(
        lead=f"<script>alert(1)</script> {incoming.text or incoming.action or ''}",
        sections=tuple(
            Section(lines=("một", "hai"), shape=shape, heading="Mục", ticked=frozenset({1}))
            for shape in Shape
        ),
        buttons=(
            Button(label='Nút "A"', action="show:1"),
            Button(label="Mạng", url="https://dichvucong.gov.vn"),
        ),
        source="QĐ 1",
    )


async def test_the_page_names_the_office_and_is_guarded(start: Start) -> None:
    talk = await start(suggestions=("Hỏi <gì>?",), embed_origins=("https://phuong.gov.vn",))
    async with talk.client.get(talk.url("/")) as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "UBND phường &lt;Thử&gt; &amp; &#39;Nghiệm&#39;" in page
    assert "Hỏi &lt;gì&gt;?" in page
    assert "Trợ lý tự động – không phải cán bộ" in page
    assert "<noscript>" in page
    assert '<form class="composer" id="composer" method="post" action="hoi"' in page
    assert "<style" not in page
    assert " style=" not in page
    assert "unsafe-inline" not in policy
    assert policy.endswith("frame-ancestors 'self' https://phuong.gov.vn")


@pytest.mark.parametrize("origin", ["phuong.vn", "https://a.vn; script-src *", "https://a.vn/x"])
async def test_a_wrong_embed_origin_is_refused_at_start(start: Start, origin: str) -> None:
    with pytest.raises(ValueError, match="not a web origin"):
        await start(embed_origins=(origin,))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/embed.js", "text/javascript; charset=utf-8"),
        ("/static/chat/chat.js", "text/javascript; charset=utf-8"),
        ("/static/chat/chat.css", "text/css; charset=utf-8"),
        ("/static/chat/icon.svg", "image/svg+xml"),
    ],
)
async def test_assets(start: Start, path: str, kind: str) -> None:
    talk = await start()
    async with talk.client.get(talk.url(path)) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == kind
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert await response.read()


@pytest.mark.parametrize("name", ["index.html", "..%2Fwebchat.py", "embed.js", "nothing"])
async def test_nothing_else_is_served(start: Start, name: str) -> None:
    talk = await start()
    async with talk.client.get(talk.url("/static/chat/") + name) as response:
        assert response.status == 404
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_question_a_button_and_an_attachment(start: Start) -> None:
    talk = await start()
    answered = await talk.send(text="khai sinh")
    await talk.send(action="show:1")
    await talk.send(attachment="photo")
    question, button, photo = talk.heard
    assert (question.text, question.action, question.attachment) == ("khai sinh", None, None)
    assert button.action == "show:1"
    assert photo.attachment is Attachment.PHOTO
    assert question.contact.channel == "web"
    assert {each.contact for each in talk.heard} == {question.contact}
    assert answered["replies"][0]["lead"] == "<script>alert(1)</script> khai sinh"
    assert "token" not in answered


async def test_the_cookie_is_signed_and_the_contact_hides_it(start: Start) -> None:
    talk = await start()
    async with talk.client.post(talk.url("/api/chat/messages"), json={"text": "a"}) as response:
        cookie = response.cookies[webchat.COOKIE]
        assert response.headers["Cache-Control"] == "no-store"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]
    key, _, _signature = cookie.value.partition(".")
    assert len(key) >= 32
    assert key not in talk.heard[0].contact.id


async def test_behind_a_tls_proxy_the_cookie_is_secure(start: Start) -> None:
    talk = await start()
    async with talk.client.post(
        talk.url("/api/chat/messages"), json={}, headers={"X-Forwarded-Proto": "https"}
    ) as response:
        assert response.cookies[webchat.COOKIE]["secure"]


@pytest.mark.parametrize("claim", ["mine", "mine.", "mine.0000", ".", "é.é", "a" * 5000])
async def test_a_session_we_did_not_issue_is_not_believed(start: Start, claim: str) -> None:
    talk = await start()
    cookie = {webchat.COOKIE: claim} if claim.isascii() else {}
    async with (
        ClientSession(cookies=cookie) as forger,
        forger.post(
            talk.url("/api/chat/messages"), json={}, headers={"X-Chat-Token": claim}
        ) as response,
    ):
        token = (await response.json())["token"]
    assert token != claim
    assert Visits(SECRET).session(token).token == token


async def test_a_frame_without_cookies_keeps_its_token(start: Start) -> None:
    talk = await start()
    talk.client.cookie_jar.clear()
    first = await talk.send(headers={"X-Chat-Token": ""}, text="a")
    assert len(talk.client.cookie_jar) == 0
    second = await talk.send(headers={"X-Chat-Token": first["token"]}, text="b")
    assert first["token"] == second["token"]
    assert talk.heard[0].contact == talk.heard[1].contact


async def test_forgetting_parts_from_the_session(start: Start) -> None:
    talk = await start()
    await talk.send(text="a")
    async with talk.client.delete(talk.url("/api/chat/messages")) as response:
        assert response.status == 204
    await talk.send(text="b")
    assert talk.heard[0].contact != talk.heard[1].contact


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"text": 1}',
        b'{"text": ["a"]}',
        b'{"attachment": "file"}',
        b'{"attachment": "bomb"}',
        b'{"action": "' + b"x" * 65 + b'"}',
        b"[" * 60_000,
    ],
)
async def test_what_is_no_message_is_refused_in_vietnamese(start: Start, body: bytes) -> None:
    talk = await start()
    async with talk.client.post(talk.url("/api/chat/messages"), data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"] == webchat.UNREADABLE
    assert talk.heard == []


@pytest.mark.parametrize("path", ["/api/chat/messages", "/hoi"])
async def test_a_body_that_cannot_be_unpacked_is_refused(start: Start, path: str) -> None:
    talk = await start()
    async with talk.client.post(
        talk.url(path), data=b"no gzip", headers={"Content-Encoding": "gzip"}
    ) as response:
        assert response.status == 400


async def test_a_large_body_is_refused_and_a_long_text_is_cut(start: Start) -> None:
    talk = await start()
    huge = json.dumps({"text": "x" * webchat_messages.MAX_BODY}).encode()
    async with talk.client.post(talk.url("/api/chat/messages"), data=huge) as response:
        assert response.status == 413
        assert (await response.json())["error"] == webchat_messages.TOO_LARGE
    await talk.send(text="y" * 20_000)
    assert [len(each.text) for each in talk.heard] == [webchat_messages.MAX_TEXT]


async def test_letters_no_database_takes_are_taken_out(start: Start) -> None:
    talk = await start()
    async with talk.client.post(
        talk.url("/api/chat/messages"), data=b'{"text": "a\\u0000b\\ud800"}'
    ) as response:
        assert response.status == 200
    assert talk.heard[0].text == "ab?"


@pytest.mark.parametrize("text", ["hỏng", "im"])
async def test_a_failure_is_a_polite_reply(start: Start, text: str) -> None:
    talk = await start()
    answered = await talk.send(text=text)
    assert [reply["lead"] for reply in answered["replies"]] == [webchat.FAILED]


async def test_too_many_messages_are_slowed_politely(start: Start) -> None:
    talk = await start(messages_per_minute=2)
    await talk.send(text="a")
    await talk.send(text="b")
    async with talk.client.post(talk.url("/api/chat/messages"), json={"text": "c"}) as response:
        assert response.status == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 60
        assert (await response.json())["replies"][0]["lead"] == webchat.SLOWER
    async with talk.client.post(talk.url("/hoi"), data={"text": "c"}) as response:
        assert response.status == 429
    assert len(talk.heard) == 2
    talk.client.cookie_jar.clear()
    await talk.send(text="another citizen")


async def test_messages_of_one_session_are_answered_one_after_another(start: Start) -> None:
    at_once = most_at_once = 0

    async def slow(incoming: Incoming) -> tuple[Reply, ...]:
        nonlocal at_once, most_at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        await asyncio.sleep(0.02)
        at_once -= 1
        return (Reply(lead="x"),)

    talk = await start(converse=slow)
    await talk.send(text="first")
    await asyncio.gather(*(talk.send(text=str(number)) for number in range(4)))
    assert most_at_once == 1


async def test_the_plain_form_answers_with_a_page(start: Start) -> None:
    talk = await start()
    async with talk.client.post(talk.url("/hoi"), data={"text": "khai <sinh>"}) as response:
        page = await response.text()
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert "khai &lt;sinh&gt;" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<ol><li>một</li><li>hai</li></ol>" in page
    assert "☑" in page
    assert "☐" in page
    assert 'value="show:1|Nút &#34;A&#34;"' in page
    assert 'href="https://dichvucong.gov.vn"' in page
    assert "Nguồn: QĐ 1" in page


async def test_the_plain_form_knows_buttons_and_suggestions(start: Start) -> None:
    talk = await start()
    sent = {"text": "", "action": "show:1|Giấy <tờ>"}
    async with talk.client.post(talk.url("/hoi"), data=sent) as response:
        assert "Giấy &lt;tờ&gt;" in await response.text()
    async with talk.client.post(talk.url("/hoi"), data={"suggestion": "sao y"}) as response:
        assert response.status == 200
    assert [(each.action, each.text) for each in talk.heard] == [("show:1", ""), (None, "sao y")]
    assert talk.heard[0].contact == talk.heard[1].contact


@pytest.mark.parametrize(
    ("body", "status", "lead"),
    [
        (b"text=" + b"x" * webchat_messages.MAX_BODY, 413, webchat_messages.TOO_LARGE),
        (b"&".join([b"a=1"] * 20), 400, webchat.UNREADABLE),
        (b"action=" + b"x" * 65, 400, webchat.UNREADABLE),
    ],
)
async def test_a_bad_form_is_answered_with_a_page(
    start: Start, body: bytes, status: int, lead: str
) -> None:
    talk = await start()
    async with talk.client.post(talk.url("/hoi"), data=body) as response:
        assert response.status == status
        assert lead in await response.text()


PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40


async def test_a_picture_is_handed_on_beside_the_message(start: Start) -> None:
    talk = await start()
    await talk.send(picture=base64.b64encode(PICTURE).decode(), text="1234")
    form = FormData()
    form.add_field("text", "giấy hẹn")
    form.add_field("picture", PICTURE, filename="a.jpg", content_type="image/jpeg")
    async with talk.client.post(talk.url("/hoi"), data=form) as response:
        assert response.status == 200
        assert "[Ảnh giấy hẹn] giấy hẹn" in await response.text()
    assert talk.scripted.pictures == [PICTURE, PICTURE]
    assert [each.attachment for each in talk.heard] == [Attachment.PHOTO] * 2
    assert [each.text for each in talk.heard] == ["1234", "giấy hẹn"]


async def test_a_form_without_a_chosen_picture_is_a_question(start: Start) -> None:
    talk = await start()
    form = FormData()
    form.add_field("text", "sao y")
    form.add_field("picture", b"", filename="", content_type="application/octet-stream")
    async with talk.client.post(talk.url("/hoi"), data=form) as response:
        assert response.status == 200
    assert [(each.text, each.attachment) for each in talk.heard] == [("sao y", None)]
    assert talk.scripted.pictures == []


async def test_pictures_have_their_limits(start: Start) -> None:
    talk = await start()
    large = base64.b64encode(
        b"x" * (webchat_messages.MAX_SHRUNK + webchat_messages.MAX_BODY)
    ).decode()
    address = talk.url("/api/chat/messages")
    body = BytesIO(json.dumps({"picture": large}).encode())
    async with talk.client.post(address, data=body) as response:
        assert response.status == 413
    for picture in ("no base64!", "a", 1):
        async with talk.client.post(address, json={"picture": picture}) as response:
            assert response.status == 400
    form = FormData()
    form.add_field("picture", BytesIO(b"x" * (webchat_messages.MAX_PICTURE + 1)), filename="a.jpg")
    async with talk.client.post(talk.url("/hoi"), data=form) as response:
        assert response.status == 413
        assert webchat_messages.PICTURE_TOO_LARGE in await response.text()
    assert talk.heard == []


@pytest.mark.parametrize(
    ("body", "boundary"),
    [(b"no parts", "x"), (b"--x\r\n", "x"), (b"--x\r\n\r\n" * 20 + b"--x--", "x"), (b"", "")],
)
async def test_a_broken_form_with_parts_is_refused(
    start: Start, body: bytes, boundary: str
) -> None:
    talk = await start()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    async with talk.client.post(talk.url("/hoi"), data=body, headers=headers) as response:
        assert response.status in (200, 400)
        assert "<html" in await response.text()
    assert not any(each.text for each in talk.heard)


async def test_a_reloaded_form_address_leads_to_the_page(start: Start) -> None:
    talk = await start()
    async with talk.client.get(talk.url("/hoi")) as response:
        assert response.url.path == "/"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Visits(b"short")


def test_idle_visits_are_dropped_and_the_window_moves() -> None:
    now = 0.0
    visits = Visits(SECRET, most=1, clock=lambda: now)
    visit = visits.visit("a")
    assert visits.wait(visit) == 0
    assert visits.wait(visit) == 60
    now = 59
    assert visits.wait(visits.visit("a")) == 1
    now = 61
    assert visits.visit("b") is not visit
    assert visits.visit("a") is not visit
