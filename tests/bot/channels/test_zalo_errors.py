"""Every documented error number of Zalo leads to what is to be done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels import (
    ChannelError,
    Misconfigured,
    OutsideWindow,
    Rejected,
    TryLater,
    Unreachable,
)
from bot.channels.zalo_errors import AttachmentExpired, TokenRefused, oa_error, template_error

NIGHT = datetime(2026, 11, 24, 16, tzinfo=UTC)
"""23:00 in Vietnam."""
OA = {
    TokenRefused: (-216, -220, -124),
    AttachmentExpired: (-100,),
    TryLater: (-32, -200, -234),
    Misconfigured: (-204, -205, -209, -212, -219, -221, -223, -224, -242, -320, -321),
    Unreachable: (-213, -217, -227, -244),
    OutsideWindow: (-211, -218, -230, -232, -305, -311),
    Rejected: (-1, -201, -210, -233, -237, -240, -248, -999),
}
TEMPLATE = {
    TokenRefused: (-124, -216),
    TryLater: (-32, -133, -144, -147, -115),
    Unreachable: (-108, -114, -118, -119, -139, -141, -213),
    Rejected: (-109, -111, -112, -117, -125, -126, -131, -135, -136, -137, -146, -249, -320, -1121,
               -1122, -1124, -1241, -999),
}  # fmt: skip


def pairs(table: dict[type[ChannelError], tuple[int, ...]]) -> list[tuple[int, type[ChannelError]]]:
    return [(code, kind) for kind, codes in table.items() for code in codes]


@pytest.mark.parametrize(("code", "kind"), pairs(OA))
def test_the_interface(code: int, kind: type[ChannelError]) -> None:
    error = oa_error(code, "something", now=NIGHT)
    assert type(error) is kind
    assert str(code) in str(error)


@pytest.mark.parametrize(("code", "kind"), pairs(TEMPLATE))
def test_template_messages_never_pause_the_channel(code: int, kind: type[ChannelError]) -> None:
    error = template_error(code, "something", now=NIGHT)
    assert type(error) is kind
    assert str(code) in str(error)


def test_a_wrong_recipient_is_gone_and_another_wrong_field_is_our_bug() -> None:
    assert type(oa_error(-201, "user_id is invalid!", now=NIGHT)) is Unreachable
    assert type(oa_error(-201, "message.text is invalid!", now=NIGHT)) is Rejected


def test_too_many_calls_pause_everybody_and_one_failure_does_not() -> None:
    many, one = oa_error(-32, "", now=NIGHT), oa_error(-200, "", now=NIGHT)
    assert isinstance(many, TryLater)
    assert isinstance(one, TryLater)
    assert many.everyone
    assert not one.everyone


@pytest.mark.parametrize(
    ("code", "now", "hours"),
    [
        (-133, NIGHT, 7),
        (-133, datetime(2026, 11, 24, 18, 30, tzinfo=UTC), 4.5),
        (-234, datetime(2026, 11, 24, 22, 59, tzinfo=UTC), 1 / 60),
        (-133, datetime(2026, 11, 24, 23, 0, tzinfo=UTC), 24),
        (-144, datetime(2026, 11, 24, 3, 0, tzinfo=UTC), 20),
        (-144, datetime(2026, 11, 24, 20, 0, tzinfo=UTC), 27),
        (-147, NIGHT, 7),
    ],
)
def test_until_six_in_vietnam(code: int, now: datetime, hours: float) -> None:
    error = template_error(code, "", now=now)
    assert isinstance(error, TryLater)
    assert error.after == pytest.approx(hours * 3600)
    assert not error.everyone


def test_no_number_of_a_person_comes_along() -> None:
    assert "0912345678" not in str(oa_error(-201, "phone 0912345678 is invalid!", now=NIGHT))
