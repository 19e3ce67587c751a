"""Mapping files: where a system keeps what a dossier needs, checked before anything is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from knowledge.model import Record, Text
from knowledge.onestop.stages import DATA, OwnTable, StatusTable, seed_statuses
from knowledge.yaml_reading import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

MAPPINGS = DATA / "mappings"

Identifier = Annotated[str, StringConstraints(pattern=r"^[^\W\d][\w$ ]{0,127}$")]
"""A table's or column's name; it is quoted by the database's own rules as well."""


_IDENTIFIER = TypeAdapter(Identifier)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no such time zone: {name}") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]
Names = Annotated[
    tuple[Text, ...], BeforeValidator(lambda said: (said,) if isinstance(said, str) else said)
]
"""One name or several: the first that holds something counts (of numbers on file, all)."""


class Fields(Record):
    """Which column, heading or path holds what. Everything but the code may be missing."""

    code: Text
    status: Names = ()
    sub_status: Names = ()
    status_name: Names = ()
    procedure_code: Names = ()
    procedure_name: Names = ()
    applicant: Names = ()
    identity: Names = ()
    phone: Names = ()
    other_identity: Names = ()
    pin: Names = ()
    office: Names = ()
    desk: Names = ()
    handler: Names = ()
    received_at: Names = ()
    due_at: Names = ()
    paused_since: Names = ()
    finished_at: Names = ()
    returned_at: Names = ()
    updated_at: Names = ()
    refusal: Names = ()
    collect_at: Names = ()
    papers_what: Names = ()
    papers_reason: Names = ()
    papers_asked_at: Names = ()
    papers_deadline: Names = ()
    fee_name: Names = ()
    fee_amount: Names = ()

    def named(self) -> dict[str, tuple[str, ...]]:
        """Every stated field and its names."""
        found: dict[str, tuple[str, ...]] = {"code": (self.code,)}
        for field in type(self).model_fields:
            names = getattr(self, field)
            if field != "code" and names:
                found[field] = names
        return found


class EventFields(Record):
    """One row of a dossier's history."""

    at: Names
    status: Names = ()
    by: Names = ()
    note: Names = ()


class PaperFields(Record):
    """One request for papers."""

    what: Names
    reason: Names = ()
    asked_at: Names = ()
    deadline: Names = ()
    done_at: Names = ()


class FeeFields(Record):
    """One fee; with ``paid`` holding anything but 0 or nothing it is not due any more."""

    name: Names
    amount: Names = ()
    deadline: Names = ()
    paid: Names = ()


class Reading(Record):
    """How values are read, whatever they come in.

    ``dates`` are tried in order before ISO 8601 (``%d/%m/%Y %H:%M``); moments without a zone are
    in ``timezone``.
    """

    statuses: Text = "national"
    own_statuses: OwnTable = Field(default_factory=dict)
    dates: tuple[Text, ...] = ()
    timezone: Zone = "Asia/Ho_Chi_Minh"

    @model_validator(mode="after")
    def _known_table(self) -> Self:
        if self.statuses not in seed_statuses().tables:
            raise ValueError(f"no such status table: {self.statuses}")
        return self

    def table(self) -> StatusTable:
        """Local statuses and their stages."""
        return seed_statuses().table(self.statuses, self.own_statuses)


class Lookup(Record):
    """Names kept in another table: where ``key`` there ``equals`` a column of the dossier."""

    table: Identifier
    table_schema: Identifier | None = None
    key: Identifier
    equals: Identifier
    fields: dict[Literal["procedure_name", "office", "desk", "handler", "status_name"], Identifier]


class Child(Record):
    """A table with several rows for each dossier: ``key`` there equals ``parent`` of the dossier.

    Without ``parent`` the rows hold the dossier code itself.
    """

    table: Identifier
    table_schema: Identifier | None = None
    key: Identifier
    parent: Identifier | None = None
    order: Identifier


class EventTable(Child):
    """The history."""

    fields: EventFields


class PaperTable(Child):
    """Requests for papers."""

    fields: PaperFields


