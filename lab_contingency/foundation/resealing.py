"""After a rotation: old records are sealed with the new key, old blind indexes made with it, in small units.

It may be killed at any step: each row says its key version, so the next run finds what is left. The older
version of a key is dropped only when, with nobody writing, no row stands under it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update

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
            yield each.table.name, _not_under(each.sealed, keys().header())
    else:
        for indexed in indexed_tables(db.metadata):
            yield indexed.record.table.name, _old_index(indexed)


def _not_under(column: ColumnElement[str | None], header: str) -> ColumnElement[bool]:
    return func.substr(column, 1, HEADER_SIGNS) != header


def _old_index(indexed: IndexedTable) -> ColumnElement[bool]:
    return or_(*(_not_under(column, keys().index_header()) for column in indexed.columns))


def seal_anew(note: Note = lambda _point: None) -> Resealed:
    """Make everything anew that stands under an older version of the field or index key.

    `note` is told each point of the work; what it raises ends the run there.
    """
    result = Resealed()
    if has_older(FIELD):
        for column in sealed_columns(db.metadata):
            _each_unit(column, lambda: _records_left(column), _reseal, result, note)  # noqa: B023
    if has_older(INDEX):
        for indexed in indexed_tables(db.metadata):
            _each_unit(
                indexed.record,
                lambda: _indexes_left(indexed),  # noqa: B023 - used before the next turn
                lambda record, row: _reindex(indexed, record, row),  # noqa: B023
                result,
                note,
            )
    return result


def _records_left(column: SealedColumn) -> Select[Any]:
    return select(column.id, column.sealed).where(_not_under(column.sealed, keys().header()))


def _indexes_left(indexed: IndexedTable) -> Select[Any]:
    return select(indexed.record.id, indexed.record.sealed).where(_old_index(indexed))


def _each_unit(
    column: SealedColumn,
    what: Callable[[], Select[Any]],
    renew: Callable[[SealedColumn, Row[Any]], None],
    result: Resealed,
    note: Note,
) -> None:
    """Walk the rows by their key, some in each unit of work; one that does not open holds up no other."""
    last: uuid.UUID | None = None
    while True:
        with unit_of_work():
            statement = what().order_by(column.id).limit(_UNIT)
            if last is not None:
                statement = statement.where(column.id > last)
            rows = session().execute(statement).all()
            done, unreadable = _renew_rows(column, rows, renew, note)
            note(f"{column.table.name}: before the commit")
        note(f"{column.table.name}: after the commit")
        result.done += done
        result.unreadable += unreadable
        if len(rows) < _UNIT:
            return
        last = rows[-1][0]


def _renew_rows(
    column: SealedColumn,
    rows: Sequence[Row[Any]],
    renew: Callable[[SealedColumn, Row[Any]], None],
    note: Note,
) -> tuple[int, int]:
    done = unreadable = 0
    for row in rows:
        try:
            renew(column, row)
            done += 1
        except Unreadable:
            unreadable += 1
        note(f"{column.table.name}: one row")
    return done, unreadable


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
