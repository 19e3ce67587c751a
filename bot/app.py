"""The composition root: the only place where parts meet."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

from bot import documents
from handlers.services import Services
from handlers.understanding import Understanding
from handlers.wording import Wording
from knowledge import canned
from knowledge.model import Procedure
from knowledge.offices import VIETNAM, Office
from knowledge.phrases import Phrases, aspect_spotter
from knowledge.search import Index
from knowledge.store import Store, UnitOfWork, migrate, open_engine
from knowledge.vocabulary import Vocabulary
from knowledge.workdays import Overrides
from knowledge.yaml_reading import read_yaml

SEED = Path(__file__).parent.parent / "knowledge" / "data" / "procedures"

SEED_AUTHOR = "seed"
"""Author of what came with the program and nobody edited since."""


def now() -> datetime:
    """The clock of the edges."""
    return datetime.now(UTC)


def seed_procedures() -> list[Procedure]:
    """The reviewed seed, read from its YAML files."""
    return [Procedure.model_validate(read_yaml(path)) for path in sorted(SEED.glob("*.yaml"))]


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
    seeds = {
        documents.VOCABULARY: documents.program_vocabulary(),
        documents.PHRASES: documents.program_phrases(),
        documents.WORKDAYS: documents.program_overrides(),
        canned.DOCUMENT: canned.seed_canned_replies(),
    }
    bodies = {
        name: seed.model_dump(mode="json", exclude_defaults=True) for name, seed in seeds.items()
    }
    bodies[documents.OFFICE] = documents.dump_office(documents.program_office())
    for name, body in bodies.items():
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
    office: Office | None = None,
    wording: Wording | None = None,
) -> Services:
    """Index and wording over some records; other documents are the seed's unless given."""
    office = office or documents.program_office()
    if overrides is not None:
        office = office.model_copy(update={"overrides": overrides.overrides})
    vocabulary = vocabulary or documents.program_vocabulary()
    phrases = phrases or documents.program_phrases()
    return Services(
        index=Index(procedures, vocabulary, aspect_spotter(phrases).places),
        phrases=phrases,
        understanding=Understanding(phrases, vocabulary),
        office=office,
        wording=wording or documents.program_wording(),
    )


def stored_services(
    work: UnitOfWork, *, drafts: bool = False, today: date | None = None
) -> Services:
    """Services over what the database holds; with ``today`` only over what may be shown then."""
    procedures = work.procedures(drafts=drafts)
    if today is not None:
        procedures = [each for each in procedures if each.in_force(today)]
    stored = {name: documents.stored(work, name) for name in documents.NAMES}
    return build_services(
        procedures,
        documents.read_vocabulary(stored[documents.VOCABULARY]),
        documents.read_phrases(stored[documents.PHRASES]),
        documents.read_overrides(stored[documents.WORKDAYS]),
        documents.read_office(stored[documents.OFFICE]),
        documents.read_wording(stored[documents.WORDING]),
    )


def today() -> date:
    """The day in Vietnam."""
    return now().astimezone(VIETNAM).date()
