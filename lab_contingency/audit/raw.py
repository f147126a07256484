"""Rows exactly as the database holds them, without the types that forgive: `A` is not `a` here.

An ordinary reading turns `0C…` and `0c…` into the same id. A verifier must not: each value is read as it
stands and said in canonical bytes (`rules.canonical`), and what this program would not have written so
is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Engine, Integer, Table, Uuid
from sqlalchemy.types import JSON, TypeDecorator

from lab_contingency.foundation.database import db

_BATCH = 2000
_MICROSECONDS = len("2026-11-24 03:07:12.000000")
_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode
_as_written = json.JSONEncoder().encode  # how SQLAlchemy writes JSON as text
# One entry of a flat JSON object as SQLAlchemy writes it, with plain letters and whole numbers only.
_ENTRY = re.compile(r'"(\w+)": ("[ !#-\[\]-~]*"|0|-?[1-9][0-9]*|true|false|null)', re.ASCII)
_Word = Callable[[Any], str]


class NotAsWritten(ValueError):
    """A value stands in a form that this program never writes."""


def _refuse_number(_text: str) -> Any:
    raise NotAsWritten("a number that is not whole")


def _text(value: Any) -> str:
    return "null" if value is None else quoted(value)


def _whole(value: Any) -> str:
    if value is None:
        return "null"
    if type(value) is not int:
        raise NotAsWritten("not a whole number")
    return str(value)


def _time_of_sqlite(value: Any) -> str:
    if value is None:
        return "null"
    if len(value) != _MICROSECONDS or value[10] != " ":
        raise NotAsWritten("not a time")
    return quoted(f"{value[:10]}T{value[11:]}+00:00")


def _time_of_postgresql(value: Any) -> str:
    return "null" if value is None else quoted(f"{value}+00:00")


def loaded(value: str) -> Any:
    """JSON whose numbers are whole."""
    return json.loads(value, parse_float=_refuse_number, parse_constant=_refuse_number)


def _json_of_sqlite(value: Any) -> str:
    if value == "{}":
        return value  # type: ignore[no-any-return] # it is this very text
    if value is None:
        return "null"
    if not isinstance(value, str):
        raise NotAsWritten("not text")
    return _flat(value) or _nested(value)


def _flat(value: str) -> str | None:
    """Most details are a handful of codes and ids: said without taking the JSON apart (three times as fast)."""
    entries = _ENTRY.findall(value)
    if value != "{" + ", ".join([f'"{name}": {said}' for name, said in entries]) + "}":
        return None
    if len(entries) != len({name for name, _ in entries}):
        return None
    entries.sort()
    return "{" + ",".join([f'"{name}":{said}' for name, said in entries]) + "}"


def _nested(value: str) -> str:
    held = loaded(value)
    if _as_written(held) != value:
        raise NotAsWritten("JSON in another spelling")
    return _canonical(held)


def _json_of_postgresql(value: Any) -> str:
    if value is None:
        return "null"
    return _flat(value) or _canonical(loaded(value))


def _word_of(column: Column[Any], dialect: str) -> tuple[str, _Word]:
    """The SQL that reads a column as it stands, and what turns that into canonical JSON."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    name = f'"{column.name}"'
    sqlite = dialect == "sqlite"
    if isinstance(kind, Uuid):
        return (name if sqlite else f"replace({name}::text, '-', '')"), _text
    if isinstance(kind, DateTime):
        read = f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        return (name, _time_of_sqlite) if sqlite else (read, _time_of_postgresql)
    if isinstance(kind, JSON):
        return (name, _json_of_sqlite) if sqlite else (f"{name}::text", _json_of_postgresql)
    return name, _whole if isinstance(kind, Integer) else _text


class RawTable:
    """Reads one table as it stands. `said(row)` are the canonical bytes of all columns but `left_out`."""

    def __init__(self, table: Table, dialect: str, left_out: frozenset[str]) -> None:
        self.name = table.name
        self.columns = tuple(column.name for column in table.columns)
        words = {column.name: _word_of(column, dialect) for column in table.columns}
        self._select = ", ".join(words[name][0] for name in self.columns)
        bound = sorted(set(self.columns) - left_out)
        self._plan = [
            (f"{',' if place else '{'}{quoted(name)}:", self.columns.index(name), words[name][1])
            for place, name in enumerate(bound)
        ]

    def place(self, column: str) -> int:
        """Where a column stands in a row."""
        return self.columns.index(column)

    def rows(self, connection: Connection, rest: str = "") -> Iterator[Sequence[Any]]:
        """The rows, a batch at a time in memory; `rest` is WHERE and ORDER BY."""
        query = f"SELECT {self._select} FROM {self.name} {rest}"  # noqa: S608 - names of our own
        read = connection.exec_driver_sql(query, execution_options={"yield_per": _BATCH})
        for batch in read.partitions():
            yield from batch

    def said(self, row: Sequence[Any]) -> bytes:
        """Canonical bytes of a row; NotAsWritten, TypeError or ValueError where a value is none of ours."""
        return (
            "".join([head + word(row[place]) for head, place, word in self._plan]) + "}"
        ).encode()


@contextmanager
def snapshot(engine: Engine | None = None) -> Iterator[Connection]:
    """A connection that sees the database as it was at one moment, and text that is no text as it stands."""
    engine = engine or db.engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection
        return
    with engine.connect() as connection:
        held: Any = connection.connection.driver_connection
        before, held.text_factory = held.text_factory, _whatever
        try:
            yield connection
        finally:
            held.text_factory = before


def _whatever(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
