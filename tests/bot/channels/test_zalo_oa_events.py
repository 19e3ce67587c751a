"""Events of Zalo's webhook: every documented kind, and bodies that fit none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels import Event, Malformed, Notice
from bot.channels.zalo_oa_events import events, picture_address, read
from bot.sealing import Seal
from handlers.conversation import Attachment, Contact, Incoming

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
USER, OA = "246845883529197922", "388613280878808645"


def body(name: str, **more: Any) -> dict[str, Any]:
    return {
        "app_id": "360846524940903967",
        "sender": {"id": USER},
        "recipient": {"id": OA},
        "event_name": name,
        "timestamp": "1540363714987",
        **more,
    }


def one(said: object) -> Event:
    [event] = events(json.dumps(said).encode())
    return event


def heard(said: object) -> Incoming | Notice:
    return read(one(said), at=AT)


def incoming(said: object) -> Incoming:
    found = heard(said)
    assert isinstance(found, Incoming)
    return found


def message(kind: str, **more: Any) -> dict[str, Any]:
    return body(f"user_send_{kind}", message={"msg_id": "96d3", **more})


def test_a_text() -> None:
    event = one(message("text", text=" Đăng ký khai sinh "))
    assert (event.id, event.contact) == ("user_send_text:96d3", USER)
    assert read(event, at=AT) == Incoming(
        contact=Contact(channel="zalo_oa", id=USER), received_at=AT, text="Đăng ký khai sinh"
    )


def test_a_press_and_the_same_typed_by_hand() -> None:
    found = incoming(message("text", text="#a:show:1.001193:fee"))
    assert (found.action, found.text) == ("show:1.001193:fee", "")


def test_a_payload_nobody_made_is_only_text() -> None:
    found = incoming(message("text", text="#a:" + "x" * 900))
    assert found.action is None
    assert found.text.startswith("#a:x")


@pytest.mark.parametrize(
    ("kind", "attachment"),
    [
        ("image", Attachment.PHOTO),
        ("gif", Attachment.STICKER),
        ("audio", Attachment.VOICE),
        ("video", Attachment.OTHER),
        ("link", Attachment.OTHER),
        ("business_card", Attachment.OTHER),
        ("sticker", Attachment.STICKER),
        ("location", Attachment.LOCATION),
        ("file", Attachment.FILE),
    ],
)
def test_other_kinds(kind: str, attachment: Attachment) -> None:
    found = incoming(message(kind, attachments=[{"type": kind, "payload": {}}]))
    assert (found.attachment, found.text) == (attachment, "")
    assert incoming(message(kind, text="kèm lời")).text == "kèm lời"


def test_words_withheld_or_missing_are_asked_for_again() -> None:
    for said in (message("text"), message("text", text=""), message("text", is_sensitive=True)):
        assert incoming(said).attachment is Attachment.OTHER


@pytest.mark.parametrize(
    ("name", "who", "notice"),
    [
        ("follow", {"follower": {"id": USER}}, Notice.JOINED),
        ("unfollow", {"follower": {"id": USER}}, Notice.LEFT),
    ],
)
def test_management(name: str, who: dict[str, Any], notice: Notice) -> None:
    said = {"oa_id": OA, **who, "event_name": name, "timestamp": "1543979782741"}
    event = one(said)
    assert event.contact == USER
    assert event.id == f"{name}:1543979782741:{USER}"
    assert read(event, at=AT) is notice


def test_a_withdrawal_erases_the_chat_and_what_waits_as_template() -> None:
    said = {"event_name": "user_withdraw", "user_id": USER, "oa_id": OA, "timestamp": "1"}
    chat, template = events(json.dumps(said).encode())
    assert (chat.contact, template.contact) == (USER, f"template:{USER}")
    assert chat.id != template.id
    assert {read(chat, at=AT), read(template, at=AT)} == {Notice.ERASE}


@pytest.mark.parametrize(
    ("sender", "notice"),
    [
        ({"id": OA, "admin_id": "4455"}, Notice.TAKEN_OVER),
        ({"id": OA, "admin_id": 4455}, Notice.TAKEN_OVER),
        ({"id": OA}, Notice.IGNORED),
        ({"id": OA, "admin_id": ""}, Notice.IGNORED),
        ({"id": OA, "admin_id": None}, Notice.IGNORED),
    ],
)
@pytest.mark.parametrize("kind", ["text", "image", "gif", "list", "file", "sticker"])
def test_what_the_office_sends(kind: str, sender: dict[str, Any], notice: Notice) -> None:
    said = body(f"oa_send_{kind}", message={"msg_id": "77", "text": "dạ"})
    event = one({**said, "sender": sender, "recipient": {"id": USER}})
    assert event.contact == USER
    assert read(event, at=AT) is notice


@pytest.mark.parametrize("name", ["oa_send_group_text", "oa_send_anonymous_text"])
def test_an_officer_elsewhere_silences_nobody(name: str) -> None:
    said = {**body(name, message={"msg_id": "7"}), "sender": {"id": OA, "admin_id": "4"}}
    assert heard(said) is Notice.IGNORED


@pytest.mark.parametrize("phone", ["84912345678", 84912345678, "+84 912 345 678"])
def test_the_form_keeps_only_the_number(phone: object) -> None:
    info = {"name": "Nguyễn Thị A", "phone": phone, "full_address": {"user_city": "Khánh Hòa"}}
    event = one(body("user_submit_info", info=info))
    assert "Nguyễn" not in json.dumps(event.body, ensure_ascii=False)
    found = read(event, at=AT)
    assert isinstance(found, Incoming)
    assert (found.phone, found.text, found.attachment) == ("84912345678", "", None)


@pytest.mark.parametrize("info", [{}, {"phone": 0}, {"phone": ""}, None, "84912345678", [1]])
def test_a_form_without_a_number(info: object) -> None:
    assert heard(body("user_submit_info", info=info)) is Notice.IGNORED


def test_a_visitor_of_a_website() -> None:
    said = body(
        "anonymous_send_text", message={"msg_id": "1", "text": "hỏi", "conversation_id": "c"}
    )
    event = one(said)
    assert event.contact == f"anonymous:{USER}:c"
    assert incoming(said).text == "hỏi"
    assert incoming(said).contact.id == event.contact


@pytest.mark.parametrize(
    "name", ["user_send_group_text", "user_click_chatnow", "change_template_status", "", "FOLLOW"]
)
def test_unknown_events_are_ignored(name: str) -> None:
    assert heard(body(name, message={"msg_id": "1", "text": "x"})) is Notice.IGNORED


@pytest.mark.parametrize("name", ["user_received_message", "user_seen_message"])
def test_receipts_are_not_kept(name: str) -> None:
    assert events(json.dumps(body(name, message={"msg_id": "1"})).encode()) == ()
    assert read(Event(id="1", contact=USER, body=body(name)), at=AT) is Notice.IGNORED


def test_a_delivered_template_is_logged_by_its_tracking_name_only() -> None:
    said = body("user_received_message", message={"msg_id": "1", "tracking_id": "hs-1-done"})
    with capture_logs() as logs:
        assert events(json.dumps({**said, "recipient": {"id": "84912345678"}}).encode()) == ()
    assert logs == [
        {"event": "zalo_template_delivered", "tracking_id": "hs-1-done", "log_level": "info"}
    ]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, b"{}}", b"NaN"]
)
def test_malformed_bodies(raw: bytes) -> None:
    with pytest.raises(Malformed):
        events(raw)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"event_name": "user_send_text"},
        {"event_name": "user_send_text", "sender": None, "message": {"text": "x"}},
        {"event_name": "user_send_text", "sender": {"id": ""}, "message": {"text": "x"}},
        {"event_name": "user_send_text", "sender": {"id": True}},
        {"event_name": "anonymous_send_text", "sender": {"id": "1"}, "message": {"text": "x"}},
        {"event_name": "oa_send_text", "sender": {"id": "1", "admin_id": "2"}},
        {"event_name": ["follow"], "follower": "x"},
    ],
)
def test_events_of_nobody_are_left_out(said: dict[str, Any]) -> None:
    assert events(json.dumps(said).encode()) == ()


def test_missing_and_strange_fields_do_not_hurt() -> None:
    for strange in (None, "x", 1, [], [1], {"text": {"a": 1}}, {"text": None, "msg_id": []}):
        found = incoming(body("user_send_text", message=strange))
        assert found.attachment is Attachment.OTHER


def test_numbers_as_ids_and_long_ids() -> None:
    event = one(body("user_send_text", sender={"id": int(USER)}, message={"msg_id": 5, "text": 6}))
    assert (event.id, event.contact) == ("user_send_text:5", USER)
    assert len(one(body("user_send_text", message={"msg_id": "x" * 500})).id) <= 120


def test_halves_of_surrogate_pairs_can_be_kept() -> None:
    raw = json.dumps(message("text", text="a")).replace('"a"', '"\\ud800 \\u0000 khai sinh"')
    [event] = events(raw.encode())
    Seal([Seal.new_key()]).close([event.id, event.contact, event.body])
    found = read(event, at=AT)
    assert isinstance(found, Incoming)
    found.text.encode()
    assert "khai sinh" in found.text
    assert "\0" not in found.text


KEYS = ("id", "text", "msg_id", "attachments", "payload", "url", "admin_id", "phone")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "#a:x", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = ("user_send_text", "user_send_image", "follow", "user_withdraw", "oa_send_text",
         "anonymous_send_text", "user_submit_info", "user_received_message", "x")  # fmt: skip
PARTS = ("sender", "recipient", "message", "follower", "info", "user_id")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(PARTS), JSON, max_size=4))
def test_whatever_comes_is_read(name: str, parts: dict[str, Any]) -> None:
    for event in events(json.dumps({"event_name": name, **parts}).encode()):
        assert event.id
        assert event.contact
        assert isinstance(read(event, at=AT), Incoming | Notice)
        picture_address(event)


def test_where_a_picture_lies() -> None:
    url = "https://f6.photo.talk.zdn.vn/a.jpg"
    attachments = [{"type": "image", "payload": {"thumbnail": "t", "url": url}}]
    assert picture_address(one(message("image", attachments=attachments))) == url
    assert picture_address(one(message("file", attachments=attachments))) is None
    assert picture_address(one(message("image"))) is None
