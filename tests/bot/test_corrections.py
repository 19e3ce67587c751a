"""A correction reaches those who were shown the wrong text and agreed, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels import Limits
from bot.channels.pickup import PickupChannel
from bot.corrections import post_correction
from bot.sealing import Seal
from knowledge.consents import Agreement, Notice
from knowledge.store import InquiryRecord, Store, UnitOfWork

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
CODE = "1.000001"
CHANNELS = {"web": PickupChannel("web", Limits(max_text=1000))}


@pytest.fixture(scope="module")
def seal() -> Seal:
    return Seal([Seal.new_key()])


def shown(work: UnitOfWork, contact: str, revision: int, *, days: int = 1) -> None:
    work.log(
        [
            InquiryRecord(
                at=NOW - timedelta(days=days),
                channel="web",
                contact=contact,
                text="lệ phí",
                intent="procedure",
                status="answered",
                milliseconds=1,
                procedure=CODE,
                revision=revision,
            )
        ]
    )


def agree(work: UnitOfWork, seal: Seal, *contacts: str, channel: str = "web") -> None:
    for each in contacts:
        work.consents.agree(agreement(seal, each, channel))


def agreement(seal: Seal, contact: str, channel: str = "web", code: str = CODE) -> Agreement:
    return Agreement(
        channel=channel,
        contact=contact,
        procedure=code,
        sealed=seal.close(f"id of {contact}"),
        wording="Em nhắn anh/chị, được không?",
        agreed_at=NOW,
    )


def announce(work: UnitOfWork) -> Notice:
    return work.consents.announce(
        CODE,
        [2, 1, 2],
        "Lệ phí đúng là 8.000 đồng.",
        author="lan",
        at=NOW,
        shown_since=SINCE,
    )


def waiting(work: UnitOfWork, contact: str, seal: Seal) -> list[str]:
    parcels = work.queues.collect("web", contact, after=0, at=NOW)
    return [seal.open(each.sealed)[2]["lead"] for each in parcels]


def test_who_was_shown_it_and_agreed_is_written_to_once(store: Store, seal: Seal) -> None:
    with store.work() as work:
        for contact, revision, days in (
            ("a", 1, 1),
            ("a", 2, 2),
            ("b", 2, 3),
            ("never agreed", 1, 1),
            ("other text", 3, 1),
            ("long ago", 1, 31),
            ("left", 1, 1),
        ):
            shown(work, contact, revision, days=days)
        agree(work, seal, "a", "b", "other text", "long ago", "left", "asked nothing")
        agree(work, seal, "a", channel="telegram")
        shown(work, "of another procedure", 1)
        work.consents.agree(agreement(seal, "of another procedure", code="1.000002"))
        work.contacts.note("web", "left", left_at=NOW)
        notice = announce(work)
        assert notice.revisions == (1, 2)
        assert post_correction(work, notice, CHANNELS, seal, at=NOW) == 2
    with store.work() as work:
        again = work.consents.notice(notice.id)
        assert again == notice
        assert post_correction(work, again, CHANNELS, seal, at=NOW) == 2
        assert work.queues.waiting() == (0, 2)
        assert waiting(work, "a", seal) == ["Lệ phí đúng là 8.000 đồng."]


def test_a_second_notice_is_another_message(store: Store, seal: Seal) -> None:
    with store.work() as work:
        shown(work, "a", 1)
        agree(work, seal, "a")
        for _ in range(2):
            post_correction(work, announce(work), CHANNELS, seal, at=NOW)
        assert len(waiting(work, "a", seal)) == 2
        assert [each.id for each in work.consents.notices(CODE)] == [2, 1]


def test_a_channel_that_is_off_and_another_key_are_left_out(store: Store, seal: Seal) -> None:
    with store.work() as work:
        shown(work, "a", 1)
        agree(work, Seal([Seal.new_key()]), "a")
        assert post_correction(work, announce(work), CHANNELS, seal, at=NOW) == 0
        agree(work, seal, "a")
        assert post_correction(work, announce(work), {}, seal, at=NOW) == 0
        assert work.queues.waiting() == (0, 0)


@pytest.mark.parametrize("way", ["revoke", "erase"])
def test_consent_ends(store: Store, seal: Seal, way: str) -> None:
    with store.work() as work:
        shown(work, "a", 1)
        kept = agreement(seal, "a")
        work.consents.agree(kept)
        assert work.consents.agreements("web", "a") == [kept]
        if way == "revoke":
            work.consents.revoke("web", "a")
        else:
            work.contacts.erase("web", "a")
    with store.work() as work:
        assert work.consents.agreements("web", "a") == []
        assert work.consents.recipients(CODE, [1], since=SINCE) == []