class FeeTable(Child):
    """Fees."""

    fields: FeeFields


class ChangeList(Record):
    """The indexed column that moves whenever a dossier changes, and a unique one beside it.

    ``overlap`` seconds are read again, for transactions that end after later ones.
    """

    table: Identifier | None = None
    table_schema: Identifier | None = None
    code: Identifier | None = None
    updated: Identifier
    key: Identifier
    overlap: int = Field(default=120, ge=0, le=3600)


class Synced(Record):
    """Where a copy says when it was made."""

    table: Identifier
    table_schema: Identifier | None = None
    column: Identifier


class SqlMapping(Record):
    """A database's tables or views."""

    kind: Literal["sql"]
    reading: Reading = Reading()
    table: Identifier
    table_schema: Identifier | None = None
    fields: Fields
    where: dict[Identifier, tuple[int | str, ...]] = Field(default_factory=dict)
    absent: tuple[Identifier, ...] = ()
    """Columns that must be empty (a mark of deletion)."""
    lookups: tuple[Lookup, ...] = ()
    timeline: EventTable | None = None
    papers: PaperTable | None = None
    fees: FeeTable | None = None
    changes: ChangeList | None = None
    synced: Synced | None = None
    lower_case: bool = False
    """All names in lower case, as PostgreSQL keeps names that were created without quotes."""

    @model_validator(mode="after")
    def _columns(self) -> Self:
        for names in self.fields.named().values():
            for name in names:
                _IDENTIFIER.validate_python(name)
        return self


class HttpRequest(Record):
    """What is sent; ``{code}`` and ``{name}`` of the configuration's values are filled in."""

    method: Literal["GET", "POST"]
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None


class HttpReply(Record):
    """How an answer reads: paths are keys and positions parted by dots.

    ``error`` holds the code of the answer, ``ok`` the codes of success and ``absent`` those of
    «no such dossier»; ``record`` is the path of the dossier, or of a list of which one has the
    code.
    """

    error: Text | None = None
    ok: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    absent_http: tuple[int, ...] = (404,)
    record: str = ""


class HttpChild(Record):
    """A list inside the dossier."""

    path: Text


class HttpEvents(HttpChild):
    """The history."""

    fields: EventFields


class HttpPapers(HttpChild):
    """Requests for papers."""

    fields: PaperFields


class HttpFees(HttpChild):
    """Fees."""

    fields: FeeFields


class HttpMapping(Record):
    """A web service that answers for one code."""

    kind: Literal["http"]
    reading: Reading = Reading()
    request: HttpRequest
    reply: HttpReply = HttpReply()
    fields: Fields
    timeline: HttpEvents | None = None
    papers: HttpPapers | None = None
    fees: HttpFees | None = None


class FileMapping(Record):
    """The headings of a table that an office exports."""

    kind: Literal["file"]
    reading: Reading = Reading(statuses="names")
    fields: Fields
    sheet: Text | None = None


Mapping = Annotated[SqlMapping | HttpMapping | FileMapping, Field(discriminator="kind")]


class _Read(Record):
    mapping: Mapping


def read_mapping(path: Path) -> SqlMapping | HttpMapping | FileMapping:
    """The mapping in a YAML file. Raises ``ValueError`` naming every wrong field.

    ``extends: provincial`` takes a shipped mapping and changes only what the file states; an empty
    value takes something away.
    """
    raw = read_yaml(path)
    if isinstance(raw, dict) and (extended := raw.pop("extends", None)) is not None:
        raw = _merged(read_yaml(shipped(str(extended))), raw)
    return _Read.model_validate({"mapping": raw}).mapping


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = _merged(found[key], value)
        else:
            found[key] = value
    return found


def shipped(name: str) -> Path:
    """A mapping that comes with the program. Raises ``ValueError`` naming those there are."""
    known = sorted(path.stem for path in MAPPINGS.glob("*.yaml"))
    if name not in known:
        raise ValueError(f"no such mapping: {name}; there are {', '.join(known)}")
    return MAPPINGS / f"{name}.yaml"
