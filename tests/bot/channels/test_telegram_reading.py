"""What updates say: texts, buttons, commands, groups, files, and everything odd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Event, Notice
from bot.channels.telegram_menu import MENU
from bot.channels.telegram_reading import STALE, Place, Reader, chat_of, picture_id
from handlers.conversation import Attachment, Contact, Incoming
from tests.fakes.telegram_rules import entities_of

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
BOT = 77
PERSON = {"id": 5, "is_bot": False, "first_name": "A"}
US = {"id": BOT, "is_bot": True, "first_name": "Bot", "username": "HoiMotCua_bot"}
PRIVATE = {"id": 5, "type": "private"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Tổ"}
FILE = {"file_id": "f", "file_unique_id": "u"}

reader = Reader(bot=BOT, username="hoimotcua_bot")


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 9, "date": 1_700_000_000, "chat": chat, "from": PERSON, **content}


def text(said: str, chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    return message(chat, text=said, entities=entities_of(said), **more)


def event(**content: Any) -> Event:
    update = {"update_id": 1, **content}
    return Event(id="1", contact=str(chat_of(update)), body=update)


def read(**content: Any) -> Incoming | Notice:
    return reader.read(event(**content), NOW)


def heard(**content: Any) -> Incoming:
    said = read(**content)
    assert isinstance(said, Incoming)
    assert said.received_at == NOW
    return said


def callback(data: Any, **more: Any) -> dict[str, Any]:
    ours = {**message(text="x"), "from": US}
    return {"id": "1", "from": PERSON, "chat_instance": "1", "message": ours, "data": data, **more}


def test_a_text() -> None:
    said = heard(message=text("lam giay khai sinh"))
    assert said == Incoming(
        contact=Contact(channel="telegram", id="5"), received_at=NOW, text="lam giay khai sinh"
    )


@pytest.mark.parametrize(
    "said",
    [
        "làm khai sinh",
        "  cần gì?\n",
        "a\tb\r\nc",
        "",
        " ",
        "/start",
        " /khaisinh x",
        "😀 𝐂𝐂𝐂𝐃",
        "\x00",
    ],
)
def test_nothing_but_words_is_read_the_short_way_and_alike(said: str) -> None:
    # The library looks at whatever stands beside the words.
    assert read(message=message(text=said)) == read(message=text(said))
    robot = {**message(text=said), "from": US}
    assert read(message=robot) is Notice.IGNORED
    group = message(GROUP, text=said)
    assert read(message=group) == read(message={**group, "entities": entities_of(said)})


def test_an_edited_question_is_answered_anew_and_quoted() -> None:
    assert heard(edited_message=text("sửa lại")).text == "sửa lại"
    assert reader.place(event(edited_message=text("sửa lại"))).quotes == 9


def test_a_live_location_that_moves_is_no_question() -> None:
    spot = {"latitude": 11.5, "longitude": 108.9, "live_period": 60}
    assert heard(message=message(location=spot)).attachment is Attachment.LOCATION
    assert read(edited_message=message(location=spot)) is Notice.IGNORED


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"photo": [{**FILE, "width": 1, "height": 1}]}, Attachment.PHOTO),
        ({"voice": {**FILE, "duration": 1}}, Attachment.VOICE),
        ({"audio": {**FILE, "duration": 1}}, Attachment.VOICE),
        ({"video_note": {**FILE, "duration": 1, "length": 9}}, Attachment.VOICE),
        (
            {
                "sticker": {
                    **FILE,
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                    "type": "regular",
                }
            },
            Attachment.STICKER,
        ),
        (
            {"animation": {**FILE, "width": 1, "height": 1, "duration": 1}, "document": FILE},
            Attachment.STICKER,
        ),
        ({"location": {"latitude": 1.0, "longitude": 2.0}}, Attachment.LOCATION),
        ({"document": {**FILE, "mime_type": "application/pdf"}}, Attachment.FILE),
        ({"document": FILE}, Attachment.FILE),
        ({"document": {**FILE, "mime_type": "image/png"}}, Attachment.PHOTO),
        ({"video": {**FILE, "width": 1, "height": 1, "duration": 1}}, Attachment.OTHER),
        ({"dice": {"emoji": "🎲", "value": 3}}, Attachment.OTHER),
        ({"contact": {"phone_number": "1", "first_name": "B"}}, Attachment.OTHER),
    ],
)
def test_what_is_no_text(content: dict[str, Any], kind: Attachment) -> None:
    said = heard(message=message(**content))
    assert (said.attachment, said.text, said.phone) == (kind, "", None)


def test_a_caption_is_text() -> None:
    photo = [{**FILE, "width": 1, "height": 1}]
    said = heard(message=message(photo=photo, caption="giấy này là gì"))
    assert (said.attachment, said.text) == (Attachment.PHOTO, "giấy này là gì")


@pytest.mark.parametrize(
    "content",
    [
        {"new_chat_members": [PERSON]},
        {"pinned_message": message(text="x")},
        {"group_chat_created": True},
        {"migrate_to_chat_id": -100},
        {},
    ],
)
def test_service_messages_are_ignored(content: dict[str, Any]) -> None:
    assert read(message=message(**content)) is Notice.IGNORED


@pytest.mark.parametrize(
    ("owner", "number", "phone"),
    [
        (5, "+84900000000", "+84900000000"),
        (5, "84 90-000.0000", "84900000000"),
        (6, "+84900000000", None),
        (None, "+84900000000", None),
        (5, "không có", None),
    ],
)
def test_only_ones_own_phone_is_trusted(owner: int | None, number: str, phone: str | None) -> None:
    shared: dict[str, Any] = {"phone_number": number, "first_name": "A"}
    if owner is not None:
        shared["user_id"] = owner
    said = heard(message=message(contact=shared))
    assert said.phone == phone
    assert said.attachment is (None if phone else Attachment.OTHER)
    assert reader.place(event(message=message(contact=shared))).shared_phone


@pytest.mark.parametrize(
    ("data", "action"),
    [
        ("show:1.001193:fee", "show:1.001193:fee"),
        ("x" * 64, "x" * 64),
        ("x" * 65, STALE),
        ("ế" * 22, STALE),
        ("a\nb", STALE),
        ("\0", STALE),
        ("a\u202eb", STALE),
        ("", STALE),
        (None, STALE),
    ],
)
def test_pressed_buttons(data: Any, action: str) -> None:
    assert heard(callback_query=callback(data)).action == action


def test_a_press_without_data_is_stale() -> None:
    query = callback("x")
    del query["data"]
    assert heard(callback_query={**query, "game_short_name": "g"}).action == STALE


def test_a_press_names_the_bubble_to_change() -> None:
    assert reader.place(event(callback_query=callback("x"))) == Place(contact="5", edits=9)
    theirs = callback("x", message=message(text="x"))
    assert reader.place(event(callback_query=theirs)).edits is None
    old = callback("x", message={"message_id": 3, "date": 0, "chat": PRIVATE})
    assert heard(callback_query=old).action == "x"
    assert reader.place(event(callback_query=old)).edits is None


@pytest.mark.parametrize(
    ("said", "action", "rest"),
    [
        *((f"/{each.name}", each.action, "") for each in MENU),
        ("/thutuc", "fields", ""),
        ("/HoSo", "dossier", ""),
        ("/canbo gấp lắm", "human", ""),
        ("/help", "help", ""),
        ("/thutuc@HoiMotCua_bot", "fields", ""),
        ("/thutuc khai sinh", None, "khai sinh"),
        ("/hoso H32.215-261118-0042", None, "H32.215-261118-0042"),
        ("/start", "start:", ""),
        ("/start hs_Ab-9", "start:hs_Ab-9", ""),
        ("/start tt_1_004884", "start:tt_1_004884", ""),
        ("/start hai từ", "start:", ""),
        ("/start <script>", "start:", ""),
        (f"/start {'x' * 65}", "start:", ""),
        ("/khai_sinh cho con", None, "khai sinh cho con"),
        ("/sao_y", None, "sao y"),
        ("/", None, "/"),
        ("/ thutuc", None, "/ thutuc"),
        ("5/10 làm gì", None, "5/10 làm gì"),
    ],
)
def test_commands(said: str, action: str | None, rest: str) -> None:
    found = heard(message=text(said))
    assert (found.action, found.text) == (action, rest)


def test_a_command_for_another_bot_is_ignored() -> None:
    assert read(message=text("/start@other_bot", GROUP)) is Notice.IGNORED


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("@HoiMotCua_bot khai sinh cần gì", "khai sinh cần gì"),
        ("😀 @hoimotcua_bot: khai sinh", "😀 : khai sinh"),
        ("cho hỏi khai sinh @hoimotcua_bot", "cho hỏi khai sinh"),
        ("@hoimotcua_bot, @hoimotcua_bot: khai sinh", "khai sinh"),
        ("@HoiMotCua_bot", ""),
    ],
)
def test_a_mention_in_a_group(said: str, rest: str) -> None:
    found = heard(message=text(said, GROUP))
    assert " ".join(found.text.split()) == rest
    assert reader.place(event(message=text(said, GROUP))).quotes == 9


def test_a_mention_by_name_and_in_a_caption() -> None:
    entity = {"type": "text_mention", "offset": 0, "length": 3, "user": US}
    found = heard(message=message(GROUP, text="Bot khai sinh", entities=[entity]))
    assert found.text == "khai sinh"
    caption = "@hoimotcua_bot giấy này"
    photo = message(
        GROUP,
        photo=[{**FILE, "width": 1, "height": 1}],
        caption=caption,
        caption_entities=entities_of(caption),
    )
    assert heard(message=photo).text == "giấy này"


@pytest.mark.parametrize("said", ["khai sinh cần gì", "@other_bot khai sinh", "/phat 5 phút", "/x"])
def test_a_group_talks_among_itself(said: str) -> None:
    assert read(message=text(said, GROUP)) is Notice.IGNORED


def test_a_group_answers_us_or_calls_us() -> None:
    ours = {**message(GROUP, text="x"), "from": US}
    assert heard(message=text("lệ phí", GROUP, reply_to_message=ours)).text == "lệ phí"
    theirs = message(GROUP, text="x")
    assert read(message=text("lệ phí", GROUP, reply_to_message=theirs)) is Notice.IGNORED
    assert heard(message=text("/thutuc", GROUP)).action == "fields"
    assert heard(message=text("/sao_y@HoiMotCua_bot", GROUP)).text == "sao y"


def test_a_phone_number_shared_in_a_group_is_not_read() -> None:
    ours = {**message(GROUP, text="x"), "from": US}
    shared = {"phone_number": "+84900000000", "first_name": "A", "user_id": 5}
    said = heard(message=message(GROUP, contact=shared, reply_to_message=ours))
    assert said.phone is None


def test_topics_of_a_group() -> None:
    said = text("@hoimotcua_bot x", GROUP, message_thread_id=4, is_topic_message=True)
    assert reader.place(event(message=said)).topic == 4


def test_before_telegram_told_our_name_mentions_are_not_known() -> None:
    nameless = Reader(bot=BOT)
    assert nameless.read(event(message=text("@hoimotcua_bot x", GROUP)), NOW) is Notice.IGNORED
    assert isinstance(nameless.read(event(message=text("/thutuc", GROUP)), NOW), Incoming)


def test_other_bots_are_not_answered() -> None:
    robot = {"id": 8, "is_bot": True, "first_name": "R"}
    assert read(message={**text("chào"), "from": robot}) is Notice.IGNORED
    channel = text("@hoimotcua_bot x", GROUP, is_automatic_forward=True)
    assert read(message=channel) is Notice.IGNORED
    admin = text("@hoimotcua_bot x", GROUP, sender_chat=GROUP)
    assert heard(message={**admin, "from": robot}).text == "x"


@pytest.mark.parametrize(
    ("status", "more", "notice"),
    [
        ("kicked", {"until_date": 0}, Notice.LEFT),
        ("left", {}, Notice.LEFT),
        ("member", {}, Notice.JOINED),
        ("restricted", {}, Notice.IGNORED),
    ],
)
def test_membership(status: str, more: dict[str, Any], notice: Notice) -> None:
    change = {
        "chat": PRIVATE,
        "from": PERSON,
        "date": 1,
        "old_chat_member": {"user": US, "status": "member"},
        "new_chat_member": {"user": US, "status": status, **more},
    }
    assert read(my_chat_member=change) is notice


@pytest.mark.parametrize(
    "content",
    [
        {"message": {"chat": PRIVATE}},
        {"message": {"chat": PRIVATE, "message_id": "x", "from": {}, "text": 7}},
        {"message": message(text="x", entities=[{"type": "mention", "offset": 90, "length": 5}])},
        {"message": message(text="x", entities="?")},
        {"message": message(photo=[{"file_id": "f"}])},
        {"callback_query": {"message": {"chat": PRIVATE}}},
        {"my_chat_member": {"chat": PRIVATE}},
        {"edited_message": {"chat": PRIVATE, "date": "hôm qua"}},
        {"message": message(contact={"user_id": 5})},
    ],
)
def test_missing_and_wrong_fields_never_raise(content: dict[str, Any]) -> None:
    found = read(**content)
    assert isinstance(found, Incoming | Notice)
    assert reader.place(event(**content)).contact == "5"
    assert picture_id(event(**content), 10) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"poll": {"id": "1"}},
        {"message": None},
        {"message": {"text": "x"}},
        {"message": {"chat": {"id": "5"}}},
        {"message": {"chat": {"id": True}}},
        {"callback_query": {"id": "1", "inline_message_id": "x"}},
        {"callback_query": []},
    ],
)
def test_updates_without_a_chat(update: dict[str, Any]) -> None:
    assert chat_of(update) is None


def test_half_a_character_and_nul_do_not_get_through() -> None:
    assert heard(message=message(text="a\ud800\0b")).text == "a?b"


def test_the_largest_picture_that_is_small_enough() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": edge, "height": edge, "file_size": size}
        for name, edge, size in (("s", 90, 10), ("l", 900, 1000), ("m", 300, 100))
    ]
    photo = event(message=message(photo=sizes))
    assert [picture_id(photo, most) for most in (5000, 500, 50, 5)] == ["l", "m", "s", None]
    scan = {**FILE, "mime_type": "image/jpeg", "file_size": 100}
    assert picture_id(event(message=message(document=scan)), 100) == "f"
    assert picture_id(event(message=message(document=scan)), 99) is None
    pdf = {**FILE, "mime_type": "application/pdf"}
    assert picture_id(event(message=message(document=pdf)), 100) is None
    assert picture_id(event(callback_query=callback("x")), 100) is None


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3), st.sampled_from([PERSON])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
ODD_MESSAGES = st.dictionaries(
    st.sampled_from(
        [
            "message_id", "date", "from", "text", "entities", "caption", "caption_entities",
            "photo", "document", "voice", "sticker", "location", "contact", "reply_to_message",
            "sender_chat", "message_thread_id", "is_topic_message", "new_chat_members",
        ]
    ),
    JSON,
    max_size=6,
)  # fmt: skip


@given(
    st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member"]),
    st.sampled_from([PRIVATE, GROUP, {"id": 5}]),
    ODD_MESSAGES,
    st.dictionaries(
        st.sampled_from(["id", "from", "data", "chat_instance", "new_chat_member", "date"]), JSON
    ),
)
def test_no_update_breaks_reading(
    kind: str, chat: dict[str, Any], odd: dict[str, Any], around: dict[str, Any]
) -> None:
    said = {**message(chat), **odd, "chat": chat}
    inner = {**around, "message": said} if kind == "callback_query" else {**said, **around}
    content = event(**{kind: inner})
    found = reader.read(content, NOW)
    assert isinstance(found, Incoming | Notice)
    if isinstance(found, Incoming):
        assert reader.place(content).contact == content.contact
        assert picture_id(content, 10) is None or found.attachment is Attachment.PHOTO
        assert len((found.action or "").encode()) <= 70
