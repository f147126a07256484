"""After a rotation: old records are sealed with the new key, old blind indexes made with it, in small units.

It may be killed at any step: each row says its key version, so the next run finds what is left. The older
version of a key is dropped only when, with nobody writing, no row stands under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update

from lab_contingency.foundation.database import db, session, unit_of_work
from lab_contingency.foundation.database.sealed_columns import (
    IndexedTable,
    SealedColumn,
    indexed_tables,
    sealed_columns,
)
from lab_contingency.foundation.keys import Unreadable
from lab_contingency.foundation.keys.ring import HEADER_SIGNS
from lab_contingency.foundation.sealing import keys, open_keys, place

FIELD, INDEX = "field", "index"
RESEALED = (FIELD, INDEX)
"""The keys under which rows stand."""
_UNIT = 100
Note = Callable[[str], None]


@dataclass(slots=True)
class Resealed:
    """What one run did: rows made anew, and rows that do not open and therefore stay."""

    done: int = 0
    unreadable: int = 0


def left(name: str) -> dict[str, int]:
    """How many rows of each table stand under an older version of the field or the index key."""
    counts = {
        table: session().execute(select(func.count()).where(condition)).scalar_one()
        for table, condition in _older(name)
    }
    return {table: count for table, count in counts.items() if count}


def is_left(name: str) -> bool:
    """Whether any row stands under an older version."""
    return any(
        session().execute(select(1).where(condition).limit(1)).first() is not None
        for _, condition in _older(name)
    )


def has_older(name: str) -> bool:
    """Whether the ring holds an older version of the key."""
    return len(keys().versions(name)) > 1


def _older(name: str) -> Iterator[tuple[str, ColumnElement[bool]]]:
    if name == FIELD:
        for each in sealed_columns(db.metadata):
            yield each.table.name, _old_record(each)
    else:
        for indexed in indexed_tables(db.metadata):
            yield indexed.record.table.name, _old_index(indexed)


def _not_under(column: ColumnElement[str | None], header: str) -> ColumnElement[bool]:
    return func.substr(column, 1, HEADER_SIGNS) != header


def _old_record(column: SealedColumn) -> ColumnElement[bool]:
    return _not_under(column.sealed, keys().header())


def _old_index(indexed: IndexedTable) -> ColumnElement[bool]:
    return or_(*(_not_under(column, keys().index_header()) for column in indexed.columns))


def seal_anew(note: Note = lambda _point: None) -> Resealed:
    """Make everything anew that stands under an older version of the field or index key.

    `note` is told each point of the work; what it raises ends the run there.
    """
    result = Resealed()
    for task in _tasks():
        _each_unit(task, result, note)
    return result


@dataclass(frozen=True, slots=True)
class _Task:
    """Rows of one table that are made anew: which stand under an older key, and how one of them is renewed."""

    name: str
    column: SealedColumn
    older: Callable[[], ColumnElement[bool]]
    renew: Callable[[SealedColumn, Row[Any]], None]


def _tasks() -> Iterator[_Task]:
    if has_older(FIELD):
        for column in sealed_columns(db.metadata):
            yield _Task(column.table.name, column, partial(_old_record, column), _reseal)
    if has_older(INDEX):
        for indexed in indexed_tables(db.metadata):
            column = indexed.record
            yield _Task(
                f"indexes of {column.table.name}",
                column,
                partial(_old_index, indexed),
                partial(_reindex, indexed),
            )


def _each_unit(task: _Task, result: Resealed, note: Note) -> None:
    """Walk the rows by their key, some in each unit of work; one that does not open holds up no other."""
    key, last = task.column.id, None
    while True:
        with unit_of_work():
            statement = select(key, task.column.sealed).where(task.older())
            if last is not None:
                statement = statement.where(key > last)
            rows = session().execute(statement.order_by(key).limit(_UNIT)).all()
            done = sum(_renewed(task, row, note) for row in rows)
            note(f"{task.name}: before the commit")
        note(f"{task.name}: after the commit")
        result.done += done
        result.unreadable += len(rows) - done
        if len(rows) < _UNIT:
            return
        last = rows[-1][0]


def _renewed(task: _Task, row: Row[Any], note: Note) -> bool:
    try:
        task.renew(task.column, row)
    except Unreadable:
        return False
    note(f"{task.name}: one row")
    return True


def _reseal(column: SealedColumn, row: Row[Any]) -> None:
    row_id, sealed = tuple(row)
    fresh = keys().sealed_anew(sealed, place(column.table.name, row_id))
    # Somebody may have written the row since it was read: then theirs stands, under the new key.
    here = (column.id == row_id) & (column.sealed == sealed)
    session().execute(update(column.table).where(here).values(sealed=fresh))


def _reindex(indexed: IndexedTable, column: SealedColumn, row: Row[Any]) -> None:
    row_id, sealed = tuple(row)
    record = keys().open(sealed, place(column.table.name, row_id))
    made = {
        each.name: keys().blind_index(*said) if said else None
        for each, said in zip(indexed.columns, indexed.made_of(record), strict=True)
    }
    session().execute(update(column.table).where(column.id == row_id).values(**made))


def drop_older(name: str, note: Note = lambda _point: None) -> bool:
    """Drop the older versions of the field or index key when no row stands under them; whether it did.

    To be called in a unit of work that is alone: nobody may be writing with an older version meanwhile.
    """
    if not has_older(name) or is_left(name):
        return False
    note(f"{name}: before the older version is dropped")
    open_keys().drop_older(name)
    note(f"{name}: after the older version was dropped")
    return True
