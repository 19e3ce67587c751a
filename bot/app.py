"""The composition root: the only place where parts meet."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog
import yaml

from handlers import memory as remembered
from handlers.conversation import Answer, Incoming, Reply
from handlers.dispatch import apology, converse
from handlers.services import Services
from handlers.understanding import Understanding
from handlers.wording import seed_wording
from knowledge.masking import mask
from knowledge.model import Procedure
from knowledge.offices import VIETNAM, seed_office
from knowledge.phrases import aspect_spotter, seed_phrases
from knowledge.search import Index
from knowledge.store import InquiryRecord, Store, migrate, open_engine
from knowledge.text import clean
from knowledge.vocabulary import seed_vocabulary

SEED = Path(__file__).parent.parent / "knowledge" / "data" / "procedures"

log = structlog.get_logger()


def now() -> datetime:
    """The clock of the edges."""
    return datetime.now(UTC)


def seed_procedures() -> list[Procedure]:
    """The reviewed seed, read from its YAML files."""
    return [
        Procedure.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
        for path in sorted(SEED.glob("*.yaml"))
    ]


def open_store(url: str) -> Store:
    """The migrated database, seeded when it is empty."""
    engine = open_engine(url)
    migrate(engine)
    store = Store(engine)
    with store.work() as work:
        empty = work.version() == 0
    if empty:
        with store.work() as work:
            work.alone()
            if work.version():
                # Another process seeded it while this one waited.
                return store
            work.write_all(
                seed_procedures(), publish=True, author="seed", reason="first start", at=now()
            )
    return store


def build_services(procedures: list[Procedure]) -> Services:
    """Index and wording over some records."""
    vocabulary, phrases, office = seed_vocabulary(), seed_phrases(), seed_office()
    return Services(
        index=Index(procedures, vocabulary, aspect_spotter(phrases).places),
        phrases=phrases,
        understanding=Understanding(phrases, vocabulary.filler_words()),
        office=office,
        wording=seed_wording(),
    )


@dataclass(kw_only=True)
class Desk:
    """One office at work: reads a message, answers it, logs it, remembers."""

    store: Store
    services: Services
    salt: bytes
    _version: int = 0

    @classmethod
    def open(cls, store: Store, salt: bytes) -> Desk:
        """A desk over the records in force today."""
        with store.work() as work:
            version, procedures = work.version(), work.procedures()
        return cls(
            store=store,
            services=build_services(_shown_today(procedures)),
            salt=salt,
            _version=version,
        )

    def contact_hash(self, channel: str, contact: str) -> str:
        """The salted hash that stands for a contact in the database."""
        text = f"{channel}:{contact}".encode()
        return hashlib.blake2b(text, key=self.salt, digest_size=16).hexdigest()

    async def converse(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Replies to one message, logged; an own failure becomes an apology, never silence."""
        started = time.perf_counter()
        contact = self.contact_hash(incoming.contact.channel, incoming.contact.id)
        channel = incoming.contact.channel
        with self.store.work() as work:
            memory = remembered.load(work.memory(channel, contact))
        try:
            answers = await converse(incoming, memory, self.services)
        except Exception:
            log.exception("answer_failed", channel=channel)
            answers = [apology(memory, self.services)]
        milliseconds = round((time.perf_counter() - started) * 1000, 2)
        await asyncio.to_thread(self._settle, incoming, contact, answers, milliseconds)
        return tuple(reply for answer in answers for reply in answer.replies)

    def _settle(
        self, incoming: Incoming, contact: str, answers: list[Answer], milliseconds: float
    ) -> None:
        text = mask(clean(incoming.text)) or (f"[{incoming.action}]" if incoming.action else "")
        if not text and incoming.attachment:
            text = f"[{incoming.attachment}]"
        channel = incoming.contact.channel
        latest = replace(answers[-1].memory, updated_at=incoming.received_at)
        with self.store.work() as work:
            for answer in answers:
                work.log(
                    InquiryRecord(
                        at=incoming.received_at,
                        channel=channel,
                        contact=contact,
                        text=text,
                        intent=answer.intent,
                        status=answer.status,
                        milliseconds=milliseconds,
                        procedure=answer.procedure,
                        aspect=answer.aspect,
                        score=answer.score,
                        revision=answer.revision,
                    )
                )
            work.remember(channel, contact, remembered.dump(latest), incoming.received_at)

    def refresh(self) -> bool:
        """Rebuild the index when knowledge changed; True when it did."""
        with self.store.work() as work:
            version = work.version()
            if version == self._version:
                return False
            procedures = work.procedures()
        self.services = build_services(_shown_today(procedures))
        self._version = version
        return True


def _shown_today(procedures: list[Procedure]) -> list[Procedure]:
    today = now().astimezone(VIETNAM).date()
    return [procedure for procedure in procedures if procedure.in_force(today)]
