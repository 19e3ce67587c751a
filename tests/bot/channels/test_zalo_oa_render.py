"""Replies as Zalo shows them: buttons, lines for the rest, pieces that fit, files, the form."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import Outgoing
from bot.channels.zalo_oa_render import CHOOSE, LIMITS, recipient, say
from handlers.conversation import Button, File, Reply, Section, Shape
from tests.fakes.zalo_oa_rules import check_message


def rendered(*replies: Reply, contact: str = "1001") -> tuple[Outgoing, ...]:
    calls = say(contact, replies)
    for call in calls:
        if call.call in {"message", "form"}:
            check_message(call.body)
    return calls


def test_an_answer_is_one_bubble() -> None:
    reply = Reply(
        lead="Khai sinh – cần mang:",
        sections=(Section(lines=("Giấy chứng sinh", "Căn cước"), shape=Shape.NUMBERED),),
        buttons=(
            Button(label="Các bước", action="show:1.001193:steps"),
            Button(label="Cổng dịch vụ công", url="https://dichvucong.gov.vn"),
            Button(label="Gọi một cửa", url="tel:0259 3 123 456"),
        ),
        source="QĐ 163",
    )
    [call] = rendered(reply)
    assert (call.contact, call.call) == ("1001", "message")
    assert call.body == {
        "text": "Khai sinh – cần mang:\n\n1. Giấy chứng sinh\n2. Căn cước\n\nNguồn: QĐ 163",
        "attachment": {
            "type": "template",
            "payload": {
                "buttons": [
                    {
                        "title": "Các bước",
                        "type": "oa.query.hide",
                        "payload": "#a:show:1.001193:steps",
                    },
                    {
                        "title": "Cổng dịch vụ công",
                        "type": "oa.open.url",
                        "payload": {"url": "https://dichvucong.gov.vn"},
                    },
                    {
                        "title": "Gọi một cửa",
                        "type": "oa.open.phone",
                        "payload": {"phone_code": "842593123456"},
                    },
                ]
            },
        },
    }


def titles(call: Outgoing) -> list[str]:
    return [each["title"] for each in call.body["attachment"]["payload"]["buttons"]]


def test_the_sixth_button_and_the_rest_are_numbered_lines() -> None:
    [call] = rendered(Reply(lead="?", buttons=tuple(Button(label=n, action=n) for n in "abcdefg")))
    assert titles(call) == list("abcde")
    assert call.body["text"] == "?\n\n6) f\n7) g"


def test_what_stands_aside_takes_a_button_only_where_all_of_it_fits() -> None:
    behind = tuple(Button(label=f"x{n}", action=f"rate:{n}", aside=True) for n in range(2))
    for count, drawn in ((3, 5), (4, 4)):
        others = tuple(Button(label=f"b{n}", action=f"a:{n}") for n in range(count))
        [call] = rendered(Reply(lead="a", buttons=(*others, *behind)))
        assert len(call.body["attachment"]["payload"]["buttons"]) == drawn
        assert ("Gõ «x0» hoặc «x1»" in call.body["text"]) is (drawn == count)


def test_what_has_no_button_stands_in_the_text_and_takes_no_place() -> None:
    [call] = rendered(
        Reply(
            lead="?",
            buttons=(
                Button(label="Gọi 1022", url="tel:1022"),
                Button(label="Thư", url="mailto:a@example.gov.vn"),
                Button(label="Xấu", url="javascript:alert(1)"),
                *(Button(label=n, action=n) for n in "abcde"),
            ),
        )
    )
    assert titles(call) == list("abcde")
    assert call.body["text"] == "?\n\n→ Gọi 1022: 1022\n→ Thư: a@example.gov.vn"


def test_buttons_without_words() -> None:
    [call] = rendered(Reply(buttons=(Button(label="", action="x"),)))
    assert call.body["text"] == CHOOSE
    assert titles(call) == ["…"]


def test_a_long_label_is_cut_at_a_word() -> None:
    [call] = rendered(Reply(lead="?", buttons=(Button(label="thủ tục " * 20, action="x"),)))
    [title] = titles(call)
    assert title.endswith("tục…")
    assert 90 < len(title) <= 100


def test_a_long_answer_is_cut_at_lines_and_its_buttons_come_last() -> None:
    lines = tuple(f"{number}. {'giấy tờ ' * 20}".strip() for number in range(30))
    calls = rendered(
        Reply(sections=(Section(lines=lines),), buttons=(Button(label="Tiếp", action="x"),))
    )
    assert len(calls) == 3
    assert ["attachment" in call.body for call in calls] == [False, False, True]
    assert "\n".join(call.body["text"] for call in calls).split("\n") == list(lines)


def test_characters_count_after_composing() -> None:
    decomposed = unicodedata.normalize("NFD", "ệ" * 2000)
    assert len(decomposed) == 6000
    [call] = rendered(Reply(lead=decomposed))
    assert call.body["text"] == "ệ" * 2000


def test_nothing_to_say() -> None:
    assert rendered(Reply()) == ()
    assert rendered() == ()


def test_files_and_the_form_follow() -> None:
    text, file, form = rendered(
        Reply(lead="Đây:", files=(File(name="ct01.docx", title="Mẫu CT01"),), asks_phone=True)
    )
    assert text.body == {"text": "Đây:"}
    assert (file.call, file.body) == ("file", {"name": "ct01.docx", "title": "Mẫu CT01"})
    assert form.call == "form"
    payload = form.body["attachment"]["payload"]
    assert payload["template_type"] == "request_user_info"
    assert "image_url" not in payload["elements"][0]
    [_, with_picture] = say("1", (Reply(lead="?", asks_phone=True),), picture="https://a.vn/x.png")
    element = with_picture.body["attachment"]["payload"]["elements"][0]
    assert element["image_url"] == "https://a.vn/x.png"


def test_a_visitor_of_a_website_gets_text_only() -> None:
    [call] = rendered(
        Reply(lead="?", buttons=(Button(label="a", action="a"),), asks_phone=True),
        contact="anonymous:77:88",
    )
    assert (call.call, call.body) == ("anonymous", {"text": "?\n\n1) a"})
    assert recipient(call.contact) == {"anonymous_id": "77", "conversation_id": "88"}
    assert recipient("1001") == {"user_id": "1001"}


@pytest.mark.parametrize("contact", ["phone:84912345678", "template:1001"])
def test_free_words_never_go_the_way_of_templates(contact: str) -> None:
    assert rendered(Reply(lead="?"), contact=contact) == ()


TEXTS = st.text(st.sampled_from("aệ \n😀" + "e\u0323"), max_size=30)
LONG = st.builds(lambda text, times: text * times, TEXTS, st.sampled_from([1, 1, 90]))
BUTTONS = st.builds(
    Button,
    label=TEXTS,
    action=st.sampled_from(["", "a", "show:1.001193:fee"]),
    url=st.sampled_from([None, "https://a.vn", "tel:0912345678", "tel:113", "mailto:a@b.vn", "x"]),
)
REPLIES = st.builds(
    Reply,
    lead=LONG,
    sections=st.lists(
        st.builds(
            Section,
            lines=st.lists(LONG, max_size=3).map(tuple),
            heading=TEXTS,
            shape=st.sampled_from(Shape),
        ),
        max_size=2,
    ).map(tuple),
    buttons=st.lists(BUTTONS, max_size=8).map(tuple),
    source=TEXTS,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPLIES)
def test_every_call_keeps_the_rules_of_zalo(reply: Reply) -> None:
    for call in rendered(reply):
        json.dumps(call.body, ensure_ascii=False).encode()
        assert len(call.body["text"]) <= LIMITS.max_text
