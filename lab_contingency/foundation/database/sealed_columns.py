"""Which columns of which tables hold sealed records, and which blind indexes are made from them.

Derived from the tables themselves: a sealed record stands in a column named `sealed` beside one UUID key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Table, Uuid

SEALED = "sealed"
MadeOf = Callable[[Mapping[str, Any]], tuple[tuple[str, str] | None, ...]]
_indexed: dict[str, tuple[tuple[str, ...], MadeOf]] = {}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One table with sealed records: the column, and the key that is bound into each record."""

    table: Table
    sealed: ColumnElement[str | None]
    id: ColumnElement[Any]


def sealed_columns(metadata: MetaData) -> tuple[SealedColumn, ...]:
    """Every one of them, by table name."""
    return tuple(
        SealedColumn(table, table.c[SEALED], _key_of(table))
        for table in sorted(metadata.tables.values(), key=lambda table: table.name)
        if SEALED in table.c
    )


def _key_of(table: Table) -> ColumnElement[Any]:
    (key,) = table.primary_key.columns
    if not isinstance(key.type, Uuid):
        raise TypeError(f"a sealed record of {table.name} needs one UUID key to be bound to")
    return key


def index_by(table: Table, columns: Sequence[str], made_of: MadeOf) -> None:
    """Say what the blind indexes in `columns` are made of: from an opened record, a (kind, value) for each."""
    _indexed[table.name] = tuple(columns), made_of


@dataclass(frozen=True, slots=True)
class IndexedTable:
    """A table whose blind indexes can be made anew from its sealed records."""

    record: SealedColumn
    columns: tuple[ColumnElement[str | None], ...]
    made_of: MadeOf


def indexed_tables(metadata: MetaData) -> tuple[IndexedTable, ...]:
    """Every one of them, by table name."""
    return tuple(
        IndexedTable(each, tuple(each.table.c[name] for name in names), made_of)
        for each in sealed_columns(metadata)
        for names, made_of in [_indexed.get(each.table.name, ((), _nothing))]
        if names
    )


def _nothing(_record: Mapping[str, Any]) -> tuple[None, ...]:
    return ()
