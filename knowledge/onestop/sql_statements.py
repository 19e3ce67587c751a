"""The SELECTs of one mapping: columns by name, the code always a bound parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, bindparam, cast, column, func, select, table

from knowledge.onestop.reading import MOST_ROWS, TAIL

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, TableClause

    from knowledge.onestop.mapping import (
        Child,
        EventTable,
        FeeTable,
        Fields,
        Lookup,
        PaperTable,
        SqlMapping,
        Synced,
    )

MOST_TWINS = 5
"""Rows with the same code that are looked at."""
_TAILS = ("identity", "phone", "other_identity")
CODES = "codes"
"""Name of the bound parameter: the spellings of the code asked for."""


@dataclass(frozen=True)
class Statements:
    """What is asked for one dossier, always all of it, so that unknown codes take as long."""

    dossier: Select[Any]
    fields: Fields
    timeline: Select[Any] | None
    papers: Select[Any] | None
    fees: Select[Any] | None
    synced: Select[Any] | None


class StatementBuilder:
    """Writes the statements of a mapping for a kind of database."""

    def __init__(self, mapping: SqlMapping, backend: str) -> None:
        self._mapping = mapping
        self._negative_substr = backend in ("sqlite", "oracle")
        self._main = self._main_table()

    def build(self) -> Statements:
        """Every statement of the mapping."""
        mapping = self._mapping
        return Statements(
            dossier=self._dossier(),
            fields=self._with_lookups(),
            timeline=self._child(mapping.timeline) if mapping.timeline else None,
            papers=self._child(mapping.papers) if mapping.papers else None,
            fees=self._child(mapping.fees) if mapping.fees else None,
            synced=self._synced(mapping.synced) if mapping.synced else None,
        )

    def table(self, name: str, schema: str | None, *columns: str) -> TableClause:
        """A table of which only these names are known."""
        return table(
            self._name(name),
            *(column(self._name(each)) for each in dict.fromkeys(columns)),
            schema=self._name(schema) if schema else None,
        )

    def column(self, of: FromClause, name: str) -> ColumnElement[Any]:
        """A column of it, whatever its type."""
        return of.c[self._name(name)]

    def _main_table(self) -> TableClause:
        mapping = self._mapping
        children = (mapping.timeline, mapping.papers, mapping.fees)
        names = [name for named in mapping.fields.named().values() for name in named]
        names += [*mapping.where, *mapping.absent, *(each.equals for each in mapping.lookups)]
        names += [child.parent for child in children if child and child.parent]
        return self.table(mapping.table, mapping.table_schema, *names)

    def _name(self, name: str) -> str:
        return name.lower() if self._mapping.lower_case else name

    def _dossier(self) -> Select[Any]:
        columns: dict[str, ColumnElement[Any]] = {}
        named = self._mapping.fields.named()
        # Numbers on file last: a column that is one of them is never fetched whole.
        for field in sorted(named, key=_TAILS.__contains__):
            for name in named[field]:
                found = self.column(self._main, name)
                columns[name] = self._tail(found) if field in _TAILS else found
        for lookup in self._mapping.lookups:
            columns |= self._looked_up(lookup)
        chosen = select(*(found.label(name) for name, found in columns.items()))
        return chosen.select_from(self._main).where(*self._which()).limit(MOST_TWINS)

    def _which(self) -> list[ColumnElement[bool]]:
        code = self.column(self._main, self._mapping.fields.code)
        found: list[ColumnElement[bool]] = [
            code.in_(bindparam(CODES, expanding=True, type_=String()))
        ]
        for name, values in self._mapping.where.items():
            found.append(self.column(self._main, name).in_(values))
        found += [self.column(self._main, name).is_(None) for name in self._mapping.absent]
        return found

    def _tail(self, number: ColumnElement[Any]) -> ColumnElement[Any]:
        plain: ColumnElement[Any] = func.trim(cast(number, String(64)))
        for sign in (" ", ".", "-"):
            plain = func.replace(plain, sign, "")
        return func.substr(plain, -TAIL) if self._negative_substr else func.right(plain, TAIL)

    def _looked_up(self, lookup: Lookup) -> dict[str, ColumnElement[Any]]:
        # A scalar, not a join: a table with two rows for one key must not double the dossier.
        names = (lookup.key, *lookup.fields.values())
        there = self.table(lookup.table, lookup.table_schema, *names).alias()
        same = self.column(there, lookup.key) == self.column(self._main, lookup.equals)
        return {
            _label(lookup, field): select(func.max(self.column(there, name)))
            .where(same)
            .correlate(self._main)
            .scalar_subquery()
            for field, name in lookup.fields.items()
        }

    def _with_lookups(self) -> Fields:
        fields = self._mapping.fields
        for lookup in self._mapping.lookups:
            for field in lookup.fields:
                names = (*getattr(fields, field), _label(lookup, field))
                fields = fields.model_copy(update={field: names})
        return fields

    def _child(self, child: EventTable | PaperTable | FeeTable) -> Select[Any]:
        names = {
            name
            for field in type(child.fields).model_fields
            for name in getattr(child.fields, field)
        }
        there = self.table(child.table, child.table_schema, child.key, child.order, *sorted(names))
        chosen = select(*(self.column(there, name).label(name) for name in sorted(names)))
        newest = self.column(there, child.order).desc()
        return (
            chosen.select_from(there)
            .where(self._belongs(child, there))
            .order_by(newest)
            .limit(MOST_ROWS)
        )

    def _belongs(self, child: Child, there: FromClause) -> ColumnElement[bool]:
        key = self.column(there, child.key)
        if child.parent is None:
            return key.in_(_asked_for())
        parent = self.column(self._main, child.parent)
        inner = select(parent).select_from(self._main).where(*self._which())
        return key.in_(inner.correlate(None))

    def _synced(self, synced: Synced) -> Select[Any]:
        there = self.table(synced.table, synced.table_schema, synced.column)
        return select(func.max(self.column(there, synced.column))).select_from(there)


def _asked_for() -> BindParameter[Any]:
    return bindparam(CODES, expanding=True, type_=String())


def _label(lookup: Lookup, field: str) -> str:
    return f"{lookup.table}:{lookup.equals}:{field}"
