"""The Telegram on loopback, driven by python-telegram-bot's own client and by plain HTTP."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.ext import ExtBot

from tests.fakes import Sticker, Trouble
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_desk import until

ME = "5"


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it the library warns of its own RetryAfter.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


def bot_of(fake: FakeTelegram, token: str = TOKEN) -> ExtBot[None]:
    return ExtBot(token, base_url=f"{fake.url}/bot", base_file_url=f"{fake.url}/file/bot")


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[ExtBot[None]]:
    async with bot_of(fake) as running:
        await fake.say(ME, "chào")
        yield running


async def post(fake: FakeTelegram, method: str, **params: Any) -> dict[str, Any]:
    async with (
        ClientSession() as client,
        client.post(f"{fake.url}/bot{TOKEN}/{method}", json=params) as response,
    ):
        answer: dict[str, Any] = await response.json()
        assert answer["ok"] == (response.status == 200)
        return answer


async def test_the_library_starts_and_knows_itself(bot: ExtBot[None]) -> None:
    assert bot.username == "HoiMotCua_bot"
    assert bot.id == int(TOKEN.partition(":")[0])


async def test_polling_acknowledges_by_offset(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    await fake.say(ME, "hai")
    first = await bot.get_updates(limit=1)
    assert [update.message.text for update in first if update.message] == ["chào"]
    again = await bot.get_updates()
    assert [update.update_id for update in again] == [first[0].update_id, first[0].update_id + 1]
    rest = await bot.get_updates(offset=first[0].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["hai"]
    assert await bot.get_updates(offset=rest[-1].update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_a_poll_waits_until_there_is_something(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    waiting = asyncio.create_task(bot.get_updates(offset=-1, timeout=20))
    await asyncio.sleep(0.05)
    assert (await waiting)[0].message is not None
    last = fake.pending[-1]["update_id"]
    waiting = asyncio.create_task(bot.get_updates(offset=last + 1, timeout=20))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await fake.say(ME, "mới")
    found = await waiting
    assert [update.message.text for update in found if update.message] == ["mới"]


async def test_a_second_poll_ends_the_first(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    last = fake.pending[-1]["update_id"]
    waiting = asyncio.create_task(bot.get_updates(offset=last + 1, timeout=20))
    await until(lambda: not fake.pending)
    await post(fake, "getUpdates", offset=last + 1)
    with pytest.raises(Conflict, match=r"(?i)terminated by other getUpdates request"):
        await waiting


async def test_webhook_and_polling_exclude_each_other(
    fake: FakeTelegram, bot: ExtBot[None]
) -> None:
    await bot.set_webhook("https://example.vn/hook")
    with pytest.raises(Conflict, match=r"(?i)webhook is active"):
        await bot.get_updates()
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_webhook_with_secret_redelivery_and_kinds(
    fake: FakeTelegram, bot: ExtBot[None]
) -> None:
    seen: list[Update] = []
    secrets: list[str | None] = []
    answers = [503, 200]

    async def receive(request: web.Request) -> web.Response:
        secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        update = Update.de_json(await request.json(), bot)
        seen.append(update)
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_post("/hook", receive)
    async with TestServer(app) as server:
        url = str(server.make_url("/hook"))
        await bot.set_webhook(
            url,
            secret_token="s3-cret_",
            allowed_updates=["message"],
            max_connections=7,
            drop_pending_updates=True,
        )
        assert await fake.say(ME, "một") == 503
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count, info.max_connections) == (url, 1, 7)
        assert "503" in (info.last_error_message or "")
        assert await fake.deliver_pending() == [200]
        assert (await bot.get_webhook_info()).pending_update_count == 0
    assert secrets == ["s3-cret_", "s3-cret_"]
    assert seen[0].update_id == seen[1].update_id
    # callback_query is not among the kinds asked for.
    assert await fake.press_data(ME, "x") == 0
    assert fake.pending == []


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://example.vn/hook", "s", "An HTTPS URL must be provided"),
        ("https://example.vn/hook", "dấu", "unallowed characters"),
    ],
)
async def test_webhook_refused(bot: ExtBot[None], url: str, secret: str, said: str) -> None:
    with pytest.raises(BadRequest, match=rf"(?i){said}"):
        await bot.set_webhook(url, secret_token=secret)


async def test_message_keyboard_press_edit(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    keyboard = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Lệ phí", callback_data="fee")],
         [InlineKeyboardButton("Cổng", url="https://dichvucong.gov.vn")]]
    )  # fmt: skip
    sent = await bot.send_message(5, "<b>A</b> &lt;b&gt;", "HTML", reply_markup=keyboard)
    assert sent.text == "A <b>"
    assert sent.parse_entities() == {sent.entities[0]: "A"}
    assert fake.bubbles[-1].buttons == ("Lệ phí", "Cổng")
    await fake.press(ME, "Lệ phí")
    update = (await bot.get_updates(offset=-1))[0]
    query = update.callback_query
    assert query
    assert query.data == "fee"
    assert await query.answer()
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer()
    edited = await query.edit_message_text("B")
    assert not isinstance(edited, bool)
    assert edited.text == "B"
    assert fake.bubbles[-1].edits == str(sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await query.edit_message_text("B")
    with pytest.raises(LookupError):
        await fake.press(ME, "Lệ phí")


async def test_edits_that_cannot_be(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("x", 5, 999)
    theirs = next(number for chat, number in fake.messages if chat == 5)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("x", 5, theirs)
    file = await bot.send_document(5, io.BytesIO(b"%PDF"), filename="đơn.pdf")
    with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
        await bot.edit_message_text("x", 5, file.message_id)


async def test_files_there_and_back(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    sent = await bot.send_document(5, io.BytesIO(b"%PDF-1.7"), caption="Tờ khai", filename="a.pdf")
    assert sent.document
    assert (sent.document.file_name, sent.caption) == ("a.pdf", "Tờ khai")
    assert fake.bubbles[-1].file == "a.pdf"
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7"
    await fake.send(ME, Sticker.PHOTO, b"jpeg")
    message = (await bot.get_updates(offset=-1))[0].message
    assert message
    photo = await bot.get_file(message.photo[-1].file_id)
    assert bytes(await photo.download_as_bytearray()) == b"jpeg"
    with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
        await bot.get_file("nothing")


async def test_menu_and_descriptions(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([BotCommand("hoso", "Hồ sơ")], scope, "vi")
    assert await bot.get_my_commands(scope, "vi") == (BotCommand("hoso", "Hồ sơ"),)
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"(?i)BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand("hồsơ", "x")])
    await bot.set_my_description("Mô tả", "vi")
    with pytest.raises(BadRequest, match=r"(?i)too long"):
        await bot.set_my_short_description("x" * 121)
    assert fake.descriptions == {("description", "vi"): "Mô tả"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("ế<br>", 'Unsupported start tag "br" at byte offset 3'),
        (
            "<b><i>test</b></i>",
            'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"',
        ),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("a < b", "Unclosed start tag at byte offset 2"),
        (
            "<blockquote>a<blockquote>b</blockquote></blockquote>",
            "Blockquotes can't be nested at byte offset 13",
        ),
    ],
)
async def test_html_is_parsed(fake: FakeTelegram, bot: ExtBot[None], text: str, said: str) -> None:
    answer = await post(fake, "sendMessage", chat_id=5, text=text, parse_mode="HTML")
    assert answer["description"] == f"Bad Request: can't parse entities: {said}"


async def test_html_that_is_accepted(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    text = (
        '<b>a<i>b</i></b> <a href="https://x.vn">c</a> &amp;&#39;&foo; '
        '<blockquote expandable>d</blockquote> <pre><code class="language-x">e</code></pre>'
    )
    sent = await bot.send_message(5, text, "HTML")
    assert sent.text == "ab c &'&foo; d e"
    assert {each.type for each in sent.entities} == {
        "bold", "italic", "text_link", "expandable_blockquote", "code", "pre",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"chat_id": 5, "text": ""}, "message text is empty"),
        ({"chat_id": 5, "text": " \n\u200b"}, "message text is empty"),
        ({"chat_id": 5, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": 5, "text": "😀" * 2049}, "message is too long"),
        ({"chat_id": 5, "text": "x", "parse_mode": "TeX"}, "unsupported parse_mode"),
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 404, "text": "x"}, "chat not found"),
        ({"chat_id": "abc", "text": "x"}, "chat not found"),
        (
            {"chat_id": 5, "text": "x", "reply_parameters": {"message_id": 999}},
            "message to be replied not found",
        ),
        ({"chat_id": 5, "text": "x", "message_thread_id": 9}, "message thread not found"),
    ],
)
async def test_messages_refused(
    fake: FakeTelegram, bot: ExtBot[None], params: dict[str, Any], said: str
) -> None:
    answer = await post(fake, "sendMessage", **params)
    assert (answer["error_code"], answer["description"]) == (400, f"Bad Request: {said}")
    assert fake.bubbles == []


async def test_length_counts_after_parsing(bot: ExtBot[None]) -> None:
    sent = await bot.send_message(5, "<b>" + "&lt;" * 4096 + "</b>", "HTML")
    assert sent.text == "<" * 4096


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"text": "x", "callback_data": "ế" * 22}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "url": "not-a-url"},
            "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "tel:1022"},
            "inline keyboard button URL 'tel:1022' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "url": "http://localhost/"},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_buttons_refused(
    fake: FakeTelegram, bot: ExtBot[None], button: dict[str, str], said: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    answer = await post(fake, "sendMessage", chat_id=5, text="x", reply_markup=json.dumps(markup))
    assert answer["description"] == f"Bad Request: {said}"


async def test_too_many_buttons(bot: ExtBot[None]) -> None:
    def rows(count: int) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton("x", callback_data="x")] for _ in range(count)]
        )

    await bot.send_message(5, "x", reply_markup=rows(100))
    with pytest.raises(BadRequest, match=r"(?i)too long"):
        await bot.send_message(5, "x", reply_markup=rows(101))


async def test_a_phone_number_is_asked_in_private_only(
    fake: FakeTelegram, bot: ExtBot[None]
) -> None:
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("Số của tôi", request_contact=True)]])
    await bot.send_message(5, "x", reply_markup=keyboard)
    await fake.press(ME, "Số của tôi")
    message = (await bot.get_updates(offset=-1))[0].message
    assert message
    assert message.contact
    assert message.contact.user_id == 5
    await fake.say("-1001", "x")
    with pytest.raises(BadRequest, match=r"(?i)private chats only"):
        await bot.send_message(-1001, "x", reply_markup=keyboard)


async def test_quoting(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    first = await bot.send_message(5, "một")
    second = await bot.send_message(5, "hai", reply_parameters=ReplyParameters(first.message_id))
    assert second.reply_to_message
    assert second.reply_to_message.text == "một"
    lenient = ReplyParameters(999, allow_sending_without_reply=True)
    assert (await bot.send_message(5, "ba", reply_parameters=lenient)).reply_to_message is None


async def test_block_kick_and_migration(fake: FakeTelegram, bot: ExtBot[None]) -> None:
    await fake.block(ME)
    update = (await bot.get_updates(offset=-1))[0]
    assert update.my_chat_member
    assert update.my_chat_member.new_chat_member.status == "kicked"
    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.send_message(5, "x")
    await fake.unblock(ME)
    assert (await bot.send_message(5, "x")).text == "x"
    await fake.say("-9", "x")
    fake.migrate("-9", "-1009")
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-9, "x")
    assert moved.value.new_chat_id == -1009
    assert await bot.send_message(-1009, "x")


async def test_a_wrong_token(fake: FakeTelegram) -> None:
    bot = bot_of(fake, "123456789:wrong")
    with pytest.raises(InvalidToken):
        await bot.get_me()
    await bot.request.shutdown()


async def test_unknown_methods(fake: FakeTelegram) -> None:
    assert (await post(fake, "sendNothing"))["error_code"] == 404


async def test_flood_limits_on_a_settable_clock() -> None:
    now = 0.0
    async with FakeTelegram(clock=lambda: now) as fake, bot_of(fake) as bot:
        await fake.say(ME, "x")
        await fake.say("-1001", "x")
        for _ in range(8):
            await bot.send_message(5, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(5, "x")
        assert await bot.send_message(-1001, "x")
        now = 100.0
        assert await bot.send_message(5, "x")
        for _ in range(20):
            now += 0.5
            await bot.send_message(-1001, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(-1001, "x")
        # Another chat is not affected by it, until all of them together are too many.
        now += 10
        for person in range(50, 50 + 30):
            await fake.say(str(person), "x")
            await bot.send_message(person, "x")
        with pytest.raises(RetryAfter):
            await bot.send_message(52, "x")


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.BUSY, RetryAfter),
        (Trouble.DOWN, NetworkError),
        (Trouble.LEFT, Forbidden),
        (Trouble.WRONG, BadRequest),
        (Trouble.TOKEN, InvalidToken),
        (Trouble.SILENT, NetworkError),
    ],
)
async def test_troubles(
    fake: FakeTelegram, bot: ExtBot[None], trouble: Trouble, error: type[Exception]
) -> None:
    fake.trouble(trouble)
    with pytest.raises(error):
        await bot.send_message(5, "x", read_timeout=0.3)
    assert fake.bubbles == []
    if trouble is not Trouble.LEFT:
        await bot.send_message(5, "x")
        assert [each.text for each in fake.bubbles] == ["x"]
