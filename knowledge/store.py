"""Engine, unit of work, and the reads and writes of knowledge and conversations."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Engine,
    case,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from knowledge.accounts import Accounts
from knowledge.attempts import Attempts
from knowledge.audit import Audit
from knowledge.bulk import upsert_all
from knowledge.consents import Consents
from knowledge.contacts import Contacts, named, of_contacts
from knowledge.documents import Documents
from knowledge.dossiers import Dossiers
from knowledge.figures import Figures
from knowledge.handovers import Handovers
from knowledge.inquiries import Inquiries
from knowledge.inquiry_words import folded
from knowledge.missed import MissedQuestions
from knowledge.model import Procedure
from knowledge.parted import PATIENCE_MS, Parted
from knowledge.quality import Quality
from knowledge.queue_figures import QueueFigures, queue_figures
from knowledge.queues import Queues
from knowledge.ratings import Ratings
from knowledge.register import Register
from knowledge.regression import RegressionCases
from knowledge.retention import Retention
from knowledge.revisions import Revisions, add_revision, supersede
from knowledge.saved_filters import SavedFilters
from knowledge.switches import Switches
from knowledge.tables import (
    Conversation,
    InquiryRow,
    KnowledgeVersion,
    ProcedureRevision,
    RevisionState,
    core,
)
from knowledge.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

KNOWLEDGE_LOCK = 7_226_001
"""Key of PostgreSQL's advisory lock on changes of knowledge; any number no one else uses."""
MIGRATIONS = Path(__file__).parent / "migrations"

_CONVERSATIONS = core(Conversation)
_MEMORIES = select(
    _CONVERSATIONS.c.channel, _CONVERSATIONS.c.contact, _CONVERSATIONS.c.memory
).where(of_contacts(_CONVERSATIONS.c.channel, _CONVERSATIONS.c.contact))
_LOG = insert(core(InquiryRow))


class NewerDatabase(Exception):
    """The database was made by a newer version of the program; update the program first."""


def open_engine(url: str) -> Engine:
    """An engine for ``url``; SQLite gets WAL, foreign keys and a patient lock.

    Relative SQLite files are created with their folder. ``postgresql://`` means psycopg 3.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # Errors are logged, and parameters hold what citizens wrote.
    engine = create_engine(
        parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True
    )
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    patience = f"busy_timeout={PATIENCE_MS}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", patience, "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migration_config(engine: Engine) -> Config:
    """Alembic's configuration for this engine; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def known_revisions() -> frozenset[str]:
    """Every migration this program has."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    walked = ScriptDirectory.from_config(config).walk_revisions()
    return frozenset(each.revision for each in walked)


def migrate(engine: Engine) -> bool:
    """Bring the database to this program's version. True when something changed.

    Raises :class:`NewerDatabase` when the database knows a revision this program does not.
    """
    config = migration_config(engine)
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known_revisions():
        raise NewerDatabase(current)
    if current == script.get_current_head():
        return False
    command.upgrade(config, "head")
    return True


class Write(StrEnum):
    """What writing one record came to."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT_CONFIRMED = "kept_confirmed"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The newest living revision of a record, whether it is in force, and who wrote it."""

    procedure: Procedure
    in_force: bool
    author: str


@dataclass(frozen=True, kw_only=True)
class InquiryRecord:
    """One inquiry for the log; ``text`` must be masked already."""

    at: datetime
    channel: str
    contact: str
    text: str
    intent: str
    status: str
    milliseconds: float
    procedure: str | None = None
    aspect: str | None = None
    score: float | None = None
    revision: int | None = None


@dataclass(frozen=True, kw_only=True)
class Memorandum:
    """What is remembered of one conversation; the contact is a hash."""

    channel: str
    contact: str
    memory: dict[str, Any]
    updated_at: datetime


_DRAFT_LAST = case((ProcedureRevision.state == RevisionState.DRAFT, 1), else_=0)


def _same(one: Procedure, other: Procedure) -> bool:
    return one.model_copy(update={"revision": 1}) == other.model_copy(update={"revision": 1})


def _also_called(procedure: Procedure, alias: str) -> Procedure:
    names = tuple(dict.fromkeys((*procedure.aliases, alias)))
    return procedure.model_copy(update={"aliases": names})


