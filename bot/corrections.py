"""Sends a correction through the outbox, once to each contact that was shown what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.sealing import Unsealable
from handlers.conversation import Reply
from knowledge.queues import Departure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.channels import Channel
    from bot.sealing import Seal
    from knowledge.consents import Notice
    from knowledge.store import UnitOfWork

log = structlog.get_logger()


def post_correction(
    work: UnitOfWork,
    notice: Notice,
    channels: Mapping[str, Channel],
    seal: Seal,
    *,
    at: datetime,
) -> int:
    """Put the notice into the outbox for everybody it is for; how many that are.

    Said again for the same notice it reaches only those who were not written to yet: the key of
    each call names notice and contact. Contacts of channels that are switched off are left out.
    """
    reply = Reply(lead=notice.text)
    departures, reached = [], 0
    for each in work.consents.recipients(notice.code, notice.revisions, since=notice.shown_since):
        channel = channels.get(each.channel)
        if channel is None:
            continue
        try:
            contact = seal.open(each.sealed)
        except Unsealable:
            log.error("unreadable", queue="consents", channel=each.channel)
            continue
        reached += 1
        departures += [
            Departure(
                channel=each.channel,
                contact=each.contact,
                key=f"{each.channel}:correction:{notice.id}:{each.contact}:{number}",
                sealed=seal.close([call.contact, call.call, call.body, False]),
            )
            for number, call in enumerate(channel.address(contact, (reply,)))
        ]
    work.queues.post(departures, at=at)
    return reached
