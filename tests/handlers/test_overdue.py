"""An answer from a record that should have been looked at again says when it was last checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.app import build_services
from handlers.conversation import Contact, Incoming, Memory, Reply
from handlers.dispatch import converse
from handlers.services import Services
from knowledge.model import Procedure


def record(**source: object) -> Procedure:
    return Procedure.model_validate(
        {
            "code": "1.000001",
            "name": "Cấp giấy phép thả diều",
            "field": "Vui chơi",
            "aliases": ["xin thả diều"],
            "source": {"checked_on": date(2026, 1, 15), "decision": "1/QĐ-UBND", **source},
        }
    )


async def answer(services: Services, day: datetime, text: str = "xin thả diều") -> Reply:
    incoming = Incoming(contact=Contact(channel="web", id="a"), received_at=day, text=text)
    (found,) = await converse(incoming, Memory(), services)
    return found.replies[0]


LAST = datetime(2026, 7, 14, 16, 59, tzinfo=UTC)
"""The last minute in Vietnam of the 180th day after the check."""


@pytest.mark.parametrize(("later", "overdue"), [(timedelta(), False), (timedelta(minutes=1), True)])
async def test_after_the_usual_interval(later: timedelta, overdue: bool) -> None:
    reply = await answer(build_services([record()]), LAST + later)
    assert "15/01/2026" in reply.source
    assert ("đã đến hạn xem lại" in reply.source) is overdue
    assert "1/QĐ-UBND" in reply.source


async def test_the_office_has_its_own_interval() -> None:
    services = replace(build_services([record()]), check_every=timedelta(days=400))
    reply = await answer(services, LAST + timedelta(days=1))
    assert "đã đến hạn" not in reply.source


async def test_a_record_may_name_its_day() -> None:
    reply = await answer(build_services([record(check_by=date(2026, 2, 1))]), LAST)
    assert "đã đến hạn xem lại" in reply.source
