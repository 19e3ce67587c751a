"""Plain text within limits, and JSON for the web page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import ChannelError, Forged, Limits, Rejected, TryLater, Unreachable
from bot.channels.render import render_text, reply_to_json, safe_address, with_addresses
from handlers.conversation import Button, File, Reply, Section, Shape

WIDE = Limits(max_text=4000)

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
REPLIES = st.builds(
    Reply,
    lead=TEXTS,
    sections=st.lists(
        st.builds(
            Section,
            lines=st.lists(TEXTS, max_size=4).map(tuple),
            heading=TEXTS,
            shape=st.sampled_from(Shape),
            ticked=st.frozensets(st.integers(0, 4)),
        ),
        max_size=3,
    ).map(tuple),
    buttons=st.lists(st.builds(Button, label=TEXTS, action=TEXTS), max_size=3).map(tuple),
    source=TEXTS,
)


def said(*sections: Section) -> str:
    return "\n".join(render_text(Reply(sections=sections), WIDE))


def test_the_asked_thing_is_first_and_the_source_last() -> None:
    reply = Reply(
        lead="Khai sinh – cần mang:",
        sections=(Section(lines=("Giấy chứng sinh", "Căn cước"), shape=Shape.NUMBERED),),
        buttons=(Button(label="Các bước", action="steps"), Button(label="Nộp ở đâu", action="at")),
        source="QĐ 163",
    )
    assert render_text(reply, WIDE) == [
        (
            "Khai sinh – cần mang:\n\n1. Giấy chứng sinh\n2. Căn cước\n\n"
            "1) Các bước\n2) Nộp ở đâu\n\nNguồn: QĐ 163"
        )
    ]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (Section(lines=("a", "b")), "a\nb"),
        (Section(heading="Lệ phí", lines=("a",)), "Lệ phí\na"),
        (Section(lines=("a", "b"), shape=Shape.BULLETS), "– a\n– b"),
        (Section(lines=("a", "b"), shape=Shape.CHECKLIST, ticked=frozenset({1})), "☐ a\n☑ b"),
        (Section(lines=("a", "b"), shape=Shape.WARNING), "⚠ a\nb"),
        (Section(heading="Lưu ý", lines=("a",), shape=Shape.WARNING), "⚠ Lưu ý\na"),
        (Section(lines=(), shape=Shape.WARNING), ""),
    ],
)
def test_shapes(section: Section, expected: str) -> None:
    assert said(section) == expected


def test_addresses_are_shown_and_take_no_number() -> None:
    reply = Reply(
        buttons=(
            Button(label="Nộp trên mạng", url="https://dichvucong.gov.vn"),
            Button(label="Gặp cán bộ", action="human"),
            Button(label="Gọi", url="tel:0259123456"),
            Button(label="Xấu", url="javascript:alert(1)"),
        )
    )
    assert render_text(reply, WIDE) == [
        "→ Nộp trên mạng: https://dichvucong.gov.vn\n1) Gặp cán bộ\n→ Gọi: 0259123456"
    ]


def test_only_buttons_the_channel_cannot_draw_become_lines() -> None:
    reply = Reply(buttons=tuple(Button(label=name, action=name) for name in "abc"))
    limits = Limits(max_text=100, supports_buttons=True, max_buttons=2)
    assert render_text(reply, limits) == ["3) c"]


ASIDE = tuple(Button(label=each, action=f"rate:{each}", aside=True) for each in ("Đúng", "Chưa"))


def test_what_stands_aside_has_no_number_and_is_typed_where_it_cannot_be_drawn() -> None:
    reply = Reply(lead="a", buttons=(*ASIDE, Button(label="Lệ phí", action="fee")))
    typed = "Gõ «Đúng» hoặc «Chưa» cho em biết."
    assert render_text(reply, WIDE) == [f"a\n\n1) Lệ phí\n{typed}"]
    room = Limits(max_text=100, max_buttons=3, supports_buttons=True)
    assert render_text(reply, room) == ["a"]
    narrow = Limits(max_text=100, max_buttons=2, supports_buttons=True)
    assert render_text(reply, narrow) == [f"a\n\n{typed}"]
    shown = [
        (each["label"], each["number"], each["aside"]) for each in reply_to_json(reply)["buttons"]
    ]
    assert shown == [("Lệ phí", None, False), ("Đúng", None, True), ("Chưa", None, True)]


def test_nothing_to_say_is_no_message() -> None:
    assert render_text(Reply(), WIDE) == []


def test_long_replies_are_split_between_lines() -> None:
    reply = Reply(lead="a" * 10, sections=(Section(lines=("b" * 10, "c" * 10)),))
    assert render_text(reply, Limits(max_text=21)) == ["a" * 10, "b" * 10 + "\n" + "c" * 10]


def test_a_line_too_long_is_split_between_words() -> None:
    assert render_text(Reply(lead="một hai ba"), Limits(max_text=7)) == ["một hai", "ba"]
    assert render_text(Reply(lead="x" * 9), Limits(max_text=4)) == ["xxxx", "xxxx", "x"]


@given(reply=REPLIES, most=st.integers(1, 80))
def test_no_message_is_too_long_or_empty_and_no_letter_is_lost(reply: Reply, most: int) -> None:
    parts = render_text(reply, Limits(max_text=most))
    assert all(0 < len(part) <= most for part in parts)
    whole = "".join(render_text(reply, Limits(max_text=100_000)))
    assert "".join("".join(parts).split()) == "".join(whole.split())


def test_json_carries_everything_as_text() -> None:
    reply = Reply(
        lead="<b>Chào</b>",
        sections=(Section(lines=("a",), shape=Shape.CHECKLIST, ticked=frozenset({0})),),
        buttons=(Button(label="Có", action="yes"), Button(label="Không", action="no")),
        files=(File(name="Mẫu CT01.docx", title="Mẫu CT01"),),
        source="QĐ 1",
    )
    assert reply_to_json(reply) == {
        "lead": "<b>Chào</b>",
        "sections": [{"heading": "", "shape": "checklist", "lines": ["a"], "ticked": [0]}],
        "buttons": [
            {"label": "Có", "action": "yes", "url": None, "number": 1, "aside": False},
            {"label": "Không", "action": "no", "url": None, "number": 2, "aside": False},
        ],
        "files": [{"title": "Mẫu CT01", "url": "mau/M%E1%BA%ABu%20CT01.docx"}],
        "source": "QĐ 1",
    }


def test_buttons_beside_a_numbered_list_bear_no_numbers() -> None:
    reply = Reply(
        sections=(Section(lines=("a",), shape=Shape.NUMBERED),),
        buttons=(Button(label="Có", action="yes"), Button(label="Không", action="no")),
    )
    assert [button["number"] for button in reply_to_json(reply)["buttons"]] == [None, None]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//a.vn", "http://[x"])
def test_unsafe_addresses(url: str) -> None:
    assert not safe_address(url)
    assert reply_to_json(Reply(buttons=(Button(label="x", url=url),)))["buttons"] == []


def test_limits_and_errors() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(max_text=0)
    assert TryLater(2.5).after == 2.5
    assert "2.5 s" in str(TryLater(2.5))
    assert all(issubclass(kind, ChannelError) for kind in (Forged, TryLater, Unreachable, Rejected))


def test_files_are_named_where_the_caller_knows_their_address() -> None:
    files = (File(name="a.pdf", title="Mẫu A"), File(name="b.pdf", title="Mẫu B"))
    reply = Reply(lead="Đây ạ", files=files)
    known = {"a.pdf": "https://xa.example.vn/mau/a.pdf"}
    assert render_text(reply, WIDE) == ["Đây ạ"]
    assert render_text(with_addresses(reply, known.get), WIDE) == [
        "Đây ạ\n\n→ Mẫu A: https://xa.example.vn/mau/a.pdf\n→ Mẫu B: xin tại bộ phận một cửa"
    ]
