"""Replies as bubbles and keyboards that Telegram accepts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Outgoing
from bot.channels.telegram_html import MAX_TEXT
from bot.channels.telegram_layout import CHOOSE, RECEIVED, SEEN, SHARE_PHONE, calls
from bot.channels.telegram_reading import Place
from handlers.conversation import Button, File, Reply, Section, Shape
from tests.fakes.telegram_rules import markup_of, text_of

HERE = Place(contact="5")
GROUP = Place(contact="-1001", quotes=9)
LONG = "Đăng ký lại khai sinh cho người đã có hồ sơ, giấy tờ cá nhân"


def rendered(reply: Reply, place: Place = HERE) -> list[Outgoing]:
    return list(calls(place, (reply,)))


def text(reply: Reply) -> str:
    (call,) = rendered(reply)
    said: str = call.body["text"]
    return said


def keys(reply: Reply) -> list[list[dict[str, str]]]:
    found: list[list[dict[str, str]]] = rendered(reply)[-1].body["reply_markup"]["inline_keyboard"]
    return found


def test_a_card() -> None:
    reply = Reply(
        lead="Đăng ký khai sinh – cần mang:",
        sections=(
            Section(lines=("Giấy chứng sinh", "A & B <C>"), shape=Shape.NUMBERED),
            Section(heading="Lệ phí", lines=("Miễn phí.",)),
            Section(lines=("Đang chờ bổ sung",), shape=Shape.WARNING),
        ),
        source="QĐ 163",
    )
    assert text(reply) == (
        "<b>Đăng ký khai sinh</b> – cần mang:\n"
        "1. Giấy chứng sinh\n2. A &amp; B &lt;C&gt;\n\n"
        "<b>Lệ phí</b>\nMiễn phí.\n\n"
        "⚠ Đang chờ bổ sung\n\n"
        "<i>Nguồn: QĐ 163</i>"
    )


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(lead="Dạ, không có gì."), "Dạ, không có gì."),
        (Reply(lead="Ly hôn – nộp ở tòa."), "Ly hôn – nộp ở tòa."),
        (Reply(lead="Ngắn", source="x"), "<b>Ngắn</b>\n\n<i>Nguồn: x</i>"),
        (Reply(lead="d" * 101, source="x"), f"{'d' * 101}\n\n<i>Nguồn: x</i>"),
        (
            Reply(source="x" * 201),
            f"<blockquote expandable>Nguồn: {'x' * 201}</blockquote>",
        ),
        (
            Reply(
                sections=(Section(lines=("a", "b"), shape=Shape.CHECKLIST, ticked=frozenset({1})),)
            ),
            "☐ a\n☑ b",
        ),
        (
            Reply(lead="A:", sections=(Section(heading="H", lines=("a",), shape=Shape.BULLETS),)),
            "<b>A:</b>\n\n<b>H</b>\n– a",
        ),
        (
            Reply(lead="A:", sections=(Section(lines=("a",)),)),
            "<b>A:</b>\n\na",
        ),
        (
            Reply(sections=(Section(heading="H", lines=("a",), shape=Shape.WARNING),)),
            "<b>⚠ H</b>\na",
        ),
    ],
)
def test_emphasis(reply: Reply, expected: str) -> None:
    assert text(reply) == expected


def test_nothing_to_say_is_no_call() -> None:
    assert calls(HERE, (Reply(lead=" \n"), Reply(sections=(Section(lines=("",)),)))) == ()


def test_short_labels_share_a_row() -> None:
    labels = ("Lệ phí", "Các bước", "Trường hợp của tôi khác", "Nộp ở đâu", "Căn cứ", "Mẫu đơn")
    reply = Reply(lead="x", buttons=tuple(Button(label=each, action=each) for each in labels))
    assert [[key["text"] for key in row] for row in keys(reply)] == [
        ["Lệ phí", "Các bước"],
        ["Trường hợp của tôi khác"],
        ["Nộp ở đâu", "Căn cứ"],
        ["Mẫu đơn"],
    ]
    assert "1)" not in text(reply)


def test_what_stands_aside_has_a_row_of_its_own_below() -> None:
    buttons = (
        Button(label="Đúng ý", action="rate:good:1.000894", aside=True),
        Button(label="Chưa đúng", action="rate:bad:1.000894", aside=True),
        Button(label="Lệ phí", action="fee"),
    )
    rows = keys(Reply(lead="a", buttons=buttons))
    assert [[key["text"] for key in row] for row in rows] == [["Lệ phí"], ["Đúng ý", "Chưa đúng"]]


def test_choices_too_long_for_a_button_stand_in_the_text() -> None:
    reply = Reply(
        lead="Anh/chị cần thủ tục nào?",
        sections=(Section(lines=("Gõ số, hoặc bấm nút.",)),),
        buttons=(Button(label=LONG, action="a"), Button(label="Không phải", action="no")),
    )
    assert text(reply) == (
        f"<b>Anh/chị cần thủ tục nào?</b>\n\n1) {LONG}\n2) Không phải\n\nGõ số, hoặc bấm nút."
    )
    first, second = (row[0] for row in keys(reply))
    assert first == {"text": "1) Đăng ký lại khai sinh cho người…", "callback_data": "a"}
    assert second == {"text": "2) Không phải", "callback_data": "no"}
    assert len(first["text"]) <= SEEN


def test_beside_a_list_of_papers_no_second_row_of_numbers() -> None:
    for shape in (Shape.NUMBERED, Shape.CHECKLIST):
        reply = Reply(
            lead="x",
            sections=(Section(lines=("Giấy",), shape=shape),),
            buttons=(Button(label=f"Đã có: {LONG}", action="a"), Button(label="b", action="b")),
        )
        assert "1)" not in text(reply)
        assert keys(reply)[0][0]["text"].startswith("Đã có: Đăng ký lại")


def test_addresses_that_no_button_takes_stand_in_the_text() -> None:
    reply = Reply(
        lead="x",
        buttons=(
            Button(label="Cổng", url="https://dichvucong.gov.vn/p?a=1"),
            Button(label="Gọi", url="tel:+842593822222"),
            Button(label="Thư", url="mailto:a@b.vn"),
            Button(label="Nội bộ", url="http://localhost:8080/x"),
            Button(label="Lừa", url="javascript:alert(1)"),
            Button(label="Dài", url="https://a.vn/x\0y"),
        ),
    )
    assert keys(reply) == [[{"text": "Cổng", "url": "https://dichvucong.gov.vn/p?a=1"}]]
    assert text(reply) == (
        "<b>x</b>\n\n→ Gọi: +842593822222\n→ Thư: a@b.vn\n→ Nội bộ: http://localhost:8080/x\n"
        "→ Dài: https://a.vn/xy"
    )


def test_actions_that_no_button_takes_can_be_typed() -> None:
    reply = Reply(
        lead="x",
        buttons=(Button(label="Một", action="ế" * 22), Button(label="Hai", action="b")),
    )
    assert keys(reply) == [[{"text": "Hai", "callback_data": "b"}]]
    assert text(reply) == "<b>x</b>\n\n1) Một"


def test_more_than_a_hundred_buttons() -> None:
    buttons = tuple(Button(label=f"nút {n}", action=f"a{n}") for n in range(1, 104))
    reply = Reply(lead="x", buttons=buttons)
    assert sum(map(len, keys(reply))) == 100
    assert text(reply) == "<b>x</b>\n\n101) nút 101\n102) nút 102\n103) nút 103"


def test_buttons_without_a_text_get_one() -> None:
    reply = Reply(buttons=(Button(label="a", action="a"), Button(label=" ", action="b")))
    assert text(reply) == CHOOSE
    assert keys(reply) == [[{"text": "a", "callback_data": "a"}]]


def test_a_long_reply_has_its_keyboard_below_the_last_bubble() -> None:
    lines = tuple(f"dòng {n} " + "x" * 90 for n in range(100))
    reply = Reply(
        lead="x",
        sections=(Section(lines=lines, shape=Shape.BULLETS),),
        buttons=(Button(label="a", action="a"),),
        replaces=True,
    )
    made = rendered(reply, Place(contact="5", edits=3))
    assert len(made) > 1
    # What does not fit into the bubble that was pressed is said in new ones.
    assert {each.call for each in made} == {"sendMessage"}
    assert ["reply_markup" in each.body for each in made] == [False] * (len(made) - 1) + [True]


def test_a_bubble_is_changed_once() -> None:
    place = Place(contact="5", edits=3, topic=4)
    first, second = calls(place, (Reply(lead="a", replaces=True), Reply(lead="b", replaces=True)))
    assert (first.call, first.body["message_id"]) == ("editMessageText", 3)
    assert (second.call, second.body["message_thread_id"]) == ("sendMessage", 4)
    (new,) = calls(place, (Reply(lead="a"),))
    assert new.call == "sendMessage"
    (new,) = calls(HERE, (Reply(lead="a", replaces=True),))
    assert new.call == "sendMessage"


def test_only_the_first_bubble_quotes() -> None:
    first, second = calls(GROUP, (Reply(lead="a"), Reply(lead="b")))
    assert first.body["reply_parameters"] == {
        "message_id": 9,
        "allow_sending_without_reply": True,
    }
    assert "reply_parameters" not in second.body


def test_forms_follow_the_text() -> None:
    reply = Reply(lead="Mẫu đơn", files=(File(name="ks/to-khai.pdf", title="Tờ khai & đơn"),))
    said, file = rendered(reply, Place(contact="5", topic=4))
    assert said.call == "sendMessage"
    assert file.call == "sendDocument"
    assert file.body == {
        "chat_id": 5,
        "form": "ks/to-khai.pdf",
        "caption": "Tờ khai & đơn",
        "message_thread_id": 4,
    }
    (alone,) = rendered(Reply(files=(File(name="a", title="x" * 2000),)))
    assert len(alone.body["caption"]) == 1024


def test_asking_for_the_phone_number() -> None:
    reply = Reply(
        lead="Gửi số",
        asks_phone=True,
        buttons=(
            Button(label="Gặp cán bộ", action="human"),
            Button(label="Cổng", url="https://x.vn"),
        ),
        replaces=True,
    )
    (call,) = rendered(reply, Place(contact="5", edits=3))
    assert call.call == "sendMessage"
    assert call.body["reply_markup"] == {
        "keyboard": [
            [{"text": SHARE_PHONE, "request_contact": True}],
            [{"text": "Gặp cán bộ"}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }
    assert call.body["text"] == "<b>Gửi số</b>\n\n→ Cổng: https://x.vn"


def test_keys_beyond_a_hundred_are_left_to_typing() -> None:
    buttons = tuple(Button(label=f"nút {n}", action=f"a{n}") for n in range(200))
    (call,) = rendered(Reply(lead="x", asks_phone=True, buttons=buttons))
    accepted(call)


def test_a_group_is_not_asked_for_phone_numbers() -> None:
    reply = Reply(lead="x", asks_phone=True, buttons=(Button(label="a", action="a"),))
    (call,) = rendered(reply, GROUP)
    assert "inline_keyboard" in call.body["reply_markup"]


def test_the_keys_for_the_phone_number_go_when_it_came() -> None:
    place = Place(contact="5", shared_phone=True)
    remove = {"remove_keyboard": True}
    plain, pressed = Reply(lead="a"), Reply(lead="b", buttons=(Button(label="c", action="c"),))
    assert [call.body.get("reply_markup") for call in calls(place, (plain, plain))] == [
        remove,
        None,
    ]
    first, second = calls(place, (pressed,))
    assert (first.body["text"], first.body["reply_markup"]) == (RECEIVED, remove)
    assert "inline_keyboard" in second.body["reply_markup"]
    (again,) = calls(place, (Reply(lead="x", asks_phone=True),))
    assert "keyboard" in again.body["reply_markup"]


TEXTS = st.text(max_size=40)
ADDRESSES = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "https://dichvucong.gov.vn/x",
            "https://x",
            "http://a..b",
            "https://ví-dụ.vn/ế",
            "https://a.vn:99999/",
            "https://a.vn/\0",
            "https://a.vn/\ud800",
            "https://a b.vn",
            "https://[::1]/",
            "https://1.2.3.4/x",
            "https://user@a.vn/",
            "tel:1022",
            "ftp://a.vn",
        ]
    ),
    TEXTS,
)
REPLIES = st.builds(
    Reply,
    lead=st.one_of(TEXTS, st.just("<b>&amp; 👩\u200d👧" * 400)),
    sections=st.lists(
        st.builds(
            Section,
            lines=st.lists(st.one_of(TEXTS, st.just("ế <&> 😀 " * 300)), max_size=4).map(tuple),
            heading=TEXTS,
            shape=st.sampled_from(Shape),
            ticked=st.frozensets(st.integers(0, 4)),
        ),
        max_size=4,
    ).map(tuple),
    buttons=st.lists(st.builds(Button, label=TEXTS, action=TEXTS, url=ADDRESSES), max_size=5).map(
        tuple
    ),
    source=TEXTS,
    files=st.lists(st.builds(File, name=st.just("a.pdf"), title=TEXTS), max_size=2).map(tuple),
    replaces=st.booleans(),
    asks_phone=st.booleans(),
)
PLACES = st.sampled_from(
    [HERE, GROUP, Place(contact="5", edits=3), Place(contact="5", shared_phone=True)]
)


def accepted(call: Outgoing) -> None:
    """Raise what Telegram would refuse the call with."""
    body: dict[str, Any] = call.body
    if call.call == "sendDocument":
        text_of(body, "caption", 1024)
    else:
        text_of(body, "text", MAX_TEXT)
    edits = call.call == "editMessageText"
    markup_of(body, private=body["chat_id"] > 0, inline_only=edits)


@settings(deadline=None, max_examples=60)
@given(st.lists(REPLIES, max_size=3), PLACES)
def test_telegram_accepts_whatever_is_said(replies: list[Reply], place: Place) -> None:
    for call in calls(place, tuple(replies)):
        accepted(call)
        assert call.contact == place.contact