class UnitOfWork:
    """Reads and writes inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._alone = False
        self.queues = Queues(session)
        self.contacts = Contacts(session)
        self.dossiers = Dossiers(session)
        self.accounts = Accounts(session)
        self.attempts = Attempts(session)
        self.audit = Audit(session)
        self.register = Register(session)
        self.consents = Consents(session)
        self.ratings = Ratings(session)
        self.uploads = Uploads(session)
        self.missed = MissedQuestions(session)
        self.regression = RegressionCases(session)
        self.retention = Retention(session)
        self.revisions = Revisions(session, self.alone, self._raise_version)
        self.handovers = Handovers(session)
        self.documents = Documents(session, self.alone, self._raise_version)
        self.inquiry_log = Inquiries(session)
        self.saved_filters = SavedFilters(session)
        self.figures = Figures(session)
        self.switches = Switches(session)
        self.quality = Quality(session)

    def alone(self) -> None:
        """Wait until nobody else changes knowledge, and keep it so until the end of this work.

        Revisions are numbered by what is there; two writers at once would take the same number.
        """
        if self._alone:
            return
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(select(func.pg_advisory_xact_lock(KNOWLEDGE_LOCK)))
        else:
            # SQLite gives the one write lock to the first statement that could write.
            self._session.execute(update(KnowledgeVersion).values(version=KnowledgeVersion.version))
        self._alone = True

    def version(self) -> int:
        """The knowledge version; 0 before the first change."""
        found = self._session.get(KnowledgeVersion, 1)
        return found.version if found else 0

    def _raise_version(self) -> None:
        raised = self._session.execute(
            update(KnowledgeVersion).values(version=KnowledgeVersion.version + 1)
        )
        if not raised.rowcount:  # type: ignore[attr-defined]
            self._session.add(KnowledgeVersion(id=1, version=1))
            self._session.flush()

    def procedures(self, *, drafts: bool = False) -> list[Procedure]:
        """Records in force (whatever their dates), ordered by code; with ``drafts`` over them."""
        states = [RevisionState.IN_FORCE] + ([RevisionState.DRAFT] if drafts else [])
        rows = self._session.execute(
            select(ProcedureRevision.state, ProcedureRevision.code, ProcedureRevision.body)
            .where(ProcedureRevision.state.in_(states))
            .order_by(ProcedureRevision.code, _DRAFT_LAST)
        )
        # A draft comes later and takes the place.
        found = {row.code: row.body for row in rows}
        return [Procedure.model_validate(body) for body in found.values()]

    def newest(self) -> dict[str, Stored]:
        """Every living record by code: the draft when there is one, else what is in force."""
        rows = self._session.scalars(
            select(ProcedureRevision)
            .where(ProcedureRevision.state.in_([RevisionState.IN_FORCE, RevisionState.DRAFT]))
            .order_by(ProcedureRevision.code, _DRAFT_LAST)
        )
        return {
            row.code: Stored(
                procedure=Procedure.model_validate(row.body),
                in_force=row.state == RevisionState.IN_FORCE,
                author=row.author,
            )
            for row in rows
        }

    def get(self, code: str, state: RevisionState = RevisionState.IN_FORCE) -> Procedure | None:
        """The record of one code in one state."""
        row = self._row(code, state)
        return Procedure.model_validate(row.body) if row else None

    def _row(self, code: str, state: RevisionState) -> ProcedureRevision | None:
        return self._session.scalars(
            select(ProcedureRevision)
            .where(ProcedureRevision.code == code, ProcedureRevision.state == state)
            .order_by(ProcedureRevision.revision.desc())
        ).first()

    def write(
        self,
        procedure: Procedure,
        *,
        publish: bool,
        author: str,
        reason: str,
        at: datetime,
        over_confirmed: bool = False,
    ) -> Write:
        """Write a record as a draft, or in force with ``publish``.

        A record that an officer confirmed is left alone unless ``over_confirmed``.
        """
        self.alone()
        in_force = self._row(procedure.code, RevisionState.IN_FORCE)
        if (
            in_force
            and in_force.confirmed
            and not over_confirmed
            and not procedure.source.confirmed
        ):
            return Write.KEPT_CONFIRMED
        draft = self._row(procedure.code, RevisionState.DRAFT)
        if in_force and _same(Procedure.model_validate(in_force.body), procedure):
            return Write.UNCHANGED
        if draft and not publish and _same(Procedure.model_validate(draft.body), procedure):
            return Write.UNCHANGED
        if draft:
            self._session.execute(
                delete(ProcedureRevision).where(
                    ProcedureRevision.code == draft.code,
                    ProcedureRevision.revision == draft.revision,
                )
            )
        if publish and in_force:
            supersede(in_force, at)
        base = in_force.revision if in_force else None
        self._add(procedure, publish=publish, author=author, reason=reason, at=at, base=base)
        return Write.UPDATED if in_force or draft else Write.CREATED

    def _add(
        self,
        procedure: Procedure,
        *,
        publish: bool,
        author: str,
        reason: str,
        at: datetime,
        base: int | None,
    ) -> None:
        state = RevisionState.IN_FORCE if publish else RevisionState.DRAFT
        add_revision(
            self._session, procedure, state, author=author, reason=reason, at=at, base=base
        )
        if publish:
            # A draft changes nothing that is shown, so nobody has to build an index anew.
            self._raise_version()

    def write_all(
        self,
        procedures: Iterable[Procedure],
        *,
        publish: bool,
        author: str,
        reason: str,
        at: datetime,
    ) -> dict[Write, int]:
        """Write many; how many came to what."""
        counts = dict.fromkeys(Write, 0)
        for procedure in procedures:
            counts[self.write(procedure, publish=publish, author=author, reason=reason, at=at)] += 1
        return counts

    def document(self, name: str) -> tuple[dict[str, Any], str] | None:
        """The body of a document in force, and its author."""
        found = self.documents.current(name)
        return (found.body, found.author) if found else None

    def put_document(self, name: str, body: dict[str, Any], *, author: str, at: datetime) -> None:
        """Replace a document, whatever is in force."""
        self.documents.put(name, body, author=author, at=at)

    def teach(self, code: str, alias: str, *, author: str, at: datetime) -> Write | None:
        """Add an everyday name to the record in force; ``None`` when there is no such record.

        A confirmed record stays confirmed: an everyday name states no fact.
        """
        self.alone()
        procedure = self.get(code)
        if procedure is None:
            return None
        if alias in procedure.aliases:
            return Write.UNCHANGED
        draft = self._row(code, RevisionState.DRAFT)
        reason = f"tên gọi mới: {alias}"[:200]
        taught = self.write(
            _also_called(procedure, alias),
            publish=True,
            author=author,
            reason=reason,
            at=at,
            over_confirmed=True,
        )
        if draft:
            # Publishing takes the place of a draft, but nobody has looked at this one yet.
            self.write(
                _also_called(Procedure.model_validate(draft.body), alias),
                publish=False,
                author=draft.author,
                reason=draft.reason,
                at=draft.created_at,
                over_confirmed=True,
            )
        return taught

    def memory(self, channel: str, contact: str) -> dict[str, Any] | None:
        """What was remembered of a conversation."""
        row = self._session.get(Conversation, (channel, contact))
        return row.memory if row else None

    def memories(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """What was remembered of some conversations, by channel and contact."""
        if not keys:
            return {}
        rows = self._session.connection().execute(_MEMORIES, named(keys))
        return {(row.channel, row.contact): row.memory for row in rows}

    def remember(self, memories: Sequence[Memorandum]) -> None:
        """Replace what is remembered of conversations."""
        rows = [vars(each) for each in memories]
        upsert_all(self._session, Conversation, ("channel", "contact"), rows)

    def log(self, inquiries: Sequence[InquiryRecord]) -> None:
        """Append to the inquiry log."""
        if inquiries:
            rows = [{**vars(each), "folded": folded(each.text)} for each in inquiries]
            self._session.connection().execute(_LOG, rows)

    def queue_figures(self, *, now: datetime, dead_within: timedelta) -> QueueFigures:
        """How the queues and hand-overs stand; see :func:`queue_figures`."""
        return queue_figures(self._session, now=now, dead_within=dead_within)

    def inquiries(self, limit: int = 100) -> list[InquiryRow]:
        """The newest inquiries, newest first."""
        rows = self._session.scalars(select(InquiryRow).order_by(InquiryRow.id.desc()).limit(limit))
        return list(rows)

    def questions(self, since: datetime) -> list[tuple[str, int]]:
        """Distinct masked questions asked since a time and how often, the most frequent first.

        Presses of buttons and what is kept private are no questions.
        """
        rows = self._session.execute(
            select(InquiryRow.text, func.count())
            .where(InquiryRow.at >= since, InquiryRow.text != "", ~InquiryRow.text.like("[%]"))
            .group_by(InquiryRow.text)
            .order_by(func.count().desc(), InquiryRow.text)
        )
        return [(row[0], row[1]) for row in rows]


class Store:
    """The database of one office."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """A transaction: committed at the end, rolled back on any exception."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield UnitOfWork(session)

    @contextmanager
    def parted_work(self) -> Iterator[tuple[Parted, UnitOfWork]]:
        """A transaction of SQLite whose lock and commit are the caller's, see :class:`Parted`."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield Parted(session), UnitOfWork(session)

    @property
    def url(self) -> str:
        """The database's address with its password, for a process of our own; never for a log."""
        return self._engine.url.render_as_string(hide_password=False)

    @property
    def one_writer(self) -> bool:
        """True on SQLite, where two writers would only wait for one another."""
        return self._engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; ``None`` for a server, and for one in memory."""
        name = self._engine.url.database
        return Path(name) if self.one_writer and name else None

    @contextmanager
    def exclusive(self, key: int) -> Iterator[None]:
        """A lock over all processes; SQLite has one process, which locks for itself."""
        if self.one_writer:
            yield
            return
        with self._engine.connect() as connection:
            connection.execute(select(func.pg_advisory_lock(key)))
            try:
                yield
            finally:
                connection.execute(select(func.pg_advisory_unlock(key)))

    def alive(self) -> bool:
        """True when the database answers."""
        with self._engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar())

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
