"""The composition root: the only place where parts meet."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

from handlers.services import Services
from handlers.understanding import Understanding
from handlers.wording import seed_wording
from knowledge import canned
from knowledge.model import Procedure
from knowledge.offices import VIETNAM, seed_office
from knowledge.phrases import Phrases, aspect_spotter, seed_phrases
from knowledge.search import Index
from knowledge.store import Store, UnitOfWork, migrate, open_engine
from knowledge.vocabulary import Vocabulary, seed_vocabulary
from knowledge.workdays import Overrides, seed_overrides

SEED = Path(__file__).parent.parent / "knowledge" / "data" / "procedures"

SEED_AUTHOR = "seed"
"""Author of what came with the program and nobody edited since."""


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
    """The migrated database with this program's seed.

    Records and documents that nobody edited follow the seed of a new version of the program;
    whatever a person wrote stays.
    """
    engine = open_engine(url)
    migrate(engine)
    store = Store(engine)
    digest = {"sha256": _seed_digest()}
    with store.work() as work:
        seeded = work.document("seed")
    if seeded is None or seeded[0] != digest:
        with store.work() as work:
            work.alone()
            # Another process may have done it while this one waited: then nothing differs.
            _follow_seed(work)
            work.put_document("seed", digest, author=SEED_AUTHOR, at=now())
    with store.work() as work:
        work.revisions.take_effect(today(), now())
    return store


def _seed_digest() -> str:
    data = SEED.parent
    files = sorted([*SEED.glob("*.yaml"), *data.glob("*.yaml")])
    found = hashlib.sha256()
    for file in files:
        found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _follow_seed(work: UnitOfWork) -> None:
    documents = {
        "vocabulary": seed_vocabulary(),
        "phrases": seed_phrases(),
        "workdays": seed_overrides(),
        canned.DOCUMENT: canned.seed_canned_replies(),
    }
    for name, seed in documents.items():
        body = seed.model_dump(mode="json", exclude_defaults=True)
        stored = work.document(name)
        if stored is None or (stored[1] == SEED_AUTHOR and stored[0] != body):
            work.put_document(name, body, author=SEED_AUTHOR, at=now())
    newest = work.newest()
    for procedure in seed_procedures():
        known = newest.get(procedure.code)
        if known is None or known.author == SEED_AUTHOR:
            work.write(
                procedure,
                publish=True,
                author=SEED_AUTHOR,
                reason="theo bản kèm chương trình",
                at=now(),
            )


def build_services(
    procedures: list[Procedure],
    vocabulary: Vocabulary | None = None,
    phrases: Phrases | None = None,
    overrides: Overrides | None = None,
) -> Services:
    """Index and wording over some records; other documents are the seed's unless given."""
    office = seed_office()
    if overrides is not None:
        office = office.model_copy(update={"overrides": overrides.overrides})
    vocabulary, phrases = vocabulary or seed_vocabulary(), phrases or seed_phrases()
    return Services(
        index=Index(procedures, vocabulary, aspect_spotter(phrases).places),
        phrases=phrases,
        understanding=Understanding(phrases, vocabulary),
        office=office,
        wording=seed_wording(),
    )


def stored_services(
    work: UnitOfWork, *, drafts: bool = False, today: date | None = None
) -> Services:
    """Services over what the database holds; with ``today`` only over what may be shown then."""
    procedures = work.procedures(drafts=drafts)
    if today is not None:
        procedures = [each for each in procedures if each.in_force(today)]
    vocabulary, phrases = work.document("vocabulary"), work.document("phrases")
    overrides = work.document("workdays")
    return build_services(
        procedures,
        Vocabulary.model_validate(vocabulary[0]) if vocabulary else None,
        Phrases.model_validate(phrases[0]) if phrases else None,
        Overrides.model_validate(overrides[0]) if overrides else None,
    )


def today() -> date:
    """The day in Vietnam."""
    return now().astimezone(VIETNAM).date()
