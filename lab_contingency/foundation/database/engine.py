"""How connections are opened, on both engines, and what is read back at the start."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from lab_contingency.foundation.errors import StartRefused

SQLITE_PRAGMAS = {
    "foreign_keys": ("ON", 1),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "busy_timeout": ("10000", 10000),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "cell_size_check": ("ON", 1),
    "temp_store": ("MEMORY", 2),
}
POSTGRESQL_SETTINGS = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


def attach(engine: Engine) -> None:
    """Settings on every connection; explicit BEGIN on SQLite, IMMEDIATE for writers (ADR 0004)."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _make_private(_dialect: Any, _record: Any, where: list[Any], _options: Any) -> None:
    """A new database is for its owner only; SQLite gives its log and index files the same mode."""
    if where and where[0] != ":memory:":
        Path(where[0]).touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transactions lose updates: it begins late and deferred.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma, (value, _) in SQLITE_PRAGMAS.items():
        cursor.execute(f"PRAGMA {pragma}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("sqlite_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def check_settings(engine: Engine) -> None:
    """Read the settings back; a database that could lose an acknowledged write refuses the start."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            wrong = _wrong_pragmas(connection)
        else:
            wrong = _wrong_settings(connection)
    if wrong:
        raise StartRefused(
            f"The database would not keep what it acknowledges: {', '.join(wrong)}. Put these settings right."
        )


def _wrong_pragmas(connection: Connection) -> list[str]:
    wrong = []
    for pragma, (_, wanted) in SQLITE_PRAGMAS.items():
        held = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
        if held != wanted:
            wrong.append(f"{pragma} is {held}, not {wanted}")
    return wrong


def _wrong_settings(connection: Connection) -> list[str]:
    wrong = []
    for setting, wanted in POSTGRESQL_SETTINGS.items():
        held = connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar()
        if held not in wanted:
            wrong.append(f"{setting} is {held}, not {' or '.join(wanted)}")
    return wrong


class FairLock:
    """First come, first served. SQLite's own waiting is not: under load a writer can starve for seconds."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn, run the block, wake the next."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def _acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False
