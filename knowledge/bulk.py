"""Many rows written at once, past the ORM, which would look at each; statements are built once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, bindparam
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from knowledge.tables import Table, core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def upsert_all(
    session: Session, table: type[Table], key: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    """Write rows that all name the same columns, each new or over the one of the same key."""
    if rows:
        dialect = session.get_bind().dialect.name
        session.connection().execute(_upsert(dialect, table, tuple(key), tuple(rows[0])), rows)


def insert_new(session: Session, table: type[Table], rows: list[dict[str, Any]]) -> None:
    """Write rows that all name the same columns; those of a known key are left out."""
    if rows:
        dialect = session.get_bind().dialect.name
        session.connection().execute(_insert_new(dialect, table, tuple(rows[0])), rows)


def insert_one_new(session: Session, table: type[Table], row: dict[str, Any]) -> int | None:
    """Write one row; its id, or ``None`` when there is one of a known key already."""
    dialect = session.get_bind().dialect.name
    statement = _insert_new(dialect, table, tuple(row)).returning(core(table).c.id)
    found: int | None = session.connection().execute(statement, row).scalar()
    return found


@cache
def _upsert(
    dialect: str, table: type[Table], key: tuple[str, ...], columns: tuple[str, ...]
) -> Insert:
    statement = _insert(dialect, table, columns)
    changed = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changed)  # type: ignore[no-any-return]


@cache
def _insert_new(dialect: str, table: type[Table], columns: tuple[str, ...]) -> Insert:
    return _insert(dialect, table, columns).on_conflict_do_nothing()  # type: ignore[no-any-return]


def _insert(dialect: str, table: type[Table], columns: tuple[str, ...]) -> Any:
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return insert(core(table)).values({name: bindparam(name) for name in columns})
