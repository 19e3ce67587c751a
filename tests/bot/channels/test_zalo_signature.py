"""Signatures of Zalo's webhook: the documented vector, both timestamps, forgeries, old bodies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict
from structlog.testing import capture_logs

from bot.channels import Forged
from bot.channels.zalo_signature import OLDEST, Signature, Signed, mac, refuse_stale

APP = "360846524940903967"
SECRET = "OA_SECRET_KEY_EXAMPLE"
TIME = "1540363714987"
BODY = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},'
    '"user_id_by_app":"552177279717587730","recipient":{"id":"388613280878808645"},'
    '"event_name":"user_send_text","message":{"text":"Đăng ký khai sinh",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1540363714987"}'
).encode()
VECTOR = "cacefafbae27b2dbb0c90e603142d229992f2e8b432b04c7f8f7b0bc2ea1d3ba"


def headers(signature: str, timestamp: str | None = None) -> CIMultiDict[str]:
    """Headers as a web server gives them."""
    found = CIMultiDict({"x-zevent-signature": signature})
    if timestamp is not None:
        found["x-zevent-timestamp"] = timestamp
    return found


def test_the_documented_vector() -> None:
    assert mac(APP, BODY, TIME, SECRET) == VECTOR
    signed = Signature(APP, SECRET, "body").verify(headers(f"mac={VECTOR}"), BODY)
    assert signed == Signed(timestamp=TIME, source="body")
    assert signed.at == datetime(2018, 10, 24, 6, 48, 34, 987000, UTC)


@pytest.mark.parametrize(
    ("setting", "signed_with", "accepted"),
    [
        ("either", "body", True),
        ("either", "header", True),
        ("body", "body", True),
        ("body", "header", False),
        ("header", "header", True),
        ("header", "body", False),
    ],
)
def test_which_timestamp_counts(setting: str, signed_with: str, accepted: bool) -> None:
    other = "1540363799000"
    timestamp = TIME if signed_with == "body" else other
    given = headers(f"mac={mac(APP, BODY, timestamp, SECRET)}", other)
    verify = Signature(APP, SECRET, setting).verify  # type: ignore[arg-type]
    if accepted:
        assert verify(given, BODY).source == signed_with
    else:
        with pytest.raises(Forged):
            verify(given, BODY)


@pytest.mark.parametrize(
    "given",
    ["", VECTOR, "mac=", f"mac={VECTOR[:-1]}", f"mac={'0' * 64}", f"sha={VECTOR}", "mac=é"],
)
def test_wrong_signatures(given: str) -> None:
    with pytest.raises(Forged):
        Signature(APP, SECRET, "either").verify(headers(given, TIME), BODY)


def test_every_byte_counts() -> None:
    for changed in (BODY + b" ", BODY.replace(b"text", b"tExt", 1), BODY[:-1], b""):
        with pytest.raises(Forged):
            Signature(APP, SECRET, "either").verify(headers(f"mac={VECTOR}", TIME), changed)


@pytest.mark.parametrize("secret", ["", "another"])
def test_another_secret_or_none(secret: str) -> None:
    with pytest.raises(Forged):
        Signature(APP, secret, "either").verify(headers(f"mac={VECTOR}"), BODY)


def test_no_secret_is_no_open_door() -> None:
    with pytest.raises(Forged):
        Signature(APP, "", "either").verify(headers(f"mac={mac(APP, BODY, TIME, '')}"), BODY)


def test_the_border_of_the_body_cannot_be_moved() -> None:
    # The same concatenation, cut elsewhere: «}» cannot go into a timestamp of digits.
    given = headers(f"mac={VECTOR}", f"}}{TIME}")
    with pytest.raises(Forged):
        Signature(APP, SECRET, "either").verify(given, BODY[:-1])


def test_a_timestamp_inside_what_a_citizen_wrote_does_not_hide_the_real_one() -> None:
    body = BODY.replace("Đăng".encode(), b'{\\"timestamp\\":\\"1\\"}')
    signed = Signature(APP, SECRET, "body").verify(
        headers(f"mac={mac(APP, body, TIME, SECRET)}"), body
    )
    assert signed.timestamp == TIME


def test_many_timestamps_before_the_real_one() -> None:
    many = b"".join(b'{"timestamp":"%d"},' % number for number in range(9))
    body = BODY.replace(b'"message":{', b'"x":[' + many + b'{}],"message":{')
    signed = Signature(APP, SECRET, "body").verify(
        headers(f"mac={mac(APP, body, TIME, SECRET)}"), body
    )
    assert signed.timestamp == TIME


def test_a_number_as_timestamp() -> None:
    body = BODY.replace(f'"{TIME}"'.encode(), f" {TIME}".encode())
    given = headers(f"mac={mac(APP, body, TIME, SECRET)}")
    assert Signature(APP, SECRET, "body").verify(given, body).timestamp == TIME


def test_what_matched_is_logged_once() -> None:
    signature = Signature(APP, SECRET, "either")
    with capture_logs() as logs:
        for _ in range(3):
            signature.verify(headers(f"mac={VECTOR}"), BODY)
    assert [(each["event"], each["source"]) for each in logs] == [
        ("zalo_signature_timestamp", "body")
    ]


def test_old_bodies_are_refused_and_every_retry_is_not() -> None:
    signed = Signed(timestamp=TIME, source="body")
    assert signed.at is not None
    for age in (timedelta(hours=-1), timedelta(hours=2), OLDEST):
        refuse_stale(signed, signed.at + age)
    with capture_logs() as logs, pytest.raises(Forged):
        refuse_stale(signed, signed.at + OLDEST + timedelta(seconds=1))
    assert logs[0]["event"] == "zalo_webhook_stale"


def test_a_timestamp_in_another_unit_says_nothing_about_age() -> None:
    refuse_stale(Signed(timestamp="1540363714", source="body"), datetime(2026, 1, 1, tzinfo=UTC))
