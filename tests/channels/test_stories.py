"""Every story on every channel: each renders what it can, the answer is the same."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.channels import Limits, terminal
from bot.channels.pickup import PickupChannel
from bot.channels.render import render_text, reply_to_json
from bot.delivery import Delivery
from bot.desk import Desk
from bot.intake import Spool
from bot.lookups import Lookups
from bot.sealing import Seal
from bot.talk import Talk
from handlers.conversation import Attachment, Button, Contact, Incoming, Shape
from handlers.services import Services
from knowledge import onestop
from knowledge.missed import Kind
from knowledge.onestop import Route
from knowledge.onestop.demo import PREFIXES, DemoSource
from knowledge.store import Store, open_engine
from tests.fakes import Sticker
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import FakeZaloOa
from tests.rig import KEY, QUICK, SALT, Rig, copied
from tests.telling import WORKDAY, Outcome, Story, Turn, check, stories

PLATFORMS = {"telegram": FakeTelegram, "zalo_oa": FakeZaloOa, "zalo_bot": FakeZaloBot}


class Told(Protocol):
    """One citizen on one channel."""

    async def tell(self, turn: Turn, at: datetime) -> Outcome | None:
        """What came of a turn; ``None`` when the channel cannot carry it."""
        ...


def _outcome(store: Store, said: str) -> Outcome:
    with store.work() as work:
        row = work.inquiries(1)[0]
        missed = work.missed.asked(since=WORKDAY - timedelta(days=1))
        agreements = work.consents.agreements(row.channel, row.contact)
    return Outcome(
        row.status,
        row.procedure,
        row.aspect,
        row.text,
        said,
        tuple(each.text for each in missed if each.kinds[Kind.BADLY_RATED]),
        tuple(each.procedure for each in agreements),
    )


def _with_dossiers(
    services: Services, sources: onestop.Desk, store: Store, clock: Callable[[], datetime]
) -> Services:
    """An office connected to the invented dossiers."""
    found = Lookups(sources=sources, store=store, seal=Seal([KEY]), salt=SALT, clock=clock)
    return replace(services, dossiers=found)


class Waiting:
    """A citizen who waits for the answer: at the web chat or the terminal."""

    def __init__(
        self, channel: str, store: Store, services: Services, sources: onestop.Desk, home: Path
    ) -> None:
        self.store = store
        self.at = datetime.now(UTC)
        services = _with_dossiers(services, sources, store, lambda: self.at)
        self.contact = Contact(channel=channel, id="7001")
        self.offered: tuple[Button, ...] = ()
        pickup = PickupChannel(channel, Limits(max_text=100_000))
        self.delivery = Delivery(
            Desk(store=store, services=services, salt=SALT),
            (pickup,),
            Seal([KEY]),
            Spool(home / "spool"),
            clock=lambda: self.at,
            pace=QUICK,
        )
        self.talk = Talk(pickup, self.delivery)

    async def tell(self, turn: Turn, at: datetime) -> Outcome | None:
        self.at = at
        action = None
        if turn.press:
            action = next(each.action for each in self.offered if turn.press in each.label)
        incoming = Incoming(
            contact=self.contact,
            received_at=at,
            text=turn.text,
            action=action,
            attachment=Attachment(turn.attachment) if turn.attachment else None,
        )
        replies = (await self.talk.ask(incoming)).replies
        assert replies or turn.replies == 0, "silence"
        self.offered = replies[-1].buttons if replies else ()
        if turn.replies is not None:
            assert len(replies) == turn.replies
        if turn.buttons is not None:
            assert sum(bool(each.action) for each in self.offered) == turn.buttons
        if self.contact.channel == "web":
            said = "\n".join(_texts(reply_to_json(reply)) for reply in replies)
        else:
            said = "\n".join(
                part for each in replies for part in render_text(each, terminal.LIMITS)
            )
        return _outcome(self.store, said)


def _texts(value: Any) -> str:
    """Every text of a JSON value, as a page would show it."""
    if isinstance(value, dict):
        source = value.get("source")
        shown = {**value, "source": f"Nguồn: {source}"} if source else value
        if value.get("shape") == Shape.CHECKLIST:
            shown = {
                "lines": [
                    f"{'☑' if place in value['ticked'] else '☐'} {line}"
                    for place, line in enumerate(value["lines"])
                ]
            }
        return "\n".join(_texts(each) for each in shown.values())
    if isinstance(value, list):
        return "\n".join(_texts(each) for each in value)
    return value if isinstance(value, str) else ""


class Writing:
    """A citizen who writes on a platform."""

    def __init__(self, rig: Rig, contact: str) -> None:
        self.rig = rig
        self.contact = contact

    async def tell(self, turn: Turn, at: datetime) -> Outcome | None:
        rig = self.rig
        rig.ahead = at - datetime.now(UTC)
        before = len(rig.platform.bubbles)
        status = await self._send(turn)
        if status == 0:
            return None
        assert status == 200
        await rig.idle()
        bubbles = [each for each in rig.platform.bubbles[before:] if each.contact == self.contact]
        assert bubbles or turn.replies == 0, "silence"
        if turn.replies == 0:
            assert bubbles == []
        said = "\n".join("\n".join((each.text, *each.buttons)) for each in bubbles)
        return _outcome(rig.store, said)

    async def _send(self, turn: Turn) -> int:
        assert self.rig.channel
        platform = self.rig.platform
        if turn.press:
            labels = [each for bubble in platform.bubbles for each in bubble.buttons]
            label = next((each for each in reversed(labels) if turn.press in each), turn.press)
            return await platform.press(self.contact, label)
        if turn.attachment and turn.attachment not in [each.value for each in Sticker]:
            return 0
        if turn.attachment:
            return await platform.send(self.contact, Sticker(turn.attachment), b"no picture")
        # What is longer than a platform carries its app cuts or sends in pieces.
        text = turn.text[: self.rig.channel.limits.max_text]
        if not text.strip() or any(ord(each) < 32 and each != "\n" for each in text):
            return 0
        return await platform.say(self.contact, text)


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for the invented dossiers, shared by all stories."""
    return tmp_path_factory.mktemp("invented") / "demo.db"


@pytest.fixture(params=["terminal", "web", *PLATFORMS])
async def citizen(
    request: pytest.FixtureRequest,
    template: Path,
    services: Services,
    invented: Path,
    tmp_path: Path,
) -> AsyncIterator[Told]:
    url = copied(template, tmp_path)
    async with AsyncExitStack() as stack:
        source = DemoSource(invented, clock=lambda: WORKDAY)
        stack.push_async_callback(source.close)
        # A busy machine is no slow source.
        sources = onestop.Desk([Route(source=source, prefixes=PREFIXES)], seconds=20.0)
        if request.param not in PLATFORMS:
            store = Store(open_engine(url))
            waiting = Waiting(request.param, store, services, sources, tmp_path)
            waiting.delivery.start()
            yield waiting
            await waiting.delivery.stop(5)
            store.close()
            return
        platform: Any = await stack.enter_async_context(PLATFORMS[request.param]())
        rig = Rig(platform, url, services, tmp_path)
        rig.services = _with_dossiers(services, sources, rig.store, rig.now)
        await rig.start()
        yield Writing(rig, str(7000 + zlib.crc32(request.node.name.encode()) % 1000))
        await rig.close()


@pytest.mark.parametrize("story", stories(), ids=lambda each: str(each.name))
async def test_story(story: Story, citizen: Told) -> None:
    for turn in story.turns:
        found = await citizen.tell(turn, story.at)
        if found is not None:
            check(turn, found)
